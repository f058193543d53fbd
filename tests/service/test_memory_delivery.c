/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries with each allocation of ours made to fail in turn: none is lost, and none is told wrong. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "scarce.h"
#include "service/delivery/deliveries.h"
#include "service/delivery/dispatch.h"
#include "service/delivery/outbox.h"
#include "store/store.h"
#include "suite.h"

#define START_MS 1790000000000ll
#define SECRET "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define MINUTE_MS 60000

static const struct pal_tenant_key tenant = {1};

/* A delivery service whose receiver answers `status`. */
static struct {
	struct pal_store *store;
	struct pal_store_front *front;
	struct pal_clock_fake clock;
	struct pal_dispatch *dispatch;
	int status;
	unsigned sent;
} s;

static bool get_account(void *arg, struct pal_tenant_key of, enum pal_channel_type channel,
			int64_t now_ms, struct pal_dispatch_account *ret)
{
	(void)arg, (void)of, (void)channel, (void)now_ms;
	*ret = (struct pal_dispatch_account){
		.enabled = true,
		.account = {.settings = {{PAL_STR("url"), PAL_STR("https://example.org/in")},
					 {PAL_STR("secret"), PAL_STR(SECRET)}},
			    .setting_count = 2},
		.attempts_max = 4,
		.retry_first_ms = 1000,
		.timeout_ms = 30000,
		.per_minute = 1000,
		.per_day = 1000};
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
}

static struct pal_str tenant_id(void *arg, struct pal_tenant_key of)
{
	(void)arg, (void)of;
	return PAL_STR("acme");
}

static bool send_it(void *arg, struct pal_courier_request *request)
{
	(void)arg;
	s.sent++;
	request->answer = (struct pal_answer){.transport = PAL_TRANSPORT_ANSWERED,
					      .status = s.status,
					      .any_written = true,
					      .all_written = true};
	request->done(request);
	return true;
}

static struct pal_dispatch_options dispatch_options(void)
{
	return (struct pal_dispatch_options){
		.front = s.front,
		.clock = &s.clock.clock,
		.channels = {.get = get_account, .put = put_account, .note = note, .stop = stop,
			     .tenant_id = tenant_id},
		.send = send_it,
		.breaker = {PAL_BREAKER_DEFAULTS},
		.limits = {.max_in_flight = 64, .max_per_endpoint = 16, .backoff_max_ms = 300000},
		.seed = 7};
}

static void begin(int status)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	struct pal_error err;

	memset(&s, 0, sizeof(s));
	pal_log_configure(PAL_LOG_CRITICAL, PAL_LOG_JSON);
	pal_clock_fake_init(&s.clock, START_MS);
	s.status = status;
	const struct pal_store_front_options front = {.clock = &s.clock.clock};
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &s.store, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(s.store, &front, &s.front, &err), PAL_OK);
	const struct pal_dispatch_options options = dispatch_options();
	s.dispatch = pal_dispatch_create(&options);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s.dispatch);
}

static void end(void)
{
	pal_dispatch_destroy(s.dispatch);
	pal_store_front_stop(s.front);
	pal_store_front_destroy(s.front);
	pal_store_destroy(s.store);
	pal_log_configure(PAL_LOG_ERROR, PAL_LOG_JSON);
}

static void settle(void)
{
	for (unsigned i = 0; i < 100; i++)
		(void)pal_dispatch_step(s.dispatch);
}

static void pass(int64_t ms)
{
	for (; ms > 0; ms -= 500) {
		pal_clock_fake_advance_ms(&s.clock, 500);
		settle();
	}
}

/* --- The outbox ------------------------------------------------------------------------------- */

static enum pal_code add(struct pal_conversation *c, struct pal_exchange *x,
			 struct pal_arena *arena, struct pal_record_write **ret)
{
	const struct pal_send_request request = {
		.user_id = PAL_STR("u"),
		.channel_metadata = PAL_STR("{\"platform_user_id\":\"the \\u0061ddress\"}")};
	struct pal_error err;

	return pal_outbox_add(tenant, c, &request, x, arena, ret, &err);
}

