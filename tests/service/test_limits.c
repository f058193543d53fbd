/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "service/limits/limits.h"
#include "suite.h"

#define MINUTE_MS 60000
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * (int64_t)HOUR_MS)

struct bench {
	struct pal_clock_fake clock;
	struct pal_limits *limits;
	struct pal_limits_verdict verdict;	/* of the last request */
};

/* Basic 60, 1000 and 10000; the others twice as much each. The clock stands within a sub-window. */
static struct pal_limits_table usual(void)
{
	struct pal_limits_table table = {.enabled = true};

	for (unsigned t = 0; t < PAL_TIER_COUNT; t++) {
		table.requests[t][PAL_LIMITS_MINUTE] = 60u << t;
		table.requests[t][PAL_LIMITS_HOUR] = 1000u << t;
		table.requests[t][PAL_LIMITS_DAY] = 10000u << t;
	}
	return table;
}

static void set_up(struct bench *b, struct pal_limits_table table)
{
	memset(b, 0, sizeof(*b));
	pal_clock_fake_init(&b->clock, 1700000000000);
	pal_clock_fake_advance_ms(&b->clock, 3 * DAY_MS + 350);
	b->limits = pal_limits_create(&b->clock.clock, &table);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->limits);
}

static struct pal_limits_id user_of(int64_t tenant, const char *name)
{
	return (struct pal_limits_id){.kind = PAL_LIMITS_USER,
				      .tenant = {tenant},
				      .text = pal_str(name),
				      .tier = PAL_TIER_BASIC};
}

static struct pal_limits_id address_of(const char *text)
{
	return (struct pal_limits_id){
		.kind = PAL_LIMITS_ADDRESS, .text = pal_str(text), .tier = PAL_TIER_BASIC};
}

static bool admit(struct bench *b, struct pal_limits_id who)
{
	return pal_limits_admit(b->limits, &who, &b->verdict);
}

static bool ask(struct bench *b, const char *user)
{
	return admit(b, user_of(1, user));
}

/* How many of `tries` requests of `user` are admitted. */
static unsigned spend(struct bench *b, const char *user, unsigned tries)
{
	unsigned admitted = 0;

	while (tries-- > 0)
		admitted += ask(b, user);
	return admitted;
}

TEST(as_many_are_admitted_as_the_limit_says_and_then_none)
{
	struct bench b;

	set_up(&b, usual());
	CU_ASSERT(ask(&b, "ann"));
	CU_ASSERT_EQUAL(b.verdict.window, PAL_LIMITS_MINUTE);
	CU_ASSERT_EQUAL(b.verdict.limit[PAL_LIMITS_MINUTE], 60);
	CU_ASSERT_EQUAL(b.verdict.limit[PAL_LIMITS_DAY], 10000);
	CU_ASSERT_EQUAL(b.verdict.remaining, 59);
	CU_ASSERT_EQUAL(spend(&b, "ann", 59), 59);
	CU_ASSERT_EQUAL(b.verdict.remaining, 0);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	CU_ASSERT_FALSE(b.verdict.admitted);
	CU_ASSERT_EQUAL(b.verdict.window, PAL_LIMITS_MINUTE);
	CU_ASSERT_EQUAL(b.verdict.remaining, 0);
	pal_limits_destroy(b.limits);
}

TEST(the_wait_told_is_exactly_enough)
{
	struct bench b;

	set_up(&b, usual());
	spend(&b, "ann", 20);
	pal_clock_fake_advance_ms(&b.clock, 30000);
	spend(&b, "ann", 40);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	CU_ASSERT_EQUAL(b.verdict.reset_ms, 30650);	/* the first began 350 ms into a second */
	pal_clock_fake_advance_ms(&b.clock, b.verdict.reset_ms - 1);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	CU_ASSERT_EQUAL(b.verdict.reset_ms, 1000);	/* never less than a second */
	pal_clock_fake_advance_ms(&b.clock, 1);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 20);
	CU_ASSERT_EQUAL(b.verdict.reset_ms, 30000);	/* when the forty go */
	pal_limits_destroy(b.limits);
}

