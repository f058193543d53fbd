/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of channels with each allocation of ours made to fail in turn. */
#include <stdio.h>
#include <string.h>

#include "channel/channel.h"
#include "channel/parts.h"
#include "channel/render.h"
#include "scarce.h"
#include "suite.h"

#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define OLD_SECRET "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
#define NOW_MS 1768471200000ll

static struct pal_json json;

static struct pal_channel_account account_of(void)
{
	return (struct pal_channel_account){.settings = {{PAL_STR("url"),
							  PAL_STR("https://example.org/")},
							 {PAL_STR("secret"), PAL_STR(SECRET)},
							 {PAL_STR("secret"), PAL_STR(OLD_SECRET)}},
					    .setting_count = 3};
}

static const struct pal_channel_ops *webhook(void)
{
	return pal_channel_find(PAL_STR("webhook"));
}

/* --- Out -------------------------------------------------------------------------------------- */

static bool format(long n, size_t *ret_bytes)
{
	const struct pal_channel_account account = account_of();
	const struct pal_message message = {
		.message_id = PAL_STR("m"),
		.sequence = 2,
		.direction = PAL_OUTBOUND,
		.content = {.raw = PAL_STR("{\"type\":\"text\",\"text\":\"hi\"}")}};
	const struct pal_channel_send send = {.account = &account,
					      .delivery_id = PAL_STR("d"),
					      .tenant_id = PAL_STR("acme"),
					      .conversation_id = PAL_STR("c"),
					      .channel = PAL_STR("webhook"),
					      .recipient = PAL_STR("ann"),
					      .reply_to = PAL_STR("before"),
					      .message = &message,
					      .content = message.content.raw,
					      .now_ms = NOW_MS};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_outgoing out = {.header_count = 0};
	struct pal_error err;

	scarce_begin(n);
	enum pal_code code = pal_channel_format(webhook(), &send, &arena, &out, &err);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
	if (code == PAL_OK) {
		CU_ASSERT(*ret_bytes == 0 || out.body.n == *ret_bytes);
		*ret_bytes = out.body.n;
		CU_ASSERT_EQUAL(out.header_count, 4);
		CU_ASSERT_EQUAL(out.headers[3].value.n, 2 * 47 + 1);
	}
	pal_arena_release(&arena);
	return is_hit;
}

TEST(a_request_is_made_whole_or_not_at_all)
{
	size_t bytes = 0;
	long n = 0;

	CU_ASSERT_FALSE(format(SCARCE_MAX, &bytes));
	while (format(n, &bytes) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 1 && n < SCARCE_MAX);
}

/* What is shown as text: all parts, or none. */
static bool render(long n, const char *content, size_t *ret_parts)
{
	static const struct pal_channel_capabilities able = {.text_units_max = 40};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_rendering rendering;
	struct pal_shown shown;
	struct pal_error err;

	scarce_begin(n);
	enum pal_code code = pal_shown_read(pal_str(content), &json, &arena, &shown, &err);
	if (code == PAL_OK)
		code = pal_channel_render(&able, &shown, &arena, &rendering, &err);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
	if (code == PAL_OK) {
		CU_ASSERT(*ret_parts == 0 || rendering.count == *ret_parts);
		*ret_parts = rendering.count;
	}
	pal_arena_release(&arena);
	return is_hit;
}

TEST(what_a_channel_cannot_show_is_told_whole_or_not_at_all)
{
	static const char *const contents[] = {
		"{\"type\":\"text\",\"text\":\"A long one. It takes some parts, as it has far more "
		"than forty characters in it.\"}",
		"{\"type\":\"carousel\",\"carousel\":[{\"title\":\"One\",\"subtitle\":\"first\","
		"\"buttons\":[{\"type\":\"postback\",\"title\":\"Take\",\"payload\":\"p\"}]},"
		"{\"title\":\"Two\",\"buttons\":[{\"type\":\"url\",\"title\":\"See\",\"url\":"
		"\"https://example.org/\"}]}]}",
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		size_t parts = 0;
		long n = 0;
		CU_ASSERT_FALSE(render(SCARCE_MAX, contents[i], &parts));
		while (render(n, contents[i], &parts) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n > 1 && n < SCARCE_MAX);
	}
}

/* --- In --------------------------------------------------------------------------------------- */

