/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/breaker.h"

#include <stdio.h>

#include "suite.h"

static struct pal_clock_fake fake;

static struct pal_breakers *new_breakers(size_t keys_max)
{
	struct pal_breaker_options options = {.clock = &fake.clock, PAL_BREAKER_DEFAULTS};

	pal_clock_fake_init(&fake, 0);
	options.keys_max = keys_max;
	struct pal_breakers *breakers = pal_breakers_create(&options);
	CU_ASSERT_PTR_NOT_NULL_FATAL(breakers);
	return breakers;
}

#define KEY PAL_STR("1/webhook")

static void fail_times(struct pal_breakers *breakers, struct pal_str key, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pal_breaker_report(breakers, key, PAL_BREAKER_GO, PAL_BREAKER_FAILED);
}

static uint32_t expect_stop(struct pal_breakers *breakers)
{
	uint32_t wait_ms = 0;

	CU_ASSERT_EQUAL(pal_breaker_ask(breakers, KEY, &wait_ms), PAL_BREAKER_STOP);
	return wait_ms;
}

static void expect(struct pal_breakers *breakers, enum pal_breaker_verdict verdict)
{
	uint32_t wait_ms;

	CU_ASSERT_EQUAL(pal_breaker_ask(breakers, KEY, &wait_ms), verdict);
}

TEST(five_failures_open_it_for_a_minute)
{
	struct pal_breakers *b = new_breakers(8);

	CU_ASSERT_EQUAL(pal_breaker_wait_ms(b, KEY), 0);
	fail_times(b, KEY, 4);
	expect(b, PAL_BREAKER_GO);
	CU_ASSERT_EQUAL(pal_breaker_wait_ms(b, KEY), 0);
	fail_times(b, KEY, 1);
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_OPEN);
	CU_ASSERT_EQUAL(expect_stop(b), 60000);
	pal_clock_fake_advance_ms(&fake, 59999);
	CU_ASSERT_EQUAL(expect_stop(b), 1);
	CU_ASSERT_EQUAL(pal_breaker_wait_ms(b, KEY), 1);
	pal_clock_fake_advance_ms(&fake, 1);
	CU_ASSERT_EQUAL(pal_breaker_wait_ms(b, KEY), 0);
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_HALF_OPEN);
	expect(b, PAL_BREAKER_PROBE);
	pal_breakers_destroy(b);
}

TEST(failures_count_only_within_the_window)
{
	struct pal_breakers *b = new_breakers(8);

	fail_times(b, KEY, 4);
	pal_clock_fake_advance_ms(&fake, 300000);
	fail_times(b, KEY, 4);
	expect(b, PAL_BREAKER_GO);
	pal_clock_fake_advance_ms(&fake, 299999);
	fail_times(b, KEY, 1);
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_OPEN);
	pal_breakers_destroy(b);
}

TEST(a_success_forgets_the_failures)
{
	struct pal_breakers *b = new_breakers(8);

	fail_times(b, KEY, 4);
	pal_breaker_report(b, KEY, PAL_BREAKER_GO, PAL_BREAKER_SUCCEEDED);
	CU_ASSERT_EQUAL(pal_breakers_count(b), 0);
	fail_times(b, KEY, 4);
	pal_breaker_report(b, KEY, PAL_BREAKER_GO, PAL_BREAKER_DROPPED);
	expect(b, PAL_BREAKER_GO);
	fail_times(b, KEY, 1);
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_OPEN);
	pal_breakers_destroy(b);
}

TEST(half_open_lets_one_probe_go_at_a_time_and_three_close_it)
{
	struct pal_breakers *b = new_breakers(8);

	fail_times(b, KEY, 5);
	pal_clock_fake_advance_ms(&fake, 60000);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_HALF_OPEN);
		expect(b, PAL_BREAKER_PROBE);
		CU_ASSERT(expect_stop(b) > 0);
		pal_breaker_report(b, KEY, PAL_BREAKER_PROBE, PAL_BREAKER_SUCCEEDED);
	}
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_CLOSED);
	expect(b, PAL_BREAKER_GO);
	CU_ASSERT_EQUAL(pal_breakers_count(b), 0);
	pal_breakers_destroy(b);
}

