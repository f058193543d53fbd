/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_request.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/scratch.h"

#define MINUTE_MS (60ll * 1000)
#define EXTEND_MINUTES_DEFAULT 60
#define WORD_POINTS_MAX 32u

/* What a client may tell of itself; all optional, kept as told. */
static const struct {
	const char *name;
	size_t points_max;
} client_fields[] = {
	{"user_agent", 500},   {"device_type", 50},    {"country", 2},	     {"timezone", 50},
	{"referrer", 500},     {"language", 2},	       {"utm_source", 255},  {"utm_medium", 255},
	{"utm_campaign", 255}, {"utm_term", 255},      {"utm_content", 255},
};

#define CLIENT_FIELDS (sizeof(client_fields) / sizeof(client_fields[0]))

static bool has(struct pal_fields *fields, const struct pal_fields_at *root, const char *name)
{
	return pal_fields_value(fields, root, name, false) != PAL_JSON_NONE;
}

static struct pal_str read_object(struct pal_fields *fields, const struct pal_fields_at *root, const char *name)
{
	return pal_fields_verbatim(fields, root, name, PAL_SESSION_JSON_BYTES_MAX,
				   PAL_SESSION_JSON_DEPTH_MAX);
}

/* An object that goes by two names, of which a request uses one. */
static struct pal_str read_either(struct pal_fields *fields, const struct pal_fields_at *root, const char *name, const char *alias)
{
	if (has(fields, root, name) && has(fields, root, alias))
		pal_fields_wrong(fields, root, alias, "is another name of %s: use one", name);
	return read_object(fields, root, has(fields, root, alias) ? alias : name);
}

static enum pal_channel_type read_channel(struct pal_fields *fields, const struct pal_fields_at *root, const char *name)
{
	static const struct pal_text_rule rule = {
		.required = true, .min = 1, .max = WORD_POINTS_MAX};
	enum pal_channel_type channel = PAL_CHANNEL_WEB;
	struct pal_str text = pal_fields_text(fields, root, name, &rule);

	if (text.p && !pal_channel_parse(text, &channel))
		pal_fields_wrong(fields, root, name, "is not a channel");
	return channel;
}

/* --- Creating --------------------------------------------------------------------------------- */

static bool are_letters(struct pal_str s, char first, char last)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < first || s.p[i] > last)
			return false;
	return s.n == 2;
}

static void check_client_field(struct pal_fields *fields, const struct pal_fields_at *root, const char *name, struct pal_str value)
{
	if (strcmp(name, "country") == 0 && !are_letters(value, 'A', 'Z'))
		pal_fields_wrong(fields, root, name, "must be two upper-case letters");
	if (strcmp(name, "language") == 0 && !are_letters(value, 'a', 'z'))
		pal_fields_wrong(fields, root, name, "must be two lower-case letters");
}

/* Only the five standard utm_ members are known (domain.md section 1.3). */
static void check_utm_names(struct pal_fields *fields, const struct pal_fields_at *root)
{
	const struct pal_json *json = fields->json;
	uint32_t key = pal_json_first(json, 0);

	for (unsigned i = 0; i < json->node[0].count; i++, key = json->node[key + 1].next) {
		struct pal_str name = {json->text + json->node[key].at, json->node[key].len};
		char text[40];
		bool known = name.n < 4 || memcmp(name.p, "utm_", 4) != 0;
		for (size_t f = 0; f < CLIENT_FIELDS && !known; f++)
			known = pal_str_equal(name, pal_str(client_fields[f].name));
		if (known)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)name.n, name.p);
		pal_fields_wrong(fields, root, text,
				 "is not one of utm_source, _medium, _campaign, _term, _content");
	}
}

static struct pal_str read_client_info(struct pal_fields *fields, const struct pal_fields_at *root)
{
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *out = pal_scratch_get(&scratch);
	bool first = true;

	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < CLIENT_FIELDS; i++) {
		const struct pal_text_rule rule = {.max = client_fields[i].points_max};
		const char *name = client_fields[i].name;
		struct pal_str value = pal_fields_text(fields, root, name, &rule);
		if (!value.p)
			continue;
		check_client_field(fields, root, name, value);
		pal_buf_addf(out, "%s\"%s\":", first ? "" : ",", name);
		pal_json_put_string(out, value);
		first = false;
	}
	pal_buf_add_char(out, '}');
	check_utm_names(fields, root);
	struct pal_str info = first ? (struct pal_str){NULL, 0}
				    : pal_arena_copy(fields->arena, pal_buf_str(out));
	fields->failed_memory |= out->failed || (!first && !info.p);
	return info;
}

static int64_t read_timeout(struct pal_fields *fields, const struct pal_fields_at *root, int64_t max_ms)
{
	struct pal_fields_at config;

	pal_fields_object(fields, root, "session_config", false, &config);
	return pal_fields_integer(fields, &config, "timeout_minutes", 1, max_ms / MINUTE_MS, 0) *
	       MINUTE_MS;
}

