/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delivery service from the outbox to a scripted network: the clock is the test's, and so is
 * what each request meets.
 */
#include "service/delivery/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "service/delivery/delivery.h"
#include "service/delivery/outbox.h"
#include "store/store.h"
#include "suite.h"

#define START_MS 1790000000000ll
#define REQUESTS_MAX 4096u
#define SECRET "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

static const struct pal_tenant_key tenant = {1};

/* What a request meets, by its number among all, from 0; beyond the script it is answered 200. */
struct meeting {
	enum pal_transport transport;	/* ANSWERED */
	int status;
	const char *retry_after;
};

static struct stage {
	struct pal_store *store;
	struct pal_store_front *front;
	struct pal_clock_fake clock;
	struct pal_dispatch *dispatch;
	bool enabled, refuses, holds;
	unsigned attempts_max, stops;
	uint32_t breaker_open_ms;	/* 0: the default */
	const struct meeting *script;
	size_t script_count;
	/* what was sent */
	size_t sent;
	char ids[REQUESTS_MAX][48];
	int64_t at_ms[REQUESTS_MAX];
	struct pal_courier_request *held[REQUESTS_MAX];
	size_t held_count;
} s;

static bool get_account(void *arg, struct pal_tenant_key of, enum pal_channel_type channel,
			int64_t now_ms, struct pal_dispatch_account *ret)
{
	(void)arg, (void)of, (void)channel, (void)now_ms;
	*ret = (struct pal_dispatch_account){
		.enabled = s.enabled,
		.account = {.settings = {{PAL_STR("url"), PAL_STR("https://example.org/in")},
					 {PAL_STR("secret"), PAL_STR(SECRET)}},
			    .setting_count = 2},
		.attempts_max = s.attempts_max,
		.retry_first_ms = 1000,
		.timeout_ms = 30000};
	return true;
}

static void put_account(void *arg, struct pal_dispatch_account *account)
{
	(void)arg, (void)account;
}

static void note(void *arg, struct pal_tenant_key of, enum pal_channel_type channel,
		 enum pal_channel_outcome outcome, const char *code, int64_t took_ms)
{
	(void)arg, (void)of, (void)channel, (void)outcome, (void)code, (void)took_ms;
}

static void stop(void *arg, struct pal_tenant_key of, enum pal_channel_type channel, const char *why)
{
	(void)arg, (void)of, (void)channel, (void)why;
	s.stops++;
	s.enabled = false;
}

static struct pal_str tenant_id(void *arg, struct pal_tenant_key of)
{
	(void)arg, (void)of;
	return PAL_STR("acme");
}

static void answer(struct pal_courier_request *request, const struct meeting *m)
{
	struct pal_answer *a = &request->answer;

	*a = (struct pal_answer){.transport = m->transport, .status = m->status};
	a->all_written = a->any_written = m->transport == PAL_TRANSPORT_ANSWERED ||
					  m->transport == PAL_TRANSPORT_TIMEOUT_AFTER;
	snprintf(a->retry_after, sizeof(a->retry_after), "%s", m->retry_after ? m->retry_after : "");
	request->done(request);
}

static bool send_it(void *arg, struct pal_courier_request *request)
{
	static const struct meeting good = {PAL_TRANSPORT_ANSWERED, 200, NULL};
	size_t n = s.sent;

	(void)arg;
	if (s.refuses)
		return false;
	CU_ASSERT_FATAL(n < REQUESTS_MAX);
	for (size_t i = 0; i < request->outgoing.header_count; i++) {
		const struct pal_outgoing_header *h = &request->outgoing.headers[i];
		if (pal_str_equal(h->name, PAL_STR("webhook-id")))
			snprintf(s.ids[n], sizeof(s.ids[n]), "%.*s", (int)h->value.n, h->value.p);
	}
	s.at_ms[n] = pal_clock_wall_ms(&s.clock.clock);
	s.sent++;
	if (s.holds)
		s.held[s.held_count++] = request;
	else
		answer(request, n < s.script_count ? &s.script[n] : &good);
	return true;
}

