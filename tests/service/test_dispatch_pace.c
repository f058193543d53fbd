/* SPDX-License-Identifier: Apache-2.0 */
/* Channels that may be sent on only so often: what is too much waits, and nothing else does. */
#include <stdio.h>
#include <string.h>

#include "service/dispatch_stage.h"
#include "suite.h"

/* So many conversations with one reply each, named `letter` and a number. */
static void put_many(char letter, int count)
{
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%c%d", letter, i);
		put_and_feed(name, 0, 1);
	}
}

static void check_all_sent(char letter, int count)
{
	struct pal_arena arena = pal_arena_of(0);
	char name[16];

	for (int i = 0; i < count; i++) {
		struct pal_record r;
		snprintf(name, sizeof(name), "%c%d", letter, i);
		struct pal_delivery_state state = state_of(name, 1, &arena, &r);
		CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
		CU_ASSERT_EQUAL(state.attempts, 1);	/* to wait is no attempt */
	}
	pal_arena_release(&arena);
}

TEST(no_more_leave_in_a_minute_than_the_channel_may_and_the_others_wait)
{
	begin(NULL, 0);
	s.per_minute = 5;
	s.per_day = 1000;
	put_many('a', 12);
	settle();
	CU_ASSERT_EQUAL(s.sent, 5);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 7);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).paced, 7);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).in_flight, 0);
	pass(59000);
	CU_ASSERT_EQUAL(s.sent, 5);
	pass(3000);
	CU_ASSERT_EQUAL(s.sent, 10);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).paced, 2);
	pass(62000);
	CU_ASSERT_EQUAL(s.sent, 12);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).paced, 0);
	check_all_sent('a', 12);
	for (size_t i = 5; i < s.sent; i++)
		CU_ASSERT(s.at_ms[i] - s.at_ms[i - 5] > 60000);
	end();
}

TEST(it_neither_turns_in_a_loop_nor_sleeps_too_long_while_they_wait)
{
	begin(NULL, 0);
	s.per_minute = 1;
	s.per_day = 1000;
	put_many('a', 3);
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	for (int i = 0; i < 50; i++) {
		uint32_t wait_ms = pal_dispatch_step(s.dispatch);
		CU_ASSERT(wait_ms > 0 && wait_ms <= 1000);
	}
	end();
}

TEST(a_channel_that_waits_holds_no_other_up)
{
	begin(NULL, 0);
	s.per_minute = 2;
	s.per_day = 1000;
	put_many('a', 40);		/* more than may be in flight of one */
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	s.tenant.n = 2;
	put_many('b', 40);
	settle();
	CU_ASSERT_EQUAL(s.sent, 42);
	check_all_sent('b', 40);
	end();
}

TEST(attempts_that_fail_and_parts_count_as_requests)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 503, NULL}};

	begin(script, 1);
	s.per_minute = 3;
	s.per_day = 1000;
	s.text_units_max = 3;
	s.content = "{\"type\":\"text\",\"text\":\"one two six\"}";
	put_and_feed("c", 0, 1);
	pass(30000);
	CU_ASSERT_EQUAL(s.sent, 3);	/* the first twice, the second */
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_RETRYING);
	pass(40000);
	CU_ASSERT_EQUAL(s.sent, 4);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	end();
}

TEST(replies_of_one_conversation_that_were_read_ahead_wait_too)
{
	int64_t key = 0;

	begin(NULL, 0);
	s.per_minute = 3;
	s.per_day = 1000;
	settle();
	for (int i = 0; i < 8; i++)
		key = put_and_feed("c", key, 1 + 2 * i);
	settle();
	CU_ASSERT_EQUAL(s.sent, 3);
	pass(62000);
	CU_ASSERT_EQUAL(s.sent, 6);
	pass(62000);
	CU_ASSERT_EQUAL(s.sent, 8);
	for (int i = 0; i < 8; i++) {
		char want[16];
		snprintf(want, sizeof(want), "msg_c-%d", 1 + 2 * i);
		CHECK_STR(s.ids[i], want);
	}
	end();
}