/* SW2 of channels.md, section 3.5. */
static struct pal_channel_hook hook_of(void)
{
	return (struct pal_channel_hook){
		.headers = {{PAL_STR("webhook-id"), PAL_STR("msg_0001")},
			    {PAL_STR("webhook-timestamp"), PAL_STR("1768471200")},
			    {PAL_STR("webhook-signature"),
			     PAL_STR("v1,MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI=")}},
		.header_count = 3,
		.body = PAL_STR("{\"type\":\"message.created\",\"timestamp\":"
				"\"2026-01-15T10:00:00.000Z\",\"data\":{\"id\":\"m_1\",\"text\":"
				"\"h\xC3\xA9llo\"}}"),
		.now_ms = NOW_MS};
}

TEST(a_signature_is_judged_without_memory)
{
	const struct pal_channel_account account = account_of();
	const struct pal_channel_hook hook = hook_of();

	scarce_begin(0);
	enum pal_channel_verdict verdict = pal_channel_verify(webhook(), &account, &hook);
	enum pal_code code = pal_channel_check_account(webhook(), &account, NULL);
	CU_ASSERT_EQUAL(scarce_end(), 0);	/* nothing was asked for */
	CU_ASSERT_EQUAL(verdict, PAL_VERDICT_OK);
	CU_ASSERT_EQUAL(code, PAL_OK);
}

static bool parse(long n, const char *body, enum pal_channel_event_kind kind)
{
	struct pal_channel_hook hook = hook_of();
	struct pal_arena arena = pal_arena_of(0);
	struct pal_channel_events events = {.count = 0};
	struct pal_error err;

	hook.body = pal_str(body);
	scarce_begin(n);
	enum pal_code code =
		pal_channel_parse_hook(webhook(), &hook, &json, &arena, &events, &err);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
	if (code == PAL_OK)
		CU_ASSERT(events.count == 1 && events.events[0].kind == kind);
	pal_arena_release(&arena);
	return is_hit;
}

/* Texts longer than a block of the arena each take an allocation of their own. */
TEST(a_webhook_is_read_whole_or_not_at_all)
{
	static char created[16384], status[8192];
	static const char *const names[] = {"id", "user_id", "conversation_id"};
	const struct {
		const char *body;
		enum pal_channel_event_kind kind;
	} rows[] = {{created, PAL_EVENT_FAULTY},	/* the ids are too long, and were read */
		    {status, PAL_EVENT_DELIVERY_STATUS}};
	char long_text[4000];

	memset(long_text, 'x', sizeof(long_text));
	size_t at = (size_t)sprintf(created, "{\"type\":\"message.created\",\"timestamp\":"
					     "\"2026-01-15T10:00:00.000Z\",\"data\":{\"content\":{}");
	for (size_t i = 0; i < 3; i++)
		at += (size_t)sprintf(created + at, ",\"%s\":\"%.*s\"", names[i], 3900, long_text);
	sprintf(created + at, "}}");
	sprintf(status, "{\"type\":\"message.status\",\"timestamp\":\"2026-01-15T10:00:00.000Z\","
			"\"data\":{\"message_id\":\"m\",\"status\":\"failed\",\"reason\":\"%.*s\"}}",
		400, long_text);
	for (size_t i = 0; i < 2; i++) {
		long n = 0;
		while (parse(n, rows[i].body, rows[i].kind) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n >= 1 && n < SCARCE_MAX);
	}
}

static bool cut(long n)
{
	const struct pal_str content = PAL_STR(
		"{\"type\":\"text\",\"text\":\"one two\",\"met\\u0061data\":{\"a\":1}}");
	struct pal_arena arena = pal_arena_of(0);
	struct pal_channel_parts parts = {.count = 0};
	struct pal_error err;

	scarce_begin(n);
	enum pal_code code = pal_channel_cut(webhook(), content, 3, &json, &arena, &parts, &err);
	struct pal_str key = pal_channel_part_key(PAL_STR("m"), 2, &arena);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT_EQUAL(code != PAL_OK || !key.p, is_hit);
	if (!is_hit) {
		CU_ASSERT_EQUAL(parts.count, 2);
		CU_ASSERT(pal_str_equal(key, PAL_STR("m_2")));
	}
	pal_arena_release(&arena);
	return is_hit;
}

TEST(a_message_is_cut_whole_or_not_at_all)
{
	long n = 0;

	while (cut(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n >= 1 && n < SCARCE_MAX);
}

SUITE(memory, CASE(a_message_is_cut_whole_or_not_at_all), CASE(a_request_is_made_whole_or_not_at_all),
      CASE(what_a_channel_cannot_show_is_told_whole_or_not_at_all),
      CASE(a_signature_is_judged_without_memory), CASE(a_webhook_is_read_whole_or_not_at_all))
