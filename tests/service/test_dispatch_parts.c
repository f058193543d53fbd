/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that leave in several requests: in order, each under its key, through whatever happens. */
#include <stdio.h>
#include <string.h>

#include "service/conversation/stored_message.h"
#include "service/dispatch_stage.h"
#include "suite.h"

static const struct meeting good = {PAL_TRANSPORT_ANSWERED, 200, NULL};

#define T(text) "{\"type\":\"text\",\"text\":\"" text "\"}"

static void begin_in_three(const struct meeting *script, size_t count)
{
	begin(script, count);
	s.text_units_max = 3;
	s.content = T("one two six");
}

/* Request number `n` was part `part` of the reply "c-1". */
static void check_part(size_t n, int part)
{
	static const char *const contents[] = {T("one"), T("two"), T("six")};
	char id[32];

	snprintf(id, sizeof(id), "msg_c-1_%d", part);
	CHECK_STR(s.ids[n], id);
	CHECK_STR(s.contents[n], contents[part - 1]);
}

static struct pal_delivery_state state_now(struct pal_arena *arena)
{
	struct pal_record r;

	return state_of("c", 1, arena, &r);
}

TEST(a_long_reply_leaves_in_parts_one_after_the_other_and_is_sent_with_the_last)
{
	struct pal_arena arena = pal_arena_of(0);

	begin_in_three(NULL, 0);
	s.holds = true;
	int64_t key = put_and_feed("c", 0, 1);
	s.content = NULL;
	put_and_feed("c", key, 3);
	for (int part = 1; part <= 3; part++) {
		settle();
		CU_ASSERT_EQUAL_FATAL(s.sent, (size_t)part);
		check_part((size_t)part - 1, part);
		struct pal_delivery_state state = state_now(&arena);
		CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_PENDING);
		CU_ASSERT_EQUAL(state.parts, 3);
		CU_ASSERT_EQUAL(state.parts_done, part - 1);
		answer(s.held[part - 1], &good);
	}
	settle();
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);	/* and only then the next reply, whole */
	CHECK_STR(s.ids[3], "msg_c-3");
	CHECK_STR(s.contents[3], T("hi"));
	struct pal_delivery_state state = state_now(&arena);
	CU_ASSERT_EQUAL(state.attempts, 3);
	CU_ASSERT(memmem(state.log.p, state.log.n, "\"part\":3", 8) != NULL);
	pal_arena_release(&arena);
	end();
}

TEST(a_part_that_fails_is_tried_again_and_those_before_it_are_not)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 200, NULL},
						{PAL_TRANSPORT_ANSWERED, 503, NULL},
						{PAL_TRANSPORT_TIMEOUT_AFTER, 0, NULL},
						{PAL_TRANSPORT_ANSWERED, 200, NULL}};
	static const int parts[] = {1, 2, 2, 2, 3};

	begin_in_three(script, 4);
	put_and_feed("c", 0, 1);
	pass(20000);
	CU_ASSERT_EQUAL_FATAL(s.sent, 5);
	for (size_t i = 0; i < 5; i++)
		check_part(i, parts[i]);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	end();
}

TEST(each_part_has_all_the_attempts)
{
	static const struct meeting script[] = {
		{PAL_TRANSPORT_ANSWERED, 503, NULL}, {PAL_TRANSPORT_ANSWERED, 200, NULL},
		{PAL_TRANSPORT_ANSWERED, 503, NULL}, {PAL_TRANSPORT_ANSWERED, 200, NULL},
		{PAL_TRANSPORT_ANSWERED, 503, NULL}};

	begin_in_three(script, 5);
	s.attempts_max = 2;
	put_and_feed("c", 0, 1);
	pass(30000);
	CU_ASSERT_EQUAL(s.sent, 6);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	end();
}

TEST(after_a_crash_it_goes_on_with_the_part_that_was_under_way)
{
	struct pal_arena arena = pal_arena_of(0);

	begin_in_three(NULL, 0);
	s.holds = true;
	put_and_feed("c", 0, 1);
	settle();
	answer(s.held[0], &good);
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	pal_dispatch_destroy(s.dispatch);	/* what is on the wire is lost */
	s.holds = false;
	s.text_units_max = 100;			/* set otherwise meanwhile: its parts stay */
	start_service();
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);
	check_part(2, 2);
	check_part(3, 3);
	struct pal_delivery_state state = state_now(&arena);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT(state.may_be_double);
	CU_ASSERT_EQUAL(state.attempts, 4);
	pal_arena_release(&arena);
	end();
}

/* Have the record of the reply reopened, as a retry does. */
static void reopen(void)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);

	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_FAILED);
	pal_delivery_reopen(&state);
	write_state_over(&r, &state, pal_clock_wall_ms(&s.clock.clock));
	feed("c", 1);
	pal_arena_release(&arena);
	settle();
}

TEST(a_failed_one_goes_on_behind_what_arrived_when_it_is_retried)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 200, NULL},
						{PAL_TRANSPORT_ANSWERED, 500, NULL}};
	struct pal_arena arena = pal_arena_of(0);

	begin_in_three(script, 2);
	s.attempts_max = 1;
	put_and_feed("c", 0, 1);
	settle();
	struct pal_delivery_state state = state_now(&arena);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_FAILED);
	CU_ASSERT_EQUAL(state.parts_done, 1);
	reopen();
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);
	check_part(2, 2);
	check_part(3, 3);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	pal_arena_release(&arena);
	end();
}

