/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/normalise.h"

#include <stdbool.h>
#include <stdint.h>

#include "process/text/chars.h"

enum gap {
	GAP_NONE,
	GAP_BLANK,
	GAP_BREAK,
};

/* What stands at `p`: no gap, or a blank or break of `*ret_len` bytes. CR LF is one break. */
static enum gap gap_at(const char *p, const char *end, size_t *ret_len)
{
	uint32_t point;

	*ret_len = 1;
	if (!pal_char_is(*p, PAL_CHAR_BLANK | PAL_CHAR_HIGH))
		return GAP_NONE;
	if (*p == '\r' && p + 1 < end && p[1] == '\n')
		*ret_len = 2;
	if (*p == '\n' || *p == '\r')
		return GAP_BREAK;
	if (pal_char_is(*p, PAL_CHAR_BLANK))
		return GAP_BLANK;
	*ret_len = pal_char_decode(p, end, &point);
	if (pal_char_is_wide_break(point))
		return GAP_BREAK;
	return pal_char_is_wide_blank(point) ? GAP_BLANK : GAP_NONE;
}

/* True when rewriting would change nothing: the common case, worth one quick look. */
static bool is_normal(struct pal_str text)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t len;

	if (text.n == 0)
		return true;
	if (pal_char_is(*p, PAL_CHAR_BLANK) || pal_char_is(end[-1], PAL_CHAR_BLANK))
		return false;
	/* No blank is the last byte, so there is one more behind each. */
	while (p < end) {
		char c = *p;
		if (!pal_char_is(c, PAL_CHAR_BLANK | PAL_CHAR_HIGH)) {
			p++;
		} else if (c == ' ' || c == '\n') {
			p++;
			if (pal_char_is(*p, PAL_CHAR_BLANK) && !(c == '\n' && *p == '\n'))
				return false;
		} else {
			if (gap_at(p, end, &len) != GAP_NONE)
				return false;
			p += len;
		}
	}
	return true;
}

static size_t put_gap(char *out, size_t breaks)
{
	if (breaks == 0) {
		*out = ' ';
		return 1;
	}
	memset(out, '\n', breaks);
	return breaks;
}

static const char *skip_text(const char *p, const char *end)
{
	size_t len;

	while (p < end && gap_at(p, end, &len) == GAP_NONE)
		p += len;
	return p;
}

static struct pal_str rewrite(struct pal_str text, char *out)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t at = 0, breaks = 0;

	while (p < end) {
		size_t len;
		enum gap gap = gap_at(p, end, &len);
		if (gap != GAP_NONE) {
			breaks += gap == GAP_BREAK;
			p += len;
			continue;
		}
		const char *next = skip_text(p, end);
		if (at > 0)
			at += put_gap(out + at, breaks);
		memcpy(out + at, p, (size_t)(next - p));
		at += (size_t)(next - p);
		breaks = 0;
		p = next;
	}
	return (struct pal_str){out, at};
}

struct pal_str pal_text_normalise(struct pal_str text, struct pal_arena *arena)
{
	if (is_normal(text))
		return text.p ? text : PAL_STR("");
	char *out = pal_arena_get(arena, text.n);
	if (!out)
		return (struct pal_str){NULL, 0};
	return rewrite(text, out);
}
