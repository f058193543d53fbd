/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_request.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/scratch.h"
#include "model/canonical.h"
#include "model/formats.h"

#define WORD_POINTS_MAX 32u
#define YEAR_9999_MS 253402300799999ll	/* what ISO 8601 with four digits can say */
#define DAY_MS 86400000ll
#define TAGS_MAX 20u
#define TAG_POINTS_MAX 50u
#define TIMEOUT_MIN_MS 1000
#define TIMEOUT_MAX_MS 30000

static const struct pal_text_rule id_rule = {.min = 1, .max = PAL_ID_POINTS_MAX};

struct pal_request_rules pal_request_rules_default(void)
{
	return (struct pal_request_rules){
		.content = {.media_types = pal_media_types_of(PAL_STR("standard")),
			    .media_size_max = 50 << 20},
		.channels = 1u << PAL_CHANNEL_WEB};
}

bool pal_timestamp_is_skewed(int64_t timestamp_ms, int64_t now_ms)
{
	return llabs(timestamp_ms - now_ms) > DAY_MS;
}

/* --- Channel metadata -------------------------------------------------------------------------- */

/* Of the web channel, mail addresses and UUIDs are compared in lower case (domain.md 4.5). */
static struct pal_str normal_user(struct pal_fields *fields, struct pal_str id)
{
	if (!pal_is_email(id) && !pal_is_uuid(id))
		return id;
	char *copy = pal_arena_get(fields->arena, id.n);
	for (size_t i = 0; copy && i < id.n; i++)
		copy[i] = id.p[i] >= 'A' && id.p[i] <= 'Z' ? (char)(id.p[i] | 0x20) : id.p[i];
	fields->failed_memory |= !copy;
	return (struct pal_str){copy, copy ? id.n : 0};
}

static void put_instant(const struct pal_canonical *c, const struct pal_fields_at *at,
			const char *name)
{
	char text[PAL_TIME_TEXT_SIZE];
	int64_t ms = pal_fields_time(c->fields, at, name, -1);

	if (ms >= 0 && ms <= YEAR_9999_MS)
		pal_canonical_put(c, name, pal_str(pal_time_format(ms, text)));
}

static struct pal_str keep(struct pal_fields *fields, const struct pal_buf *raw)
{
	struct pal_str kept = pal_arena_copy(fields->arena, pal_buf_str(raw));

	fields->failed_memory |= raw->failed || !kept.p;
	return kept;
}

static struct pal_str read_metadata(struct pal_fields *fields, const struct pal_fields_at *at)
{
	static const struct pal_text_rule rule = {.max = PAL_ID_POINTS_MAX};
	static const char *const ids[] = {"platform_message_id", "thread_id", "workspace_id",
					  "bot_id", "team_id"};
	static const char *const statuses[] = {
#define X(id, name) name,
		PAL_DELIVERY_STATUSES(X)
#undef X
		NULL};
	static _Thread_local struct pal_scratch scratch;
	const struct pal_canonical c = {fields, pal_scratch_get(&scratch)};

	pal_canonical_open(&c, NULL, '{');
	struct pal_str user = pal_fields_text(fields, at, "platform_user_id", &rule);
	pal_canonical_put(&c, "platform_user_id", normal_user(fields, user));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		pal_canonical_text(&c, at, ids[i], &rule);
	pal_canonical_word(&c, at, "delivery_status", false, statuses,
			   "pending, retrying, sent, delivered, read, failed");
	put_instant(&c, at, "delivery_timestamp");
	put_instant(&c, at, "read_timestamp");
	pal_canonical_integer(&c, at, "delivery_attempts", 0, PAL_JSON_INTEGER_MAX, 0);
	pal_canonical_verbatim(&c, at, "additional_data");
	pal_canonical_close(&c, '}');
	return keep(fields, c.raw);
}

static void read_channel(struct pal_fields *fields, const struct pal_fields_at *root,
			 uint32_t channels, struct pal_send_request *r)
{
	static const struct pal_text_rule rule = {
		.required = true, .min = 1, .max = WORD_POINTS_MAX};
	struct pal_str name = pal_fields_text(fields, root, "channel", &rule);
	struct pal_fields_at at;

	if (name.p && !pal_channel_parse(name, &r->channel))
		pal_fields_wrong(fields, root, "channel", "is not a channel");
	else if (name.p && !(channels & 1u << r->channel))
		pal_fields_wrong(fields, root, "channel", "%s is not enabled for this tenant",
				 pal_channel_name(r->channel));
	pal_fields_object(fields, root, "channel_metadata", false, &at);
	if (at.node != PAL_JSON_NONE)
		r->channel_metadata = read_metadata(fields, &at);
}

/* --- Hints ------------------------------------------------------------------------------------- */

/* A word or a number 1..5; what is neither means normal (domain.md section 1.1). */
static enum pal_priority read_priority(struct pal_fields *fields, const struct pal_fields_at *at)
{
	static const struct pal_text_rule word = {.max = WORD_POINTS_MAX};
	uint32_t v = pal_fields_value(fields, at, "priority", false);

	if (v == PAL_JSON_NONE)
		return PAL_PRIORITY_NORMAL;
	if (pal_json_type(fields->json, v) == PAL_JSON_NUMBER)
		return (enum pal_priority)(pal_fields_integer(fields, at, "priority", 1,
							      PAL_PRIORITY_COUNT, 2) - 1);
	struct pal_str name = pal_fields_text(fields, at, "priority", &word);
	enum pal_priority priority = PAL_PRIORITY_NORMAL;
	pal_priority_parse(name, &priority);
	return priority;
}

