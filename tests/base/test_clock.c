/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "suite.h"

static bool refuses(const char *text)
{
	int64_t ms = 77;

	return !pal_time_parse(pal_str(text), &ms) && ms == 77;
}

static int64_t parsed(const char *text)
{
	int64_t ms = INT64_MIN;

	CU_ASSERT(pal_time_parse(pal_str(text), &ms));
	return ms;
}

TEST(format_writes_known_instants)
{
	static const struct {
		int64_t ms;
		const char *text;
	} want[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{951782399999, "2000-02-28T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
		{1709164800001, "2024-02-29T00:00:00.001Z"},
		{1795412457123, "2026-11-23T05:40:57.123Z"},
		{4107542400000, "2100-03-01T00:00:00.000Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
	};
	char text[PAL_TIME_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK_STR(pal_time_format(want[i].ms, text), want[i].text);
}

TEST(format_clamps_what_has_no_four_digit_year)
{
	char text[PAL_TIME_TEXT_SIZE];

	CHECK_STR(pal_time_format(-1, text), "1970-01-01T00:00:00.000Z");
	CHECK_STR(pal_time_format(253402300800000, text), "9999-12-31T23:59:59.999Z");
}

TEST(parse_reads_back_what_format_wrote_on_every_day_of_four_centuries)
{
	char text[PAL_TIME_TEXT_SIZE];
	bool same = true;

	for (int64_t day = 0; day < 146097; day++) {
		int64_t ms = day * 86400000 + day * 7919 % 86400000;
		int64_t back = -1;
		pal_time_format(ms, text);
		same = same && pal_time_parse(pal_str(text), &back) && back == ms;
	}
	CU_ASSERT(same);
}

TEST(parse_reads_fractions_and_offsets)
{
	CU_ASSERT_EQUAL(parsed("1970-01-01T00:00:00Z"), 0);
	CU_ASSERT_EQUAL(parsed("1970-01-01T00:00:00.5Z"), 500);
	CU_ASSERT_EQUAL(parsed("1970-01-01T00:00:00.05Z"), 50);
	CU_ASSERT_EQUAL(parsed("1970-01-01T00:00:00.123999999Z"), 123);
	CU_ASSERT_EQUAL(parsed("1970-01-01T01:00:00+01:00"), 0);
	CU_ASSERT_EQUAL(parsed("1969-12-31T18:30:00-05:30"), 0);
	CU_ASSERT_EQUAL(parsed("1970-01-01T00:00:00-00:00"), 0);
	CU_ASSERT_EQUAL(parsed("1969-12-31T23:59:59.999Z"), -1);
	CU_ASSERT_EQUAL(parsed("2026-11-23T05:40:57.123Z"), 1795412457123);
	CU_ASSERT_EQUAL(parsed("0000-01-01T00:00:00Z"), -62167219200000);
}

TEST(parse_accepts_february_29_in_leap_years_only)
{
	CU_ASSERT_EQUAL(parsed("2024-02-29T00:00:00Z"), 1709164800000);
	CU_ASSERT_EQUAL(parsed("2000-02-29T00:00:00Z"), 951782400000);
	CU_ASSERT(refuses("2023-02-29T00:00:00Z"));
	CU_ASSERT(refuses("1900-02-29T00:00:00Z"));
	CU_ASSERT(refuses("2100-02-29T00:00:00Z"));
	CU_ASSERT(refuses("2024-02-30T00:00:00Z"));
}

TEST(parse_refuses_what_is_not_a_time)
{
	static const char *const bad[] = {
		"", "2026", "2026-11-23", "2026-11-23T05:40:57", "2026-11-23T05:40:57z",
		"2026-11-23t05:40:57Z", "2026-11-23 05:40:57Z", "2026-11-23T05:40Z",
		"2026-11-23T05:40:57.Z", "2026-11-23T05:40:57.1234567890Z",
		"2026-11-23T05:40:57,5Z", "2026-11-23T24:00:00Z", "2026-11-23T05:60:00Z",
		"2026-11-23T05:40:60Z", "2026-00-23T05:40:57Z", "2026-13-23T05:40:57Z",
		"2026-11-00T05:40:57Z", "2026-11-31T05:40:57Z", "2026-04-31T05:40:57Z",
		"2026-11-23T05:40:57+0100", "2026-11-23T05:40:57+01", "2026-11-23T05:40:57+24:00",
		"2026-11-23T05:40:57+01:60", "2026-11-23T05:40:57Z ", " 2026-11-23T05:40:57Z",
		"2026-11-23T05:40:57ZZ", "+026-11-23T05:40:57Z", "2026-1-23T05:40:57Z",
		"20261123T054057Z", "2026-11-23T05:40:5 Z",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT(refuses(bad[i]));
	CU_ASSERT(refuses(NULL));
}

TEST(parse_refuses_every_prefix_of_a_time)
{
	const char *text = "2026-11-23T05:40:57.123+01:00";
	int64_t ms;

	for (size_t n = 0; n < strlen(text); n++)
		CU_ASSERT_FALSE(pal_time_parse((struct pal_str){text, n}, &ms));
	CU_ASSERT(pal_time_parse(pal_str(text), &ms));
}

TEST(the_fake_clock_stands_still_until_told)
{
	struct pal_clock_fake fake;

	pal_clock_fake_init(&fake, 5000);
	CU_ASSERT_EQUAL(pal_clock_wall_ms(&fake.clock), 5000);
	int64_t mono_ns = pal_clock_mono_ns(&fake.clock);
	CU_ASSERT_EQUAL(pal_clock_mono_ns(&fake.clock), mono_ns);
	pal_clock_fake_advance_ms(&fake, 250);
	CU_ASSERT_EQUAL(pal_clock_wall_ms(&fake.clock), 5250);
	CU_ASSERT_EQUAL(pal_clock_mono_ns(&fake.clock), mono_ns + 250000000);
}

TEST(the_system_clock_is_of_this_century_and_never_steps_back)
{
	const struct pal_clock *clock = pal_clock_system();
	int64_t before_ns = pal_clock_mono_ns(clock);

	CU_ASSERT(pal_clock_wall_ms(clock) > 1700000000000);
	CU_ASSERT(pal_clock_mono_ns(clock) >= before_ns);
}

SUITE(clock, CASE(format_writes_known_instants),
      CASE(format_clamps_what_has_no_four_digit_year),
      CASE(parse_reads_back_what_format_wrote_on_every_day_of_four_centuries),
      CASE(parse_reads_fractions_and_offsets),
      CASE(parse_accepts_february_29_in_leap_years_only), CASE(parse_refuses_what_is_not_a_time),
      CASE(parse_refuses_every_prefix_of_a_time), CASE(the_fake_clock_stands_still_until_told),
      CASE(the_system_clock_is_of_this_century_and_never_steps_back))
