/* SPDX-License-Identifier: Apache-2.0 */
/* The other algorithms, limits of one's own, several callers in one step. */
#include <pthread.h>
#include <string.h>

#include "service/limits/limits.h"
#include "suite.h"

#define SECOND_MS 1000
#define MINUTE_MS 60000
#define WALL_MS 1700000000000	/* 2023-11-14T22:13:20Z */

static struct pal_clock_fake clock_;
static struct pal_limits *limits;
static struct pal_limits_verdict verdict;
static size_t which;

static struct pal_limits_table table_of(enum pal_limits_algorithm algorithm)
{
	struct pal_limits_table table = {.enabled = true, .algorithm = algorithm, .burst = 2};

	for (unsigned t = 0; t < PAL_TIER_COUNT; t++) {
		table.requests[t][PAL_LIMITS_MINUTE] = 60;
		table.requests[t][PAL_LIMITS_HOUR] = 1000;
		table.requests[t][PAL_LIMITS_DAY] = 10000;
	}
	return table;
}

static void begin(enum pal_limits_algorithm algorithm)
{
	const struct pal_limits_table table = table_of(algorithm);

	pal_clock_fake_init(&clock_, WALL_MS);
	pal_clock_fake_advance_ms(&clock_, 40 * SECOND_MS);	/* a minute of the clock begins */
	limits = pal_limits_create(&clock_.clock, &table);
	CU_ASSERT_PTR_NOT_NULL_FATAL(limits);
}

static void end(void)
{
	pal_limits_destroy(limits);
}

static struct pal_limits_id user(const char *name)
{
	return (struct pal_limits_id){.kind = PAL_LIMITS_USER, .tenant = {1}, .text = pal_str(name)};
}

static struct pal_limits_id tenant_with(uint32_t minute)
{
	return (struct pal_limits_id){.kind = PAL_LIMITS_TENANT,
				      .tenant = {1},
				      .own = {minute, PAL_LIMITS_NONE, PAL_LIMITS_NONE}};
}

static bool admit(struct pal_limits_id who)
{
	return pal_limits_admit(limits, &who, &verdict);
}

static unsigned admitted_of(struct pal_limits_id who, unsigned tries)
{
	unsigned admitted = 0;

	for (unsigned i = 0; i < tries; i++)
		admitted += admit(who);
	return admitted;
}

TEST(a_bucket_holds_a_burst_and_fills_at_the_limits_pace)
{
	begin(PAL_LIMITS_TOKEN_BUCKET);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 200), 120);
	CU_ASSERT_EQUAL(verdict.window, PAL_LIMITS_MINUTE);
	CU_ASSERT_EQUAL(verdict.reset_ms, SECOND_MS);	/* one a second comes back */
	pal_clock_fake_advance_ms(&clock_, SECOND_MS - 1);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 10), 0);
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 10), 1);
	pal_clock_fake_advance_ms(&clock_, 10 * SECOND_MS);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 100), 10);
	pal_clock_fake_advance_ms(&clock_, 10 * MINUTE_MS);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 500), 120);	/* full, and no more than that */
	end();
}

TEST(a_bucket_tells_what_is_left_in_it)
{
	begin(PAL_LIMITS_TOKEN_BUCKET);
	CU_ASSERT(admit(user("ann")));
	CU_ASSERT_EQUAL(verdict.remaining, 119);
	CU_ASSERT_EQUAL(verdict.reset_ms, SECOND_MS);	/* until it is full again */
	CU_ASSERT(admit(user("ann")));
	CU_ASSERT_EQUAL(verdict.remaining, 118);
	CU_ASSERT_EQUAL(verdict.reset_ms, 2 * SECOND_MS);
	end();
}

TEST(b44_a_bucket_that_is_full_still_heeds_the_hour_and_tells_the_longest_wait)
{
	begin(PAL_LIMITS_TOKEN_BUCKET);
	unsigned admitted = 0;
	for (int minute = 0; minute < 20 && admitted < 1000; minute++) {
		admitted += admitted_of(user("ann"), 120);
		pal_clock_fake_advance_ms(&clock_, MINUTE_MS);
	}
	CU_ASSERT_EQUAL(admitted, 1000);
	CU_ASSERT(!admit(user("ann")));
	CU_ASSERT_EQUAL(verdict.window, PAL_LIMITS_HOUR);
	CU_ASSERT(verdict.reset_ms > 30 * MINUTE_MS);
	end();
}