TEST(one_of_which_nothing_arrived_is_cut_anew_when_it_is_retried)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 413, NULL}};

	begin_in_three(script, 1);
	s.attempts_max = 1;
	put_and_feed("c", 0, 1);
	settle();
	s.text_units_max = 7;
	reopen();
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	CHECK_STR(s.contents[1], T("one two"));
	CHECK_STR(s.contents[2], T("six"));
	end();
}

static bool was_told;

static void told(struct pal_stored_call *call)
{
	was_told = true;
	pal_buf_deinit(&call->data);
}

/* A receipt for the reply, whichever part it was about. */
static void tell(enum pal_delivery_status status)
{
	static const struct pal_caller us = {.tenant = {DISPATCH_TENANT}, .key_id = {"k", 1},
					     .permissions = {"*", 1}};
	struct pal_stored_call call = {
		.verb = PAL_STORED_RECEIPT, .caller = &us, .id = PAL_STR("c-1"),
		.now_ms = pal_clock_wall_ms(&s.clock.clock), .channel = PAL_CHANNEL_WEBHOOK,
		.of = {.status = {.status = status, .timestamp_ms = 1790000000000}}, .done = told};

	was_told = false;
	pal_stored_message_do(s.front, &call);
	CU_ASSERT(was_told);
	CU_ASSERT_EQUAL(call.code, PAL_OK);
}

TEST(a_receipt_for_a_part_is_kept_until_all_have_left)
{
	struct pal_arena arena = pal_arena_of(0);

	begin_in_three(NULL, 0);
	s.holds = true;
	put_and_feed("c", 0, 1);
	settle();
	tell(PAL_DELIVERY_READ);	/* before the answer, while the result is still to be written */
	answer(s.held[0], &good);
	settle();
	tell(PAL_DELIVERY_DELIVERED);
	CU_ASSERT_EQUAL(state_now(&arena).status, PAL_DELIVERY_PENDING);
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	answer(s.held[1], &good);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	check_part(2, 3);
	answer(s.held[2], &good);
	settle();
	struct pal_delivery_state state = state_now(&arena);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_READ);
	CU_ASSERT_EQUAL(state.heard, PAL_DELIVERY_PENDING);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	pal_arena_release(&arena);
	end();
}

TEST(a_receipt_that_says_a_part_failed_ends_it_and_all_parts_leave_when_it_is_retried)
{
	struct pal_arena arena = pal_arena_of(0);

	begin_in_three(NULL, 0);
	s.holds = true;
	put_and_feed("c", 0, 1);
	settle();
	answer(s.held[0], &good);
	settle();
	tell(PAL_DELIVERY_FAILED);
	answer(s.held[1], &good);
	settle();
	CU_ASSERT_EQUAL(s.sent, 2);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_FAILED);
	s.holds = false;
	s.text_units_max = 100;
	reopen();
	CU_ASSERT_EQUAL_FATAL(s.sent, 5);
	for (int part = 1; part <= 3; part++)
		check_part((size_t)part + 1, part);
	struct pal_delivery_state state = state_now(&arena);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT(state.may_be_double);
	pal_arena_release(&arena);
	end();
}

/* What older versions wrote is read as one that leaves whole. */
TEST(a_record_without_parts_is_whole)
{
	struct pal_delivery_state state = pal_delivery_read(
		PAL_STR("{\"status\":\"retrying\",\"attempts\":1,\"message_id\":\"m\","
			"\"channel\":\"webhook\",\"recipient\":\"u\"}"));
	struct pal_buf out = {0};

	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_RETRYING);
	CU_ASSERT_EQUAL(state.parts, 0);
	CU_ASSERT_FALSE(pal_delivery_is_partial(&state));
	state.parts = 3;
	state.parts_done = 1;
	state.part_units = 20;
	state.heard = PAL_DELIVERY_DELIVERED;
	pal_delivery_write(&out, &state);
	struct pal_delivery_state again = pal_delivery_read(pal_buf_str(&out));
	CU_ASSERT_EQUAL(again.parts, 3);
	CU_ASSERT_EQUAL(again.parts_done, 1);
	CU_ASSERT_EQUAL(again.part_units, 20);
	CU_ASSERT_EQUAL(again.heard, PAL_DELIVERY_DELIVERED);
	pal_buf_deinit(&out);
}

SUITE(dispatch_parts,
      CASE(a_long_reply_leaves_in_parts_one_after_the_other_and_is_sent_with_the_last),
      CASE(a_part_that_fails_is_tried_again_and_those_before_it_are_not),
      CASE(each_part_has_all_the_attempts),
      CASE(after_a_crash_it_goes_on_with_the_part_that_was_under_way),
      CASE(a_failed_one_goes_on_behind_what_arrived_when_it_is_retried),
      CASE(one_of_which_nothing_arrived_is_cut_anew_when_it_is_retried),
      CASE(a_receipt_for_a_part_is_kept_until_all_have_left),
      CASE(a_receipt_that_says_a_part_failed_ends_it_and_all_parts_leave_when_it_is_retried),
      CASE(a_record_without_parts_is_whole))
