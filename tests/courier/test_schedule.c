/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/schedule.h"

#include "base/clock.h"
#include "suite.h"

#define NOW_MS 1790000000000ll	/* 2026-09-21T14:13:20Z, a Monday */

TEST(back_off_is_anywhere_below_a_step_that_doubles_up_to_the_cap)
{
	const struct pal_backoff backoff = {PAL_RETRY_FIRST_MS, PAL_RETRY_CAP_MS};
	static const uint32_t steps[] = {1000,	2000,  4000,   8000,   16000,  32000,
					 64000, 128000, 256000, 300000, 300000};
	struct pal_chance chance = {7};

	for (unsigned n = 0; n < sizeof(steps) / sizeof(steps[0]); n++) {
		uint32_t least = UINT32_MAX, most = 0;
		for (int i = 0; i < 2000; i++) {
			uint32_t ms = pal_backoff_ms(&backoff, n + 1, &chance);
			least = ms < least ? ms : least;
			most = ms > most ? ms : most;
		}
		CU_ASSERT(most <= steps[n] && most > steps[n] / 100 * 98);
		CU_ASSERT(least < steps[n] / 50);
	}
	CU_ASSERT(pal_backoff_ms(&backoff, 4000000000u, &chance) <= PAL_RETRY_CAP_MS);
}

TEST(the_same_seed_gives_the_same_schedule)
{
	const struct pal_backoff backoff = {PAL_RETRY_FIRST_MS, PAL_RETRY_CAP_MS};
	struct pal_chance a = {42}, b = {42}, c = {43};
	unsigned same = 0;

	for (unsigned n = 1; n <= 50; n++) {
		uint32_t ms = pal_backoff_ms(&backoff, 9, &a);
		CU_ASSERT_EQUAL(pal_backoff_ms(&backoff, 9, &b), ms);
		same += pal_backoff_ms(&backoff, 9, &c) == ms;
	}
	CU_ASSERT(same < 5);
}

TEST(chance_is_even_and_below_its_bound)
{
	struct pal_chance chance = {0};
	unsigned counts[7] = {0};

	for (unsigned i = 0; i < 70000; i++)
		counts[pal_chance_below(&chance, 7)]++;
	for (unsigned i = 0; i < 7; i++)
		CU_ASSERT(counts[i] > 9500 && counts[i] < 10500);
	CU_ASSERT_EQUAL(pal_chance_below(&chance, 1), 0);
	CU_ASSERT(pal_chance_below(&chance, UINT64_MAX) < UINT64_MAX);
}

static void expect_after(const char *value, uint32_t ms)
{
	uint32_t got = 0;

	CU_ASSERT_TRUE(pal_retry_after_read(pal_str(value), NOW_MS, &got));
	CU_ASSERT_EQUAL(got, ms);
}

TEST(retry_after_takes_seconds_and_dates_within_a_second_and_an_hour)
{
	expect_after("120", 120000);
	expect_after("1", 1000);
	expect_after("0", 1000);
	expect_after("3600", 3600000);
	expect_after("3601", 3600000);
	expect_after("1000000000", 3600000);
	expect_after("99999999999999999999999999", 3600000);
	expect_after("Mon, 21 Sep 2026 14:15:20 GMT", 120000);
	expect_after("Monday, 21-Sep-26 14:15:20 GMT", 120000);
	expect_after("Mon Sep 21 14:15:20 2026", 120000);
	expect_after("Mon, 21 Sep 2026 13:00:00 GMT", 1000);	/* over */
	expect_after("Sun, 06 Nov 1994 08:49:37 GMT", 1000);
	expect_after("Thu, 31 Dec 2099 23:59:59 GMT", 3600000);
}

TEST(what_is_neither_is_refused)
{
	static const char *const values[] = {
		"", "-1", "+1", "abc", "1.5", "1s", " 1", "1 ", "0x10",
		"Mon, 21 Sep 2026 14:15:20", "Mon, 21 Sep 2026 14:15:20 UTC",
		"Mon, 21 Sep 2026 24:15:20 GMT", "Mon, 31 Feb 2026 14:15:20 GMT",
		"Mon, 21 Foo 2026 14:15:20 GMT", "Mo, 21 Sep 2026 14:15:20 GMT",
		"Mon, 1 Sep 2026 14:15:20 GMT", "Mon, 21 Sep 2026 14:15:20 GMT ",
		"2026-09-21T14:15:20Z",
	};
	uint32_t ms = 77;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		CU_ASSERT_FALSE(pal_retry_after_read(pal_str(values[i]), NOW_MS, &ms));
	CU_ASSERT_EQUAL(ms, 77);
}

static void expect_date(const char *text, const char *iso)
{
	char got[PAL_TIME_TEXT_SIZE] = "";
	int64_t ms = 0;

	CU_ASSERT_TRUE(pal_http_date_read(pal_str(text), NOW_MS, &ms));
	CHECK_STR(pal_time_format(ms, got), iso);
}

TEST(http_dates_are_read_in_all_three_forms)
{
	expect_date("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z");
	expect_date("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z");
	expect_date("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z");
	expect_date("Sunday, 06-Nov-76 08:49:37 GMT", "2076-11-06T08:49:37.000Z");
	expect_date("Sunday, 06-Nov-77 08:49:37 GMT", "1977-11-06T08:49:37.000Z");
	expect_date("Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00.000Z");
}

TEST(a_spread_wait_is_never_earlier_and_at_most_a_fifth_later)
{
	struct pal_chance chance = {3};
	uint32_t most = 0;

	for (int i = 0; i < 5000; i++) {
		uint32_t ms = pal_retry_after_spread(10000, &chance);
		CU_ASSERT(ms >= 10000 && ms <= 12000);
		most = ms > most ? ms : most;
	}
	CU_ASSERT(most > 11900);
}

SUITE(schedule, CASE(back_off_is_anywhere_below_a_step_that_doubles_up_to_the_cap),
      CASE(the_same_seed_gives_the_same_schedule), CASE(chance_is_even_and_below_its_bound),
      CASE(retry_after_takes_seconds_and_dates_within_a_second_and_an_hour),
      CASE(what_is_neither_is_refused), CASE(http_dates_are_read_in_all_three_forms),
      CASE(a_spread_wait_is_never_earlier_and_at_most_a_fifth_later))