TEST(a_fixed_window_begins_anew_with_each_minute_of_the_clock)
{
	begin(PAL_LIMITS_FIXED_WINDOW);
	pal_clock_fake_advance_ms(&clock_, 59 * SECOND_MS);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 100), 60);
	CU_ASSERT_EQUAL(verdict.reset_ms, SECOND_MS);
	pal_clock_fake_advance_ms(&clock_, SECOND_MS - 1);
	CU_ASSERT(!admit(user("ann")));
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 100), 60);	/* twice the limit in two seconds */
	end();
}

TEST(another_algorithm_forgets_what_was_counted)
{
	const struct pal_limits_table bucket = table_of(PAL_LIMITS_TOKEN_BUCKET);
	const struct pal_limits_table window = table_of(PAL_LIMITS_SLIDING_WINDOW);

	begin(PAL_LIMITS_SLIDING_WINDOW);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 100), 60);
	pal_limits_set(limits, &window);
	CU_ASSERT(!admit(user("ann")));
	pal_limits_set(limits, &bucket);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 200), 120);
	pal_limits_set(limits, &window);
	CU_ASSERT_EQUAL(admitted_of(user("ann"), 100), 60);
	end();
}

TEST(a_limit_of_ones_own_stands_in_the_place_of_the_tiers)
{
	struct pal_limits_id who = user("ann");

	begin(PAL_LIMITS_SLIDING_WINDOW);
	who.own[PAL_LIMITS_MINUTE] = 3;
	CU_ASSERT_EQUAL(admitted_of(who, 10), 3);
	CU_ASSERT_EQUAL(verdict.limit[PAL_LIMITS_MINUTE], 3);
	CU_ASSERT_EQUAL(verdict.limit[PAL_LIMITS_HOUR], 1000);
	who.own[PAL_LIMITS_MINUTE] = 5;
	CU_ASSERT_EQUAL(admitted_of(who, 10), 2);
	end();
}

TEST(b41_a_caller_and_its_tenant_are_counted_together_or_not_at_all)
{
	uint32_t used[PAL_LIMITS_WINDOW_COUNT], limit[PAL_LIMITS_WINDOW_COUNT];
	struct pal_limits_id ann[2] = {user("ann"), tenant_with(5)};
	struct pal_limits_id bob[2] = {user("bob"), tenant_with(5)};

	begin(PAL_LIMITS_SLIDING_WINDOW);
	for (int i = 0; i < 3; i++)
		CU_ASSERT(pal_limits_admit_all(limits, ann, 2, &verdict, &which));
	CU_ASSERT_EQUAL(verdict.limit[PAL_LIMITS_MINUTE], 60);	/* the caller's own is told */
	for (int i = 0; i < 2; i++)
		CU_ASSERT(pal_limits_admit_all(limits, bob, 2, &verdict, &which));
	for (int i = 0; i < 10; i++)
		CU_ASSERT(!pal_limits_admit_all(limits, bob, 2, &verdict, &which));
	CU_ASSERT_EQUAL(which, 1);
	CU_ASSERT_EQUAL(verdict.limit[PAL_LIMITS_MINUTE], 5);
	CU_ASSERT(pal_limits_used(limits, &bob[0], used, limit));
	CU_ASSERT_EQUAL(used[PAL_LIMITS_MINUTE], 2);	/* what was refused took nothing */
	CU_ASSERT_EQUAL(used[PAL_LIMITS_HOUR], 2);
	CU_ASSERT(pal_limits_used(limits, &bob[1], used, limit));
	CU_ASSERT_EQUAL(used[PAL_LIMITS_MINUTE], 5);
	/* and the other way round: a caller who is full takes nothing of its tenant */
	ann[0].own[PAL_LIMITS_MINUTE] = 1;
	ann[1].own[PAL_LIMITS_MINUTE] = 100;
	CU_ASSERT(!pal_limits_admit_all(limits, ann, 2, &verdict, &which));
	CU_ASSERT_EQUAL(which, 0);
	CU_ASSERT(pal_limits_used(limits, &ann[1], used, limit));
	CU_ASSERT_EQUAL(used[PAL_LIMITS_MINUTE], 5);
	end();
}

