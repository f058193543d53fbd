/* SPDX-License-Identifier: Apache-2.0 */
#include "service/webhook/webhooks.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/metrics.h"
#include "channel/webhook/sign.h"
#include "rig.h"
#include "service/channel/channels.h"
#include "service/conversation/stored_message.h"
#include "store/store.h"
#include "suite.h"

#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define MINUTE_MS 60000

/* A service on a rig, and the last webhook sent to it. */
static struct {
	struct rig rig;
	struct pal_access *access;
	struct pal_guard guard;
	struct pal_channels *channels;
	struct pal_webhooks *webhooks;
	struct pal_webhook_call call;
	struct pal_channel_hook hook;
	char timestamp[32], id[64];
	struct pal_buf signature;
	bool is_done;
} desk_;

static void set_up_done(struct pal_channel_call *call)
{
	CU_ASSERT_EQUAL(call->code, PAL_OK);
	pal_buf_deinit(&call->data);
	desk_.is_done = true;
}

/* PUT `body` for the channel webhook; how many fields were wrong. */
static size_t put(const char *body)
{
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_json_fault fault;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {.json = json, .arena = &arena, .errors = &errors};
	const struct pal_fields_at root = {.node = 0, .index = -1};
	struct pal_channel_call call = {.op = PAL_CHANNEL_PUT,
					.caller = &desk_.rig.backend,
					.type = PAL_STR("webhook"),
					.done = set_up_done};

	CU_ASSERT_FATAL(json && pal_json_scan(json, pal_str(body), &fault));
	call.config = pal_channels_read(desk_.channels, desk_.rig.backend.tenant,
					PAL_CHANNEL_WEBHOOK, &fields, &root);
	CU_ASSERT_PTR_NOT_NULL_FATAL(call.config);
	desk_.is_done = false;
	if (errors.count == 0) {
		pal_channels_run(desk_.channels, &call);
		rig_settle(&desk_.rig);
		CU_ASSERT(desk_.is_done);
	} else {
		pal_channel_config_unref(call.config);
	}
	free(json);
	pal_arena_release(&arena);
	return errors.count;
}

static void begin(void)
{
	const struct pal_channels_options channels = {.front = desk_.rig.front,
						      .access = desk_.access,
						      .clock = &desk_.rig.clock.clock,
						      .guard = &desk_.guard,
						      .key = {7}};
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_channels_create(&channels, &desk_.rig.script.base,
						  &desk_.channels, &err),
			      PAL_OK);
	const struct pal_webhooks_options options = {.front = desk_.rig.front,
						     .access = desk_.access,
						     .channels = desk_.channels,
						     .messages = desk_.rig.service,
						     .clock = &desk_.rig.clock.clock,
						     .rules = pal_request_rules_default()};
	desk_.webhooks = pal_webhooks_create(&options);
	CU_ASSERT_PTR_NOT_NULL_FATAL(desk_.webhooks);
}

static void end(void)
{
	pal_webhooks_drain(desk_.webhooks);
	rig_settle(&desk_.rig);
	CU_ASSERT_EQUAL(pal_webhooks_drain(desk_.webhooks), 0);
	pal_webhooks_destroy(desk_.webhooks);
	pal_channels_destroy(desk_.channels);
}