static void read_hints(struct pal_fields *fields, const struct pal_fields_at *root,
		       struct pal_hints *hints)
{
	static const struct pal_text_rule word = {.max = WORD_POINTS_MAX};
	static _Thread_local struct pal_scratch scratch;
	struct pal_fields_at at;
	enum pal_content_type type;

	hints->priority = PAL_PRIORITY_NORMAL;
	pal_fields_object(fields, root, "processing_hints", false, &at);
	if (at.node == PAL_JSON_NONE)
		return;
	const struct pal_canonical c = {fields, pal_scratch_get(&scratch)};
	pal_canonical_open(&c, NULL, '{');
	hints->priority = read_priority(fields, &at);
	pal_canonical_put(&c, "priority", pal_str(pal_priority_name(hints->priority)));
	struct pal_str expected = pal_canonical_text(&c, &at, "expected_response_type", &word);
	if (expected.p && !pal_content_type_parse(expected, &type))
		pal_fields_wrong(fields, &at, "expected_response_type", "is not a message type");
	hints->bypass_automation = pal_canonical_bool(&c, &at, "bypass_automation");
	hints->require_human_review = pal_canonical_bool(&c, &at, "require_human_review");
	hints->processing_timeout_ms = (uint32_t)pal_canonical_integer(
		&c, &at, "processing_timeout_ms", TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, 0);
	pal_canonical_integer(&c, &at, "cost_limit_cents", 0, PAL_JSON_INTEGER_MAX, 0);
	pal_canonical_texts(&c, &at, "tags", TAGS_MAX, TAG_POINTS_MAX);
	pal_canonical_close(&c, '}');
	hints->raw = keep(fields, c.raw);
}

/* --- The whole --------------------------------------------------------------------------------- */

/*
 * The same message sent again must have the same digest, another one another: all that changes the
 * meaning goes in, the client's clock does not. Two hashes under fixed keys make 128 bits; a client
 * who finds a collision fools nobody but itself.
 */
static bool digest_of(struct pal_send_request *r)
{
	static const uint8_t keys[2][16] = {"palaver digest a", "palaver digest b"};
	const struct pal_str parts[] = {r->user_id, r->conversation_id, r->session_id,
					pal_str(pal_channel_name(r->channel)), r->content.raw};

	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *whole = pal_scratch_get(&scratch);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint32_t len =
			(uint32_t)parts[i].n; /* so that no two lists of parts look the same */
		pal_buf_add(whole, &len, sizeof(len));
		pal_buf_add_str(whole, parts[i]);
	}
	pal_buf_add_char(whole,
			 (char)(r->hints.bypass_automation + 2 * r->hints.require_human_review));
	for (size_t k = 0; k < 2; k++) {
		uint64_t sum = pal_siphash13(keys[k], whole->data, whole->len);
		memcpy(r->digest + 8 * k, &sum, 8);
	}
	return !whole->failed;
}

static void read_timestamp(struct pal_fields *fields, const struct pal_fields_at *root,
			   int64_t now_ms, const struct pal_request_rules *rules,
			   struct pal_send_request *ret)
{
	ret->timestamp_ms = pal_fields_time(fields, root, "timestamp", now_ms);
	if (ret->timestamp_ms < 0 || ret->timestamp_ms > YEAR_9999_MS)
		pal_fields_wrong(fields, root, "timestamp", "must be in the years 1970 to 9999");
	else if (rules->reject_skewed_timestamps &&
		 pal_timestamp_is_skewed(ret->timestamp_ms, now_ms))
		pal_fields_wrong(fields, root, "timestamp",
				 "must be within 24 hours of the server's clock");
}

enum pal_code pal_send_request_read(struct pal_fields *fields, int64_t now_ms,
				    const struct pal_request_rules *rules,
				    struct pal_send_request *ret, struct pal_error *err)
{
	static const struct pal_text_rule user_rule = {
		.required = true, .trim = true, .min = 1, .max = PAL_ID_POINTS_MAX};
	const struct pal_fields_at root = {.node = 0, .index = -1};

	*ret = (struct pal_send_request){.channel = PAL_CHANNEL_WEB};
	if (pal_json_type(fields->json, 0) != PAL_JSON_OBJECT)
		return pal_fail(err, PAL_E_VALIDATION, "body", "the body must be a JSON object");
	ret->message_id = pal_fields_text(fields, &root, "message_id", &id_rule);
	ret->conversation_id = pal_fields_text(fields, &root, "conversation_id", &id_rule);
	ret->user_id = pal_fields_text(fields, &root, "user_id", &user_rule);
	ret->session_id = pal_fields_text(fields, &root, "session_id", &id_rule);
	read_channel(fields, &root, rules->channels, ret);
	pal_content_read(fields, &root, &rules->content, &ret->content);
	read_hints(fields, &root, &ret->hints);
	/* of the request, not of the message: the stored one has no place for it (domain.md 1.4) */
	pal_fields_verbatim(fields, &root, "request_context", PAL_VERBATIM_BYTES_MAX,
			    PAL_VERBATIM_DEPTH_MAX);
	read_timestamp(fields, &root, now_ms, rules, ret);
	if (fields->errors->count == 0 && !digest_of(ret))
		fields->failed_memory = true;
	if (fields->failed_memory)
		return pal_fail_memory(err, "request");
	return pal_field_errors_result(fields->errors, err);
}
