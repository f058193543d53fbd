/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/markup.h"

#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

#include "process/text/chars.h"

#define REFERENCE_MAX 10u	/* bytes of the longest one that is known, with & and ; */

static size_t put_point(char *out, uint32_t point)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		pal_char_put2(out, point);
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

/* The code point of a name or "#60", "#x3C"; 0 when it is none or not fit for a text. */
static uint32_t point_of(struct pal_str name)
{
	static const struct {
		struct pal_str name;
		uint32_t point;
	} known[] = {
		{{"amp", 3}, '&'},   {{"lt", 2}, '<'},	  {{"gt", 2}, '>'},
		{{"quot", 4}, '"'},  {{"apos", 4}, '\''}, {{"nbsp", 4}, 0xa0},
	};
	uint32_t point = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (pal_str_equal(name, known[i].name))
			return known[i].point;
	if (name.n < 2 || name.p[0] != '#')
		return 0;
	bool is_hex = (name.p[1] | 0x20) == 'x';
	for (size_t i = is_hex ? 2 : 1; i < name.n; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = memchr(digits, name.p[i] | 0x20, is_hex ? 16 : 10);
		if (!at || (name.p[i] & 0x40 && !is_hex))
			return 0;
		point = point * (is_hex ? 16 : 10) + (uint32_t)(at - digits);
	}
	bool is_fit = point >= 0x20 ? point < 0x110000 && (point < 0xd800 || point > 0xdfff)
				    : point == '\n' || point == '\t';
	return is_fit ? point : 0;
}

static size_t decode(struct pal_str text, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n;) {
		size_t room = text.n - i < REFERENCE_MAX ? text.n - i : REFERENCE_MAX;
		const char *end = text.p[i] == '&' ? memchr(text.p + i, ';', room) : NULL;
		size_t len = end ? (size_t)(end - text.p) - i : 0;
		uint32_t point =
			len > 1 ? point_of((struct pal_str){text.p + i + 1, len - 1}) : 0;
		if (point) {
			n += put_point(out + n, point);
			i += len + 1;
		} else {
			out[n++] = text.p[i++];
		}
	}
	return n;
}

/* Whether a tag that begins with `name` ends a line. */
static bool ends_line(struct pal_str name)
{
	static const char *const names[] = {"br", "/p", "/div", "/li", "/tr", "/h1", "/h2", "/h3"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);
		if (name.n >= n && strncasecmp(name.p, names[i], n) == 0 &&
		    (name.n == n || !pal_char_is(name.p[n], PAL_CHAR_WORD)))
			return true;
	}
	return false;
}

/*
 * Whether the `<` at `at` begins a tag: a name and then what may follow one. Mail and page addresses
 * in angle brackets are none.
 */
static bool begins_tag(struct pal_str text, size_t at)
{
	size_t i = at + 1;

	if (i < text.n && text.p[i] == '!')
		return i + 1 < text.n &&
		       (text.p[i + 1] == '-' || pal_char_is(text.p[i + 1], PAL_CHAR_LETTER));
	i += i < text.n && text.p[i] == '/';
	size_t name = i;
	while (i < text.n && pal_char_is(text.p[i], PAL_CHAR_ALNUM))
		i++;
	return i > name && pal_char_is(text.p[name], PAL_CHAR_LETTER) && i < text.n &&
	       (text.p[i] == '>' || text.p[i] == '/' || pal_char_is(text.p[i], PAL_CHAR_BLANK));
}

/* Remove the tags of the `n` bytes at `text`, in place. Return how many are left. */
static size_t strip(char *text, size_t n)
{
	size_t to = 0;
	const char *close = text;	/* the next `>`, NULL when there is none any more */

	for (size_t i = 0; i < n;) {
		bool is_tag = text[i] == '<' && begins_tag((struct pal_str){text, n}, i);
		if (is_tag && close && close <= text + i)
			close = memchr(text + i, '>', n - i);
		if (!is_tag || !close) {
			text[to++] = text[i++];
			continue;
		}
		if (ends_line((struct pal_str){text + i + 1, (size_t)(close - text) - i - 1}))
			text[to++] = '\n';
		i = (size_t)(close - text) + 1;
	}
	return to;
}

struct pal_str pal_text_without_markup(struct pal_str text, struct pal_arena *arena)
{
	if (!text.n || (!memchr(text.p, '<', text.n) && !memchr(text.p, '&', text.n)))
		return text;
	char *out = pal_arena_get(arena, text.n);
	if (!out)
		return (struct pal_str){NULL, 0};
	return (struct pal_str){out, strip(out, decode(text, out))};
}
