/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a webhook that is signed rightly, all the way through the daemon's service: kept,
 * answered, acted on, sent again, swept. What was taken gets the same answer again and is stored
 * once; what is kept of it can be taken from its user. Then the body as what was kept.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "channel/webhook/sign.h"
#include "respond/rules/rules.h"
#include "service/webhook/forget.h"
#include "service/webhook/webhooks.h"
#include "store/store.h"

#define NOW_MS 1790000000000ll
#define NOW_S "1790000000"
#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define SETTINGS "{\"url\":\"https://shop.example/\",\"webhook_secret\":\"" SECRET "\"}"
#define ROUNDS_MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	struct pal_clock_fake clock;
	struct pal_store *store;
	struct pal_store_front *front;
	struct pal_access *access;
	struct pal_pool *pool;
	struct pal_rules_responder rules;
	struct pal_message_service *messages;
	struct pal_guard guard;
	struct pal_channels *channels;
	struct pal_webhooks *webhooks;
	struct pal_caller staff;
	unsigned done;
} s;

static struct pal_json json;

static void require(bool what)
{
	if (!what)
		abort();
}

static void settle(void)
{
	bool more = true;

	for (int i = 0; more; i++) {
		require(i < ROUNDS_MAX);
		more = pal_worker_run(pal_pool_worker(s.pool, 0), 1);
	}
}

/* --- The daemon's services on a store in memory ----------------------------------------------- */

static void is_set_up(struct pal_channel_call *call)
{
	require(call->code == PAL_OK);
	pal_buf_deinit(&call->data);
}

static void set_up(void)
{
	struct pal_arena arena = {0};
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {.json = &json, .arena = &arena, .errors = &errors};
	const struct pal_fields_at root = {.node = 0, .index = -1};
	struct pal_json_fault fault;
	struct pal_channel_call call = {.op = PAL_CHANNEL_PUT,
					.caller = &s.staff,
					.type = PAL_STR("webhook"),
					.done = is_set_up};

	require(pal_json_scan(&json, PAL_STR(SETTINGS), &fault));
	call.config = pal_channels_read(s.channels, s.staff.tenant, PAL_CHANNEL_WEBHOOK, &fields,
					&root);
	require(call.config && errors.count == 0);
	pal_channels_run(s.channels, &call);
	pal_arena_release(&arena);
}

static void open_services(void)
{
	const struct pal_store_config store = {.kind = "memory", .readers = 1};
	const struct pal_store_front_options front = {.clock = &s.clock.clock};
	const struct pal_clock *clock = &s.clock.clock;

	memset(&s, 0, sizeof(s));
	pal_log_configure(PAL_LOG_CRITICAL, PAL_LOG_JSON);
	pal_clock_fake_init(&s.clock, NOW_MS);
	require(pal_store_open(&store, &s.store, NULL) == PAL_OK);
	require(pal_store_front_create(s.store, &front, &s.front, NULL) == PAL_OK);
	const struct pal_access_options access = {.store = s.store, .clock = clock};
	require(pal_access_create(&access, &s.access, NULL) == PAL_OK);
	require(pal_access_ensure_tenant(s.access, PAL_STR("acme"), NULL) == PAL_OK);
	s.staff = (struct pal_caller){.tenant = {1}, .tenant_id = PAL_STR("acme"),
				      .key_id = PAL_STR("k"), .permissions = PAL_STR("*")};
	s.pool = pal_pool_create(1);
	s.rules = pal_rules_responder_of(NULL);
	const struct pal_message_options messages = {
		.pool = s.pool, .front = s.front, .responder = &s.rules.base, .clock = clock,
		.mailbox_capacity = 16, .limits = {.batch_max = 16},
		.live = {.idle_ms = 1000, .count_max = 16, .bytes_max = 1 << 20}};
	require(pal_message_service_create(&messages, &s.messages, NULL) == PAL_OK);
	const struct pal_channels_options channels = {
		.front = s.front, .access = s.access, .clock = clock, .guard = &s.guard, .key = {7}};
	require(pal_channels_create(&channels, s.store, &s.channels, NULL) == PAL_OK);
	const struct pal_webhooks_options webhooks = {
		.front = s.front, .access = s.access, .channels = s.channels,
		.messages = s.messages, .clock = clock, .rules = pal_request_rules_default()};
	s.webhooks = pal_webhooks_create(&webhooks);
	require(s.webhooks != NULL);
	set_up();
}

static void close_services(void)
{
	for (int i = 0; pal_webhooks_drain(s.webhooks) + pal_message_drain(s.messages); i++) {
		require(i < ROUNDS_MAX);
		settle();
	}
	pal_store_front_stop(s.front);
	pal_webhooks_destroy(s.webhooks);
	pal_channels_destroy(s.channels);
	pal_message_service_destroy(s.messages);
	pal_pool_destroy(s.pool);
	pal_access_destroy(s.access);
	pal_store_front_destroy(s.front);
	pal_store_destroy(s.store);
}

