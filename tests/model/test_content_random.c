/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents put together at random, right and wrong. Whatever comes: nothing crashes; each error
 * names a member that is there, or one that is missing of an object that is there; what is right
 * reads back from its own spelling as the same.
 */
#include "model/content_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "request.h"
#include "suite.h"

#define ROUNDS 3000

static struct reading r, again;
static uint32_t seed;

static uint32_t roll(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 10) % sides;
}

/* A member as it may look when it is right; `inner` ends with a nameless one. */
struct shape {
	const char *key;
	const char *right[3];		/* NULL: as the one before */
	const struct shape *inner;	/* an object of these, or a list of such objects */
	uint32_t elements_max;		/* of the list; 0: no list */
	bool is_needed;
};

static const struct shape buttons[] = {
	{.key = "type", .right = {"\"postback\"", "\"url\"", "\"share\""}, .is_needed = true},
	{.key = "title", .right = {"\"t\""}, .is_needed = true},
	{.key = "payload", .right = {"\"p\""}, .is_needed = true},
	{.key = "url", .right = {"\"https://a.example\""}, .is_needed = true},
	{.key = "webview_height_ratio", .right = {"\"tall\""}},
	{.key = NULL}};
static const struct shape replies[] = {
	{.key = "title", .right = {"\"Yes\"", "\"No\""}, .is_needed = true},
	{.key = "payload", .right = {"\"Y\"", "\"\""}, .is_needed = true},
	{.key = "image_url", .right = {"\"http://i\""}},
	{.key = NULL}};
static const struct shape dimensions[] = {{.key = "width", .right = {"1"}, .is_needed = true},
					  {.key = "height", .right = {"2"}, .is_needed = true},
					  {.key = NULL}};
static const struct shape media[] = {
	{.key = "url", .right = {"\"https://a.example/b.jpg?c\"", "\"http://[::1]/\""}, .is_needed = true},
	{.key = "type", .right = {"\"image/png\"", "\"pdf\"", "\"video/mp4\""}, .is_needed = true},
	{.key = "size_bytes", .right = {"0", "52428800"}, .is_needed = true},
	{.key = "alt_text", .right = {"\"\\u00e9\"", "\"\""}},
	{.key = "duration_ms", .right = {"7"}},
	{.key = "dimensions", .inner = dimensions},
	{.key = "filename", .right = {"\"a.exe\""}},
	{.key = NULL}};
static const struct shape location[] = {{.key = "latitude", .right = {"0", "-90", "48.137154"}, .is_needed = true},
					{.key = "longitude", .right = {"180", "11.5"}, .is_needed = true},
					{.key = "accuracy_meters", .right = {"8"}},
					{.key = "address", .right = {"\"here\""}},
					{.key = NULL}};
static const struct shape items[] = {{.key = "title", .right = {"\"t\""}, .is_needed = true},
				     {.key = "subtitle", .right = {"\"s\""}},
				     {.key = "default_action", .right = {"{\"a\":[1,{}]}"}},
				     {.key = "buttons", .inner = buttons, .elements_max = 4},
				     {.key = NULL}};
static const struct shape contact[] = {{.key = "name", .right = {"\"n\""}, .is_needed = true},
				       {.key = "phone_number", .right = {"\"+4930123456\""}},
				       {.key = "email", .right = {"\"A@b.cd\""}},
				       {.key = NULL}};
static const struct shape form[] = {{.key = "field_id", .right = {"\"f\""}, .is_needed = true},
				    {.key = "field_type", .right = {"\"radio\"", "\"text\""}, .is_needed = true},
				    {.key = "label", .right = {"\"l\""}, .is_needed = true},
				    {.key = "required", .right = {"true", "false"}},
				    {.key = "options", .right = {"[\"a\",\"b\"]", "[]"}},
				    {.key = "max_length", .right = {"3"}},
				    {.key = "min_value", .right = {"-1.5"}},
				    {.key = NULL}};
