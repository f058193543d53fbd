/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_request.h"

#include "base/scratch.h"
#include "base/hash.h"

#define VERBATIM_BYTES_MAX 10240u
#define VERBATIM_DEPTH_MAX 16u
#define QUICK_REPLIES_MAX 10u
#define BUTTONS_MAX 3u
#define TITLE_POINTS_MAX 20u
#define PAYLOAD_POINTS_MAX 1000u
#define URL_POINTS_MAX 2048u
#define WORD_POINTS_MAX 32u
#define YEAR_9999_MS 253402300799999ll	/* what ISO 8601 with four digits can say */
#define TAGS_MAX 20u

static const struct pal_text_rule id_rule = {.min = 1, .max = PAL_ID_POINTS_MAX};

/* Where the authority of an http or https URL begins; 0 when it is none (RFC 3986 section 3.1). */
static size_t behind_scheme(struct pal_str url)
{
	if (url.n > 7 && strncasecmp(url.p, "http://", 7) == 0)
		return 7;
	if (url.n > 8 && strncasecmp(url.p, "https://", 8) == 0)
		return 8;
	return 0;
}

/* http or https, a host that is not empty, no blanks or control bytes (domain.md section 1.2). */
static bool is_http_url(struct pal_str url)
{
	size_t host = behind_scheme(url);
	size_t end = host;

	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f)
			return false;
	for (; end < url.n && !memchr("/?#", url.p[end], 3); end++)
		if (url.p[end] == '@')
			host = end + 1;
	return behind_scheme(url) && host < end && url.p[host] != ':';
}

/*
 * Append `"key":"value"` unless the value is absent; `first` tells whether a comma must go before.
 */
static void put_member(struct pal_buf *raw, bool first, const char *key, struct pal_str value)
{
	if (!value.p)
		return;
	pal_buf_add(raw, ",", first ? 0 : 1);
	pal_json_put_string(raw, pal_str(key));
	pal_buf_add_char(raw, ':');
	pal_json_put_string(raw, value);
}

static bool begin_element(struct pal_fields *fields, const struct pal_fields_at *at,
			  struct pal_buf *raw)
{
	pal_buf_add(raw, ",", at->index == 0 ? 0 : 1);
	if (pal_json_type(fields->json, at->node) == PAL_JSON_OBJECT)
		return true;
	pal_fields_wrong(fields, at, NULL, "must be an object");
	return false;
}

static void read_quick_reply(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	static const struct pal_text_rule title_rule = {
		.required = true, .min = 1, .max = TITLE_POINTS_MAX};
	static const struct pal_text_rule payload_rule = {
		.required = true, .max = PAYLOAD_POINTS_MAX};
	static const struct pal_text_rule kind_rule = {.min = 1, .max = WORD_POINTS_MAX};
	struct pal_buf *raw = arg;

	if (!begin_element(fields, at, raw))
		return;
	pal_buf_add_char(raw, '{');
	put_member(raw, true, "title", pal_fields_text(fields, at, "title", &title_rule));
	put_member(raw, false, "payload", pal_fields_text(fields, at, "payload", &payload_rule));
	put_member(raw, false, "content_type",
		   pal_fields_text(fields, at, "content_type", &kind_rule));
	pal_buf_add_char(raw, '}');
}

static void read_button(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	static const struct pal_text_rule type_rule = {.required = true, .min = 1, .max = 20};
	static const struct pal_text_rule title_rule = {
		.required = true, .min = 1, .max = TITLE_POINTS_MAX};
	struct pal_buf *raw = arg;

	if (!begin_element(fields, at, raw))
		return;
	struct pal_str type = pal_fields_text(fields, at, "type", &type_rule);
	bool postback = pal_str_equal(type, PAL_STR("postback"));
	bool url = pal_str_equal(type, PAL_STR("url"));
	if (type.p && !postback && !url && !pal_str_equal(type, PAL_STR("phone")) &&
	    !pal_str_equal(type, PAL_STR("share")))
		pal_fields_wrong(fields, at, "type", "must be one of postback, url, phone, share");
	struct pal_str title = pal_fields_text(fields, at, "title", &title_rule);
	struct pal_str payload = pal_fields_text(
		fields, at, "payload",
		&(struct pal_text_rule){.required = postback, .max = PAYLOAD_POINTS_MAX});
	struct pal_str target = pal_fields_text(
		fields, at, "url", &(struct pal_text_rule){.required = url, .max = URL_POINTS_MAX});
	if (target.p && !is_http_url(target))
		pal_fields_wrong(fields, at, "url", "must be an http or https URL with a host");
	pal_buf_add_char(raw, '{');
	put_member(raw, true, "type", type);
	put_member(raw, false, "title", title);
	put_member(raw, false, "payload", payload);
	put_member(raw, false, "url", target);
	pal_buf_add_char(raw, '}');
}

static bool is_language(struct pal_str s)
{
	return s.n == 2 && s.p[0] >= 'a' && s.p[0] <= 'z' && s.p[1] >= 'a' && s.p[1] <= 'z';
}

static bool has_visible(struct pal_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ')
			return true;
	return false;
}

static void read_list(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		      size_t max, pal_fields_visit_fn *visit, struct pal_buf *raw)
{
	if (pal_fields_value(fields, at, name, false) == PAL_JSON_NONE)
		return;
	pal_buf_addf(raw, ",\"%s\":[", name);
	pal_fields_array(fields, at, name, max, visit, raw);
	pal_buf_add_char(raw, ']');
}

static void read_text(struct pal_fields *fields, const struct pal_fields_at *at,
		      struct pal_content *content, struct pal_buf *raw)
{
	static const struct pal_text_rule text = {
		.required = true, .min = 1, .max = PAL_TEXT_POINTS_MAX};
	static const struct pal_text_rule language = {.max = 16};

