/* SPDX-License-Identifier: Apache-2.0 */
#include "model/canonical.h"

#include "model/formats.h"

/* Whatever ends in an opening bracket has no member yet. */
static void put_comma(struct pal_buf *raw)
{
	char last = raw->len ? raw->data[raw->len - 1] : '{';

	if (last != '{' && last != '[')
		pal_buf_add_char(raw, ',');
}

/* Keys are ours and need no escaping. */
static void put_key(struct pal_buf *raw, const char *name)
{
	put_comma(raw);
	if (!name)
		return;
	pal_buf_add_char(raw, '"');
	pal_buf_add_str(raw, pal_str(name));
	pal_buf_add_lit(raw, "\":");
}

void pal_canonical_open(const struct pal_canonical *c, const char *name, char bracket)
{
	put_key(c->raw, name);
	pal_buf_add_char(c->raw, bracket);
}

void pal_canonical_close(const struct pal_canonical *c, char bracket)
{
	pal_buf_add_char(c->raw, bracket);
}

void pal_canonical_put(const struct pal_canonical *c, const char *name, struct pal_str value)
{
	if (!value.p)
		return;
	put_key(c->raw, name);
	pal_json_put_string(c->raw, value);
}

struct pal_str pal_canonical_text(const struct pal_canonical *c, const struct pal_fields_at *at,
				  const char *name, const struct pal_text_rule *rule)
{
	struct pal_str value = pal_fields_text(c->fields, at, name, rule);

	pal_canonical_put(c, name, value);
	return value;
}

struct pal_str pal_canonical_url(const struct pal_canonical *c, const struct pal_fields_at *at,
				 const char *name, bool required)
{
	struct pal_str url = pal_fields_text(
		c->fields, at, name,
		&(struct pal_text_rule){
			.required = required, .trim = true, .max = PAL_URL_POINTS_MAX});

	if (url.p && !pal_url_host(url).p) {
		pal_fields_wrong(c->fields, at, name, "must be an http or https URL with a host");
		return (struct pal_str){NULL, 0};
	}
	pal_canonical_put(c, name, url);
	return url;
}

size_t pal_canonical_word(const struct pal_canonical *c, const struct pal_fields_at *at,
			  const char *name, bool required, const char *const *words,
			  const char *list)
{
	const struct pal_text_rule rule = {.required = required, .max = PAL_URL_POINTS_MAX};
	struct pal_str value = pal_fields_text(c->fields, at, name, &rule);
	size_t count = 0, found = SIZE_MAX;

	for (; words[count]; count++)
		if (value.p && pal_str_equal(value, pal_str(words[count])))
			found = count;
	if (found < count)
		pal_canonical_put(c, name, value);
	else if (value.p)
		pal_fields_wrong(c->fields, at, name, "must be one of %s", list);
	return found < count ? found : count;
}

static bool is_there(const struct pal_canonical *c, const struct pal_fields_at *at,
		     const char *name)
{
	return pal_fields_value(c->fields, at, name, false) != PAL_JSON_NONE;
}

int64_t pal_canonical_integer(const struct pal_canonical *c, const struct pal_fields_at *at,
			      const char *name, int64_t min, int64_t max, int64_t fallback)
{
	if (!is_there(c, at, name))
		return fallback;
	int64_t n = pal_fields_integer(c->fields, at, name, min, max, fallback);
	put_key(c->raw, name);
	pal_buf_add_i64(c->raw, n);
	return n;
}

bool pal_canonical_number(const struct pal_canonical *c, const struct pal_fields_at *at,
			  const char *name, bool required, double min, double max, double *ret)
{
	if (!pal_fields_number(c->fields, at, name, required, min, max, ret))
		return false;
	put_key(c->raw, name);
	pal_json_put_double(c->raw, *ret);
	return true;
}

bool pal_canonical_bool(const struct pal_canonical *c, const struct pal_fields_at *at,
			const char *name)
{
	if (!is_there(c, at, name))
		return false;
	bool b = pal_fields_bool(c->fields, at, name, false);
	put_key(c->raw, name);
	pal_buf_add_str(c->raw, b ? PAL_STR("true") : PAL_STR("false"));
	return b;
}