static void open(void)
{
	const struct pal_access_options access = {.store = &desk_.rig.script.base,
						  .clock = &desk_.rig.clock.clock};
	struct pal_error err;

	memset(&desk_, 0, sizeof(desk_));
	rig_open(&desk_.rig, &(struct rig_spec){.batch_max = 0});
	CU_ASSERT_EQUAL_FATAL(pal_access_create(&access, &desk_.access, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_access_ensure_tenant(desk_.access, PAL_STR("acme"), &err), PAL_OK);
	begin();
	CU_ASSERT_EQUAL(put("{\"url\":\"https://shop.example/\",\"webhook_secret\":\"" SECRET "\"}"), 0);
}

static void close_(void)
{
	end();
	pal_buf_deinit(&desk_.call.data);
	pal_buf_deinit(&desk_.signature);
	rig_close(&desk_.rig);
	pal_access_destroy(desk_.access);
}

static void received(struct pal_webhook_call *call)
{
	(void)call;
	desk_.is_done = true;
}

static void add(const char *name, const char *value)
{
	desk_.hook.headers[desk_.hook.header_count++] =
		(struct pal_outgoing_header){pal_str(name), pal_str(value)};
}

/* Post `body` under `id`, signed; nothing is cranked yet. */
static void post(const char *id, const char *body)
{
	int64_t now_ms = pal_clock_wall_ms(&desk_.rig.clock.clock);
	struct pal_webhook_key key;

	pal_buf_deinit(&desk_.call.data);
	memset(&desk_.hook, 0, sizeof(desk_.hook));
	snprintf(desk_.id, sizeof(desk_.id), "%s", id);
	snprintf(desk_.timestamp, sizeof(desk_.timestamp), "%lld", (long long)now_ms / 1000);
	CU_ASSERT_FATAL(pal_webhook_key_read(PAL_STR(SECRET), &key));
	pal_buf_clear(&desk_.signature);
	pal_webhook_sign(&key, pal_str(desk_.id), pal_str(desk_.timestamp), pal_str(body),
			 &desk_.signature);
	pal_buf_add_char(&desk_.signature, '\0');
	add("Webhook-Id", desk_.id);
	add("webhook-timestamp", desk_.timestamp);
	add("webhook-signature", desk_.signature.data);
	desk_.hook.body = pal_str(body);
	desk_.hook.now_ms = now_ms;
	desk_.is_done = false;
	desk_.call = (struct pal_webhook_call){.hook = &desk_.hook,
					       .type = PAL_CHANNEL_WEBHOOK,
					       .tenant_id = PAL_STR("acme"),
					       .integration_id = PAL_STR("default"),
					       .done = received};
	pal_webhooks_receive(desk_.webhooks, &desk_.call);
}

/* Post and have it acted on. */
static enum pal_webhook_verdict take(const char *id, const char *body)
{
	post(id, body);
	rig_settle(&desk_.rig);
	CU_ASSERT(desk_.is_done);
	return desk_.call.verdict;
}

static void sweep(void)
{
	pal_webhooks_sweep(desk_.webhooks);
	for (unsigned i = 0; i < 4; i++)	/* it does not see walks */
		rig_settle(&desk_.rig);
}

#define SAID(id, text)                                                                             \
	"{\"type\":\"message.created\",\"data\":{\"id\":\"" id                                     \
	"\",\"user_id\":\"ann\",\"content\":{\"type\":\"text\",\"text\":\"" text "\"}}}"

static const char *answer(void)
{
	pal_buf_add_char(&desk_.call.data, '\0');
	return desk_.call.data.data;
}

/* --- Channels --------------------------------------------------------------------------------- */

TEST(b59_settings_are_checked_all_at_once)
{
	open();
	CU_ASSERT_EQUAL(put("{\"url\":\"http://shop.example/\",\"retry_attempts\":-1,\"x\":1}"), 3);
	CU_ASSERT_EQUAL(put("{\"url\":\"https://shop.example/\",\"features\":{\"a\":\"b\"}}"), 0);
	close_();
}

TEST(b21_a_change_is_seen_at_once_and_after_a_restart)
{
	open();
	for (unsigned i = 0; i < 2; i++) {
		struct pal_channel_config *config = pal_channels_get(
			desk_.channels, desk_.rig.backend.tenant, PAL_CHANNEL_WEBHOOK);
		struct pal_channel_account account;
		CU_ASSERT_PTR_NOT_NULL_FATAL(config);
		pal_channel_config_account(config, RIG_START_MS, &account);
		CU_ASSERT_EQUAL(account.setting_count, 2);
		CU_ASSERT(pal_str_equal(account.settings[1].value, PAL_STR(SECRET)));
		pal_channel_config_unref(config);
		if (i == 0) {
			end();
			begin();
		}
	}
	CU_ASSERT_PTR_NULL(pal_channels_get(desk_.channels, (struct pal_tenant_key){2},
					    PAL_CHANNEL_WEBHOOK));
	close_();
}

TEST(a_secret_that_was_replaced_is_good_for_its_overlap)
{
	static const char next[] = "{\"url\":\"https://shop.example/\",\"secret_overlap_hours\":2,"
				   "\"webhook_secret\":\"whsec_"
				   "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=\"}";

	open();
	CU_ASSERT_EQUAL(put(next), 0);
	CU_ASSERT_EQUAL(take("msg_1", SAID("m1", "old")), PAL_WEBHOOK_TAKEN);
	pal_clock_fake_advance_ms(&desk_.rig.clock, 2 * 60 * MINUTE_MS);
	CU_ASSERT_EQUAL(take("msg_2", SAID("m2", "late")), PAL_WEBHOOK_REFUSED);
	CU_ASSERT_EQUAL(desk_.call.signature, PAL_VERDICT_WRONG);
	close_();
}

/* --- Taking ----------------------------------------------------------------------------------- */

TEST(it_is_answered_when_it_is_kept_and_acted_on_afterwards)
{
	open();
	post("msg_1", SAID("m1", "hello"));
	CU_ASSERT(!desk_.is_done);
	rig_store(&desk_.rig);
	CU_ASSERT(desk_.is_done);
	CU_ASSERT_EQUAL(desk_.call.verdict, PAL_WEBHOOK_TAKEN);
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 0);
	rig_settle(&desk_.rig);
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 1);
	close_();
}

