/* SPDX-License-Identifier: Apache-2.0 */
#include "service/channel/health.h"

#include "suite.h"

#define NOW_MS 1790000000000ll
#define HOUR_MS (3600 * 1000ll)

static struct pal_channel_health health;

static void note(enum pal_channel_outcome outcome, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		pal_channel_health_note(&health, NOW_MS, outcome, "http_503", 100);
}

static enum pal_channel_state state(void)
{
	return pal_channel_health_state(&health, NOW_MS);
}

/* domain.md section 2.5 */
TEST(a_channel_is_as_well_as_its_last_hour)
{
	health = (struct pal_channel_health){.average_ms = 0};
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_UNKNOWN);
	note(PAL_OUTCOME_OK, 90);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_HEALTHY);
	for (unsigned i = 0; i < 10; i++, note(PAL_OUTCOME_OK, 1))
		note(PAL_OUTCOME_RETRY, 1);	/* 10 of 110: below a tenth */
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_HEALTHY);
	for (unsigned i = 0; i < 10; i++, note(PAL_OUTCOME_OK, 1))
		note(PAL_OUTCOME_RETRY, 1);	/* 20 of 130 */
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_DEGRADED);
	CU_ASSERT_EQUAL(pal_channel_health_state(&health, NOW_MS + 3 * HOUR_MS),
			PAL_CHANNEL_UNKNOWN);
}

TEST(three_failures_in_a_row_or_a_quarter_are_unhealthy)
{
	health = (struct pal_channel_health){.average_ms = 0};
	note(PAL_OUTCOME_OK, 100);
	note(PAL_OUTCOME_UNKNOWN, 2);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_HEALTHY);
	note(PAL_OUTCOME_UNKNOWN, 1);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_UNHEALTHY);
	note(PAL_OUTCOME_OK, 1);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_HEALTHY);
	health = (struct pal_channel_health){.average_ms = 0};
	for (unsigned i = 0; i < 4; i++, note(PAL_OUTCOME_OK, 2))
		note(PAL_OUTCOME_PERMANENT, 1);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_UNHEALTHY);
}

TEST(being_too_fast_degrades_and_is_no_failure)
{
	health = (struct pal_channel_health){.average_ms = 0};
	note(PAL_OUTCOME_OK, 1);
	note(PAL_OUTCOME_RATE, 10);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_HEALTHY);
	note(PAL_OUTCOME_RATE, 1);
	CU_ASSERT_EQUAL(state(), PAL_CHANNEL_DEGRADED);
	CU_ASSERT_EQUAL(health.failures_in_a_row, 0);
}

TEST(a_week_is_shown_and_what_is_older_is_not)
{
	struct pal_buf out = pal_buf_of(0);

	health = (struct pal_channel_health){.average_ms = 0};
	note(PAL_OUTCOME_OK, 3);
	note(PAL_OUTCOME_RETRY, 1);
	pal_channel_health_view(&health, NOW_MS, &out);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\"sent\":3,\"failed\":1,\"success_rate\":0.75,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\"common_errors\":{\"http_503\":1}"));
	pal_buf_clear(&out);
	pal_channel_health_view(&health, NOW_MS + (int64_t)PAL_CHANNEL_HOURS * HOUR_MS, &out);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\"sent\":0,\"failed\":0,\"success_rate\":null,"));
	pal_buf_deinit(&out);
}

SUITE(channel_health, CASE(a_channel_is_as_well_as_its_last_hour),
      CASE(three_failures_in_a_row_or_a_quarter_are_unhealthy),
      CASE(being_too_fast_degrades_and_is_no_failure), CASE(a_week_is_shown_and_what_is_older_is_not))
