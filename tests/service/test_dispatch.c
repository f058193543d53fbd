/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delivery service from the outbox to a scripted network: the clock is the test's, and so is
 * what each request meets.
 */
#include "service/delivery/dispatch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/delivery/delivery_ref.h"
#include "service/dispatch_stage.h"
#include "suite.h"

static const struct pal_tenant_key tenant = {DISPATCH_TENANT};

/* --- What goes well ---------------------------------------------------------------------------- */

TEST(b11_a_reply_leaves_through_the_outbox_and_is_sent)
{
	begin(NULL, 0);
	put_and_feed("c", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	CHECK_STR(s.ids[0], "msg_c-1");
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).in_flight, 0);
	end();
}

TEST(what_nobody_fed_is_found_when_the_outbox_is_looked_through)
{
	begin(NULL, 0);
	put("a", 0, 1);
	put("b", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	put("c", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	pass(61000);
	CU_ASSERT_EQUAL(s.sent, 3);
	end();
}

TEST(replies_of_a_conversation_leave_in_order_one_at_a_time)
{
	int64_t key = 0;

	begin(NULL, 0);
	s.holds = true;
	for (int i = 0; i < 5; i++)
		key = put_and_feed("c", key, 1 + 2 * i);
	for (int i = 0; i < 5; i++) {
		char want[16];
		settle();
		CU_ASSERT_EQUAL_FATAL(s.sent, (size_t)i + 1);
		snprintf(want, sizeof(want), "msg_c-%d", 1 + 2 * i);
		CHECK_STR(s.ids[i], want);
		answer(s.held[i], &(struct meeting){PAL_TRANSPORT_ANSWERED, 200, NULL});
	}
	settle();
	CU_ASSERT_EQUAL(status_of("c", 9), PAL_DELIVERY_SENT);
	end();
}

static void step_back(int64_t ms)
{
	atomic_fetch_sub(&s.clock.wall_ms, ms);
}

/* The older one looks as if it were made an hour from now. */
TEST(replies_leave_by_their_numbers_though_the_clock_stepped_back)
{
	begin(NULL, 0);
	int64_t key = put("c", 0, 1);
	step_back(3600000);
	put("c", key, 3);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	CHECK_STR(s.ids[0], "msg_c-1");
	CHECK_STR(s.ids[1], "msg_c-3");
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	end();
}

TEST(numbers_decide_after_a_restart_too)
{
	begin(NULL, 0);
	s.refuses = true;
	int64_t key = put_and_feed("c", 0, 1);
	settle();
	step_back(3600000);
	put_and_feed("c", key, 3);
	settle();
	pal_dispatch_destroy(s.dispatch);
	s.refuses = false;
	start_service();
	settle();
	CU_ASSERT_EQUAL(s.sent, 0);	/* the first is to be tried again, by the clock it had */
	pass(3610000);
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	CHECK_STR(s.ids[0], "msg_c-1");
	CHECK_STR(s.ids[1], "msg_c-3");
	end();
}

/* Nobody told of the first two; behind them is what was said when replies were not wanted. */
TEST(what_is_fed_leaves_behind_what_was_not)
{
	begin(NULL, 0);
	settle();
	int64_t key = put("c", 0, 1);
	put("c", key, 3);
	for (int64_t sequence = 5; sequence < 205; sequence++)
		put_quiet("c", key, sequence);
	put_and_feed("c", key, 205);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	CHECK_STR(s.ids[0], "msg_c-1");
	CHECK_STR(s.ids[1], "msg_c-3");
	CHECK_STR(s.ids[2], "msg_c-205");
	end();
}

TEST(conversations_leave_in_parallel_up_to_the_endpoints_share)
{
	char name[16];

	begin(NULL, 0);
	s.holds = true;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		put_and_feed(name, 0, 1);
	}
	settle();
	CU_ASSERT_EQUAL(s.sent, 16);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 40);
	s.holds = false;
	for (size_t i = 0; i < 16; i++)
		answer(s.held[i], &(struct meeting){PAL_TRANSPORT_ANSWERED, 204, NULL});
	settle();
	CU_ASSERT_EQUAL(s.sent, 40);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	end();
}