TEST(a_repeat_gets_the_first_answer_and_does_nothing)
{
	char first[512];

	open();
	CU_ASSERT_EQUAL(take("msg_1", SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	snprintf(first, sizeof(first), "%s", answer());
	pal_clock_fake_advance_ms(&desk_.rig.clock, 5 * MINUTE_MS);
	CU_ASSERT_EQUAL(take("msg_1", SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT(desk_.call.is_repeat);
	CHECK_STR(answer(), first);
	CU_ASSERT_EQUAL(take("msg_2", SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);	/* B5, B10 */
	CU_ASSERT(!desk_.call.is_repeat);
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 1);
	close_();
}

TEST(a_day_of_silence_begins_another_conversation)
{
	open();
	take("msg_1", SAID("m1", "one"));
	take("msg_2", SAID("m2", "two"));
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 2);
	CU_ASSERT_EQUAL(desk_.rig.script.units, 2);
	pal_clock_fake_advance_ms(&desk_.rig.clock, 25 * 60 * MINUTE_MS);
	take("msg_3", SAID("m3", "three"));
	struct pal_store_counts counts;
	CU_ASSERT_EQUAL(pal_store_count(&desk_.rig.script.base, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 2);
	close_();
}

TEST(what_was_kept_and_not_acted_on_is_found_after_a_restart)
{
	open();
	post("msg_1", SAID("m1", "hello"));
	pal_webhooks_drain(desk_.webhooks);	/* it is acted on by nobody */
	rig_store(&desk_.rig);
	CU_ASSERT(desk_.is_done);
	CU_ASSERT_EQUAL(desk_.call.verdict, PAL_WEBHOOK_TAKEN);
	pal_webhooks_destroy(desk_.webhooks);
	pal_channels_destroy(desk_.channels);
	rig_settle(&desk_.rig);
	begin();
	sweep();
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 1);
	sweep();
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 1);
	CU_ASSERT_EQUAL(take("msg_1", SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT(desk_.call.is_repeat);
	close_();
}

TEST(a_store_that_fails_lets_the_sender_come_again)
{
	open();
	desk_.rig.script.failing_loads = 1;
	CU_ASSERT_EQUAL(take("msg_1", SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 0);	/* it waits for a second */
	pal_clock_fake_advance_ms(&desk_.rig.clock, 2000);
	sweep();
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 1);
	close_();
}

TEST(an_answer_is_kept_for_76_hours_and_then_forgotten)
{
	open();
	take("msg_1", SAID("m1", "hello"));
	pal_clock_fake_advance_ms(&desk_.rig.clock, PAL_WEBHOOK_KEEP_MS - MINUTE_MS);
	sweep();
	take("msg_1", SAID("m1", "hello"));
	CU_ASSERT(desk_.call.is_repeat);
	pal_clock_fake_advance_ms(&desk_.rig.clock, 2 * MINUTE_MS);
	sweep();
	take("msg_1", SAID("m1", "hello"));
	CU_ASSERT(!desk_.call.is_repeat);
	CU_ASSERT_EQUAL(rig_stored(&desk_.rig), 1);	/* the message is known for good */
	close_();
}

/* --- Receipts --------------------------------------------------------------------------------- */

static struct pal_stored_call looked;

static void look_done(struct pal_stored_call *call)
{
	(void)call;
}

/* What is told of message `id`; "" when it is not there. */
static const char *look(const char *id)
{
	static char text[2048];

	looked = (struct pal_stored_call){.verb = PAL_STORED_GET,
					  .caller = &desk_.rig.backend,
					  .id = pal_str(id),
					  .done = look_done};
	pal_stored_message_do(desk_.rig.front, &looked);
	rig_settle(&desk_.rig);
	const char *at = looked.data.len ? strstr(looked.data.data, "\"delivery_status\"") : NULL;
	snprintf(text, sizeof(text), "%.*s",
		 at ? (int)(looked.data.len - (size_t)(at - looked.data.data)) : 0, at ? at : "");
	pal_buf_deinit(&looked.data);
	return text;
}

/* The UUID behind `key` in a text of `n` bytes. */
static void member(const char *text, size_t n, const char *key, char out[64])
{
	const char *at = memmem(text, n, key, strlen(key));

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	snprintf(out, 64, "%.36s", at + strlen(key));
}

/* Send receipt number `which` of six about `reply`. */
static void tell(const char *reply, unsigned which, unsigned n)
{
	static const char *const rests[] = {
		"\"message.status\",\"timestamp\":\"2026-01-15T10:00:01Z\",\"data\":{\"status\":\"sent\"",
		"\"message.status\",\"timestamp\":\"2026-01-15T10:00:02Z\",\"data\":{\"status\":\"delivered\"",
		"\"message.status\",\"timestamp\":\"2026-01-15T10:00:03Z\",\"data\":{\"status\":\"failed\",\"reason\":\"full\"",
		"\"message.status\",\"timestamp\":\"2026-01-15T10:00:04Z\",\"data\":{\"status\":\"failed\",\"reason\":\"away\"",
		"\"message.status\",\"timestamp\":\"2026-01-15T10:00:05Z\",\"data\":{\"status\":\"delivered\"",
		"\"message.read\",\"timestamp\":\"2026-01-15T10:00:06Z\",\"data\":{\"x\":1"};
	char body[512], id[64];

	snprintf(id, sizeof(id), "msg_%s_%u", reply, n);
	snprintf(body, sizeof(body), "{\"type\":%s,\"message_id\":\"msg_%s\"}}", rests[which], reply);
	CU_ASSERT_EQUAL(take(id, body), PAL_WEBHOOK_TAKEN);
}

/* A reply on the channel that is stored; its id. */
static void ask(char out[64])
{
	static unsigned count;
	char body[256], id[32], message[64];

	snprintf(id, sizeof(id), "msg_ask_%u", ++count);
	snprintf(body, sizeof(body),
		 "{\"type\":\"message.created\",\"data\":{\"id\":\"ask-%u\",\"user_id\":\"ann\","
		 "\"content\":{\"type\":\"text\",\"text\":\"hello\"}}}", count);
	CU_ASSERT_EQUAL(take(id, body), PAL_WEBHOOK_TAKEN);
	member(desk_.call.data.data, desk_.call.data.len, "\"message_id\":\"", message);
	looked = (struct pal_stored_call){.verb = PAL_STORED_GET,
					  .caller = &desk_.rig.backend,
					  .id = pal_str(message),
					  .done = look_done};
	pal_stored_message_do(desk_.rig.front, &looked);
	rig_settle(&desk_.rig);
	CU_ASSERT_EQUAL_FATAL(looked.code, PAL_OK);
	member(looked.data.data, looked.data.len, "\"response_id\":\"", out);
	pal_buf_deinit(&looked.data);
}

static bool next_permutation(unsigned *a, unsigned n)
{
	unsigned i = n - 1, j = n - 1;

	while (i > 0 && a[i - 1] >= a[i])
		i--;
	if (i == 0)
		return false;
	while (a[j] <= a[i - 1])
		j--;
	unsigned swap = a[i - 1];
	a[i - 1] = a[j];
	a[j] = swap;
	for (j = n - 1; i < j; i++, j--) {
		swap = a[i];
		a[i] = a[j];
		a[j] = swap;
	}
	return true;
}

/* Six and every five, four... of them: in all orders, one of them twice, to the same end. */
TEST(b10_receipts_come_to_the_same_end_in_all_orders)
{
	char reply[64], first[2048];

	open();
	for (unsigned n = 1; n <= 6; n++) {
		unsigned order[6] = {0, 1, 2, 3, 4, 5}, round = 0;
		do {
			ask(reply);
			for (unsigned i = 0; i < n; i++)
				tell(reply, order[i], i);
			tell(reply, order[round % n], n);
			if (round++ == 0)
				snprintf(first, sizeof(first), "%s", look(reply));
			CHECK_STR(look(reply), first);
		} while (next_permutation(order, n));
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "\"delivery_status\":\"read\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "\"delivered\":\"2026-01-15T10:00:02.000Z\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "\"failure_reason\":\"away\""));
	close_();
}

TEST(a_channel_tells_of_its_own_messages_only)
{
	char reply[64];

	open();
	snprintf(reply, sizeof(reply), "%s",
		 letter_at(rig_ask(&desk_.rig, &(struct words){.user = "ann"}), "/response_id"));
	tell(reply, 5, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(look(reply), "\"delivery_status\":\"sent\""));
	close_();
}

TEST(b56_what_is_read_was_delivered)
{
	char reply[64];

	open();
	ask(reply);
	tell(reply, 5, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(look(reply), "\"delivery_status\":\"read\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(look(reply), "\"delivered\":\"2026-01-15T10:00:06.000Z\""));
	close_();
}

static double orphans(void)
{
	return pal_metric_value(pal_metric_register(&(struct pal_metric_desc){
		.name = "palaver_webhook_orphans_total",
		.help = "Receipts whose message did not appear within ten minutes.",
		.kind = PAL_METRIC_COUNTER}));
}

#define READ_OF_A_TWIN                                                                             \
	"{\"type\":\"message.read\",\"data\":{\"message_id\":\"11111111-1111-4111-8111-111111111111\"}}"

TEST(a_receipt_of_an_unknown_message_is_an_orphan_after_ten_minutes)
{
	open();
	double before = orphans();
	take("msg_1", READ_OF_A_TWIN);
	for (unsigned s = 0; s < 595; s += 5) {
		pal_clock_fake_advance_ms(&desk_.rig.clock, 5000);
		sweep();
	}
	CU_ASSERT_EQUAL(orphans(), before);
	pal_clock_fake_advance_ms(&desk_.rig.clock, 10000);
	sweep();
	CU_ASSERT_EQUAL(orphans(), before + 1);
	pal_clock_fake_advance_ms(&desk_.rig.clock, 10000);
	sweep();
	CU_ASSERT_EQUAL(orphans(), before + 1);
	close_();
}

SUITE(webhooks, CASE(b59_settings_are_checked_all_at_once),
      CASE(b21_a_change_is_seen_at_once_and_after_a_restart),
      CASE(a_secret_that_was_replaced_is_good_for_its_overlap),
      CASE(it_is_answered_when_it_is_kept_and_acted_on_afterwards),
      CASE(a_repeat_gets_the_first_answer_and_does_nothing),
      CASE(a_day_of_silence_begins_another_conversation),
      CASE(what_was_kept_and_not_acted_on_is_found_after_a_restart),
      CASE(a_store_that_fails_lets_the_sender_come_again),
      CASE(an_answer_is_kept_for_76_hours_and_then_forgotten),
      CASE(b10_receipts_come_to_the_same_end_in_all_orders), CASE(a_channel_tells_of_its_own_messages_only),
      CASE(b56_what_is_read_was_delivered),
      CASE(a_receipt_of_an_unknown_message_is_an_orphan_after_ten_minutes))
