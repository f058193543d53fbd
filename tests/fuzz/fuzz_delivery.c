/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a delivery's record as it is read back, damaged in every way: it is written as it was
 * read; the delivery service takes it for what can be made of it and comes to rest, with the record
 * behind it sent; and it can be asked for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "service/delivery/deliveries.h"
#include "service/delivery/dispatch.h"
#include "store/store.h"

#define NOW_MS 1790000000000ll
#define STEPS 64
#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct pal_tenant_key tenant = {1};
static struct pal_clock_fake clock_;
static struct pal_json json;
static unsigned sent, answers;

static void require(bool what)
{
	if (!what)
		abort();
}

static void check_written(struct pal_str body)
{
	struct pal_delivery_state state = pal_delivery_read(body);
	struct pal_buf once = {0}, twice = {0};
	struct pal_json_fault fault;

	pal_delivery_write(&once, &state);
	require(pal_json_scan(&json, pal_buf_str(&once), &fault));
	state = pal_delivery_read(pal_buf_str(&once));
	pal_delivery_write(&twice, &state);
	require(pal_str_equal(pal_buf_str(&once), pal_buf_str(&twice)));
	pal_buf_deinit(&once);
	pal_buf_deinit(&twice);
}

/* --- A service that has it in its outbox ------------------------------------------------------ */

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
}

static struct pal_str tenant_id(void *arg, struct pal_tenant_key of)
{
	(void)arg, (void)of;
	return PAL_STR("acme");
}

static bool send_it(void *arg, struct pal_courier_request *request)
{
	(void)arg;
	sent++;
	request->answer = (struct pal_answer){.transport = PAL_TRANSPORT_ANSWERED,
					      .status = 200,
					      .any_written = true,
					      .all_written = true};
	request->done(request);
	return true;
}

static void put(struct pal_store *store, int64_t sequence, struct pal_str body)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_record_write write = {
		.tenant = tenant,
		.record = {.kind = PAL_DELIVERY_KIND,
			   .id = pal_delivery_id(PAL_STR("c"), sequence, id),
			   .owner = PAL_STR("c"),
			   .body = body,
			   .created_ms = NOW_MS + sequence,
			   .updated_ms = NOW_MS,
			   .expires_ms = NOW_MS}};
	struct pal_record_write *writes = &write;

	pal_store_write_records(store, &writes, 1);
	require(write.verdict == PAL_RECORD_STORED);
}

/* An exchange whose reply has to leave behind the damaged one. */
static void fill(struct pal_store *store, struct pal_str body)
{
	struct pal_conversation c = {.id = PAL_STR("c"), .user_id = PAL_STR("u"),
				     .channel = PAL_CHANNEL_WEBHOOK};
	const struct pal_exchange x = {
		.in = {.message_id = PAL_STR("in"), .user_id = PAL_STR("u"), .sequence = 1,
		       .content = {.raw = PAL_STR("{\"type\":\"text\",\"text\":\"a\"}")}},
		.out = {.message_id = PAL_STR("out"), .user_id = PAL_STR("bot"), .sequence = 2,
			.direction = PAL_OUTBOUND,
			.content = {.raw = PAL_STR("{\"type\":\"text\",\"text\":\"b\"}")}},
		.delivery = {.recipient = PAL_STR("u")}};
	struct pal_unit unit = {.tenant = tenant, .conversation = &c, .exchanges = &x, .count = 1};
	struct pal_unit *units = &unit;

	pal_store_commit(store, &units, 1);
	require(unit.verdict == PAL_UNIT_STORED);
	put(store, 1, body);
	put(store, 2, PAL_STR("{\"status\":\"pending\",\"attempts\":0,\"message_id\":\"out\","
			      "\"channel\":\"webhook\",\"recipient\":\"u\"}"));
}

static void deliver(struct pal_store_front *front)
{
	const struct pal_dispatch_options options = {
		.front = front,
		.clock = &clock_.clock,
		.channels = {.get = get_account, .put = put_account, .note = note, .stop = stop,
			     .tenant_id = tenant_id},
		.send = send_it,
		.breaker = {PAL_BREAKER_DEFAULTS},
		.limits = {.max_in_flight = 4, .max_per_endpoint = 4, .backoff_max_ms = 1000},
	};
	struct pal_dispatch *dispatch = pal_dispatch_create(&options);

	require(dispatch != NULL);
	for (int64_t sequence = 1; sequence <= 2; sequence++)
		pal_dispatch_feed(dispatch, tenant, PAL_STR("c"), PAL_CHANNEL_WEBHOOK, sequence);
	for (int i = 0; i < STEPS; i++) {
		pal_clock_fake_advance_ms(&clock_, 2000);
		(void)pal_dispatch_step(dispatch);
	}
	require(sent >= 1 && sent <= 8);	/* the one behind it left; nothing goes round */
	require(pal_dispatch_counts(dispatch).in_flight == 0);
	pal_dispatch_destroy(dispatch);
}

static void done(struct pal_deliveries_call *call)
{
	(void)call;
	answers++;
}

static void ask(struct pal_store_front *front)
{
	const struct pal_caller staff = {
		.tenant = tenant, .key_id = PAL_STR("k"), .permissions = PAL_STR("*")};

	for (int verb = PAL_DELIVERIES_GET; verb <= PAL_DELIVERIES_METRICS; verb++) {
		struct pal_deliveries_call call = {.verb = (enum pal_deliveries_verb)verb,
						   .caller = &staff,
						   .id = PAL_STR("out"),
						   .filter = {.status = -1, .channel = -1},
						   .limit = 10,
						   .from_ms = 0,
						   .to_ms = INT64_MAX,
						   .now_ms = NOW_MS,
						   .done = done};
		struct pal_json_fault fault;
		answers = 0;
		pal_deliveries_do(front, NULL, &call);
		require(answers == 1);
		require(call.code != PAL_OK ||
			pal_json_scan(&json, pal_buf_str(&call.data), &fault));
		pal_buf_deinit(&call.data);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	const struct pal_store_front_options options = {.clock = &clock_.clock};
	struct pal_str body = {(const char *)data, size};
	struct pal_store *store = NULL;
	struct pal_store_front *front = NULL;
	struct pal_error err;

	pal_log_configure(PAL_LOG_CRITICAL, PAL_LOG_JSON);
	pal_clock_fake_init(&clock_, NOW_MS);
	sent = 0;
	check_written(body);
	require(pal_store_open(&config, &store, &err) == PAL_OK);
	require(pal_store_front_create(store, &options, &front, &err) == PAL_OK);
	fill(store, body);
	ask(front);
	deliver(front);
	ask(front);
	pal_store_front_stop(front);
	pal_store_front_destroy(front);
	pal_store_destroy(store);
	return 0;
}
