/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/events.h"

#include <string.h>

#include "base/clock.h"

struct envelope {
	const struct pal_json *json;
	struct pal_arena *arena;
	uint32_t data;
	struct pal_channel_event *event;
	bool failed_memory;
};

/* The event is wrong; the first fault is told. */
static void fault(struct envelope *e, const char *field, const char *what)
{
	if (e->event->kind != PAL_EVENT_FAULTY) {
		e->event->kind = PAL_EVENT_FAULTY;
		e->event->field = field;
		e->event->fault = what;
	}
}

static void ignore(struct envelope *e, const char *what)
{
	e->event->kind = PAL_EVENT_IGNORED;
	e->event->fault = what;
}

static uint32_t member_of(const struct envelope *e, const char *name)
{
	return e->data == PAL_JSON_NONE ? PAL_JSON_NONE
					: pal_json_member(e->json, e->data, pal_str(name));
}

/* A text member of the data; absent and null are the same. */
static struct pal_str text_of(struct envelope *e, const char *name, const char *field,
			      size_t points_max)
{
	uint32_t at = member_of(e, name);
	size_t points;

	if (at == PAL_JSON_NONE || pal_json_type(e->json, at) == PAL_JSON_NULL)
		return (struct pal_str){NULL, 0};
	if (pal_json_type(e->json, at) != PAL_JSON_STRING) {
		fault(e, field, "must be a text");
		return (struct pal_str){NULL, 0};
	}
	struct pal_str text = pal_json_string(e->json, at, e->arena);
	e->failed_memory |= !text.p;
	if (text.p && (!pal_utf8_count(text, &points) || points > points_max))
		fault(e, field, "is too long");
	return text;
}

static struct pal_str id_of(struct envelope *e, const char *name, const char *field, bool required)
{
	struct pal_str id = text_of(e, name, field, PAL_ID_POINTS_MAX);

	if (id.n == 0 && (required || id.p))
		fault(e, field, "must be an id of 1 to 255 characters");
	return id.n ? id : (struct pal_str){NULL, 0};
}

static struct pal_str object_of(struct envelope *e, const char *name, const char *field,
				bool required)
{
	uint32_t at = member_of(e, name);
	bool is_absent = at == PAL_JSON_NONE || pal_json_type(e->json, at) == PAL_JSON_NULL;

	if (is_absent ? required : pal_json_type(e->json, at) != PAL_JSON_OBJECT) {
		fault(e, field, "must be an object");
		return (struct pal_str){NULL, 0};
	}
	return is_absent ? (struct pal_str){NULL, 0} : pal_json_raw(e->json, at);
}

/* --- The three types -------------------------------------------------------------------------- */

static void read_created(struct envelope *e)
{
	struct pal_channel_event *event = e->event;

	event->kind = PAL_EVENT_MESSAGE_RECEIVED;	/* until something is wrong */
	struct pal_str direction = text_of(e, "direction", "data.direction", 16);
	if (pal_str_equal(direction, PAL_STR("outbound"))) {
		ignore(e, "an outbound message");	/* ours, told back */
		return;
	}
	event->message_id = id_of(e, "id", "data.id", true);
	event->user_id = id_of(e, "user_id", "data.user_id", true);
	event->conversation_id = id_of(e, "conversation_id", "data.conversation_id", false);
	event->content = object_of(e, "content", "data.content", true);
	event->metadata = object_of(e, "metadata", "data.metadata", false);
}

static void read_status(struct envelope *e, unsigned takes)
{
	struct pal_channel_event *event = e->event;
	unsigned needs = PAL_TAKES_RECEIPTS;

	event->kind = PAL_EVENT_DELIVERY_STATUS;
	struct pal_str status = text_of(e, "status", "data.status", 32);
	event->message_id = id_of(e, "message_id", "data.message_id", true);
	event->reason = text_of(e, "reason", "data.reason", 500);
	if (pal_str_equal(status, PAL_STR("delivered")))
		event->status = PAL_DELIVERY_DELIVERED;
	else if (pal_str_equal(status, PAL_STR("read")))
		event->status = PAL_DELIVERY_READ;
	else if (pal_str_equal(status, PAL_STR("sent")))
		event->status = PAL_DELIVERY_SENT, needs = PAL_TAKES_SENDING;
	else if (pal_str_equal(status, PAL_STR("failed")))
		event->status = PAL_DELIVERY_FAILED, needs = PAL_TAKES_SENDING;
	else
		fault(e, "data.status", "must be sent, delivered, read or failed");
	if (!(takes & needs))
		fault(e, "data.status", "must be delivered or read");
}

