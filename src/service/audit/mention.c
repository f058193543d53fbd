/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/mention.h"

#include <string.h>

#include "base/hex.h"

/* The byte at `*at`, as it is or as %41, and move on. */
static char next_byte(struct pal_str s, size_t *at)
{
	char c = s.p[*at];

	if (c == '%' && s.n - *at > 2 && pal_hex_digit(s.p[*at + 1]) >= 0 &&
	    pal_hex_digit(s.p[*at + 2]) >= 0) {
		c = (char)(pal_hex_digit(s.p[*at + 1]) << 4 | pal_hex_digit(s.p[*at + 2]));
		*at += 2;
	}
	++*at;
	return c;
}

/* Whether `part` is `id`, characters of it written as in a URL. */
static bool is_id(struct pal_str part, struct pal_str id)
{
	size_t at = 0, same = 0;

	while (at < part.n && same < id.n)
		if (next_byte(part, &at) != id.p[same++])
			return false;
	return at == part.n && same == id.n;
}

static bool has_part(struct pal_str text, struct pal_str id)
{
	size_t begin = 0;

	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && !strchr("/?&=", text.p[i]))
			continue;
		if (is_id((struct pal_str){text.p + begin, i - begin}, id))
			return true;
		begin = i + 1;
	}
	return false;
}

static enum pal_code search(struct pal_str data, struct pal_str id, struct pal_json *json,
			    struct pal_arena *arena, bool *ret, struct pal_error *err)
{
	struct pal_json_fault fault;

	if (!pal_json_scan(json, data, &fault)) {
		*ret = memmem(data.p, data.n, id.p, id.n) != NULL;
		return PAL_OK;
	}
	for (uint32_t at = 0; at < json->count && !*ret; at++) {
		if (pal_json_type(json, at) != PAL_JSON_STRING)
			continue;
		struct pal_str text = pal_json_string(json, at, arena);
		if (!text.p)
			return pal_fail_memory(err, "audit");
		*ret = pal_str_equal(text, id) || has_part(text, id);
	}
	return PAL_OK;
}

enum pal_code pal_audit_mentions(const struct pal_audit_event *event, struct pal_str user_id,
				 struct pal_json *json, struct pal_arena *arena, bool *ret,
				 struct pal_error *err)
{
	*ret = pal_str_equal(event->user_id, user_id) || pal_str_equal(event->resource_id, user_id);
	return *ret || !event->data.n ? PAL_OK
				      : search(event->data, user_id, json, arena, ret, err);
}