/* The first exchange of a conversation with its reply in the outbox; feed it. */
static void put(const char *conversation)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation c = {.id = pal_str(conversation),
				     .user_id = PAL_STR("u"),
				     .channel = PAL_CHANNEL_WEBHOOK};
	struct pal_exchange x = {
		.in = {.message_id = PAL_STR("in"), .user_id = PAL_STR("u"), .sequence = 1},
		.out = {.message_id = PAL_STR("out"),
			.user_id = PAL_STR("bot"),
			.sequence = 2,
			.direction = PAL_OUTBOUND,
			.timestamp_ms = START_MS,
			.content = {.text = PAL_STR("hi"),
				    .raw = PAL_STR("{\"type\":\"text\",\"text\":\"hi\"}")}}};
	struct pal_record_write *write = NULL;

	CU_ASSERT_EQUAL_FATAL(add(&c, &x, &arena, &write), PAL_OK);
	struct pal_unit unit = {.tenant = tenant, .conversation = &c, .exchanges = &x, .count = 1,
				.records = &write, .record_count = 1};
	struct pal_unit *units = &unit;
	pal_store_commit(s.store, &units, 1);
	CU_ASSERT_EQUAL(unit.verdict, PAL_UNIT_STORED);
	pal_arena_release(&arena);
}

TEST(an_outbox_without_memory_takes_nothing)
{
	static char long_id[600];
	const struct pal_str ids[] = {PAL_STR("c"), {long_id, 550}};
	bool is_hit = true;

	memset(long_id, 'x', sizeof(long_id));
	for (size_t i = 0; i < 2; i++) {
		char want[PAL_DELIVERY_ID_SIZE];
		struct pal_str id = pal_delivery_id(ids[i], 2, want);
		long n = 0;
		for (is_hit = true; is_hit && n < SCARCE_MAX; n++) {
			struct pal_arena arena = pal_arena_of(0);
			struct pal_conversation c = {.id = ids[i], .channel = PAL_CHANNEL_WEBHOOK};
			struct pal_exchange x = {.out = {.message_id = PAL_STR("m"), .sequence = 2}};
			struct pal_record_write *write = NULL;
			scarce_begin(n);
			enum pal_code code = add(&c, &x, &arena, &write);
			is_hit = scarce_end() < 0;
			CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
			CU_ASSERT_EQUAL(write != NULL, code == PAL_OK);
			if (write)
				CU_ASSERT(pal_str_equal(write->record.id, id));
			pal_arena_release(&arena);
		}
		CU_ASSERT(n > 1 && n < SCARCE_MAX);
	}
}

/* --- The service ------------------------------------------------------------------------------ */

static struct pal_delivery_state state_of(const char *conversation, struct pal_arena *arena)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_record record;

	CU_ASSERT_EQUAL_FATAL(pal_store_load_record(s.store, 0, tenant, PAL_DELIVERY_KIND,
						    pal_delivery_id(pal_str(conversation), 2, id),
						    arena, &record, NULL), PAL_OK);
	CU_ASSERT_EQUAL(record.expires_ms, 0);
	return pal_delivery_read(record.body);
}

/* It leaves in the end, whatever there was no memory for, and the record says how it was. */
static bool live_delivery(long n, int status)
{
	struct pal_arena arena = pal_arena_of(0);

	begin(status);
	put("c");
	scarce_begin(n);
	pal_dispatch_feed(s.dispatch, tenant, PAL_STR("c"), PAL_CHANNEL_WEBHOOK, 2);
	settle();
	bool is_hit = scarce_end() < 0;
	s.status = 200;
	pass(3 * MINUTE_MS);
	struct pal_delivery_state state = state_of("c", &arena);
	CU_ASSERT_EQUAL(state.status, PAL_DELIVERY_SENT);
	CU_ASSERT(s.sent >= 1 && state.attempts >= (int64_t)s.sent);
	CU_ASSERT(is_hit || s.sent == (status == 200 ? 1 : 2));
	CU_ASSERT(pal_str_equal(state.message_id, PAL_STR("out")));
	CU_ASSERT(pal_str_equal(state.recipient, PAL_STR("\"the address\"")));
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	pal_arena_release(&arena);
	end();
	return is_hit;
}

TEST(a_delivery_without_memory_leaves_later)
{
	static const int statuses[] = {200, 503};

	for (size_t i = 0; i < 2; i++) {
		long n = 0;
		while (live_delivery(n, statuses[i]) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n > 10 && n < SCARCE_MAX);
	}
}