static void read_read(struct envelope *e)
{
	e->event->kind = PAL_EVENT_READ_RECEIPT;
	e->event->message_id = id_of(e, "message_id", "data.message_id", true);
	e->event->status = PAL_DELIVERY_READ;
}

static void read_data(struct envelope *e, struct pal_str type, unsigned takes)
{
	if (pal_str_equal(type, PAL_STR("message.created")) && takes & PAL_TAKES_MESSAGES)
		read_created(e);
	else if (pal_str_equal(type, PAL_STR("message.status")) && takes & PAL_TAKES_RECEIPTS)
		read_status(e, takes);
	else if (pal_str_equal(type, PAL_STR("message.read")) && takes & PAL_TAKES_RECEIPTS)
		read_read(e);
	else
		ignore(e, "a type that is of no concern");
}

/* --- The envelope ----------------------------------------------------------------------------- */

/* Groups of letters, digits and underscores between dots. */
static bool is_type(struct pal_str s)
{
	bool in_group = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			       c == '_';
		if (!is_word && (c != '.' || !in_group))
			return false;
		in_group = is_word;
	}
	return in_group && s.n <= 128;
}

static enum pal_code read_type(struct envelope *e, struct pal_str *ret, struct pal_error *err)
{
	uint32_t at = pal_json_member(e->json, 0, PAL_STR("type"));

	if (at == PAL_JSON_NONE || pal_json_type(e->json, at) != PAL_JSON_STRING)
		return pal_fail(err, PAL_E_VALIDATION, "type", "It must be a text.");
	*ret = pal_json_string(e->json, at, e->arena);
	if (!ret->p)
		return pal_fail_memory(err, "channel");
	if (!is_type(*ret))
		return pal_fail(err, PAL_E_VALIDATION, "type",
				"It must be words between dots, such as message.created.");
	return PAL_OK;
}

static void read_time(struct envelope *e)
{
	uint32_t at = pal_json_member(e->json, 0, PAL_STR("timestamp"));

	if (at == PAL_JSON_NONE || e->event->kind == PAL_EVENT_IGNORED)
		return;
	struct pal_str text = pal_json_type(e->json, at) == PAL_JSON_STRING
				      ? pal_json_string(e->json, at, e->arena)
				      : (struct pal_str){NULL, 0};
	e->failed_memory |= pal_json_type(e->json, at) == PAL_JSON_STRING && !text.p;
	if (!text.p || !pal_time_parse(text, &e->event->at_ms))
		fault(e, "timestamp", "must be an ISO 8601 time");
}

enum pal_code pal_envelope_read(struct pal_str body, unsigned takes, struct pal_json *json,
				struct pal_arena *arena, struct pal_channel_events *ret,
				struct pal_error *err)
{
	struct envelope e = {.json = json, .arena = arena};
	struct pal_json_fault why;
	struct pal_str type;

	if (!pal_json_scan(json, body, &why))
		return pal_fail(err, PAL_E_VALIDATION, "body", "It is no JSON: %s at byte %zu.",
				why.why, why.at);
	if (pal_json_type(json, 0) != PAL_JSON_OBJECT)
		return pal_fail(err, PAL_E_VALIDATION, "body", "It must be an object.");
	enum pal_code code = read_type(&e, &type, err);
	if (code != PAL_OK)
		return code;
	e.event = pal_arena_get(arena, sizeof(*e.event));
	if (!e.event)
		return pal_fail_memory(err, "channel");
	memset(e.event, 0, sizeof(*e.event));
	e.data = pal_json_member(json, 0, PAL_STR("data"));
	read_data(&e, type, takes);
	read_time(&e);
	if (e.failed_memory)
		return pal_fail_memory(err, "channel");
	*ret = (struct pal_channel_events){e.event, 1};
	return PAL_OK;
}