static void start_service(void)
{
	struct pal_dispatch_options options = {
		.front = s.front,
		.clock = &s.clock.clock,
		.channels = {.get = get_account, .put = put_account, .note = note, .stop = stop,
			     .tenant_id = tenant_id},
		.send = send_it,
		.breaker = {PAL_BREAKER_DEFAULTS},
		.limits = {.max_in_flight = 64, .max_per_endpoint = 16, .backoff_max_ms = 300000},
		.seed = 7,
	};

	if (s.breaker_open_ms)
		options.breaker.open_ms = s.breaker_open_ms;
	s.dispatch = pal_dispatch_create(&options);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s.dispatch);
}

static void begin(const struct meeting *script, size_t count)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	const struct pal_store_front_options front = {.clock = &s.clock.clock};
	struct pal_error err;

	memset(&s, 0, sizeof(s));
	pal_log_configure(PAL_LOG_ERROR, PAL_LOG_JSON);
	pal_clock_fake_init(&s.clock, START_MS);
	s.enabled = true;
	s.attempts_max = 4;
	s.script = script;
	s.script_count = count;
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &s.store, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(s.store, &front, &s.front, &err), PAL_OK);
	start_service();
}

static void end(void)
{
	pal_dispatch_destroy(s.dispatch);
	pal_store_front_stop(s.front);
	pal_store_front_destroy(s.front);
	pal_store_destroy(s.store);
}

/* Do what there is to do now. */
static void settle(void)
{
	for (unsigned i = 0; i < 400; i++)
		(void)pal_dispatch_step(s.dispatch);
}

/* Let time pass in steps of 100 ms. */
static void pass(int64_t ms)
{
	for (; ms > 0; ms -= 100) {
		pal_clock_fake_advance_ms(&s.clock, 100);
		for (unsigned i = 0; i < 12; i++)
			(void)pal_dispatch_step(s.dispatch);
	}
	settle();
}

/* A stored exchange of `conversation` with its reply in the outbox; its message id is "m-N-c". */
static int64_t put(const char *conversation, int64_t key, int64_t sequence)
{
	struct pal_arena arena = pal_arena_of(0);
	char in[64], out[64];
	const struct pal_send_request request = {.user_id = PAL_STR("u")};
	struct pal_conversation c = {.key = key, .id = pal_str(conversation),
				     .user_id = PAL_STR("u"), .channel = PAL_CHANNEL_WEBHOOK};
	struct pal_exchange x = {
		.in = {.user_id = PAL_STR("u"), .sequence = sequence},
		.out = {.user_id = PAL_STR("bot"),
			.sequence = sequence + 1, .direction = PAL_OUTBOUND,
			.timestamp_ms = pal_clock_wall_ms(&s.clock.clock),
			.content = {.text = PAL_STR("hi"),
				    .raw = PAL_STR("{\"type\":\"text\",\"text\":\"hi\"}")}}};
	struct pal_record_write *write = NULL;
	struct pal_error err;

	snprintf(in, sizeof(in), "in-%s-%lld", conversation, (long long)sequence);
	snprintf(out, sizeof(out), "%s-%lld", conversation, (long long)sequence);
	x.in.message_id = pal_str(in);
	x.out.message_id = pal_str(out);
	CU_ASSERT_EQUAL(pal_outbox_add(tenant, &c, &request, &x, &arena, &write, &err), PAL_OK);
	struct pal_unit unit = {.tenant = tenant, .conversation = &c, .exchanges = &x, .count = 1,
				.records = &write, .record_count = 1};
	struct pal_unit *units = &unit;
	pal_store_commit(s.store, &units, 1);
	CU_ASSERT_EQUAL(unit.verdict, PAL_UNIT_STORED);
	pal_arena_release(&arena);
	return c.key;
}

/* A message that was not replied to. */
static void put_quiet(const char *conversation, int64_t key, int64_t sequence)
{
	char in[64];
	struct pal_conversation c = {.key = key, .id = pal_str(conversation)};
	struct pal_exchange x = {.in = {.user_id = PAL_STR("u"), .sequence = sequence}};
	struct pal_unit unit = {.tenant = tenant, .conversation = &c, .exchanges = &x, .count = 1};
	struct pal_unit *units = &unit;

	snprintf(in, sizeof(in), "in-%s-%lld", conversation, (long long)sequence);
	x.in.message_id = pal_str(in);
	pal_store_commit(s.store, &units, 1);
	CU_ASSERT_EQUAL(unit.verdict, PAL_UNIT_STORED);
}

