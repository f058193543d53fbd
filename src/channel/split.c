/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/split.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "channel/marks.h"

#define JOINER 0x200Du

/* --- Characters ------------------------------------------------------------------------------- */

/* The code point at `at` and its bytes; a byte that is no UTF-8 stands for itself. */
static uint32_t point_at(struct pal_str s, size_t at, size_t *ret_bytes)
{
	const unsigned char *p = (const unsigned char *)s.p + at;
	size_t n = *p < 0x80 ? 1 : pal_utf8_sequence(p, (const unsigned char *)s.p + s.n);

	*ret_bytes = n ? n : 1;
	switch (n) {
	case 2:
		return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	case 3:
		return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
	case 4:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 |
		       (p[3] & 0x3Fu);
	default:
		return *p;
	}
}

static size_t units_of(uint32_t point)
{
	return point > 0xFFFF ? 2 : 1;
}

static bool is_mark(uint32_t point)
{
	size_t low = 0, high = sizeof(pal_marks) / sizeof(pal_marks[0]);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (point < pal_marks[mid][0])
			high = mid;
		else if (point > pal_marks[mid][1])
			low = mid + 1;
		else
			return true;
	}
	return false;
}

static bool is_regional(uint32_t point)
{
	return point >= 0x1F1E6 && point <= 0x1F1FF;
}

static bool is_hangul_start(uint32_t point)
{
	return (point >= 0x1100 && point <= 0x115F) || (point >= 0xA960 && point <= 0xA97C);
}

/* Whether a reader sees `point` as part of what ends in `before`; `regionals` precede it. */
static bool joins(uint32_t before, uint32_t point, size_t regionals)
{
	if (before == '\r' && point == '\n')
		return true;
	if (is_hangul_start(before) &&
	    (is_hangul_start(point) || (point >= 0xAC00 && point <= 0xD7A3)))
		return true;
	if (is_regional(point) && regionals % 2 == 1)
		return true;
	return before == JOINER || is_mark(point);
}

/* Bytes of `text` that fit into `units_max` and end with a whole character. */
static size_t fitting(struct pal_str text, size_t units_max)
{
	size_t at = 0, units = 0, whole = 0, regionals = 0, bytes;
	uint32_t before = 0;

	while (at < text.n) {
		uint32_t point = point_at(text, at, &bytes);
		if (at > 0 && !joins(before, point, regionals))
			whole = at;
		if (units + units_of(point) > units_max)
			break;
		regionals = is_regional(point) ? regionals + 1 : 0;
		before = point;
		units += units_of(point);
		at += bytes;
	}
	if (at == text.n)
		return at;
	if (whole == 0 && at == 0)	/* one code point is too long already: take it */
		point_at(text, 0, &at);
	return whole ? whole : at;
}

/* --- Where to cut ----------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool ends_paragraph(struct pal_str s, size_t at)
{
	if (s.p[at] != '\n' || at == 0)
		return false;
	while (at > 0 && is_blank(s.p[at - 1]) && s.p[at - 1] != '\n')
		at--;
	return at > 0 && s.p[at - 1] == '\n';
}

static bool ends_line(struct pal_str s, size_t at)
{
	return s.p[at] == '\n';
}

/* At the blank behind a full stop and its like. */
static bool ends_sentence(struct pal_str s, size_t at)
{
	if (!is_blank(s.p[at]) || at == 0)
		return false;
	while (at > 1 && (s.p[at - 1] == '"' || s.p[at - 1] == '\'' || s.p[at - 1] == ')'))
		at--;
	if (s.p[at - 1] == '.' || s.p[at - 1] == '!' || s.p[at - 1] == '?')
		return true;
	return at >= 3 && (memcmp(s.p + at - 3, "\xE2\x80\xA6", 3) == 0 ||	/* ellipsis */
			   memcmp(s.p + at - 3, "\xE3\x80\x82", 3) == 0);
}

static bool ends_word(struct pal_str s, size_t at)
{
	return is_blank(s.p[at]);
}

/* Chinese and Japanese sentences end without a blank: the cut is behind the mark. */
static size_t behind_ideographic_stop(struct pal_str s, size_t limit)
{
	static const char *const stops[] = {"\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F"};

	for (size_t at = limit; at >= 3; at--) {
		for (size_t i = 0; i < 3; i++) {
			if (memcmp(s.p + at - 3, stops[i], 3) == 0)
				return at;
		}
	}
	return 0;
}

/* The last place, behind the first byte, up to `limit` inclusive: what is cut there fits. */
static size_t last_place(struct pal_str s, size_t limit, bool (*is_it)(struct pal_str, size_t))
{
	for (size_t at = limit < s.n ? limit : s.n - 1; at > 0; at--) {
		if (is_it(s, at))
			return at;
	}
	return 0;
}

static size_t place_to_cut(struct pal_str s, size_t limit)
{
	size_t at = last_place(s, limit, ends_paragraph);

	if (!at)
		at = last_place(s, limit, ends_line);
	if (!at) {
		size_t stop = behind_ideographic_stop(s, limit);
		at = last_place(s, limit, ends_sentence);
		at = stop > at ? stop : at;
	}
	if (!at)
		at = last_place(s, limit, ends_word);
	return at ? at : limit;
}

static struct pal_str without_blanks(struct pal_str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s.p++, s.n--;
	return s;
}

struct pal_str pal_split_next(struct pal_str *rest, size_t units_max)
{
	struct pal_str s = without_blanks(*rest);
	size_t limit = s.n ? fitting(s, units_max) : 0;
	size_t cut = limit < s.n ? place_to_cut(s, limit) : limit;

	*rest = without_blanks((struct pal_str){s.p + cut, s.n - cut});
	while (cut > 0 && is_blank(s.p[cut - 1]))
		cut--;
	return cut ? (struct pal_str){s.p, cut} : (struct pal_str){NULL, 0};
}

size_t pal_utf16_units(struct pal_str text)
{
	size_t units = 0, bytes;

	for (size_t at = 0; at < text.n; at += bytes)
		units += units_of(point_at(text, at, &bytes));
	return units;
}