TEST(a_courier_that_takes_nothing_costs_no_place)
{
	begin(NULL, 0);
	s.per_minute = 1;
	s.per_day = 1;
	s.refuses = true;
	put_and_feed("c", 0, 1);
	pass(20000);
	s.refuses = false;
	pass(3000);
	CU_ASSERT_EQUAL(s.sent, 1);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	end();
}

TEST(a_limit_that_is_raised_holds_within_a_second)
{
	begin(NULL, 0);
	s.per_minute = 2;
	s.per_day = 3;
	put_many('a', 12);
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	s.per_minute = 100;
	pass(1100);
	CU_ASSERT_EQUAL(s.sent, 3);
	s.per_day = 100;
	pass(1100);
	CU_ASSERT_EQUAL(s.sent, 12);
	s.per_minute = 0;
	s.per_day = 0;
	put_many('b', 100);
	pass(1100);
	CU_ASSERT_EQUAL(s.sent, 112);
	end();
}

TEST(the_days_count_survives_a_restart)
{
	begin(NULL, 0);
	s.per_minute = 100;
	s.per_day = 5;
	put_many('a', 3);
	settle();
	CU_ASSERT_EQUAL(s.sent, 3);
	pal_dispatch_destroy(s.dispatch);
	start_service();
	put_many('b', 4);
	settle();
	pass(120000);
	CU_ASSERT_EQUAL(s.sent, 5);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).paced, 2);
	pal_dispatch_destroy(s.dispatch);
	start_service();
	for (int quarter = 0; quarter < 95; quarter++) {
		pal_clock_fake_advance_ms(&s.clock, 15 * 60000);
		settle();
	}
	CU_ASSERT_EQUAL(s.sent, 5);
	for (int quarter = 0; quarter < 3; quarter++) {
		pal_clock_fake_advance_ms(&s.clock, 15 * 60000);
		settle();
	}
	CU_ASSERT_EQUAL(s.sent, 7);
	check_all_sent('b', 4);
	end();
}

TEST(what_a_crash_loses_was_stored_as_sent_before)
{
	begin(NULL, 0);
	s.per_minute = 1000;
	s.per_day = 640;		/* ten are stored ahead */
	s.holds = true;
	put_many('a', 1);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 1);
	pal_dispatch_destroy(s.dispatch);
	s.holds = false;
	start_service();
	put_many('b', 700);
	pass(130000);
	CU_ASSERT_EQUAL(s.sent, 1 + 640 - 10);
	end();
}

TEST(an_open_circuit_gives_its_place_back)
{
	static struct meeting script[16];

	for (size_t i = 0; i < 16; i++)
		script[i] = (struct meeting){PAL_TRANSPORT_ANSWERED, 500, NULL};
	begin(script, 6);
	s.per_minute = 30;
	s.per_day = 1000;
	s.attempts_max = 20;
	put_many('a', 6);
	pass(200000);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	CU_ASSERT(s.sent >= 12);
	put_many('b', 17);
	settle();
	for (int i = 0; i < 17; i++) {
		char name[16];
		snprintf(name, sizeof(name), "b%d", i);
		CU_ASSERT_EQUAL(status_of(name, 1), PAL_DELIVERY_SENT);
	}
	end();
}

SUITE(dispatch_pace, CASE(no_more_leave_in_a_minute_than_the_channel_may_and_the_others_wait),
      CASE(it_neither_turns_in_a_loop_nor_sleeps_too_long_while_they_wait),
      CASE(a_channel_that_waits_holds_no_other_up),
      CASE(attempts_that_fail_and_parts_count_as_requests),
      CASE(replies_of_one_conversation_that_were_read_ahead_wait_too),
      CASE(a_courier_that_takes_nothing_costs_no_place),
      CASE(a_limit_that_is_raised_holds_within_a_second),
      CASE(the_days_count_survives_a_restart), CASE(what_a_crash_loses_was_stored_as_sent_before),
      CASE(an_open_circuit_gives_its_place_back))
