/* SPDX-License-Identifier: Apache-2.0 */
#include "service/webhook/webhooks.h"

#include <stdio.h>

#include "base/metrics.h"
#include "hooks.h"
#include "service/conversation/stored_message.h"
#include "store/store.h"
#include "suite.h"

#define MINUTE_MS 60000

static const char *answer(void)
{
	pal_buf_add_char(&hooks.call.data, '\0');
	return hooks.call.data.data;
}

/* --- Channels --------------------------------------------------------------------------------- */

TEST(b59_settings_are_checked_all_at_once)
{
	hooks_open();
	CU_ASSERT_EQUAL(hooks_put("{\"url\":\"http://shop.example/\",\"retry_attempts\":-1,\"x\":1}"), 3);
	CU_ASSERT_EQUAL(hooks_put("{\"url\":\"https://shop.example/\",\"features\":{\"a\":\"b\"}}"), 0);
	hooks_close();
}

TEST(b21_a_change_is_seen_at_once_and_after_a_restart)
{
	hooks_open();
	for (unsigned i = 0; i < 2; i++) {
		struct pal_channel_config *config = pal_channels_get(
			hooks.channels, hooks.rig.backend.tenant, PAL_CHANNEL_WEBHOOK);
		struct pal_channel_account account;
		CU_ASSERT_PTR_NOT_NULL_FATAL(config);
		pal_channel_config_account(config, RIG_START_MS, &account);
		CU_ASSERT_EQUAL(account.setting_count, 2);
		CU_ASSERT(pal_str_equal(account.settings[1].value, PAL_STR(HOOKS_SECRET)));
		pal_channel_config_unref(config);
		if (i == 0) {
			hooks_end();
			hooks_begin();
		}
	}
	CU_ASSERT_PTR_NULL(pal_channels_get(hooks.channels, (struct pal_tenant_key){2},
					    PAL_CHANNEL_WEBHOOK));
	hooks_close();
}

TEST(a_secret_that_was_replaced_is_good_for_its_overlap)
{
	static const char next[] = "{\"url\":\"https://shop.example/\",\"secret_overlap_hours\":2,"
				   "\"webhook_secret\":\"whsec_"
				   "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=\"}";

	hooks_open();
	CU_ASSERT_EQUAL(hooks_put(next), 0);
	CU_ASSERT_EQUAL(hooks_take("msg_1", HOOKS_SAID("m1", "old")), PAL_WEBHOOK_TAKEN);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 2 * 60 * MINUTE_MS);
	CU_ASSERT_EQUAL(hooks_take("msg_2", HOOKS_SAID("m2", "late")), PAL_WEBHOOK_REFUSED);
	CU_ASSERT_EQUAL(hooks.call.signature, PAL_VERDICT_WRONG);
	hooks_close();
}

/* --- Taking ----------------------------------------------------------------------------------- */

TEST(it_is_answered_when_it_is_kept_and_acted_on_afterwards)
{
	hooks_open();
	hooks_post("msg_1", HOOKS_SAID("m1", "hello"));
	CU_ASSERT(!hooks.is_done);
	rig_store(&hooks.rig);
	CU_ASSERT(hooks.is_done);
	CU_ASSERT_EQUAL(hooks.call.verdict, PAL_WEBHOOK_TAKEN);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 0);
	rig_settle(&hooks.rig);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	hooks_close();
}