static void feed(const char *conversation, int64_t sequence)
{
	pal_dispatch_feed(s.dispatch, tenant, pal_str(conversation), PAL_CHANNEL_WEBHOOK,
			  sequence + 1);
}

static int64_t put_and_feed(const char *conversation, int64_t key, int64_t sequence)
{
	key = put(conversation, key, sequence);
	feed(conversation, sequence);
	return key;
}

/* The record of a reply; its views live in `arena`. */
static struct pal_delivery_state state_of(const char *conversation, int64_t sequence,
					  struct pal_arena *arena, struct pal_record *ret)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(
		pal_store_load_record(s.store, 0, tenant, PAL_DELIVERY_KIND,
				      pal_delivery_id(pal_str(conversation), sequence + 1, id),
				      arena, ret, &err), PAL_OK);
	return pal_delivery_read(ret->body);
}

static enum pal_delivery_status status_of(const char *conversation, int64_t sequence)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	enum pal_delivery_status status = state_of(conversation, sequence, &arena, &r).status;

	CU_ASSERT_EQUAL(r.expires_ms == 0, status > PAL_DELIVERY_RETRYING);
	pal_arena_release(&arena);
	return status;
}

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
	struct pal_buf body = {0};

	begin(NULL, 0);
	s.holds = true;
	put_and_feed("c", 0, 1);
	settle();
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	state.status = PAL_DELIVERY_READ;
	pal_delivery_write(&body, &state);
	r.body = pal_buf_str(&body);
	r.expires_ms = 0;
	struct pal_record_write write = {.tenant = tenant, .record = r, .expected = r.version};
	struct pal_record_write *writes = &write;
	pal_store_write_records(s.store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
	answer(s.held[0], &(struct meeting){PAL_TRANSPORT_ANSWERED, 200, NULL});
	settle();
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_READ);
	state = state_of("c", 1, &arena, &r);
	CU_ASSERT_EQUAL(state.intent_ms, 0);
	CU_ASSERT(memmem(state.log.p, state.log.n, "\"success\":true", 14) != NULL);
	pal_buf_deinit(&body);
	pal_arena_release(&arena);
	end();
}

/* A failed one is to leave again while later ones have left. */
TEST(a_delivery_that_is_reopened_leaves_again)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	struct pal_buf body = {0};

	fail_all(&(struct meeting){PAL_TRANSPORT_ANSWERED, 500, NULL});
	s.script_count = 1;
	s.attempts_max = 1;
	int64_t key = put_and_feed("c", 0, 1);
	put_and_feed("c", key, 3);
	pass(2000);
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_FAILED);
	struct pal_delivery_state state = state_of("c", 1, &arena, &r);
	pal_delivery_reopen(&state);
	pal_delivery_write(&body, &state);
	r.body = pal_buf_str(&body);
	r.expires_ms = pal_clock_wall_ms(&s.clock.clock);
	struct pal_record_write write = {.tenant = tenant, .record = r, .expected = r.version};
	struct pal_record_write *writes = &write;
	pal_store_write_records(s.store, &writes, 1);
	pal_dispatch_feed(s.dispatch, tenant, PAL_STR("c"), PAL_CHANNEL_WEBHOOK, 2);
	settle();
	CU_ASSERT_EQUAL(s.sent, 3);
	CHECK_STR(s.ids[2], "msg_c-1");
	CU_ASSERT_EQUAL(status_of("c", 1), PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	pal_buf_deinit(&body);
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
TEST(p5_everything_arrives_whatever_happens_and_however_often_it_is_restarted)
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

SUITE(dispatch,
      CASE(b11_a_reply_leaves_through_the_outbox_and_is_sent),
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
      CASE(a_delivery_that_is_reopened_leaves_again),
      CASE(who_asks_is_told_how_the_breaker_of_a_channel_is),
      CASE(a_service_that_stops_answers_what_it_was_asked_and_takes_no_more),
      CASE(p5_everything_arrives_whatever_happens_and_however_often_it_is_restarted))