TEST(b8_a_recipient_that_the_channel_refuses_fails_at_once_and_is_never_sent_to)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(NULL, 0);
	s.user_id = "a\x01b";
	int64_t key = put("c", 0, 1);
	s.user_id = NULL;
	put_and_feed("c", key, 3);
	pass(2000);
	CU_ASSERT_EQUAL(s.sent, 1);
	CHECK_STR(s.ids[0], "msg_c-3");
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_FAILED);
	CU_ASSERT_EQUAL(r.expires_ms, 0);
	CU_ASSERT_EQUAL(state.attempts, 0);
	CU_ASSERT_TRUE(pal_str_equal(state.error_code, PAL_STR("INVALID_RECIPIENT")));
	CU_ASSERT_TRUE(pal_str_equal(state.error_field, PAL_STR("user_id")));
	CU_ASSERT_TRUE(pal_str_equal(state.error_message,
				     PAL_STR("\"It must not hold control characters.\"")));
	pal_delivery_reopen(&state);
	write_state_over(&r, &state, pal_clock_wall_ms(&s.clock.clock));
	feed("c", 1);
	pass(20000);
	CU_ASSERT_EQUAL(s.sent, 1);
	state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_FAILED);
	CU_ASSERT_EQUAL(state.attempts, 1);
	CU_ASSERT_TRUE(pal_str_equal(state.error_code, PAL_STR("INVALID_RECIPIENT")));
	CU_ASSERT_TRUE(pal_str_equal(state.error_field, PAL_STR("user_id")));
	pal_arena_release(&arena);
	end();
}

/* --- What goes wrong --------------------------------------------------------------------------- */

TEST(b64_a_failed_attempt_is_repeated_later_by_the_schedule_and_never_earlier)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 503, NULL},
						{PAL_TRANSPORT_CONNECT, 0, NULL}};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(script, 2);
	put_and_feed("c", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	for (size_t i = 1; i <= 2; i++) {
		struct pal_delivery_state state = state_of("c", 1, &arena, &r);
		CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_RETRYING);
		CU_ASSERT_EQUAL(state.attempts, (int64_t)i);
		CU_ASSERT(r.expires_ms <= s.at_ms[i - 1] + 2000);
		int64_t due_ms = r.expires_ms;
		for (int ms = 0; ms < 2200 && s.sent == i; ms += 100)
			pass(100);
		CU_ASSERT_EQUAL_FATAL(s.sent, i + 1);
		CU_ASSERT(s.at_ms[i] >= due_ms);
		CHECK_STR(s.ids[i], s.ids[0]);	/* one key for all */
	}
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT(memmem(state.log.p, state.log.n, "http_503", 8) != NULL);
	CU_ASSERT_FALSE(state.may_be_double);
	pal_arena_release(&arena);
	end();
}

TEST(a_retry_after_is_waited_for_and_holds_the_endpoint_up)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 429, "7"}};

	begin(script, 1);
	put_and_feed("c", 0, 1);
	settle();
	put_and_feed("d", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	pass(6800);
	CU_ASSERT_EQUAL(s.sent, 1);
	pass(2000);
	CU_ASSERT_EQUAL(s.sent, 3);
	CU_ASSERT(s.at_ms[1] >= s.at_ms[0] + 7000 && s.at_ms[2] >= s.at_ms[0] + 7000);
	end();
}

static void fail_all(const struct meeting *m)
{
	static struct meeting script[REQUESTS_MAX];

	for (size_t i = 0; i < REQUESTS_MAX; i++)
		script[i] = *m;
	begin(script, REQUESTS_MAX);
}

TEST(a_delivery_whose_attempts_are_used_up_fails_and_lets_the_next_one_go)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	fail_all(&(struct meeting){PAL_TRANSPORT_ANSWERED, 500, NULL});
	s.script_count = 4;
	int64_t key = put_and_feed("c", 0, 1);
	put_and_feed("c", key, 3);
	pass(20000);
	CU_ASSERT_EQUAL(s.sent, 5);
	CHECK_STR(s.ids[3], "msg_c-1");
	CHECK_STR(s.ids[4], "msg_c-3");
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_FAILED);
	CU_ASSERT(pal_str_equal(state.error_code, PAL_STR("http_500")));
	CU_ASSERT_EQUAL(status_of("c", 3), PAL_DELIVERY_SENT);
	pal_arena_release(&arena);
	end();
}

