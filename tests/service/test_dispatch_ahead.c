/* SPDX-License-Identifier: Apache-2.0 */
/* Several replies of one conversation that wait: they are read together and leave one by one. */
#include <stdio.h>
#include <string.h>

#include "service/dispatch_stage.h"
#include "suite.h"

static const struct meeting good = {PAL_TRANSPORT_ANSWERED, 200, NULL};

/*
 * `count` replies of conversation "c", all in the outbox before the first leaves; that is held. Each
 * has so many attempts.
 */
static void begin_with_attempts(int count, unsigned attempts_max)
{
	int64_t key = 0;

	begin(NULL, 0);
	s.attempts_max = attempts_max;
	settle();		/* the look through the outbox at the start is over */
	s.holds = true;
	for (int i = 0; i < count; i++)
		key = put_and_feed("c", key, 1 + 2 * i);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 1);
	CHECK_STR(s.ids[0], "msg_c-1");
}

static void begin_with(int count)
{
	begin_with_attempts(count, 4);
}

static void let_go(size_t n)
{
	answer(s.held[n], &good);
	settle();
}

/* What a record says of its attempts. */
static void check_state(int64_t sequence, enum pal_delivery_status status, int64_t attempts,
			bool is_intended)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	struct pal_delivery_state state = state_of("c", sequence, &arena, &r);

	CU_ASSERT_EQUAL(state.status, status);
	CU_ASSERT_EQUAL(state.attempts, attempts);
	CU_ASSERT_EQUAL(state.intent_ms != 0, is_intended);
	CU_ASSERT_FALSE(state.may_be_double);
	pal_arena_release(&arena);
}

/* Whether a record says that the one behind it began. */
static bool says_next_began(int64_t sequence)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	bool says = state_of("c", sequence, &arena, &r).next_intent_ms != 0;

	pal_arena_release(&arena);
	return says;
}

/* As when the daemon died with what is on the wire, and was started again. */
static void start_again(void)
{
	pal_dispatch_destroy(s.dispatch);
	s.holds = false;
	start_service();
	settle();
}

static void check_double(int64_t sequence, bool may_be_double, int64_t attempts)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	struct pal_delivery_state state = state_of("c", sequence, &arena, &r);

	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(state.may_be_double, may_be_double);
	CU_ASSERT_EQUAL(state.unknowns, may_be_double ? 1 : 0);
	CU_ASSERT_EQUAL(state.attempts, attempts);
	pal_arena_release(&arena);
}

static void reopen(int64_t sequence)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	struct pal_delivery_state state = state_of("c", sequence, &arena, &r);

	pal_delivery_reopen(&state);
	write_state_over(&r, &state, 1);
	pal_arena_release(&arena);
}

/* Write over a record as somebody else would, or remove it. */
static void meddle(int64_t sequence, bool remove)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	(void)state_of("c", sequence, &arena, &r);
	write_over(&r, remove);
	pal_arena_release(&arena);
}

TEST(more_than_are_read_together_leave_in_order_each_once)
{
	char want[24];

	begin_with(50);
	s.holds = false;
	let_go(0);
	CU_ASSERT_EQUAL_FATAL(s.sent, 50);
	for (int i = 0; i < 50; i++) {
		snprintf(want, sizeof(want), "msg_c-%d", 1 + 2 * i);
		CHECK_STR(s.ids[i], want);
		check_state(1 + 2 * i, PAL_DELIVERY_SENT, 1, false);
	}
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).in_flight, 0);
	end();
}

TEST(the_next_is_intended_when_the_one_before_has_its_result)
{
	begin_with(3);
	check_state(1, PAL_DELIVERY_PENDING, 1, true);
	check_state(3, PAL_DELIVERY_PENDING, 0, false);
	let_go(0);
	CU_ASSERT_EQUAL(s.sent, 2);
	check_state(1, PAL_DELIVERY_SENT, 1, false);
	CU_ASSERT(says_next_began(1));
	check_state(3, PAL_DELIVERY_PENDING, 0, false);
	check_state(5, PAL_DELIVERY_PENDING, 0, false);
	let_go(1);
	CU_ASSERT(says_next_began(3));
	let_go(2);
	CU_ASSERT_FALSE(says_next_began(5));
	check_state(5, PAL_DELIVERY_SENT, 1, false);
	end();
}

TEST(one_that_began_with_the_result_before_it_is_unknown_after_a_restart)
{
	begin_with(3);
	let_go(0);
	start_again();
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);
	CHECK_STR(s.ids[2], "msg_c-3");
	CHECK_STR(s.ids[3], "msg_c-5");
	check_double(1, false, 1);
	check_double(3, true, 2);
	check_double(5, false, 1);
	end();
}

