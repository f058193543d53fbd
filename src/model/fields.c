/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fields.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#define EPOCH_MS_FROM 10000000000ll	/* larger numbers are milliseconds */

static void path_of(char *out, size_t size, const struct pal_fields_at *at)
{
	if (!at || (!at->name && at->index < 0))
		return;
	path_of(out, size, at->parent);
	size_t len = strlen(out);
	if (at->index >= 0)
		snprintf(out + len, size - len, "[%d]", at->index);
	else
		snprintf(out + len, size - len, "%s%s", len ? "." : "", at->name);
}

void pal_fields_wrong(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		      const char *fmt, ...)
{
	struct pal_field_errors *errors = fields->errors;

	if (errors->count == PAL_FIELD_ERRORS_MAX)
		return;
	struct pal_field_error *e = &errors->item[errors->count++];
	e->field[0] = '\0';
	path_of(e->field, sizeof(e->field), at);
	if (name) {
		size_t len = strlen(e->field);
		snprintf(e->field + len, sizeof(e->field) - len, "%s%s", len ? "." : "", name);
	}
	va_list args;
	va_start(args, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, args);
	va_end(args);
}

uint32_t pal_fields_value(struct pal_fields *fields, const struct pal_fields_at *at,
			  const char *name, bool required)
{
	uint32_t v = at->node == PAL_JSON_NONE
			     ? PAL_JSON_NONE
			     : pal_json_member(fields->json, at->node, pal_str(name));

	if (v != PAL_JSON_NONE && pal_json_type(fields->json, v) == PAL_JSON_NULL)
		v = PAL_JSON_NONE;
	if (v == PAL_JSON_NONE && required)
		pal_fields_wrong(fields, at, name, "is required");
	return v;
}