TEST(b63_a_failing_endpoint_is_left_alone_and_tried_with_one)
{
	char name[16];

	fail_all(&(struct meeting){PAL_TRANSPORT_ANSWERED, 500, NULL});
	s.attempts_max = 20;
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		put_and_feed(name, 0, 1);
	}
	settle();
	size_t sent = s.sent;
	CU_ASSERT(sent <= 16);
	pass(50000);
	CU_ASSERT_EQUAL(s.sent, sent);	/* the circuit is open */
	pass(15000);
	CU_ASSERT_EQUAL(s.sent, sent + 1);
	s.script_count = 0;		/* and it is well again */
	pass(200000);
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		CU_ASSERT_EQUAL(status_of(name, 1), PAL_DELIVERY_SENT);
	}
	end();
}

TEST(a_receiver_that_is_gone_stops_the_channel_and_the_rest_fails)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 410, NULL}};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(script, 1);
	int64_t key = put_and_feed("c", 0, 1);
	put_and_feed("c", key, 3);
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	CU_ASSERT_EQUAL(s.stops, 1);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_FAILED);
	struct pal_delivery_state state = state_of("c", 3, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_FAILED);
	CU_ASSERT(pal_str_equal(state.error_code, PAL_STR("CHANNEL_DISABLED")));
	pal_arena_release(&arena);
	end();
}

TEST(what_may_have_arrived_is_sent_again_under_its_key_and_told)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_TIMEOUT_AFTER, 0, NULL}};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(script, 1);
	put_and_feed("c", 0, 1);
	pass(3000);
	CU_ASSERT_EQUAL(s.sent, 2);
	CHECK_STR(s.ids[1], s.ids[0]);
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT(state.may_be_double);
	pal_arena_release(&arena);
	end();
}

TEST(an_intent_without_a_result_is_unknown_after_a_restart)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(NULL, 0);
	s.holds = true;
	put_and_feed("c", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, 1);
	CU_ASSERT(state_of("c", 1, &arena, &r).intent_ms != 0);
	pal_dispatch_destroy(s.dispatch);	/* what is on the wire is lost */
	s.holds = false;
	start_service();
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	CHECK_STR(s.ids[1], s.ids[0]);
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT(state.may_be_double);
	CU_ASSERT_EQUAL(state.unknowns, 1);
	pal_arena_release(&arena);
	end();
}

TEST(order_holds_over_a_restart_though_the_first_is_due_later)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 503, "30"}};

	begin(script, 1);
	int64_t key = put_and_feed("c", 0, 1);
	settle();
	put("c", key, 3);
	pal_dispatch_destroy(s.dispatch);
	start_service();
	pass(29000);
	CU_ASSERT_EQUAL(s.sent, 1);
	pass(10000);
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	CHECK_STR(s.ids[1], "msg_c-1");
	CHECK_STR(s.ids[2], "msg_c-3");
	end();
}

TEST(a_courier_that_takes_nothing_costs_no_attempt)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(NULL, 0);
	s.refuses = true;
	put_and_feed("c", 0, 1);
	pass(20000);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_RETRYING);
	CU_ASSERT_EQUAL(state_of("c", 1, &arena, &r).quarters, 0);
	s.refuses = false;
	pass(3000);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	pal_arena_release(&arena);
	end();
}

/* A receipt overtakes the answer: the status stays where it is, and the attempt is still told of. */
TEST(a_receipt_that_comes_before_the_answer_is_kept)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(NULL, 0);
	s.holds = true;
	put_and_feed("c", 0, 1);
	settle();
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	state.status = PAL_DELIVERY_READ;
	write_state_over(&r, &state, 0);
	answer(s.held[0], &(struct meeting){PAL_TRANSPORT_ANSWERED, 200, NULL});
	settle();
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_READ);
	state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.intent_ms, 0);
	CU_ASSERT(memmem(state.log.p, state.log.n, "\"success\":true", 14) != NULL);
	pal_arena_release(&arena);
	end();
}

/* What the receiver calls conversation c's first reply leads to; "" for nothing. */
static const char *called(const char *platform_id)
{
	static char text[64];
	const struct pal_delivery_ref ref = {.tenant = s.tenant, .channel = PAL_STR("webhook"),
					     .platform_id = pal_str(platform_id)};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_str id = {NULL, 0};

	(void)!pal_delivery_ref_find(s.store, 0, &ref, &arena, &id, NULL);
	snprintf(text, sizeof(text), "%.*s", (int)id.n, id.n ? id.p : "");
	pal_arena_release(&arena);
	return text;
}