/* As the digest of a message: two hashes under fixed keys over all that was read. */
static bool digest_of(struct pal_session_create *r)
{
	static const uint8_t keys[2][16] = {"palaver digest c", "palaver digest d"};
	static _Thread_local struct pal_scratch scratch;
	const struct pal_str parts[] = {r->user_id, pal_str(pal_channel_name(r->channel)),
					r->conversation_id, r->context, r->metadata,
					r->client_info};
	struct pal_buf *whole = pal_scratch_get(&scratch);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint32_t len = (uint32_t)parts[i].n;
		pal_buf_add(whole, &len, sizeof(len));
		pal_buf_add_str(whole, parts[i]);
	}
	pal_buf_add(whole, &r->lifetime_ms, sizeof(r->lifetime_ms));
	for (size_t k = 0; k < 2 && !whole->failed; k++) {
		uint64_t sum = pal_siphash13(keys[k], whole->data, whole->len);
		memcpy(r->digest + 8 * k, &sum, 8);
	}
	return !whole->failed;
}

void pal_session_create_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     int64_t max_ms, struct pal_session_create *ret)
{
	static const struct pal_text_rule user_rule = {
		.required = true, .trim = true, .min = 1, .max = PAL_ID_POINTS_MAX};
	static const struct pal_text_rule id_rule = {.min = 1, .max = PAL_ID_POINTS_MAX};

	*ret = (struct pal_session_create){
		.user_id = pal_fields_text(fields, root, "user_id", &user_rule),
		.channel = read_channel(fields, root, "channel"),
		.conversation_id = pal_fields_text(fields, root, "conversation_id", &id_rule),
		.context = read_either(fields, root, "initial_context", "context"),
		.metadata = read_object(fields, root, "metadata"),
		.client_info = read_client_info(fields, root),
		.lifetime_ms = read_timeout(fields, root, max_ms),
	};
	if (fields->errors->count == 0 && !digest_of(ret))
		fields->failed_memory = true;
}

/* --- Changing --------------------------------------------------------------------------------- */

static void check_feature(struct pal_fields *fields, const struct pal_fields_at *at, uint32_t key)
{
	const struct pal_json *json = fields->json;
	enum pal_json_type type = pal_json_type(json, key + 1);
	char name[PAL_ERROR_SUBJECT_MAX];

	if (type == PAL_JSON_TRUE || type == PAL_JSON_FALSE || type == PAL_JSON_NULL)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)json->node[key].len,
		 json->text + json->node[key].at);
	pal_fields_wrong(fields, at, name, "must be true, false or null");
}

static struct pal_str read_features(struct pal_fields *fields, const struct pal_fields_at *root)
{
	struct pal_str raw = read_object(fields, root, "feature_updates");
	struct pal_fields_at at;

	if (!raw.p)
		return raw;
	pal_fields_object(fields, root, "feature_updates", false, &at);
	uint32_t key = pal_json_first(fields->json, at.node);
	for (unsigned i = 0; i < fields->json->node[at.node].count; i++) {
		check_feature(fields, &at, key);
		key = fields->json->node[key + 1].next;
	}
	return raw;
}

void pal_session_update_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_session_update *ret)
{
	*ret = (struct pal_session_update){
		.context = read_either(fields, root, "context_updates", "context"),
		.preferences = read_object(fields, root, "preference_updates"),
		.features = read_features(fields, root),
		.metadata = read_object(fields, root, "metadata"),
		.appends = read_object(fields, root, "append_to_history"),
		.extend = pal_fields_bool(fields, root, "extend_ttl", false),
	};
}

void pal_session_context_read(struct pal_fields *fields, const struct pal_fields_at *root,
			      struct pal_session_update *ret)
{
	*ret = (struct pal_session_update){
		.context = read_either(fields, root, "context", "context_updates")};
	if (!has(fields, root, "context") && !has(fields, root, "context_updates"))
		pal_fields_wrong(fields, root, "context", "is required");
}

void pal_session_extend_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     int64_t max_ms, struct pal_session_extend *ret)
{
	int64_t minutes = pal_fields_integer(fields, root, "extend_minutes", 1,
					     max_ms / MINUTE_MS, EXTEND_MINUTES_DEFAULT);
	int64_t hours = pal_fields_integer(fields, root, "hours", 1,
					   max_ms / PAL_SESSION_HOUR_MS, 0);

	if (has(fields, root, "extend_minutes") && has(fields, root, "hours"))
		pal_fields_wrong(fields, root, "hours", "must not stand beside extend_minutes");
	ret->extend_ms = hours ? hours * PAL_SESSION_HOUR_MS : minutes * MINUTE_MS;
}

void pal_session_transfer_read(struct pal_fields *fields, const struct pal_fields_at *root,
			       struct pal_session_transfer *ret)
{
	*ret = (struct pal_session_transfer){
		.channel = read_channel(fields, root, "target_channel"),
		.preserve_context = pal_fields_bool(fields, root, "preserve_context", true),
	};
}
