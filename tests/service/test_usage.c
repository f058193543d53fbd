/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/usage.h"

#include <pthread.h>
#include <string.h>

#include "suite.h"

#define NOV_30_MS INT64_C(1796083199000)	/* 2026-11-30T23:59:59Z */
#define DEC_1_MS (NOV_30_MS + 1000)

static struct pal_live_tenant tenant;

static void begin(int64_t quota)
{
	memset(&tenant, 0, sizeof(tenant));
	atomic_store(&tenant.quota[PAL_QUOTA_MESSAGES], quota);
}

TEST(messages_are_counted_up_to_the_quota_and_not_one_more)
{
	struct pal_usage_hold hold;

	begin(5);
	for (int i = 0; i < 5; i++)
		CU_ASSERT(pal_usage_take(&tenant, 1, NOV_30_MS, &hold));
	CU_ASSERT(!pal_usage_take(&tenant, 1, NOV_30_MS, &hold));
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, NOV_30_MS), 5);
	begin(5);
	CU_ASSERT(!pal_usage_take(&tenant, 6, NOV_30_MS, &hold));
	CU_ASSERT(pal_usage_take(&tenant, 5, NOV_30_MS, &hold));
}

TEST(without_a_quota_all_are_counted)
{
	struct pal_usage_hold hold;

	begin(PAL_QUOTA_NONE);
	for (int i = 0; i < 1000; i++)
		CU_ASSERT(pal_usage_take(&tenant, 1, NOV_30_MS, &hold));
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, NOV_30_MS), 1000);
}

TEST(what_stored_nothing_is_given_back_once)
{
	struct pal_usage_hold hold;

	begin(2);
	CU_ASSERT(pal_usage_take(&tenant, 2, NOV_30_MS, &hold));
	pal_usage_give_back(&hold, 1);
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, NOV_30_MS), 1);
	pal_usage_give_back(&hold, 5);
	pal_usage_give_back(&hold, 1);
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, NOV_30_MS), 0);
	memset(&hold, 0, sizeof(hold));
	pal_usage_give_back(&hold, 1);	/* nothing is held */
}

TEST(a_new_month_begins_at_zero)
{
	struct pal_usage_hold hold, old;

	begin(1);
	CU_ASSERT(pal_usage_take(&tenant, 1, NOV_30_MS, &old));
	CU_ASSERT(!pal_usage_take(&tenant, 1, NOV_30_MS + 999, &hold));
	CU_ASSERT(pal_usage_take(&tenant, 1, DEC_1_MS, &hold));
	pal_usage_give_back(&old, 1);	/* of November: nothing to December */
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, DEC_1_MS), 1);
}

TEST(a_restart_goes_on_from_what_was_written_for_this_month)
{
	char id[PAL_USAGE_ID_SIZE];
	int64_t messages = 0;

	begin(PAL_QUOTA_NONE);
	CHECK_STR(pal_usage_id(NOV_30_MS, id), "messages:2026-11");
	pal_usage_restore(&tenant, PAL_STR("messages:2026-10"), 77, NOV_30_MS);
	pal_usage_restore(&tenant, PAL_STR("messages:2026-11"), 42, NOV_30_MS);
	pal_usage_restore(&tenant, PAL_STR("messages:2026-12"), 78, NOV_30_MS);
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, NOV_30_MS), 42);
	CU_ASSERT(!pal_usage_is_due(&tenant, NOV_30_MS, &messages));
	struct pal_usage_hold hold;
	CU_ASSERT(pal_usage_take(&tenant, 1, NOV_30_MS, &hold));
	CU_ASSERT(pal_usage_is_due(&tenant, NOV_30_MS, &messages));
	CU_ASSERT_EQUAL(messages, 43);
	CU_ASSERT(!pal_usage_is_due(&tenant, NOV_30_MS, &messages));
	CHECK_STR(pal_usage_id(DEC_1_MS, id), "messages:2026-12");
}

static void *take_many(void *arg)
{
	struct pal_usage_hold hold;
	int *taken = arg;

	for (int i = 0; i < 10000; i++)
		if (pal_usage_take(&tenant, 1, NOV_30_MS, &hold)) {
			if (i % 2)
				pal_usage_give_back(&hold, 1);
			else
				(*taken)++;
		}
	return NULL;
}

TEST(threads_together_never_hold_more_than_the_quota)
{
	pthread_t thread[4];
	int taken[4] = {0}, sum = 0;

	begin(3000);
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, take_many, &taken[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		sum += taken[i];
	}
	CU_ASSERT(sum <= 3000);
	CU_ASSERT_EQUAL(pal_usage_messages(&tenant, NOV_30_MS), sum);
}

SUITE(usage, CASE(messages_are_counted_up_to_the_quota_and_not_one_more),
      CASE(without_a_quota_all_are_counted), CASE(what_stored_nothing_is_given_back_once),
      CASE(a_new_month_begins_at_zero),
      CASE(a_restart_goes_on_from_what_was_written_for_this_month),
      CASE(threads_together_never_hold_more_than_the_quota))
