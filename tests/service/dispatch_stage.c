/* SPDX-License-Identifier: Apache-2.0 */
#include "service/dispatch_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "service/delivery/outbox.h"
#include "suite.h"

#define START_MS 1790000000000ll
#define SECRET "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

struct dispatch_stage s;

static bool get_account(void *arg, struct pal_tenant_key of, enum pal_channel_type channel,
			int64_t now_ms, struct pal_dispatch_account *ret)
{
	(void)arg, (void)channel, (void)now_ms;
	*ret = (struct pal_dispatch_account){
		.enabled = s.enabled,
		.account = {.settings = {{PAL_STR("url"), PAL_STR("https://example.org/in")},
					 {PAL_STR("secret"), PAL_STR(SECRET)}},
			    .setting_count = 2},
		.attempts_max = s.attempts_max,
		.retry_first_ms = 1000,
		.timeout_ms = 30000,
		.text_units_max = s.text_units_max,
		.per_minute = of.n == DISPATCH_TENANT ? s.per_minute : 0,
		.per_day = of.n == DISPATCH_TENANT ? s.per_day : 0};
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

void answer(struct pal_courier_request *request, const struct meeting *m)
{
	struct pal_answer *a = &request->answer;

	*a = (struct pal_answer){.transport = m->transport, .status = m->status};
	a->all_written = a->any_written = m->transport == PAL_TRANSPORT_ANSWERED ||
					  m->transport == PAL_TRANSPORT_TIMEOUT_AFTER;
	snprintf(a->retry_after, sizeof(a->retry_after), "%s", m->retry_after ? m->retry_after : "");
	if (s.body)
		pal_buf_add_str(&a->body, pal_str(s.body));
	request->done(request);
}

/* The content in the body of a request, up to what stands behind it. */
static void note_content(struct pal_str body, char *out, size_t size)
{
	static const char key[] = "\"content\":", behind[] = ",\"reply_to\":";
	const char *from = memmem(body.p, body.n, key, sizeof(key) - 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(from);
	from += sizeof(key) - 1;
	const char *to = memmem(from, (size_t)(body.p + body.n - from), behind, sizeof(behind) - 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(to);
	snprintf(out, size, "%.*s", (int)(to - from), from);
}

static bool send_it(void *arg, struct pal_courier_request *request)
{
	static const struct meeting good = {PAL_TRANSPORT_ANSWERED, 200, NULL};
	static const struct meeting bad = {PAL_TRANSPORT_ANSWERED, 500, NULL};
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
	note_content(request->outgoing.body, s.contents[n], sizeof(s.contents[n]));
	if (n < BODIES_MAX)
		snprintf(s.bodies[n], sizeof(s.bodies[n]), "%.*s", (int)request->outgoing.body.n,
			 request->outgoing.body.p);
	s.at_ms[n] = pal_clock_wall_ms(&s.clock.clock);
	s.sent++;
	if (request->tenant.n == s.dead.n)
		answer(request, &bad);
	else if (s.holds)
		s.held[s.held_count++] = request;
	else
		answer(request, n < s.script_count ? &s.script[n] : &good);
	return true;
}

void start_service(void)
{
	struct pal_dispatch_options options = {
		.front = s.front,
		.clock = &s.clock.clock,
		.channels = {.get = get_account, .put = put_account, .note = note, .stop = stop,
			     .tenant_id = tenant_id},
		.send = send_it,
		.breaker = {PAL_BREAKER_DEFAULTS},
		.limits = {.max_in_flight = 64, .max_per_endpoint = 16, .backoff_max_ms = 300000},
		.tracks_max = s.tracks_max,
		.seed = 7,
	};

	if (s.breaker_open_ms)
		options.breaker.open_ms = s.breaker_open_ms;
	s.dispatch = pal_dispatch_create(&options);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s.dispatch);
}

void begin(const struct meeting *script, size_t count)
{
	const struct pal_store_front_options front = {.clock = &s.clock.clock};
	struct pal_error err;

	memset(&s, 0, sizeof(s));
	pal_log_configure(PAL_LOG_ERROR, PAL_LOG_JSON);
	pal_clock_fake_init(&s.clock, START_MS);
	s.enabled = true;
	s.attempts_max = 4;
	s.script = script;
	s.script_count = count;
	s.tenant.n = DISPATCH_TENANT;
	script_open(&s.below, false);
	s.store = &s.below.base;
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(s.store, &front, &s.front, &err), PAL_OK);
	start_service();
}

void end(void)
{
	pal_dispatch_destroy(s.dispatch);
	pal_store_front_stop(s.front);
	pal_store_front_destroy(s.front);
	script_close(&s.below);
}

void settle(void)
{
	for (unsigned i = 0; i < 400; i++)
		(void)pal_dispatch_step(s.dispatch);
}

void pass(int64_t ms)
{
	for (; ms > 0; ms -= 100) {
		pal_clock_fake_advance_ms(&s.clock, 100);
		for (unsigned i = 0; i < 12; i++)
			(void)pal_dispatch_step(s.dispatch);
	}
	settle();
}

int64_t put(const char *conversation, int64_t key, int64_t sequence)
{
	struct pal_arena arena = pal_arena_of(0);
	char in[64], out[64];
	const struct pal_send_request request = {.user_id = pal_str(s.user_id ? s.user_id : "u")};
	const char *content = s.content ? s.content : "{\"type\":\"text\",\"text\":\"hi\"}";
	struct pal_conversation c = {.key = key, .id = pal_str(conversation),
				     .user_id = PAL_STR("u"), .channel = PAL_CHANNEL_WEBHOOK};
	struct pal_exchange x = {
		.in = {.user_id = PAL_STR("u"), .sequence = sequence},
		.out = {.user_id = PAL_STR("bot"),
			.sequence = sequence + 1, .direction = PAL_OUTBOUND,
			.timestamp_ms = pal_clock_wall_ms(&s.clock.clock),
			.content = {.text = PAL_STR("hi"), .raw = pal_str(content)}}};
	struct pal_record_write *write = NULL;
	struct pal_error err;

	snprintf(in, sizeof(in), "in-%s-%lld", conversation, (long long)sequence);
	snprintf(out, sizeof(out), "%s-%lld", conversation, (long long)sequence);
	x.in.message_id = pal_str(in);
	x.out.message_id = pal_str(out);
	CU_ASSERT_EQUAL(pal_outbox_add(s.tenant, &c, &request, &x, &arena, &write, &err), PAL_OK);
	struct pal_unit unit = {.tenant = s.tenant, .conversation = &c, .exchanges = &x, .count = 1,
				.records = &write, .record_count = 1};
	struct pal_unit *units = &unit;
	pal_store_commit(s.store, &units, 1);
	CU_ASSERT_EQUAL(unit.verdict, PAL_UNIT_STORED);
	pal_arena_release(&arena);
	return c.key;
}

void put_quiet(const char *conversation, int64_t key, int64_t sequence)
{
	char in[64];
	struct pal_conversation c = {.key = key, .id = pal_str(conversation)};
	struct pal_exchange x = {.in = {.user_id = PAL_STR("u"), .sequence = sequence}};
	struct pal_unit unit = {.tenant = s.tenant, .conversation = &c, .exchanges = &x, .count = 1};
	struct pal_unit *units = &unit;

	snprintf(in, sizeof(in), "in-%s-%lld", conversation, (long long)sequence);
	x.in.message_id = pal_str(in);
	pal_store_commit(s.store, &units, 1);
	CU_ASSERT_EQUAL(unit.verdict, PAL_UNIT_STORED);
}

void feed(const char *conversation, int64_t sequence)
{
	pal_dispatch_feed(s.dispatch, s.tenant, pal_str(conversation), PAL_CHANNEL_WEBHOOK,
			  sequence + 1);
}

void feed_reply(const char *conversation, int64_t sequence, const char *raw)
{
	char in[64], out[64];
	struct pal_conversation c = {.id = pal_str(conversation), .channel = PAL_CHANNEL_WEBHOOK};
	struct pal_exchange x = {
		.in = {.sequence = sequence},
		.out = {.user_id = PAL_STR("bot"),
			.sequence = sequence + 1,
			.direction = PAL_OUTBOUND,
			.timestamp_ms = pal_clock_wall_ms(&s.clock.clock),
			.content = {.text = PAL_STR("kept"), .raw = pal_str(raw)}},
		.delivery = {.status = PAL_DELIVERY_PENDING, .recipient = PAL_STR("u")}};

	snprintf(in, sizeof(in), "in-%s-%lld", conversation, (long long)sequence);
	snprintf(out, sizeof(out), "%s-%lld", conversation, (long long)sequence);
	x.in.message_id = pal_str(in);
	x.out.message_id = pal_str(out);
	pal_dispatch_feed_reply(s.dispatch, s.tenant, &c, &x);
}

int64_t put_and_feed(const char *conversation, int64_t key, int64_t sequence)
{
	key = put(conversation, key, sequence);
	feed(conversation, sequence);
	return key;
}

struct pal_delivery_state state_of(const char *conversation, int64_t sequence,
					  struct pal_arena *arena, struct pal_record *ret)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(
		pal_store_load_record(s.store, 0, s.tenant, PAL_DELIVERY_KIND,
				      pal_delivery_id(pal_str(conversation), sequence + 1, id),
				      arena, ret, &err), PAL_OK);
	return pal_delivery_read(ret->body);
}

enum pal_delivery_status status_of(const char *conversation, int64_t sequence)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;
	enum pal_delivery_status status = state_of(conversation, sequence, &arena, &r).status;

	CU_ASSERT_EQUAL(r.expires_ms == 0, status > PAL_DELIVERY_RETRYING);
	pal_arena_release(&arena);
	return status;
}

void write_over(const struct pal_record *record, bool remove)
{
	struct pal_record_write write = {.tenant = {DISPATCH_TENANT},
					 .record = *record,
					 .expected = record->version,
					 .remove = remove};
	struct pal_record_write *writes = &write;

	pal_store_write_records(s.store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
}

void write_state_over(const struct pal_record *record, const struct pal_delivery_state *state,
		      int64_t due_ms)
{
	struct pal_buf body = pal_buf_of(4096);
	struct pal_record r = *record;

	pal_delivery_write(&body, state);
	CU_ASSERT_FALSE(body.failed);
	r.body = pal_buf_str(&body);
	r.expires_ms = due_ms;
	write_over(&r, false);
	pal_buf_deinit(&body);
}