TEST(what_the_receiver_calls_a_message_leads_to_it)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 503, NULL}};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(script, 1);
	s.body = "{\"message_id\":\"theirs\"}";
	int64_t key = put_and_feed("c", 0, 1);
	settle();
	CHECK_STR(called("theirs"), "");	/* it was not taken */
	pass(3000);
	CU_ASSERT_EQUAL(s.sent, 2);
	CHECK_STR(called("theirs"), "c-1");
	s.body = "{}";
	put_and_feed("c", key, 3);
	settle();
	CU_ASSERT_EQUAL(s.sent, 3);
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	CU_ASSERT(pal_str_equal(state.platform_id, PAL_STR("\"theirs\"")));
	CU_ASSERT(!state_of("c", 3, &arena, &r).platform_id.p);
	s.tenant.n = 2;			/* another's receipts lead nowhere */
	CHECK_STR(called("theirs"), "");
	pal_arena_release(&arena);
	end();
}

/* A failed one is to leave again while later ones have left. */
TEST(a_delivery_that_is_reopened_leaves_again)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	fail_all(&(struct meeting){PAL_TRANSPORT_ANSWERED, 500, NULL});
	s.script_count = 1;
	s.attempts_max = 1;
	int64_t key = put_and_feed("c", 0, 1);
	put_and_feed("c", key, 3);
	pass(2000);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_FAILED);
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	pal_delivery_reopen(&state);
	write_state_over(&r, &state, pal_clock_wall_ms(&s.clock.clock));
	pal_dispatch_feed(s.dispatch, tenant, PAL_STR("c"), PAL_CHANNEL_WEBHOOK, 2);
	settle();
	CU_ASSERT_EQUAL(s.sent, 3);
	CHECK_STR(s.ids[2], "msg_c-1");
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	pal_arena_release(&arena);
	end();
}

/* --- Asked ------------------------------------------------------------------------------------ */

struct question {
	struct pal_dispatch_question base;	/* first */
	unsigned answers;
};

static void is_answered(struct pal_dispatch_question *base)
{
	((struct question *)base)->answers++;
}

static struct question question_of(enum pal_channel_type channel)
{
	return (struct question){
		.base = {.tenant = tenant, .channel = channel, .done = is_answered}};
}

TEST(who_asks_is_told_how_the_breaker_of_a_channel_is)
{
	static const struct meeting script[] = {
		{PAL_TRANSPORT_ANSWERED, 500, NULL}, {PAL_TRANSPORT_ANSWERED, 500, NULL},
		{PAL_TRANSPORT_ANSWERED, 500, NULL}, {PAL_TRANSPORT_ANSWERED, 500, NULL},
		{PAL_TRANSPORT_ANSWERED, 500, NULL}};
	struct question q = question_of(PAL_CHANNEL_WEBHOOK);
	struct question other = question_of(PAL_CHANNEL_SLACK);
	char name[16];

	begin(script, 5);
	for (int i = 0; i < 5; i++) {
		CU_ASSERT(pal_dispatch_ask(s.dispatch, &q.base));
		settle();
		CU_ASSERT_EQUAL(q.base.breaker, PAL_BREAKER_CLOSED);
		CU_ASSERT_EQUAL(q.base.wait_ms, 0);
		snprintf(name, sizeof(name), "c%d", i);
		(void)put(name, 0, 1);
		feed(name, 1);
		settle();
	}
	pal_clock_fake_advance_ms(&s.clock, 500);
	CU_ASSERT(pal_dispatch_ask(s.dispatch, &q.base));
	CU_ASSERT(pal_dispatch_ask(s.dispatch, &other.base));
	settle();
	CU_ASSERT_EQUAL(q.answers, 6);
	CU_ASSERT_EQUAL(q.base.breaker, PAL_BREAKER_OPEN);
	CU_ASSERT_EQUAL(q.base.wait_ms, 59500);
	CU_ASSERT_EQUAL(other.answers, 1);
	CU_ASSERT_EQUAL(other.base.breaker, PAL_BREAKER_CLOSED);
	end();
}

TEST(a_service_that_stops_answers_what_it_was_asked_and_takes_no_more)
{
	struct question early = question_of(PAL_CHANNEL_WEBHOOK), late = early;
	struct pal_error err;

	begin(NULL, 0);
	CU_ASSERT(pal_dispatch_ask(s.dispatch, &early.base));
	CU_ASSERT_EQUAL_FATAL(pal_dispatch_start(s.dispatch, &err), PAL_OK);
	pal_dispatch_stop(s.dispatch);
	CU_ASSERT_EQUAL(early.answers, 1);
	CU_ASSERT_FALSE(pal_dispatch_ask(s.dispatch, &late.base));
	CU_ASSERT_EQUAL(late.answers, 0);
	end();
}