TEST(a_failed_probe_opens_it_again_and_forgets_the_good_ones)
{
	struct pal_breakers *b = new_breakers(8);

	fail_times(b, KEY, 5);
	pal_clock_fake_advance_ms(&fake, 60000);
	expect(b, PAL_BREAKER_PROBE);
	pal_breaker_report(b, KEY, PAL_BREAKER_PROBE, PAL_BREAKER_SUCCEEDED);
	expect(b, PAL_BREAKER_PROBE);
	pal_breaker_report(b, KEY, PAL_BREAKER_PROBE, PAL_BREAKER_FAILED);
	CU_ASSERT_EQUAL(expect_stop(b), 60000);
	pal_clock_fake_advance_ms(&fake, 60000);
	for (int i = 0; i < 2; i++) {
		expect(b, PAL_BREAKER_PROBE);
		pal_breaker_report(b, KEY, PAL_BREAKER_PROBE, PAL_BREAKER_SUCCEEDED);
	}
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_HALF_OPEN);
	pal_breakers_destroy(b);
}

TEST(a_dropped_probe_makes_room_for_the_next)
{
	struct pal_breakers *b = new_breakers(8);

	fail_times(b, KEY, 5);
	pal_clock_fake_advance_ms(&fake, 60000);
	expect(b, PAL_BREAKER_PROBE);
	pal_breaker_report(b, KEY, PAL_BREAKER_PROBE, PAL_BREAKER_DROPPED);
	expect(b, PAL_BREAKER_PROBE);
	pal_breakers_destroy(b);
}

TEST(what_was_let_go_before_changes_nothing_once_it_is_open)
{
	struct pal_breakers *b = new_breakers(8);

	fail_times(b, KEY, 5);
	pal_clock_fake_advance_ms(&fake, 30000);
	fail_times(b, KEY, 3);
	pal_breaker_report(b, KEY, PAL_BREAKER_GO, PAL_BREAKER_SUCCEEDED);
	CU_ASSERT_EQUAL(expect_stop(b), 30000);
	pal_breakers_destroy(b);
}

TEST(keys_do_not_know_each_other)
{
	struct pal_breakers *b = new_breakers(8);
	uint32_t wait_ms;

	fail_times(b, KEY, 5);
	CU_ASSERT_EQUAL(pal_breaker_ask(b, PAL_STR("2/webhook"), &wait_ms), PAL_BREAKER_GO);
	fail_times(b, PAL_STR("2/webhook"), 5);
	pal_breaker_reset(b, KEY);
	pal_breaker_reset(b, PAL_STR("absent"));
	expect(b, PAL_BREAKER_GO);
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, PAL_STR("2/webhook")), PAL_BREAKER_OPEN);
	pal_breakers_destroy(b);
}

TEST(no_more_keys_than_allowed_and_open_ones_stay)
{
	struct pal_breakers *b = new_breakers(3);
	char key[16];

	fail_times(b, KEY, 5);
	for (int i = 0; i < 50; i++) {
		snprintf(key, sizeof(key), "%d", i);
		fail_times(b, pal_str(key), 1);
		CU_ASSERT(pal_breakers_count(b) <= 3);
	}
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, KEY), PAL_BREAKER_OPEN);
	fail_times(b, PAL_STR("48"), 5);
	fail_times(b, PAL_STR("49"), 5);
	fail_times(b, PAL_STR("new"), 9);	/* all are open: it stays unknown */
	CU_ASSERT_EQUAL(pal_breaker_state_of(b, PAL_STR("new")), PAL_BREAKER_CLOSED);
	CU_ASSERT_EQUAL(pal_breakers_count(b), 3);
	pal_breakers_destroy(b);
}

SUITE(breaker, CASE(five_failures_open_it_for_a_minute), CASE(failures_count_only_within_the_window),
      CASE(a_success_forgets_the_failures),
      CASE(half_open_lets_one_probe_go_at_a_time_and_three_close_it),
      CASE(a_failed_probe_opens_it_again_and_forgets_the_good_ones),
      CASE(a_dropped_probe_makes_room_for_the_next),
      CASE(what_was_let_go_before_changes_nothing_once_it_is_open),
      CASE(keys_do_not_know_each_other), CASE(no_more_keys_than_allowed_and_open_ones_stay))