TEST(what_a_request_costs_is_counted_whole_or_not_at_all)
{
	struct pal_limits_id who = user("ann");

	begin(PAL_LIMITS_SLIDING_WINDOW);
	who.cost = 50;
	CU_ASSERT(admit(who));
	CU_ASSERT_EQUAL(verdict.remaining, 10);
	CU_ASSERT(!admit(who));
	who.cost = 10;
	CU_ASSERT(admit(who));
	pal_clock_fake_advance_ms(&clock_, MINUTE_MS + SECOND_MS);
	who.cost = 61;
	CU_ASSERT(!admit(who));	/* never: and the wait told is not endless */
	CU_ASSERT(verdict.reset_ms > 0 && verdict.reset_ms <= MINUTE_MS + SECOND_MS);
	end();
}

TEST(b42_showing_takes_nothing_and_a_reset_forgets)
{
	uint32_t used[PAL_LIMITS_WINDOW_COUNT], limit[PAL_LIMITS_WINDOW_COUNT];
	struct pal_limits_id who = user("ann");

	begin(PAL_LIMITS_SLIDING_WINDOW);
	CU_ASSERT(!pal_limits_used(limits, &who, used, limit));
	CU_ASSERT(!pal_limits_reset(limits, &who));
	CU_ASSERT_EQUAL(pal_limits_count(limits), 0);
	CU_ASSERT_EQUAL(admitted_of(who, 60), 60);
	for (int i = 0; i < 100; i++)
		CU_ASSERT(pal_limits_used(limits, &who, used, limit));
	CU_ASSERT_EQUAL(used[PAL_LIMITS_MINUTE], 60);
	CU_ASSERT_EQUAL(limit[PAL_LIMITS_MINUTE], 60);
	CU_ASSERT(!admit(who));
	CU_ASSERT(pal_limits_reset(limits, &who));
	CU_ASSERT_EQUAL(admitted_of(who, 100), 60);
	end();
}

static void *ask_both_ways(void *arg)
{
	struct pal_limits_id one[2] = {user("ann"), tenant_with(500)};
	struct pal_limits_id other[2] = {tenant_with(500), user("ann")};
	struct pal_limits_verdict v;
	size_t w;

	for (int i = 0; i < 5000; i++)
		*(unsigned *)arg += pal_limits_admit_all(limits, i % 2 ? one : other, 2, &v, &w);
	return NULL;
}

TEST(b40_threads_that_name_their_limits_in_any_order_neither_wait_nor_exceed)
{
	pthread_t thread[4];
	unsigned admitted[4] = {0}, sum = 0;

	begin(PAL_LIMITS_SLIDING_WINDOW);
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, ask_both_ways, &admitted[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		sum += admitted[i];
	}
	CU_ASSERT_EQUAL(sum, 60);
	end();
}

SUITE(limits_ways, CASE(a_bucket_holds_a_burst_and_fills_at_the_limits_pace),
      CASE(a_bucket_tells_what_is_left_in_it),
      CASE(b44_a_bucket_that_is_full_still_heeds_the_hour_and_tells_the_longest_wait),
      CASE(a_fixed_window_begins_anew_with_each_minute_of_the_clock),
      CASE(another_algorithm_forgets_what_was_counted),
      CASE(a_limit_of_ones_own_stands_in_the_place_of_the_tiers),
      CASE(b41_a_caller_and_its_tenant_are_counted_together_or_not_at_all),
      CASE(what_a_request_costs_is_counted_whole_or_not_at_all),
      CASE(b42_showing_takes_nothing_and_a_reset_forgets),
      CASE(b40_threads_that_name_their_limits_in_any_order_neither_wait_nor_exceed))