TEST(a_repeat_gets_the_first_answer_and_does_nothing)
{
	char first[512];

	hooks_open();
	CU_ASSERT_EQUAL(hooks_take("msg_1", HOOKS_SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	snprintf(first, sizeof(first), "%s", answer());
	pal_clock_fake_advance_ms(&hooks.rig.clock, 5 * MINUTE_MS);
	CU_ASSERT_EQUAL(hooks_take("msg_1", HOOKS_SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT(hooks.call.is_repeat);
	CHECK_STR(answer(), first);
	CU_ASSERT_EQUAL(hooks_take("msg_2", HOOKS_SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);	/* B5, B10 */
	CU_ASSERT(!hooks.call.is_repeat);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	hooks_close();
}

TEST(a_day_of_silence_begins_another_conversation)
{
	hooks_open();
	hooks_take("msg_1", HOOKS_SAID("m1", "one"));
	hooks_take("msg_2", HOOKS_SAID("m2", "two"));
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 2);
	CU_ASSERT_EQUAL(hooks.rig.script.units, 2);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 25 * 60 * MINUTE_MS);
	hooks_take("msg_3", HOOKS_SAID("m3", "three"));
	struct pal_store_counts counts;
	CU_ASSERT_EQUAL(pal_store_count(&hooks.rig.script.base, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 2);
	hooks_close();
}

TEST(what_was_kept_and_not_acted_on_is_found_after_a_restart)
{
	hooks_open();
	hooks_post("msg_1", HOOKS_SAID("m1", "hello"));
	pal_webhooks_drain(hooks.webhooks);	/* it is acted on by nobody */
	rig_store(&hooks.rig);
	CU_ASSERT(hooks.is_done);
	CU_ASSERT_EQUAL(hooks.call.verdict, PAL_WEBHOOK_TAKEN);
	pal_webhooks_destroy(hooks.webhooks);
	pal_channels_destroy(hooks.channels);
	rig_settle(&hooks.rig);
	hooks_begin();
	hooks_sweep();
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	hooks_sweep();
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	CU_ASSERT_EQUAL(hooks_take("msg_1", HOOKS_SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT(hooks.call.is_repeat);
	hooks_close();
}

TEST(a_store_that_fails_lets_the_sender_come_again)
{
	hooks_open();
	hooks.rig.script.failing_loads = 1;
	CU_ASSERT_EQUAL(hooks_take("msg_1", HOOKS_SAID("m1", "hello")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 0);	/* it waits for a second */
	pal_clock_fake_advance_ms(&hooks.rig.clock, 2000);
	hooks_sweep();
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	hooks_close();
}

TEST(an_answer_is_kept_for_76_hours_and_then_forgotten)
{
	hooks_open();
	hooks_take("msg_1", HOOKS_SAID("m1", "hello"));
	pal_clock_fake_advance_ms(&hooks.rig.clock, PAL_WEBHOOK_KEEP_MS - MINUTE_MS);
	hooks_sweep();
	hooks_take("msg_1", HOOKS_SAID("m1", "hello"));
	CU_ASSERT(hooks.call.is_repeat);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 2 * MINUTE_MS);
	hooks_sweep();
	hooks_take("msg_1", HOOKS_SAID("m1", "hello"));
	CU_ASSERT(!hooks.call.is_repeat);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);	/* the message is known for good */
	hooks_close();
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
					  .caller = &hooks.rig.backend,
					  .id = pal_str(id),
					  .done = look_done};
	pal_stored_message_do(hooks.rig.front, &looked);
	rig_settle(&hooks.rig);
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
	CU_ASSERT_EQUAL(hooks_take(id, body), PAL_WEBHOOK_TAKEN);
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
	CU_ASSERT_EQUAL(hooks_take(id, body), PAL_WEBHOOK_TAKEN);
	member(hooks.call.data.data, hooks.call.data.len, "\"message_id\":\"", message);
	looked = (struct pal_stored_call){.verb = PAL_STORED_GET,
					  .caller = &hooks.rig.backend,
					  .id = pal_str(message),
					  .done = look_done};
	pal_stored_message_do(hooks.rig.front, &looked);
	rig_settle(&hooks.rig);
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

	hooks_open();
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
	hooks_close();
}

TEST(a_channel_tells_of_its_own_messages_only)
{
	char reply[64];

	hooks_open();
	snprintf(reply, sizeof(reply), "%s",
		 letter_at(rig_ask(&hooks.rig, &(struct words){.user = "ann"}), "/response_id"));
	tell(reply, 5, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(look(reply), "\"delivery_status\":\"sent\""));
	hooks_close();
}

TEST(b56_what_is_read_was_delivered)
{
	char reply[64];

	hooks_open();
	ask(reply);
	tell(reply, 5, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(look(reply), "\"delivery_status\":\"read\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(look(reply), "\"delivered\":\"2026-01-15T10:00:06.000Z\""));
	hooks_close();
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
	hooks_open();
	double before = orphans();
	hooks_take("msg_1", READ_OF_A_TWIN);
	for (unsigned s = 0; s < 595; s += 5) {
		pal_clock_fake_advance_ms(&hooks.rig.clock, 5000);
		hooks_sweep();
	}
	CU_ASSERT_EQUAL(orphans(), before);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 10000);
	hooks_sweep();
	CU_ASSERT_EQUAL(orphans(), before + 1);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 10000);
	hooks_sweep();
	CU_ASSERT_EQUAL(orphans(), before + 1);
	hooks_close();
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