TEST(no_minute_wherever_it_begins_holds_more_than_the_limit)
{
	enum { STEP_MS = 170, STEPS = 4000 };
	static uint8_t admitted[STEPS];
	struct bench b;
	unsigned in_window = 0, most = 0, total = 0;

	set_up(&b, usual());
	for (unsigned i = 0; i < STEPS; i++) {
		/* bursts and pauses of lengths that do not fit the sub-windows */
		admitted[i] = i % 97 < 60 ? (uint8_t)spend(&b, "ann", 3) : 0;
		total += admitted[i];
		in_window += admitted[i];
		if (i >= MINUTE_MS / STEP_MS)
			in_window -= admitted[i - MINUTE_MS / STEP_MS];
		most = in_window > most ? in_window : most;
		pal_clock_fake_advance_ms(&b.clock, STEP_MS);
	}
	CU_ASSERT_EQUAL(most, 60);
	/* and what is held back for a sub-window too long is little: 680 s are worth 680 */
	CU_ASSERT(total >= 640);
	pal_limits_destroy(b.limits);
}

TEST(the_hour_refuses_while_the_minute_is_free_and_the_longest_wait_is_told)
{
	struct pal_limits_table table = usual();
	struct bench b;

	table.requests[PAL_TIER_BASIC][PAL_LIMITS_HOUR] = 100;
	set_up(&b, table);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 60);
	pal_clock_fake_advance_ms(&b.clock, 61000);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 40);
	CU_ASSERT_EQUAL(b.verdict.window, PAL_LIMITS_HOUR);
	CU_ASSERT_EQUAL(b.verdict.limit[PAL_LIMITS_HOUR], 100);
	/* the hour's sub-windows are two minutes: the first request's ends 119.65 s after it */
	CU_ASSERT_EQUAL(b.verdict.reset_ms, HOUR_MS + 120000 - 350 - 61000);
	pal_limits_destroy(b.limits);
}

TEST(when_two_windows_are_full_the_longer_wait_is_told)
{
	struct pal_limits_table table = usual();
	struct bench b;

	table.requests[PAL_TIER_BASIC][PAL_LIMITS_DAY] = 60;
	set_up(&b, table);
	spend(&b, "ann", 60);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	CU_ASSERT_EQUAL(b.verdict.window, PAL_LIMITS_DAY);
	CU_ASSERT_EQUAL(b.verdict.reset_ms, DAY_MS + HOUR_MS - 350);
	pal_limits_destroy(b.limits);
}

TEST(what_is_refused_is_counted_in_no_window)
{
	struct pal_limits_table table = usual();
	struct bench b;

	table.requests[PAL_TIER_BASIC][PAL_LIMITS_HOUR] = 61;
	set_up(&b, table);
	CU_ASSERT_EQUAL(spend(&b, "ann", 500), 60);
	pal_clock_fake_advance_ms(&b.clock, 61000);
	CU_ASSERT(ask(&b, "ann"));	/* the 440 refused are not in the hour */
	CU_ASSERT_FALSE(ask(&b, "ann"));
	pal_clock_fake_advance_ms(&b.clock, b.verdict.reset_ms);
	CU_ASSERT_EQUAL(spend(&b, "ann", 100), 60);
	pal_limits_destroy(b.limits);
}

TEST(after_a_day_of_silence_all_is_forgotten)
{
	struct pal_limits_table table = usual();
	struct bench b;

	table.requests[PAL_TIER_BASIC][PAL_LIMITS_DAY] = 10;
	set_up(&b, table);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 10);
	pal_clock_fake_advance_ms(&b.clock, DAY_MS - 1);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 0);
	pal_clock_fake_advance_ms(&b.clock, HOUR_MS);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 10);
	pal_limits_destroy(b.limits);
}

TEST(users_tenants_and_kinds_of_one_name_are_counted_apart)
{
	struct bench b;
	struct pal_limits_id key = user_of(1, "ann");

	key.kind = PAL_LIMITS_KEY;
	set_up(&b, usual());
	CU_ASSERT_EQUAL(spend(&b, "ann", 61), 60);
	CU_ASSERT(ask(&b, "bob"));
	CU_ASSERT(admit(&b, user_of(2, "ann")));
	CU_ASSERT_EQUAL(b.verdict.remaining, 59);
	CU_ASSERT(admit(&b, key));
	CU_ASSERT_EQUAL(b.verdict.remaining, 59);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	CU_ASSERT_EQUAL(pal_limits_count(b.limits), 4);
	pal_limits_destroy(b.limits);
}