TEST(it_is_unknown_too_when_the_one_before_it_is_to_leave_again)
{
	begin_with_attempts(2, 1);
	answer(s.held[0], &(struct meeting){PAL_TRANSPORT_ANSWERED, 503, NULL});
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	s.attempts_max = 4;
	reopen(1);
	start_again();
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);
	CHECK_STR(s.ids[2], "msg_c-1");
	check_double(1, false, 2);
	check_double(3, true, 2);
	end();
}

TEST(a_result_goes_over_what_was_written_since_it_began)
{
	begin_with(3);
	let_go(0);
	meddle(3, false);
	s.holds = false;
	let_go(1);
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	for (int i = 1; i <= 5; i += 2)
		check_state(i, PAL_DELIVERY_SENT, 1, false);
	end();
}

TEST(one_whose_record_was_written_over_meanwhile_is_told_before_the_next_leaves)
{
	begin_with(3);
	meddle(1, false);
	s.holds = false;
	let_go(0);
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	CHECK_STR(s.ids[1], "msg_c-3");
	CHECK_STR(s.ids[2], "msg_c-5");
	for (int i = 1; i <= 5; i += 2)
		check_state(i, PAL_DELIVERY_SENT, 1, false);
	end();
}

TEST(one_that_was_written_over_after_it_was_read_is_read_again)
{
	begin_with(3);
	meddle(3, false);
	s.holds = false;
	let_go(0);
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	CHECK_STR(s.ids[1], "msg_c-3");
	for (int i = 1; i <= 5; i += 2)
		check_state(i, PAL_DELIVERY_SENT, 1, false);
	end();
}

TEST(one_that_was_erased_after_it_was_read_does_not_leave)
{
	begin_with(3);
	meddle(3, true);
	s.holds = false;
	let_go(0);
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	CHECK_STR(s.ids[1], "msg_c-5");
	end();
}

TEST(none_that_was_read_leaves_before_its_time_when_the_one_before_fails)
{
	begin_with(3);
	answer(s.held[0], &(struct meeting){PAL_TRANSPORT_ANSWERED, 503, NULL});
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	check_state(1, PAL_DELIVERY_RETRYING, 1, false);
	check_state(3, PAL_DELIVERY_PENDING, 0, false);
	s.holds = false;
	pass(3000);
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);
	CHECK_STR(s.ids[1], "msg_c-1");
	CHECK_STR(s.ids[2], "msg_c-3");
	end();
}

TEST(none_that_was_read_leaves_once_the_service_is_closed)
{
	begin_with(3);
	pal_dispatch_close(s.dispatch);
	let_go(0);
	CU_ASSERT_EQUAL(s.sent, 1);
	check_state(1, PAL_DELIVERY_SENT, 1, false);
	check_state(3, PAL_DELIVERY_PENDING, 0, false);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).in_flight, 0);
	end();
}

TEST(a_channel_that_is_turned_off_lets_none_leave_that_was_read)
{
	begin_with(3);
	s.enabled = false;
	let_go(0);
	CU_ASSERT_EQUAL(s.sent, 1);
	check_state(1, PAL_DELIVERY_SENT, 1, false);
	check_state(3, PAL_DELIVERY_FAILED, 1, false);
	end();
}

TEST(a_rate_limit_holds_up_what_was_read_of_others)
{
	begin_with(2);
	put_and_feed("d", 0, 1);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	answer(s.held[1], &(struct meeting){PAL_TRANSPORT_ANSWERED, 429, "7"});
	settle();
	let_go(0);
	CU_ASSERT_EQUAL(s.sent, 2);
	check_state(3, PAL_DELIVERY_PENDING, 0, false);
	s.holds = false;
	pass(9000);
	CU_ASSERT_EQUAL(s.sent, 4);
	end();
}

SUITE(dispatch_ahead,
      CASE(more_than_are_read_together_leave_in_order_each_once),
      CASE(the_next_is_intended_when_the_one_before_has_its_result),
      CASE(one_that_began_with_the_result_before_it_is_unknown_after_a_restart),
      CASE(it_is_unknown_too_when_the_one_before_it_is_to_leave_again),
      CASE(a_result_goes_over_what_was_written_since_it_began),
      CASE(one_whose_record_was_written_over_meanwhile_is_told_before_the_next_leaves),
      CASE(one_that_was_written_over_after_it_was_read_is_read_again),
      CASE(one_that_was_erased_after_it_was_read_does_not_leave),
      CASE(none_that_was_read_leaves_before_its_time_when_the_one_before_fails),
      CASE(none_that_was_read_leaves_once_the_service_is_closed),
      CASE(a_channel_that_is_turned_off_lets_none_leave_that_was_read),
      CASE(a_rate_limit_holds_up_what_was_read_of_others))
