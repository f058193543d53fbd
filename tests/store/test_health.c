/* SPDX-License-Identifier: Apache-2.0 */
#include "store/health.h"

#include "suite.h"

static const struct pal_error full = {.code = PAL_E_SERVICE, .message = "the disk is full"};

static bool judge(struct pal_store_health *health, int64_t now_ms, const char *want)
{
	char text[256];
	bool well = pal_store_health_judge(health, now_ms, text, sizeof(text));

	CHECK_STR(text, want);
	return well;
}

TEST(a_ping_is_due_once_a_second_and_one_at_a_time)
{
	struct pal_store_health health;

	pal_store_health_init(&health);
	CU_ASSERT_TRUE(pal_store_health_ask(&health, 0));
	CU_ASSERT_FALSE(pal_store_health_ask(&health, 5000));
	pal_store_health_answer(&health, NULL);
	CU_ASSERT_FALSE(pal_store_health_ask(&health, 999));
	CU_ASSERT_TRUE(pal_store_health_ask(&health, 1000));
	pal_store_health_deinit(&health);
}

TEST(a_ping_that_fails_or_stays_out_is_ill_until_one_is_answered)
{
	struct pal_store_health health;

	pal_store_health_init(&health);
	CU_ASSERT_TRUE(judge(&health, 0, "ok"));
	CU_ASSERT_TRUE(pal_store_health_ask(&health, 100));
	CU_ASSERT_TRUE(judge(&health, 1100, "ok"));
	CU_ASSERT_FALSE(judge(&health, 1101, "no answer for 1001 ms"));
	pal_store_health_answer(&health, &full);
	CU_ASSERT_FALSE(judge(&health, 1102, "the disk is full"));
	CU_ASSERT_TRUE(pal_store_health_ask(&health, 1200));
	pal_store_health_answer(&health, NULL);
	CU_ASSERT_TRUE(judge(&health, 1201, "ok"));
	pal_store_health_deinit(&health);
}

TEST(a_failed_group_counts_until_one_is_stored_or_five_seconds_pass)
{
	struct pal_store_health health;

	pal_store_health_init(&health);
	pal_store_health_group(&health, 10000, &full);
	CU_ASSERT_FALSE(judge(&health, 15000, "cannot store: the disk is full"));
	CU_ASSERT_TRUE(judge(&health, 15001, "ok"));
	pal_store_health_group(&health, 20000, &full);
	CU_ASSERT_FALSE(judge(&health, 20000, "cannot store: the disk is full"));
	pal_store_health_group(&health, 20001, NULL);
	CU_ASSERT_TRUE(judge(&health, 20001, "ok"));
	pal_store_health_deinit(&health);
}

SUITE(store_health, CASE(a_ping_is_due_once_a_second_and_one_at_a_time),
      CASE(a_ping_that_fails_or_stays_out_is_ill_until_one_is_answered),
      CASE(a_failed_group_counts_until_one_is_stored_or_five_seconds_pass))
