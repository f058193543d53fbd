/* SPDX-License-Identifier: Apache-2.0 */
#include "service/webhook/forget.h"

#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "service/delivery/delivery_ref.h"
#include "service/view/answer.h"
#include "service/webhook/parts.h"
#include "store/store.h"

/* The raw event of the body; absent when it keeps none. False: it cannot be read. */
static bool event_in(struct pal_str body, struct pal_str *ret)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	*ret = (struct pal_str){NULL, 0};
	if (!pal_json_scan(json, body, &fault))
		return false;
	uint32_t at = pal_json_member(json, 0, PAL_STR("event"));
	if (at != PAL_JSON_NONE)
		*ret = pal_json_raw(json, at);
	return true;
}

/* Whether a text of `event`, a key or a value, is `user_id`. */
static enum pal_code names(struct pal_str event, struct pal_str user_id, struct pal_arena *arena,
			   bool *ret, struct pal_error *err)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	*ret = !pal_json_scan(json, event, &fault);
	for (uint32_t at = 0; at < json->count && !*ret; at++) {
		if (pal_json_type(json, at) != PAL_JSON_STRING)
			continue;
		struct pal_str text = pal_json_string(json, at, arena);
		if (!text.p)
			return pal_fail_memory(err, "webhook");
		*ret = pal_str_equal(text, user_id);
	}
	return PAL_OK;
}

static enum pal_code is_message_of(struct pal_store *store, unsigned reader,
				   struct pal_tenant_key tenant, struct pal_str channel,
				   struct pal_str message_id, struct pal_str user_id, struct pal_arena *arena, bool *ret,
				   struct pal_error *err)
{
	struct pal_found_exchange found;
	struct pal_str id = pal_webhook_own_id(message_id);
	const struct pal_delivery_ref ref = {
		.tenant = tenant, .channel = channel, .platform_id = message_id};
	enum pal_code code = pal_webhook_is_own_id(message_id)
				     ? PAL_E_NOT_FOUND
				     : pal_delivery_ref_find(store, reader, &ref, arena, &id, err);

	if (code == PAL_OK || code == PAL_E_NOT_FOUND)
		code = pal_store_find_exchange(store, reader, tenant, id, true, arena, &found, err);
	if (code == PAL_E_NOT_FOUND)
		code = pal_store_find_exchange(store, reader, tenant, id, false, arena, &found, err);
	*ret = code == PAL_OK && pal_str_equal(found.conversation.user_id, user_id);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

/* Receipts do not say whose message it was. */
static enum pal_code tells_of(struct pal_store *store, unsigned reader,
			      struct pal_tenant_key tenant,
			      const struct pal_channel_events *events, struct pal_str channel,
			      struct pal_str user_id,
			      struct pal_arena *arena, bool *ret, struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	for (size_t i = 0; i < events->count && code == PAL_OK && !*ret; i++) {
		const struct pal_channel_event *event = &events->events[i];
		if (event->kind == PAL_EVENT_DELIVERY_STATUS ||
		    event->kind == PAL_EVENT_READ_RECEIPT)
			code = is_message_of(store, reader, tenant, channel, event->message_id,
					     user_id, arena, ret, err);
	}
	return code;
}

/* The record's id begins with it. */
static struct pal_str channel_of(const struct pal_record *record)
{
	const char *colon = memchr(record->id.p, ':', record->id.n);

	return (struct pal_str){record->id.p, colon ? (size_t)(colon - record->id.p) : 0};
}

/* The events of a kept webhook; none when it cannot be read. */
static enum pal_code parse(const struct pal_record *record, struct pal_str event,
			   struct pal_arena *arena, struct pal_channel_events *ret,
			   struct pal_error *err)
{
	const struct pal_channel_ops *ops = pal_channel_find(channel_of(record));
	struct pal_channel_hook *hook = calloc(1, sizeof(*hook));
	enum pal_code code = hook ? PAL_E_VALIDATION : pal_fail_memory(err, "webhook");

	*ret = (struct pal_channel_events){.count = 0};
	if (hook && ops) {
		hook->body = event;
		hook->now_ms = record->created_ms;
		code = pal_channel_parse_hook(ops, hook, pal_thread_json(), arena, ret, err);
	}
	free(hook);
	return code == PAL_E_SERVICE ? code : PAL_OK;
}

enum pal_code pal_webhook_is_of(struct pal_store *store, unsigned reader,
				struct pal_tenant_key tenant, const struct pal_record *record,
				struct pal_str user_id, struct pal_arena *arena, bool *ret,
				struct pal_error *err)
{
	struct pal_channel_events events;
	struct pal_str event;

	*ret = false;
	if (!event_in(record->body, &event)) {
		*ret = record->body.n &&
		       memmem(record->body.p, record->body.n, user_id.p, user_id.n) != NULL;
		return PAL_OK;
	}
	if (!event.n)
		return PAL_OK;
	enum pal_code code = names(event, user_id, arena, ret, err);
	if (code == PAL_OK && !*ret)
		code = parse(record, event, arena, &events, err);
	else
		return code;
	return code == PAL_OK ? tells_of(store, reader, tenant, &events, channel_of(record),
					 user_id, arena, ret, err)
			      : code;
}

void pal_webhook_forget(struct pal_str body, struct pal_buf *out)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	uint32_t answer = PAL_JSON_NONE;

	if (pal_json_scan(json, body, &fault))
		answer = pal_json_member(json, 0, PAL_STR("answer"));
	pal_buf_add_lit(out, "{\"answer\":");
	pal_buf_add_str(out, answer == PAL_JSON_NONE ? PAL_STR("{}") : pal_json_raw(json, answer));
	pal_buf_add_lit(out, ",\"attempts\":0,\"state\":\"processed\",\"results\":[]}");
}