static const struct shape content[] = {
	{.key = "text", .right = {"\"hi\"", "\"Yes\"", "\" \""}},
	{.key = "language", .right = {"\"en\""}},
	{.key = "media", .inner = media},
	{.key = "location", .inner = location},
	{.key = "quick_replies", .inner = replies, .elements_max = 3},
	{.key = "buttons", .inner = buttons, .elements_max = 4},
	{.key = "carousel", .inner = items, .elements_max = 11},
	{.key = "contact", .inner = contact},
	{.key = "form_fields", .inner = form, .elements_max = 2},
	{.key = "form_data", .right = {"{\"a\":null}"}},
	{.key = "metadata", .right = {"{}"}},
	{.key = "unknown", .right = {"[[]]"}},
	{.key = NULL}};

static void put_random(struct pal_buf *out)
{
	static const char *const odd[] = {
		"\"\"", "\" \"", "0", "-1", "7.5", "1e99", "true", "null", "{}", "[]", "[1]",
		"\"javascript:1\"", "\"\\ud83d\\ude00\"", "[{}]", "{\"$a\":1}", "9007199254740993"};

	pal_buf_add_str(out, pal_str(odd[roll(sizeof(odd) / sizeof(odd[0]))]));
}

static void put_object(struct pal_buf *out, const struct shape *members, const char *first);

static void put_value(struct pal_buf *out, const struct shape *shape)
{
	uint32_t pick = roll(3);

	if (roll(24) == 0) {
		put_random(out);
	} else if (!shape->inner) {
		while (!shape->right[pick])
			pick--;
		pal_buf_add_str(out, pal_str(shape->right[pick]));
	} else if (!shape->elements_max) {
		put_object(out, shape->inner, "");
	} else {
		pal_buf_add_char(out, '[');
		for (uint32_t i = 0, n = roll(shape->elements_max + 1); i < n; i++) {
			pal_buf_add(out, ",", i ? 1 : 0);
			put_object(out, shape->inner, "");
		}
		pal_buf_add_char(out, ']');
	}
}

static void put_object(struct pal_buf *out, const struct shape *members, const char *first)
{
	pal_buf_addf(out, "{%s", first);
	for (const struct shape *m = members; m->key; m++) {
		if (roll(24) == 0 || (!m->is_needed && roll(4) != 0))
			continue;
		bool is_first = out->data[out->len - 1] == '{';
		pal_buf_addf(out, "%s\"%s\":", is_first ? "" : ",", m->key);
		put_value(out, m);
	}
	pal_buf_add_char(out, '}');
}

static void put_content(struct pal_buf *out)
{
	char type[64];

	snprintf(type, sizeof(type), "\"type\":\"%s\"",
		 pal_content_type_name((enum pal_content_type)roll(PAL_CONTENT_TYPE_COUNT)));
	put_object(out, content, type);
}

/* Where `path` leads in the scanned text; *ret_missing when only its last step does not. */
static bool leads_somewhere(const struct pal_json *json, const char *path, bool *ret_missing)
{
	uint32_t at = 0;

	*ret_missing = false;
	while (*path) {
		size_t n = strcspn(path, ".[");
		if (*ret_missing)
			return false;	/* a member of nothing */
		if (*path == '[') {
			unsigned index = (unsigned)strtoul(path + 1, NULL, 10);
			if (pal_json_type(json, at) != PAL_JSON_ARRAY ||
			    index >= json->node[at].count)
				return false;
			for (at = pal_json_first(json, at); index; index--)
				at = json->node[at].next;
			n = strcspn(path, "]") + 1;
		} else {
			if (pal_json_type(json, at) != PAL_JSON_OBJECT)
				return false;
			uint32_t v = pal_json_member(json, at, (struct pal_str){path, n});
			*ret_missing = v == PAL_JSON_NONE || pal_json_type(json, v) == PAL_JSON_NULL;
			at = v == PAL_JSON_NONE ? at : v;
		}
		path += n;
		path += *path == '.';
	}
	return true;
}

