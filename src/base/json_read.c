/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/json_escape.h"
#include "base/utf8.h"

#define NUMBER_LEN_MAX 512u

static struct pal_str string_raw(const struct pal_json *json, uint32_t at)
{
	return (struct pal_str){json->text + json->node[at].at, json->node[at].len};
}

uint32_t pal_json_first(const struct pal_json *json, uint32_t container)
{
	const struct pal_json_node *node = &json->node[container];

	if ((node->type != PAL_JSON_ARRAY && node->type != PAL_JSON_OBJECT) || node->count == 0)
		return PAL_JSON_NONE;
	return container + 1;
}

PAL_NOINLINE static bool is_key_escaped(struct pal_str raw, struct pal_str key)
{
	struct pal_json_bytes in = pal_json_bytes_of(raw);
	size_t i = 0;

	while (i < key.n && pal_json_bytes_next(&in) == (unsigned char)key.p[i])
		i++;
	return i == key.n && pal_json_bytes_next(&in) < 0;
}

uint32_t pal_json_member(const struct pal_json *json, uint32_t obj, struct pal_str key)
{
	const struct pal_json_node *node = json->node;

	if (node[obj].type != PAL_JSON_OBJECT)
		return PAL_JSON_NONE;
	for (uint32_t at = obj + 1, end = node[obj].next; at < end; at = node[at + 1].next) {
		if (node[at].escaped ? is_key_escaped(string_raw(json, at), key)
				     : node[at].len == key.n &&
					       pal_str_equal(string_raw(json, at), key))
			return at + 1;
	}
	return PAL_JSON_NONE;
}

struct pal_str pal_json_raw(const struct pal_json *json, uint32_t at)
{
	struct pal_str raw = string_raw(json, at);

	if (json->node[at].type == PAL_JSON_STRING)
		return (struct pal_str){raw.p - 1, raw.n + 2};
	return raw;
}

struct pal_str pal_json_string(const struct pal_json *json, uint32_t at, struct pal_arena *arena)
{
	struct pal_str raw = string_raw(json, at);

	if (!json->node[at].escaped)
		return raw;
	char *out = pal_arena_get(arena, raw.n + 1);	/* unescaping never lengthens */
	if (!out)
		return (struct pal_str){NULL, 0};
	char *to = out;
	for (const char *p = raw.p, *end = raw.p + raw.n; p < end;) {
		const char *slash = memchr(p, '\\', (size_t)(end - p));
		size_t n = (size_t)((slash ? slash : end) - p);
		memcpy(to, p, n);
		to += n;
		p += n;
		if (slash) {
			char bytes[4];
			n = pal_json_unescape(&p, bytes);
			memcpy(to, bytes, n);
			to += n;
		}
	}
	*to = '\0';
	return (struct pal_str){out, (size_t)(to - out)};
}

bool pal_json_integer(const struct pal_json *json, uint32_t at, int64_t *ret)
{
	struct pal_str raw = string_raw(json, at);
	bool negative = raw.n > 0 && raw.p[0] == '-';
	int64_t v = 0;

	if (json->node[at].type != PAL_JSON_NUMBER || raw.n > 17)
		return false;	/* "-9007199254740992" has 17 characters */
	for (size_t i = negative; i < raw.n; i++) {
		if (raw.p[i] < '0' || raw.p[i] > '9')
			return false;
		v = v * 10 + (raw.p[i] - '0');
	}
	if (v > PAL_JSON_INTEGER_MAX)
		return false;
	*ret = negative ? -v : v;
	return true;
}

/* strtod depends on the locale; the programs stay in "C", where it reads JSON's numbers exactly. */
bool pal_json_double(const struct pal_json *json, uint32_t at, double *ret)
{
	struct pal_str raw = string_raw(json, at);
	char text[NUMBER_LEN_MAX + 1];

	if (json->node[at].type != PAL_JSON_NUMBER || raw.n > NUMBER_LEN_MAX)
		return false;
	memcpy(text, raw.p, raw.n);
	text[raw.n] = '\0';
	double v = strtod(text, NULL);
	if (!isfinite(v))
		return false;
	*ret = v;
	return true;
}

bool pal_utf8_count(struct pal_str s, size_t *ret_points)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = s.n ? p + s.n : p;
	size_t points = 0;

	while (p < end) {
		const unsigned char *stop = pal_utf8_skip_ascii(p, end);
		points += (size_t)(stop - p);
		p = stop;
		if (p == end)
			break;
		size_t n = *p ? pal_utf8_sequence(p, end) : 0;
		if (n == 0)
			return false;
		p += n;
		points++;
	}
	*ret_points = points;
	return true;
}