/* As pal_fields_value, and the value must have `type`. */
static uint32_t value_of_type(struct pal_fields *fields, const struct pal_fields_at *at,
			      const char *name, bool required, enum pal_json_type type,
			      const char *article_and_type)
{
	uint32_t v = pal_fields_value(fields, at, name, required);

	if (v != PAL_JSON_NONE && pal_json_type(fields->json, v) != type) {
		pal_fields_wrong(fields, at, name, "must be %s", article_and_type);
		v = PAL_JSON_NONE;
	}
	return v;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct pal_str trimmed(struct pal_str s)
{
	while (s.n && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct pal_str pal_fields_text(struct pal_fields *fields, const struct pal_fields_at *at,
			       const char *name, const struct pal_text_rule *rule)
{
	const struct pal_str none = {NULL, 0};
	uint32_t v = value_of_type(fields, at, name, rule->required, PAL_JSON_STRING, "a string");
	size_t points = 0;

	if (v == PAL_JSON_NONE)
		return none;
	struct pal_str s = pal_json_string(fields->json, v, fields->arena);
	if (!s.p) {
		fields->failed_memory = true;
		return none;
	}
	if (rule->trim)
		s = trimmed(s);
	if (!pal_utf8_count(s, &points)) {
		pal_fields_wrong(fields, at, name, "must be valid text");
		return none;
	}
	if (points < rule->min) {
		pal_fields_wrong(fields, at, name,
				 rule->min == 1 ? "must not be empty"
						: "must have at least %zu characters",
				 rule->min);
		return none;
	}
	if (points > rule->max) {
		pal_fields_wrong(fields, at, name, "must have at most %zu characters, has %zu",
				 rule->max, points);
		return none;
	}
	return s;
}

bool pal_fields_bool(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		     bool fallback)
{
	uint32_t v = pal_fields_value(fields, at, name, false);

	if (v == PAL_JSON_NONE)
		return fallback;
	enum pal_json_type type = pal_json_type(fields->json, v);
	if (type != PAL_JSON_TRUE && type != PAL_JSON_FALSE) {
		pal_fields_wrong(fields, at, name, "must be true or false");
		return fallback;
	}
	return type == PAL_JSON_TRUE;
}

int64_t pal_fields_integer(struct pal_fields *fields, const struct pal_fields_at *at,
			   const char *name, int64_t min, int64_t max, int64_t fallback)
{
	uint32_t v = pal_fields_value(fields, at, name, false);
	int64_t n = 0;

	if (v == PAL_JSON_NONE)
		return fallback;
	if (pal_json_type(fields->json, v) != PAL_JSON_NUMBER ||
	    !pal_json_integer(fields->json, v, &n)) {
		pal_fields_wrong(fields, at, name, "must be an integer");
		return fallback;
	}
	if (n < min || n > max) {
		pal_fields_wrong(fields, at, name, "must be within %lld..%lld", (long long)min,
				 (long long)max);
		return fallback;
	}
	return n;
}

bool pal_fields_number(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		       bool required, double min, double max, double *ret)
{
	uint32_t v = value_of_type(fields, at, name, required, PAL_JSON_NUMBER, "a number");
	double n = 0;

	if (v == PAL_JSON_NONE)
		return false;
	if (!pal_json_double(fields->json, v, &n) || n < min || n > max) {
		pal_fields_wrong(fields, at, name, "must be within %.15g..%.15g", min, max);
		return false;
	}
	*ret = n;
	return true;
}

int64_t pal_fields_time(struct pal_fields *fields, const struct pal_fields_at *at,
			const char *name, int64_t fallback)
{
	uint32_t v = pal_fields_value(fields, at, name, false);
	int64_t ms = 0;

	if (v == PAL_JSON_NONE)
		return fallback;
	if (pal_json_type(fields->json, v) == PAL_JSON_NUMBER &&
	    pal_json_integer(fields->json, v, &ms) && ms >= 0)
		return ms > EPOCH_MS_FROM ? ms : ms * 1000;
	if (pal_json_type(fields->json, v) == PAL_JSON_STRING) {
		struct pal_str s = pal_json_string(fields->json, v, fields->arena);
		fields->failed_memory |= !s.p;
		if (s.p && pal_time_parse(s, &ms))
			return ms;
	}
	pal_fields_wrong(fields, at, name, "must be an ISO 8601 instant or a Unix time");
	return fallback;
}

void pal_fields_object(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		       bool required, struct pal_fields_at *ret)
{
	uint32_t v = value_of_type(fields, at, name, required, PAL_JSON_OBJECT, "an object");

	*ret = (struct pal_fields_at){.node = v, .parent = at, .name = name, .index = -1};
}

void pal_fields_array(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		      size_t max, pal_fields_visit_fn *visit, void *arg)
{
	uint32_t v = value_of_type(fields, at, name, false, PAL_JSON_ARRAY, "an array");

	if (v == PAL_JSON_NONE)
		return;
	size_t count = fields->json->node[v].count;
	if (count > max)
		pal_fields_wrong(fields, at, name, "must have at most %zu elements, has %zu", max,
				 count);
	struct pal_fields_at array = {.node = v, .parent = at, .name = name, .index = -1};
	uint32_t child = pal_json_first(fields->json, v);
	for (size_t i = 0; i < count && i < max; i++) {
		struct pal_fields_at element = {.node = child, .parent = &array, .index = (int)i};
		visit(fields, &element, arg);
		child = fields->json->node[child].next;
	}
}

/* Depth of the value, and whether a key in it is unfit for storage. */
static unsigned depth_below(const struct pal_json *json, uint32_t at, bool *bad_key)
{
	enum pal_json_type type = pal_json_type(json, at);
	unsigned deepest = 0;

	if (type != PAL_JSON_OBJECT && type != PAL_JSON_ARRAY)
		return 0;
	uint32_t child = pal_json_first(json, at);
	for (unsigned i = 0; i < json->node[at].count; i++) {
		if (type == PAL_JSON_OBJECT) {
			const char *key = json->text + json->node[child].at;
			size_t len = json->node[child].len;
			if ((len && key[0] == '$') || memchr(key, '.', len) ||
			    json->node[child].escaped)
				*bad_key = true;
			child = json->node[child].next;
		}
		unsigned d = depth_below(json, child, bad_key);
		deepest = d > deepest ? d : deepest;
		child = json->node[child].next;
	}
	return deepest + 1;
}

struct pal_str pal_fields_verbatim(struct pal_fields *fields, const struct pal_fields_at *at,
				   const char *name, size_t bytes_max, unsigned depth_max)
{
	const struct pal_str none = {NULL, 0};
	uint32_t v = value_of_type(fields, at, name, false, PAL_JSON_OBJECT, "an object");
	bool bad_key = false;

	if (v == PAL_JSON_NONE)
		return none;
	struct pal_str raw = pal_json_raw(fields->json, v);
	if (raw.n > bytes_max)
		pal_fields_wrong(fields, at, name, "must have at most %zu bytes", bytes_max);
	else if (depth_below(fields->json, v, &bad_key) > depth_max)
		pal_fields_wrong(fields, at, name, "must be at most %u deep", depth_max);
	else if (bad_key)
		pal_fields_wrong(fields, at, name, "has a key with $, . or an escape in it");
	else
		return raw;
	return none;
}

enum pal_code pal_field_errors_result(const struct pal_field_errors *errors, struct pal_error *err)
{
	if (errors->count == 0)
		return PAL_OK;
	return pal_fail(err, PAL_E_VALIDATION, errors->item[0].field, "%s %s",
			errors->item[0].field, errors->item[0].message);
}
