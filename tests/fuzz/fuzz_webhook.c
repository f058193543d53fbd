/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A webhook: the first line is its signature header, the rest its body. The header is judged as it
 * comes; then the body is signed rightly, so that what is behind the signature is reached, and read
 * by the parser, rendered and split.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "channel/parts.h"
#include "channel/render.h"
#include "channel/split.h"
#include "channel/webhook/sign.h"

#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define NOW_S "1790000000"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pal_json json;
static const struct pal_channel_account account = {
	.settings = {{{"secret", 6}, {SECRET, sizeof(SECRET) - 1}}}, .setting_count = 1};

static void require(bool what)
{
	if (!what)
		abort();
}

static struct pal_channel_hook hook_of(struct pal_str signatures, struct pal_str body)
{
	return (struct pal_channel_hook){.headers = {{PAL_STR("webhook-id"), PAL_STR("msg_1")},
						     {PAL_STR("webhook-timestamp"), PAL_STR(NOW_S)},
						     {PAL_STR("webhook-signature"), signatures}},
					 .header_count = 3,
					 .body = body,
					 .now_ms = 1790000000000};
}

/* Each part is a content itself, and one that fits stays whole. */
static void cut(struct pal_str content, struct pal_arena *arena)
{
	static struct pal_json inner;
	struct pal_channel_ops ops = *pal_channel_find(PAL_STR("webhook"));
	struct pal_channel_parts parts;
	struct pal_shown shown;

	for (size_t max = 1; max <= 64; max *= 4) {
		ops.capabilities.can = max & 1 ? PAL_CAN_EVERYTHING : 0;
		require(pal_channel_cut(&ops, content, max, &inner, arena, &parts, NULL) == PAL_OK);
		for (size_t i = 0; i < parts.count; i++)
			require(pal_shown_read(parts.contents[i], &inner, arena, &shown, NULL) ==
				PAL_OK);
	}
}

static void show(struct pal_str content, struct pal_arena *arena)
{
	static struct pal_json inner;
	struct pal_shown shown;
	struct pal_rendering rendering;

	if (pal_shown_read(content, &inner, arena, &shown, NULL) != PAL_OK)
		return;
	cut(content, arena);
	for (unsigned can = 0; can <= PAL_CAN_EVERYTHING; can += PAL_CAN_EVERYTHING / 7) {
		struct pal_channel_capabilities able = {.can = can, .text_units_max = 1 + can % 64};
		require(pal_channel_render(&able, &shown, arena, &rendering, NULL) == PAL_OK);
		for (size_t i = 0; i < rendering.count; i++) {
			struct pal_str text = rendering.parts[i].text;
			size_t points = 0;
			if (rendering.parts[i].shape != PAL_SHAPE_TEXT)
				continue;
			require(pal_utf8_count(text, &points));
			require(pal_utf16_units(text) <= able.text_units_max || points == 1);
		}
	}
}

static void parse(const struct pal_channel_hook *hook)
{
	struct pal_arena arena = {0};
	struct pal_channel_events events;
	const struct pal_channel_ops *webhook = pal_channel_find(PAL_STR("webhook"));

	if (pal_channel_parse_hook(webhook, hook, &json, &arena, &events, NULL) == PAL_OK) {
		for (size_t i = 0; i < events.count; i++) {
			require(events.events[i].kind <= PAL_EVENT_FAULTY);
			if (events.events[i].content.p)
				show(events.events[i].content, &arena);
		}
	}
	pal_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *newline = size ? memchr(text, '\n', size) : NULL;
	size_t n = newline ? (size_t)(newline - text) : size;
	struct pal_str body = {text + n + (newline != NULL), size - n - (newline != NULL)};
	const struct pal_channel_ops *webhook = pal_channel_find(PAL_STR("webhook"));
	struct pal_channel_hook hook = hook_of((struct pal_str){text, n}, body);
	struct pal_webhook_key key;
	struct pal_buf right = {0};

	require(pal_webhook_key_read(PAL_STR(SECRET), &key));
	pal_webhook_sign(&key, PAL_STR("msg_1"), PAL_STR(NOW_S), body, &right);
	bool holds_it = n >= right.len && memmem(text, n, right.data, right.len);
	require((pal_channel_verify(webhook, &account, &hook) != PAL_VERDICT_OK) || holds_it);
	hook = hook_of(pal_buf_str(&right), body);
	require(pal_channel_verify(webhook, &account, &hook) == PAL_VERDICT_OK);
	parse(&hook);
	pal_buf_deinit(&right);
	return 0;
}
