/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks with each allocation of ours made to fail in turn: none is lost, none acts twice. */
#include <stdio.h>
#include <string.h>

#include "hooks.h"
#include "scarce.h"
#include "service/conversation/stored_message.h"
#include "store/store.h"
#include "suite.h"

#define LEASE_MS 31000
#define HELLO HOOKS_SAID("m1", "hello")
#define AGAIN HOOKS_SAID("m2", "again")

/* Post it with memory that runs out; whether it did. */
static bool receive(long n, const char *id, const char *body)
{
	hooks_write(id, body);
	scarce_begin(n);
	pal_webhooks_receive(hooks.webhooks, &hooks.call);
	rig_settle(&hooks.rig);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT(hooks.is_done);
	CU_ASSERT(hooks.call.verdict == PAL_WEBHOOK_TAKEN ||
		  (is_hit && hooks.call.verdict == PAL_WEBHOOK_BUSY));
	return is_hit;
}

/* What the sender and the sweep do when there is memory again. */
static void come_again(const char *id, const char *body)
{
	pal_clock_fake_advance_ms(&hooks.rig.clock, LEASE_MS);
	CU_ASSERT_EQUAL(hooks_take(id, body), PAL_WEBHOOK_TAKEN);
	for (unsigned i = 0; i < 3; i++) {
		hooks_sweep();
		pal_clock_fake_advance_ms(&hooks.rig.clock, LEASE_MS);
	}
}

static int64_t conversations(void)
{
	struct pal_store_counts counts = {.conversations = -1};

	CU_ASSERT_EQUAL(pal_store_count(&hooks.rig.script.base, 0, &counts, NULL), PAL_OK);
	return counts.conversations;
}

static bool live_message(long n)
{
	hooks_open();
	bool is_hit = receive(n, "msg_1", HELLO);
	come_again("msg_1", HELLO);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	hooks_close();
	return is_hit;
}

TEST(a_webhook_without_memory_is_refused_for_now_or_acted_on_once)
{
	long n = 0;

	while (live_message(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

static bool live_second(long n)
{
	hooks_open();
	hooks_take("msg_1", HELLO);
	bool is_hit = receive(n, "msg_2", AGAIN);
	come_again("msg_2", AGAIN);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 2);
	CU_ASSERT_EQUAL(conversations(), 1);
	hooks_close();
	return is_hit;
}

TEST(a_message_without_memory_does_not_begin_another_conversation)
{
	long n = 0;

	while (live_second(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

/* --- Receipts --------------------------------------------------------------------------------- */

static void noted(struct pal_stored_call *call)
{
	(void)call;
}

/* What is told of message `id`; to be freed. */
static struct pal_buf look(const char *id)
{
	struct pal_stored_call call = {.verb = PAL_STORED_GET,
				       .caller = &hooks.rig.backend,
				       .id = pal_str(id),
				       .done = noted};

	pal_stored_message_do(hooks.rig.front, &call);
	rig_settle(&hooks.rig);
	CU_ASSERT_EQUAL(call.code, PAL_OK);
	return call.data;
}

static bool is_read(const char *id)
{
	static const char word[] = "\"delivery_status\":\"read\"";
	struct pal_buf told = look(id);
	bool is_read = memmem(told.data, told.len, word, sizeof(word) - 1) != NULL;

	pal_buf_deinit(&told);
	return is_read;
}

/* The UUID behind `key` in `text`. */
static void member(const struct pal_buf *text, const char *key, char out[64])
{
	const char *at = memmem(text->data, text->len, key, strlen(key));

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	snprintf(out, 64, "%.36s", at + strlen(key));
}

static bool live_receipt(long n)
{
	char message[64], reply[64], body[200];

	hooks_open();
	hooks_take("msg_1", HELLO);
	member(&hooks.call.data, "\"message_id\":\"", message);
	struct pal_buf told = look(message);
	member(&told, "\"response_id\":\"", reply);
	pal_buf_deinit(&told);
	snprintf(body, sizeof(body), "{\"type\":\"message.read\",\"data\":{\"message_id\":\"%s\"}}",
		 reply);
	bool is_hit = receive(n, "msg_2", body);
	come_again("msg_2", body);
	CU_ASSERT(is_read(reply));
	hooks_close();
	return is_hit;
}

TEST(a_receipt_without_memory_is_refused_for_now_or_noted)
{
	long n = 0;

	while (live_receipt(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

/* --- Sweeping and telling --------------------------------------------------------------------- */

static bool live_sweep(long n)
{
	hooks_open();
	hooks.rig.script.failing_loads = 1;
	hooks_take("msg_1", HELLO);
	pal_clock_fake_advance_ms(&hooks.rig.clock, LEASE_MS);
	scarce_begin(n);
	hooks_sweep();
	bool is_hit = scarce_end() < 0;
	come_again("msg_1", HELLO);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 1);
	hooks_close();
	return is_hit;
}

TEST(a_sweep_without_memory_leaves_it_to_the_next)
{
	long n = 0;

	while (live_sweep(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

static bool is_told;

static void told(struct pal_webhook_report *report)
{
	(void)report;
	is_told = true;
}

static bool ask(long n, enum pal_webhook_question question)
{
	static struct pal_webhook_report report;

	report = (struct pal_webhook_report){.question = question,
					     .caller = &hooks.rig.backend,
					     .type = PAL_CHANNEL_WEBHOOK,
					     .done = told};
	is_told = false;
	scarce_begin(n);
	pal_webhooks_report(hooks.webhooks, &report);
	for (unsigned i = 0; i < 3; i++)	/* the rig does not see walks */
		rig_settle(&hooks.rig);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT(is_told);
	CU_ASSERT(report.code == PAL_OK || (is_hit && report.code == PAL_E_SERVICE));
	CU_ASSERT_EQUAL(report.data.len > 0, report.code == PAL_OK);
	CU_ASSERT(question != PAL_WEBHOOK_TEST || report.code != PAL_OK ||
		  memmem(report.data.data, report.data.len, "\"success\":true", 14));
	pal_buf_deinit(&report.data);
	return is_hit;
}

TEST(what_is_told_of_webhooks_is_whole_or_fails)
{
	long n = 0;

	hooks_open();
	hooks_take("msg_1", "{\"type\":\"message.created\",\"data\":{\"id\":\"m\"}}");
	while (ask(n, PAL_WEBHOOK_STATUS) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 2 && n < SCARCE_MAX);
	for (n = 0; ask(n, PAL_WEBHOOK_TEST) && n < SCARCE_MAX;)
		n++;
	CU_ASSERT(n > 10 && n < SCARCE_MAX);
	hooks_close();
}

SUITE(memory_webhook, CASE(a_webhook_without_memory_is_refused_for_now_or_acted_on_once),
      CASE(a_message_without_memory_does_not_begin_another_conversation),
      CASE(a_receipt_without_memory_is_refused_for_now_or_noted),
      CASE(a_sweep_without_memory_leaves_it_to_the_next),
      CASE(what_is_told_of_webhooks_is_whole_or_fails))