/* --- A webhook -------------------------------------------------------------------------------- */

static void received(struct pal_webhook_call *call)
{
	(void)call;
	s.done++;
}

/* Post it and have it acted on; its answer goes to *ret. */
static enum pal_webhook_verdict post(struct pal_str body, struct pal_buf *ret)
{
	struct pal_webhook_key key;
	struct pal_buf signature = {0};
	struct pal_json_fault fault;

	require(pal_webhook_key_read(PAL_STR(SECRET), &key));
	pal_webhook_sign(&key, PAL_STR("msg_1"), PAL_STR(NOW_S), body, &signature);
	const struct pal_channel_hook hook = {
		.headers = {{PAL_STR("webhook-id"), PAL_STR("msg_1")},
			    {PAL_STR("webhook-timestamp"), PAL_STR(NOW_S)},
			    {PAL_STR("webhook-signature"), pal_buf_str(&signature)}},
		.header_count = 3, .body = body, .now_ms = NOW_MS};
	struct pal_webhook_call call = {.hook = &hook,
					.type = PAL_CHANNEL_WEBHOOK,
					.tenant_id = PAL_STR("acme"),
					.integration_id = PAL_STR("default"),
					.done = received};
	s.done = 0;
	pal_webhooks_receive(s.webhooks, &call);
	settle();
	require(s.done == 1 && call.verdict <= PAL_WEBHOOK_FAULTY);
	require(pal_json_scan(&json, pal_buf_str(&call.data), &fault));
	pal_buf_add_str(ret, pal_buf_str(&call.data));
	pal_buf_deinit(&call.data);
	pal_buf_deinit(&signature);
	return call.verdict;
}

static int64_t stored(void)
{
	struct pal_store_counts counts = {.exchanges = -1};

	require(pal_store_count(s.store, 0, &counts, NULL) == PAL_OK);
	return counts.exchanges;
}

static void post_twice(struct pal_str body)
{
	struct pal_buf first = {0}, second = {0};
	enum pal_webhook_verdict verdict = post(body, &first);
	int64_t exchanges = stored();

	require(post(body, &second) == verdict && exchanges <= 1 && stored() == exchanges);
	require(pal_str_equal(pal_buf_str(&first), pal_buf_str(&second)));
	for (int i = 0; i < 3; i++) {
		pal_clock_fake_advance_ms(&s.clock, 60000);
		pal_webhooks_sweep(s.webhooks);
		settle();
	}
	require(stored() <= 1);
	pal_buf_deinit(&first);
	pal_buf_deinit(&second);
}

/* --- What is kept ----------------------------------------------------------------------------- */

static void forget(struct pal_str body)
{
	const struct pal_record record = {.id = PAL_STR("webhook:msg_1"), .body = body};
	struct pal_arena arena = {0};
	struct pal_buf left = {0};
	struct pal_json_fault fault;
	bool is_theirs;

	require(pal_webhook_is_of(s.store, 0, s.staff.tenant, &record, PAL_STR("ann"), &arena,
				  &is_theirs, NULL) == PAL_OK);
	pal_webhook_forget(body, &left);
	require(pal_json_scan(&json, pal_buf_str(&left), &fault));
	require(pal_webhook_is_of(s.store, 0, s.staff.tenant,
				  &(struct pal_record){.id = record.id, .body = pal_buf_str(&left)},
				  PAL_STR("ann"), &arena, &is_theirs, NULL) == PAL_OK);
	require(!is_theirs);
	pal_arena_release(&arena);
	pal_buf_deinit(&left);
}

/* Found by the sweep as a kept webhook: acted on, or passed over for good. */
static void sweep_up(struct pal_str body)
{
	struct pal_record_write write = {.tenant = s.staff.tenant,
					 .record = {.kind = PAL_WEBHOOK_SEEN_KIND,
						    .id = PAL_STR("webhook:msg_2"),
						    .body = body,
						    .created_ms = NOW_MS,
						    .expires_ms = NOW_MS}};
	struct pal_record_write *writes = &write;

	pal_store_write_records(s.store, &writes, 1);
	require(write.verdict == PAL_RECORD_STORED);
	for (int i = 0; i < 3; i++) {
		pal_clock_fake_advance_ms(&s.clock, 60000);
		pal_webhooks_sweep(s.webhooks);
		settle();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pal_str body = {(const char *)data, size};

	open_services();
	post_twice(body);
	forget(body);
	sweep_up(body);
	close_services();
	return 0;
}