/* Whatever happens, all arrive, in order, under one key each. */
static void all_arrive(uint32_t tracks_max)
{
	static const struct meeting kinds[] = {
		{PAL_TRANSPORT_ANSWERED, 200, NULL},	{PAL_TRANSPORT_ANSWERED, 200, NULL},
		{PAL_TRANSPORT_ANSWERED, 503, NULL},	{PAL_TRANSPORT_ANSWERED, 200, NULL},
		{PAL_TRANSPORT_ANSWERED, 429, "2"},	{PAL_TRANSPORT_TIMEOUT_AFTER, 0, NULL},
		{PAL_TRANSPORT_RESET_BEFORE, 0, NULL},	{PAL_TRANSPORT_ANSWERED, 200, NULL},
		{PAL_TRANSPORT_BAD_ANSWER, 0, NULL},	{PAL_TRANSPORT_ANSWERED, 302, NULL},
	};
	static struct meeting script[REQUESTS_MAX];
	unsigned seed = 42;
	int64_t keys[20] = {0};
	char name[16];

	for (size_t i = 0; i < REQUESTS_MAX; i++)
		script[i] = kinds[(size_t)rand_r(&seed) % (sizeof(kinds) / sizeof(kinds[0]))];
	begin(script, REQUESTS_MAX);
	s.attempts_max = 50;
	s.breaker_open_ms = 1000;
	s.tracks_max = tracks_max;
	pal_dispatch_destroy(s.dispatch);
	start_service();
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 20; i++) {
			snprintf(name, sizeof(name), "c%d", i);
			keys[i] = put(name, keys[i], 1 + 2 * round);
			if (i % 3)
				feed(name, 1 + 2 * round);
		}
		pass(700);
		pal_dispatch_destroy(s.dispatch);
		start_service();
	}
	pass(3000000);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		for (int round = 0; round < 10; round++)
			CU_ASSERT_EQUAL(status_of(name, 1 + 2 * round), PAL_DELIVERY_SENT);
	}
	end();
}

TEST(p5_everything_arrives_whatever_happens_and_however_often_it_is_restarted)
{
	all_arrive(0);
}

TEST(p5_everything_arrives_though_there_is_no_room_for_all)
{
	all_arrive(1);
}

SUITE(dispatch,
      CASE(b11_a_reply_leaves_through_the_outbox_and_is_sent),
      CASE(b8_a_recipient_that_the_channel_refuses_fails_at_once_and_is_never_sent_to),
      CASE(what_nobody_fed_is_found_when_the_outbox_is_looked_through),
      CASE(replies_of_a_conversation_leave_in_order_one_at_a_time),
      CASE(replies_leave_by_their_numbers_though_the_clock_stepped_back),
      CASE(numbers_decide_after_a_restart_too),
      CASE(what_is_fed_leaves_behind_what_was_not),
      CASE(conversations_leave_in_parallel_up_to_the_endpoints_share),
      CASE(b64_a_failed_attempt_is_repeated_later_by_the_schedule_and_never_earlier),
      CASE(a_retry_after_is_waited_for_and_holds_the_endpoint_up),
      CASE(a_delivery_whose_attempts_are_used_up_fails_and_lets_the_next_one_go),
      CASE(b63_a_failing_endpoint_is_left_alone_and_tried_with_one),
      CASE(a_receiver_that_is_gone_stops_the_channel_and_the_rest_fails),
      CASE(what_may_have_arrived_is_sent_again_under_its_key_and_told),
      CASE(an_intent_without_a_result_is_unknown_after_a_restart),
      CASE(order_holds_over_a_restart_though_the_first_is_due_later),
      CASE(a_courier_that_takes_nothing_costs_no_attempt),
      CASE(a_receipt_that_comes_before_the_answer_is_kept),
      CASE(what_the_receiver_calls_a_message_leads_to_it),
      CASE(a_delivery_that_is_reopened_leaves_again),
      CASE(who_asks_is_told_how_the_breaker_of_a_channel_is),
      CASE(a_service_that_stops_answers_what_it_was_asked_and_takes_no_more),
      CASE(p5_everything_arrives_whatever_happens_and_however_often_it_is_restarted),
      CASE(p5_everything_arrives_though_there_is_no_room_for_all))