TEST(the_tier_says_the_limit_but_is_no_way_to_a_second_one)
{
	struct bench b;
	struct pal_limits_id premium = user_of(1, "ann");

	premium.tier = PAL_TIER_PREMIUM;
	set_up(&b, usual());
	CU_ASSERT_EQUAL(spend(&b, "ann", 61), 60);
	CU_ASSERT(admit(&b, premium));
	CU_ASSERT_EQUAL(b.verdict.limit[PAL_LIMITS_MINUTE], 240);
	CU_ASSERT_EQUAL(b.verdict.remaining, 179);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	pal_limits_destroy(b.limits);
}

TEST(a_peek_takes_nothing_and_makes_no_record)
{
	struct bench b;
	const struct pal_limits_id ann = user_of(1, "ann");

	set_up(&b, usual());
	pal_limits_peek(b.limits, &ann, &b.verdict);
	CU_ASSERT(b.verdict.admitted);
	CU_ASSERT_EQUAL(b.verdict.remaining, 60);
	CU_ASSERT_EQUAL(b.verdict.reset_ms, MINUTE_MS);
	CU_ASSERT_EQUAL(pal_limits_count(b.limits), 0);
	spend(&b, "ann", 59);
	for (int i = 0; i < 10; i++)
		pal_limits_peek(b.limits, &ann, &b.verdict);
	CU_ASSERT(b.verdict.admitted);
	CU_ASSERT_EQUAL(b.verdict.remaining, 1);
	CU_ASSERT(ask(&b, "ann"));
	pal_limits_peek(b.limits, &ann, &b.verdict);
	CU_ASSERT_FALSE(b.verdict.admitted);
	CU_ASSERT_EQUAL(b.verdict.reset_ms, 60650);
	pal_limits_destroy(b.limits);
}

TEST(new_figures_apply_to_what_was_counted_before)
{
	struct pal_limits_table table = usual();
	struct bench b;

	set_up(&b, table);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 60);
	table.requests[PAL_TIER_BASIC][PAL_LIMITS_MINUTE] = 70;
	pal_limits_set(b.limits, &table);
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 10);
	pal_clock_fake_advance_ms(&b.clock, 10000);
	table.requests[PAL_TIER_BASIC][PAL_LIMITS_MINUTE] = 5;
	pal_limits_set(b.limits, &table);
	CU_ASSERT_FALSE(ask(&b, "ann"));
	CU_ASSERT_EQUAL(b.verdict.reset_ms, 50650);
	CU_ASSERT_EQUAL(b.verdict.remaining, 0);
	pal_limits_destroy(b.limits);
}

TEST(limits_are_on_or_off_as_the_table_says)
{
	struct pal_limits_table table = usual();
	struct bench b;

	table.enabled = false;
	set_up(&b, table);
	CU_ASSERT_FALSE(pal_limits_are_enabled(b.limits));
	table.enabled = true;
	pal_limits_set(b.limits, &table);
	CU_ASSERT(pal_limits_are_enabled(b.limits));
	pal_limits_destroy(b.limits);
}

TEST(a_hundred_thousand_addresses_are_kept_within_bounds_and_displace_no_caller)
{
	struct bench b;
	char text[32];

	set_up(&b, usual());
	CU_ASSERT_EQUAL(spend(&b, "ann", 60), 60);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "address %u", i);
		CU_ASSERT(admit(&b, address_of(text)));
	}
	CU_ASSERT(pal_limits_count(b.limits) <= PAL_LIMITS_ADDRESSES_MAX + 1);
	CU_ASSERT(pal_limits_count(b.limits) >= PAL_LIMITS_ADDRESSES_MAX * 9 / 10);
	CU_ASSERT(admit(&b, address_of(text)));
	CU_ASSERT_EQUAL(b.verdict.remaining, 58);	/* the newest is known */
	CU_ASSERT(admit(&b, address_of("address 0")));
	CU_ASSERT_EQUAL(b.verdict.remaining, 59);	/* the oldest is not */
	CU_ASSERT_FALSE(ask(&b, "ann"));
	pal_limits_destroy(b.limits);
}