static void check_errors(const char *body)
{
	for (size_t i = 0; i < r.errors.count; i++) {
		const struct pal_field_error *e = &r.errors.item[i];
		bool is_missing;
		bool is_there = leads_somewhere(&r.json, e->field, &is_missing);
		bool is_fit = !is_missing || strstr(e->message, "required") ||
			      strstr(e->message, "must h") || strstr(e->message, "must be the title");
		if (!is_there || !is_fit)
			fprintf(stderr, "%s %s: %.2000s\n", e->field, e->message, body);
		CU_ASSERT(is_there && is_fit);
		CU_ASSERT(e->message[0] != '\0');
	}
}

static void check_spelling(void)
{
	struct pal_buf body = {0};

	pal_buf_add_lit(&body, "{\"user_id\":\"u\",\"channel\":\"web\",\"content\":");
	pal_buf_add_str(&body, r.request.content.raw);
	pal_buf_add_char(&body, '}');
	read_request(&again, pal_buf_str(&body));
	CU_ASSERT_EQUAL(again.code, PAL_OK);
	CU_ASSERT(pal_str_equal(again.request.content.raw, r.request.content.raw));
	CU_ASSERT_EQUAL(memcmp(again.request.digest, r.request.digest, PAL_DIGEST_SIZE), 0);
	reading_end(&again);
	pal_buf_deinit(&body);
}

TEST(random_contents_are_read_back_or_refused_by_fields_that_exist)
{
	unsigned right = 0, wrong = 0;

	for (seed = 1; right + wrong < ROUNDS; ) {
		struct pal_buf body = {0};
		pal_buf_add_lit(&body, "{\"user_id\":\"u\",\"channel\":\"web\",\"content\":");
		put_content(&body);
		pal_buf_add_lit(&body, "}\0");
		CU_ASSERT_FATAL(!body.failed);
		read_request(&r, (struct pal_str){body.data, body.len - 1});
		CU_ASSERT(r.code == PAL_OK || r.code == PAL_E_VALIDATION);
		CU_ASSERT_EQUAL(r.code == PAL_OK, r.errors.count == 0);
		check_errors(body.data);
		if (r.code == PAL_OK)
			check_spelling();
		right += r.code == PAL_OK;
		wrong += r.code != PAL_OK;
		reading_end(&r);
		pal_buf_deinit(&body);
	}
	CU_ASSERT(right > ROUNDS / 20 && wrong > ROUNDS / 20);	/* else it tests half of nothing */
}

TEST(without_memory_a_rich_content_is_not_the_clients_fault)
{
	static const char body[] =
		"{\"user_id\":\"u\",\"channel\":\"web\",\"channel_metadata\":{\"thread_id\":\"t\"},"
		"\"processing_hints\":{\"priority\":\"high\"},\"content\":{\"type\":\"image\","
		"\"text\":\"\\u0061\",\"media\":{\"url\":\"http:\\/\\/a\",\"type\":\"image/png\","
		"\"size_bytes\":1},\"location\":{\"latitude\":1,\"longitude\":1},"
		"\"contact\":{\"name\":\"n\",\"email\":\"A@b.cd\"}}}";

	for (size_t room = 1; room < 16384; room += 512) {
		reading_begin(&r, pal_str(body));
		r.arena = pal_arena_of(room);
		rules = pal_request_rules_default();
		r.code = pal_send_request_read(&r.fields, NOW_MS, &rules, &r.request, &r.err);
		CU_ASSERT(r.code == PAL_OK || r.code == PAL_E_SERVICE);
		reading_end(&r);
	}
}

SUITE(content_random, CASE(random_contents_are_read_back_or_refused_by_fields_that_exist),
      CASE(without_memory_a_rich_content_is_not_the_clients_fault))