	content->text = pal_fields_text(fields, at, "text", &text);
	if (content->text.p && !has_visible(content->text))
		pal_fields_wrong(fields, at, "text", "must not be blank");
	content->language = pal_fields_text(fields, at, "language", &language);
	if (content->language.p && !is_language(content->language))
		pal_fields_wrong(fields, at, "language", "must be two lower-case letters");
	pal_buf_add_lit(raw, "{\"type\":\"text\"");
	put_member(raw, false, "text", content->text);
	put_member(raw, false, "language", content->language);
	read_list(fields, at, "quick_replies", QUICK_REPLIES_MAX, read_quick_reply, raw);
	read_list(fields, at, "buttons", BUTTONS_MAX, read_button, raw);
	pal_buf_add_char(raw, '}');
}

static void read_content(struct pal_fields *fields, const struct pal_fields_at *root,
			 struct pal_content *content)
{
	static const struct pal_text_rule type_rule = {
		.required = true, .min = 1, .max = WORD_POINTS_MAX};
	struct pal_fields_at at;

	pal_fields_object(fields, root, "content", true, &at);
	if (at.node == PAL_JSON_NONE)
		return;
	struct pal_str type = pal_fields_text(fields, &at, "type", &type_rule);
	if (!type.p)
		return;
	if (!pal_content_type_parse(type, &content->type)) {
		pal_fields_wrong(fields, &at, "type", "is not a message type");
		return;
	}
	if (content->type != PAL_CONTENT_TEXT) {
		pal_fields_wrong(fields, &at, "type", "must be text: no processor takes %s",
				 pal_content_type_name(content->type));
		return;
	}
	struct pal_buf raw = {0};
	read_text(fields, &at, content, &raw);
	content->raw = pal_arena_copy(fields->arena, pal_buf_str(&raw));
	fields->failed_memory |= raw.failed || !content->raw.p;
	pal_buf_deinit(&raw);
}

static void read_channel(struct pal_fields *fields, const struct pal_fields_at *root,
			 enum pal_channel_type *ret)
{
	static const struct pal_text_rule rule = {
		.required = true, .min = 1, .max = WORD_POINTS_MAX};
	static const struct pal_text_rule meta_rule = {.max = PAL_ID_POINTS_MAX};
	static const char *const meta[] = {"platform_message_id", "platform_user_id", "thread_id",
					   "workspace_id"};
	struct pal_str name = pal_fields_text(fields, root, "channel", &rule);
	struct pal_fields_at at;

	if (name.p && !pal_channel_parse(name, ret))
		pal_fields_wrong(fields, root, "channel", "is not a channel");
	else if (name.p && *ret != PAL_CHANNEL_WEB)
		pal_fields_wrong(fields, root, "channel", "%s is not enabled for this tenant",
				 pal_channel_name(*ret));
	pal_fields_object(fields, root, "channel_metadata", false, &at);
	for (size_t i = 0; at.node != PAL_JSON_NONE && i < sizeof(meta) / sizeof(meta[0]); i++)
		pal_fields_text(fields, &at, meta[i], &meta_rule);
	pal_fields_verbatim(fields, &at, "additional_data", VERBATIM_BYTES_MAX, VERBATIM_DEPTH_MAX);
}

static void check_tag(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	(void)arg;
	if (pal_json_type(fields->json, at->node) != PAL_JSON_STRING)
		pal_fields_wrong(fields, at, NULL, "must be a string");
}

static void read_hints(struct pal_fields *fields, const struct pal_fields_at *root,
		       struct pal_hints *hints)
{
	static const struct pal_text_rule word = {.max = WORD_POINTS_MAX};
	struct pal_fields_at at;
	enum pal_content_type type;

	pal_fields_object(fields, root, "processing_hints", false, &at);
	if (at.node == PAL_JSON_NONE)
		return;
	pal_fields_text(fields, &at, "priority", &word);	/* an unknown one means normal */
	struct pal_str expected = pal_fields_text(fields, &at, "expected_response_type", &word);
	if (expected.p && !pal_content_type_parse(expected, &type))
		pal_fields_wrong(fields, &at, "expected_response_type", "is not a message type");
	hints->bypass_automation = pal_fields_bool(fields, &at, "bypass_automation", false);
	hints->require_human_review = pal_fields_bool(fields, &at, "require_human_review", false);
	pal_fields_integer(fields, &at, "processing_timeout_ms", 1000, 30000, 30000);
	pal_fields_integer(fields, &at, "cost_limit_cents", 0, PAL_JSON_INTEGER_MAX, 0);
	pal_fields_array(fields, &at, "tags", TAGS_MAX, check_tag, NULL);
}

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

enum pal_code pal_send_request_read(struct pal_fields *fields, int64_t now_ms,
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
	read_channel(fields, &root, &ret->channel);
	read_content(fields, &root, &ret->content);
	read_hints(fields, &root, &ret->hints);
	pal_fields_verbatim(fields, &root, "request_context", VERBATIM_BYTES_MAX,
			    VERBATIM_DEPTH_MAX);
	ret->timestamp_ms = pal_fields_time(fields, &root, "timestamp", now_ms);
	if (ret->timestamp_ms < 0 || ret->timestamp_ms > YEAR_9999_MS)
		pal_fields_wrong(fields, &root, "timestamp", "must be in the years 1970 to 9999");
	if (fields->errors->count == 0 && !digest_of(ret))
		fields->failed_memory = true;
	if (fields->failed_memory)
		return pal_fail_memory(err, "request");
	return pal_field_errors_result(fields->errors, err);
}