TEST(whoever_keeps_asking_is_not_the_one_displaced)
{
	struct bench b;
	char text[32];

	set_up(&b, usual());
	for (unsigned i = 0; i < 60; i++)
		CU_ASSERT(admit(&b, address_of("stubborn")));
	for (unsigned i = 0; i < 2 * PAL_LIMITS_ADDRESSES_MAX; i++) {
		snprintf(text, sizeof(text), "address %u", i);
		CU_ASSERT(admit(&b, address_of(text)));
		if (i % 256 == 0)
			CU_ASSERT_FALSE(admit(&b, address_of("stubborn")));
	}
	pal_limits_destroy(b.limits);
}

TEST(those_silent_for_a_day_make_room_as_others_come)
{
	struct bench b;
	char text[32];

	set_up(&b, usual());
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "old %u", i);
		CU_ASSERT(ask(&b, text));
	}
	CU_ASSERT_EQUAL(pal_limits_count(b.limits), 2000);
	pal_clock_fake_advance_ms(&b.clock, DAY_MS + HOUR_MS);
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(text, sizeof(text), "new %u", i);
		CU_ASSERT(ask(&b, text));
	}
	CU_ASSERT(pal_limits_count(b.limits) < 1700);
	pal_limits_destroy(b.limits);
}

/* --- Threads ---------------------------------------------------------------------------------- */

struct crowd {
	struct bench bench;
	atomic_uint admitted;
};

static void *storm(void *arg)
{
	struct crowd *crowd = arg;
	struct pal_limits_table table = usual();
	const struct pal_limits_id ann = user_of(1, "ann");
	struct pal_limits_verdict verdict;

	for (unsigned i = 0; i < 300; i++) {
		char text[16];
		snprintf(text, sizeof(text), "user %u", i);
		const struct pal_limits_id other = user_of(1, text);
		if (pal_limits_admit(crowd->bench.limits, &ann, &verdict))
			atomic_fetch_add(&crowd->admitted, 1);
		pal_limits_admit(crowd->bench.limits, &other, &verdict);
		pal_limits_peek(crowd->bench.limits, &ann, &verdict);
		if (i % 100 == 0)
			pal_limits_set(crowd->bench.limits, &table);
	}
	return NULL;
}

TEST(threads_together_get_no_more_than_one_would)
{
	enum { THREADS = 4 };
	static struct crowd crowd;
	pthread_t thread[THREADS];

	set_up(&crowd.bench, usual());
	for (int i = 0; i < THREADS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, storm, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(atomic_load(&crowd.admitted), 60);
	CU_ASSERT_EQUAL(pal_limits_count(crowd.bench.limits), 301);
	pal_limits_destroy(crowd.bench.limits);
}

SUITE(limits,
      CASE(as_many_are_admitted_as_the_limit_says_and_then_none),
      CASE(the_wait_told_is_exactly_enough),
      CASE(no_minute_wherever_it_begins_holds_more_than_the_limit),
      CASE(the_hour_refuses_while_the_minute_is_free_and_the_longest_wait_is_told),
      CASE(when_two_windows_are_full_the_longer_wait_is_told),
      CASE(what_is_refused_is_counted_in_no_window),
      CASE(after_a_day_of_silence_all_is_forgotten),
      CASE(users_tenants_and_kinds_of_one_name_are_counted_apart),
      CASE(the_tier_says_the_limit_but_is_no_way_to_a_second_one),
      CASE(a_peek_takes_nothing_and_makes_no_record),
      CASE(new_figures_apply_to_what_was_counted_before),
      CASE(limits_are_on_or_off_as_the_table_says),
      CASE(a_hundred_thousand_addresses_are_kept_within_bounds_and_displace_no_caller),
      CASE(whoever_keeps_asking_is_not_the_one_displaced),
      CASE(those_silent_for_a_day_make_room_as_others_come),
      CASE(threads_together_get_no_more_than_one_would))