/* The value at `at` without white space; as deep as the verbatim rule lets it be. */
static void put_value(struct pal_buf *raw, const struct pal_json *json, uint32_t at)
{
	const struct pal_json_node *node = &json->node[at];
	bool is_object = node->type == PAL_JSON_OBJECT;

	if (node->type != PAL_JSON_ARRAY && !is_object) {
		pal_buf_add_str(raw, pal_json_raw(json, at));
		return;
	}
	pal_buf_add_char(raw, is_object ? '{' : '[');
	uint32_t child = pal_json_first(json, at);
	for (unsigned i = 0; i < node->count; i++) {
		if (i > 0)
			pal_buf_add_char(raw, ',');
		if (is_object) {
			pal_buf_add_str(raw, pal_json_raw(json, child));
			pal_buf_add_char(raw, ':');
			child = json->node[child].next;
		}
		put_value(raw, json, child);
		child = json->node[child].next;
	}
	pal_buf_add_char(raw, is_object ? '}' : ']');
}

void pal_canonical_verbatim(const struct pal_canonical *c, const struct pal_fields_at *at,
			    const char *name)
{
	if (!pal_fields_verbatim(c->fields, at, name, PAL_VERBATIM_BYTES_MAX,
				 PAL_VERBATIM_DEPTH_MAX)
		     .p)
		return;
	put_key(c->raw, name);
	put_value(c->raw, c->fields->json, pal_fields_value(c->fields, at, name, false));
}

/* --- Arrays ------------------------------------------------------------------------------------ */

struct elements {
	const struct pal_canonical *c;
	pal_canonical_visit_fn *visit;
	void *arg;
	size_t points_max;
};

static void visit_object(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	const struct elements *e = arg;

	if (pal_json_type(fields->json, at->node) != PAL_JSON_OBJECT) {
		pal_fields_wrong(fields, at, NULL, "must be an object");
		return;
	}
	pal_canonical_open(e->c, NULL, '{');
	e->visit(e->c, at, e->arg);
	pal_canonical_close(e->c, '}');
}

static void visit_text(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	const struct elements *e = arg;
	size_t points = 0;

	if (pal_json_type(fields->json, at->node) != PAL_JSON_STRING) {
		pal_fields_wrong(fields, at, NULL, "must be a string");
		return;
	}
	struct pal_str s = pal_json_string(fields->json, at->node, fields->arena);
	if (!s.p)
		fields->failed_memory = true;
	else if (!pal_utf8_count(s, &points) || points == 0 || points > e->points_max)
		pal_fields_wrong(fields, at, NULL, "must have 1 to %zu characters", e->points_max);
	else
		pal_canonical_put(e->c, NULL, s);
}

/* Without the array's value nothing is written, and the caller of pal_fields_array notes why. */
static size_t put_array(const struct pal_canonical *c, const struct pal_fields_at *at,
			const char *name, size_t max, pal_fields_visit_fn *visit,
			struct elements *e)
{
	uint32_t v = pal_fields_value(c->fields, at, name, false);
	bool is_array = v != PAL_JSON_NONE && pal_json_type(c->fields->json, v) == PAL_JSON_ARRAY;

	if (is_array)
		pal_canonical_open(c, name, '[');
	pal_fields_array(c->fields, at, name, max, visit, e);
	if (is_array)
		pal_canonical_close(c, ']');
	return is_array ? c->fields->json->node[v].count : 0;
}

size_t pal_canonical_objects(const struct pal_canonical *c, const struct pal_fields_at *at,
			     const char *name, size_t max, pal_canonical_visit_fn *visit,
			     void *arg)
{
	struct elements e = {.c = c, .visit = visit, .arg = arg};

	return put_array(c, at, name, max, visit_object, &e);
}

void pal_canonical_texts(const struct pal_canonical *c, const struct pal_fields_at *at,
			 const char *name, size_t max, size_t points_max)
{
	struct elements e = {.c = c, .points_max = points_max};

	put_array(c, at, name, max, visit_text, &e);
}
