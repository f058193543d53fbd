/* SPDX-License-Identifier: Apache-2.0 */
#include "http/query.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "http/chars.h"

/* Write the decoded bytes to `out`, which has room for all of `text`. */
static bool decode_into(struct pal_str text, bool plus_is_space, char *out, size_t *ret_len)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '%') {
			int high = text.n - i > 2 ? pal_http_hex(text.p[i + 1]) : -1;
			int low = text.n - i > 2 ? pal_http_hex(text.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7F)
			return false;
		out[n++] = c;
	}
	*ret_len = n;
	return true;
}

bool pal_http_decode(struct pal_str text, bool plus_is_space, struct pal_arena *arena,
		     struct pal_str *ret)
{
	bool encoded = memchr(text.n ? text.p : "", '%', text.n) != NULL ||
		       (plus_is_space && memchr(text.n ? text.p : "", '+', text.n) != NULL);
	size_t points;

	if (!encoded) {
		*ret = (struct pal_str){text.n ? text.p : "", text.n};
		return pal_utf8_count(*ret, &points);
	}
	char *out = pal_arena_get(arena, text.n);
	size_t n;
	if (!out || !decode_into(text, plus_is_space, out, &n))
		return false;
	*ret = (struct pal_str){out, n};
	return pal_utf8_count(*ret, &points);
}

static bool decode_pair(struct pal_str item, struct pal_arena *arena, struct pal_str *ret_key,
			struct pal_str *ret_value)
{
	const char *equals = memchr(item.p, '=', item.n);
	size_t key_len = equals ? (size_t)(equals - item.p) : item.n;
	struct pal_str key = {item.p, key_len}, value = {"", 0};

	if (equals)
		value = (struct pal_str){equals + 1, item.n - key_len - 1};
	return key_len > 0 && pal_http_decode(key, true, arena, ret_key) &&
	       pal_http_decode(value, true, arena, ret_value);
}

enum pal_code pal_http_query_parse(struct pal_str query, struct pal_arena *arena,
				   struct pal_http_query *ret, struct pal_error *err)
{
	size_t count = 0;

	for (struct pal_str rest = query; rest.n; ) {
		const char *amp = memchr(rest.p, '&', rest.n);
		struct pal_str item = {rest.p, amp ? (size_t)(amp - rest.p) : rest.n};
		rest.p += item.n + (amp ? 1 : 0);
		rest.n -= item.n + (amp ? 1 : 0);
		if (item.n == 0)
			continue;
		if (count == PAL_HTTP_QUERY_MAX)
			return pal_fail(err, PAL_E_VALIDATION, "query",
					"at most %u parameters are allowed", PAL_HTTP_QUERY_MAX);
		if (!decode_pair(item, arena, &ret->pair[count].key, &ret->pair[count].value))
			return pal_fail(err, PAL_E_VALIDATION, "query",
					"parameter %zu is not a well-encoded name=value pair",
					count + 1);
		count++;
	}
	ret->count = count;
	return PAL_OK;
}

static struct pal_str find(const struct pal_http_query *query, const char *key, size_t *ret_times)
{
	struct pal_str wanted = pal_str(key), found = {NULL, 0};

	*ret_times = 0;
	for (size_t i = 0; i < query->count; i++)
		if (pal_str_equal(query->pair[i].key, wanted) && (*ret_times)++ == 0)
			found = query->pair[i].value;
	return found;
}

struct pal_str pal_http_query_get(const struct pal_http_query *query, const char *key)
{
	size_t times;

	return find(query, key, &times);
}

enum pal_code pal_http_query_get_once(const struct pal_http_query *query, const char *key,
				      struct pal_str *ret, struct pal_error *err)
{
	size_t times;
	struct pal_str found = find(query, key, &times);

	if (times > 1)
		return pal_fail(err, PAL_E_VALIDATION, key, "given %zu times, once is allowed",
				times);
	*ret = found;
	return PAL_OK;
}