TEST(a_service_without_memory_is_not_made)
{
	bool is_hit = true;
	long n = 0;

	begin(200);
	const struct pal_dispatch_options options = dispatch_options();
	for (; is_hit && n < SCARCE_MAX; n++) {
		scarce_begin(n);
		struct pal_dispatch *dispatch = pal_dispatch_create(&options);
		is_hit = scarce_end() < 0;
		CU_ASSERT_EQUAL(dispatch == NULL, is_hit);
		pal_dispatch_destroy(dispatch);
	}
	CU_ASSERT(n > 2);
	end();
}

/* --- What is asked ---------------------------------------------------------------------------- */

static unsigned answers;

static void done(struct pal_deliveries_call *call)
{
	(void)call;
	answers++;
}

static struct pal_caller staff;

static struct pal_deliveries_call asked(enum pal_deliveries_verb verb)
{
	staff = (struct pal_caller){
		.tenant = tenant, .key_id = PAL_STR("k"), .permissions = PAL_STR("*")};
	return (struct pal_deliveries_call){.verb = verb,
					    .caller = &staff,
					    .id = PAL_STR("out"),
					    .filter = {.status = -1, .channel = -1},
					    .limit = 10,
					    .from_ms = START_MS - 1,
					    .to_ms = INT64_MAX,
					    .now_ms = START_MS,
					    .done = done};
}

/* Whole as without failing, or a failure. */
static bool ask(long n, struct pal_deliveries_call call, struct pal_buf *whole)
{
	answers = 0;
	scarce_begin(n);
	pal_deliveries_do(s.front, NULL, &call);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT_EQUAL(answers, 1);
	CU_ASSERT(call.code == PAL_OK || (is_hit && call.code == PAL_E_SERVICE));
	if (call.code == PAL_OK && whole->len)
		CU_ASSERT(pal_str_equal(pal_buf_str(&call.data), pal_buf_str(whole)));
	if (!is_hit) {
		pal_buf_clear(whole);
		pal_buf_add_str(whole, pal_buf_str(&call.data));
	}
	pal_buf_deinit(&call.data);
	return is_hit;
}

static void wear_out(struct pal_deliveries_call call)
{
	struct pal_buf whole = pal_buf_of(0);
	long n = 0;

	CU_ASSERT_FALSE(ask(SCARCE_MAX, call, &whole));	/* enough: nothing fails */
	while (ask(n, call, &whole) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 1 && n < SCARCE_MAX);
	pal_buf_deinit(&whole);
}

TEST(what_is_asked_of_deliveries_is_answered_whole_or_fails)
{
	const struct pal_str ids[] = {PAL_STR("out"), PAL_STR("other")};

	begin(410);
	put("c");
	settle();
	wear_out(asked(PAL_DELIVERIES_GET));
	wear_out(asked(PAL_DELIVERIES_LIST));
	wear_out(asked(PAL_DELIVERIES_METRICS));
	struct pal_deliveries_call retry = asked(PAL_DELIVERIES_RETRY);
	retry.dry_run = true;
	wear_out(retry);
	retry.ids = ids;
	retry.id_count = 2;
	wear_out(retry);
	end();
}

/* A retry that was refused leaves it failed; one that was not has it leave again. */
static bool live_retry(long n)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_deliveries_call call = asked(PAL_DELIVERIES_RETRY);

	begin(410);
	put("c");
	settle();
	s.status = 200;
	scarce_begin(n);
	pal_deliveries_do(s.front, s.dispatch, &call);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT(call.code == PAL_OK || (is_hit && call.code == PAL_E_SERVICE));
	pal_buf_deinit(&call.data);
	pass(MINUTE_MS + 1000);
	struct pal_delivery_state state = state_of("c", &arena);
	CU_ASSERT_EQUAL(state.status, s.sent == 2 ? PAL_DELIVERY_SENT : PAL_DELIVERY_FAILED);
	CU_ASSERT(s.sent == 2 || call.code != PAL_OK);
	pal_arena_release(&arena);
	end();
	return is_hit;
}

TEST(a_retry_without_memory_is_refused_or_made)
{
	long n = 0;

	while (live_retry(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 3 && n < SCARCE_MAX);
}

SUITE(memory_delivery, CASE(an_outbox_without_memory_takes_nothing),
      CASE(a_delivery_without_memory_leaves_later), CASE(a_service_without_memory_is_not_made),
      CASE(what_is_asked_of_deliveries_is_answered_whole_or_fails),
      CASE(a_retry_without_memory_is_refused_or_made))
