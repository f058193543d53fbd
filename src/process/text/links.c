/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/links.h"

#include <strings.h>

#include "process/text/chars.h"

static bool is_word_at(struct pal_str text, size_t at)
{
	return at < text.n && pal_char_is(text.p[at], PAL_CHAR_WORD);
}

static bool is_hex_at(struct pal_str text, size_t at)
{
	return at < text.n && memchr("0123456789abcdefABCDEF", text.p[at], 22);
}

/* RFC 3986 unreserved and reserved characters, and the start of %XX. */
static bool is_url_at(struct pal_str text, size_t at)
{
	if (at >= text.n || text.p[at] <= ' ' || text.p[at] > '~')
		return false;
	switch (text.p[at]) {
	case '"': case '<': case '>': case '\\': case '^': case '`': case '{': case '|': case '}':
		return false;
	case '%':
		return is_hex_at(text, at + 1) && is_hex_at(text, at + 2);
	default:
		return true;
	}
}

/*
 * Where the address whose "://" stands at `colon` begins, not left of `floor`; `colon` when there
 * is no http in front.
 */
static size_t scheme_start(struct pal_str text, size_t colon, size_t floor)
{
	if (text.n - colon < 3 || text.p[colon + 1] != '/' || text.p[colon + 2] != '/')
		return colon;
	if (colon >= floor + 5 && strncasecmp(text.p + colon - 5, "https", 5) == 0)
		return colon - 5;
	if (colon >= floor + 4 && strncasecmp(text.p + colon - 4, "http", 4) == 0)
		return colon - 4;
	return colon;
}

/* Take the page address around `colon`, not left of `floor`. Return where it ends, or `colon`. */
static size_t take_url(struct pal_findings *found, size_t colon, size_t floor)
{
	struct pal_str text = found->text;
	size_t start = scheme_start(text, colon, floor), end = colon + 3;

	if (start == colon)
		return colon;
	while (is_url_at(text, end))
		end++;
	while (end > colon + 3 && memchr(".,;:!?)", text.p[end - 1], 7))
		end--;
	if (end == colon + 3)
		return colon;
	pal_findings_add(found, PAL_ENTITY_URLS, (struct pal_str){text.p + start, end - start});
	pal_findings_mark(found, &found->links,
			  (struct pal_span){(uint32_t)start, (uint32_t)end, 0});
	return end;
}

static bool is_local(char c)
{
	return pal_char_is(c, PAL_CHAR_WORD) || c == '.' || c == '%' || c == '+' || c == '-';
}

/*
 * The end of the longest domain from `at` that closes with a label of two letters or more; else
 * `at`.
 */
static size_t domain_end(struct pal_str text, size_t at)
{
	size_t i = at, best = at;

	while (i < text.n && (pal_char_is(text.p[i], PAL_CHAR_ALNUM) || text.p[i] == '.' ||
			      text.p[i] == '-')) {
		size_t label = i + 1;
		if (text.p[i] != '.' || i == at) {
			i++;
			continue;
		}
		while (label < text.n && pal_char_is(text.p[label], PAL_CHAR_LETTER))
			label++;
		if (label - i > 2 && !is_word_at(text, label))
			best = label;
		i = label;
	}
	return best;
}

static struct pal_str lowered(struct pal_findings *found, struct pal_str s)
{
	size_t i = 0;

	while (i < s.n && !pal_char_is(s.p[i], PAL_CHAR_UPPER))
		i++;
	if (i == s.n)
		return s;
	char *copy = pal_arena_get(found->arena, s.n);
	if (!copy) {
		found->failed = true;
		return s;
	}
	for (i = 0; i < s.n; i++)
		copy[i] = pal_char_is(s.p[i], PAL_CHAR_UPPER) ? (char)(s.p[i] | 0x20) : s.p[i];
	return (struct pal_str){copy, s.n};
}

/*
 * Take the mail address around `at`, looking no further left than `floor`. Return its end, or `at`.
 */
static size_t take_email(struct pal_findings *found, size_t at, size_t floor)
{
	struct pal_str text = found->text;
	size_t start = at, end = domain_end(text, at + 1);

	if (end == at + 1)
		return at;
	while (start > floor && is_local(text.p[start - 1]))
		start--;
	while (start < at && !is_word_at(text, start))
		start++;
	if (start == at)
		return at;
	struct pal_str address = {text.p + start, end - start};
	pal_findings_add(found, PAL_ENTITY_EMAILS, lowered(found, address));
	pal_findings_mark(found, &found->links,
			  (struct pal_span){(uint32_t)start, (uint32_t)end, PAL_PII_EMAIL});
	return end;
}

/* Take the sign at `at` with the word behind it. Return its end, or at + 1. */
static size_t take_tag(struct pal_findings *found, size_t at, enum pal_entity kind)
{
	struct pal_str text = found->text;
	size_t end = at + 1;

	if (at > 0 && is_word_at(text, at - 1))
		return end;
	while (end < text.n && pal_char_is(text.p[end], PAL_CHAR_WORD | PAL_CHAR_HIGH)) {
		uint32_t point;
		size_t len = pal_char_decode(text.p + end, text.p + text.n, &point);
		if (len > 1 && pal_char_script(point) == PAL_SCRIPT_NONE)
			break;
		end += len;
	}
	if (end > at + 1)
		pal_findings_add(found, kind, (struct pal_str){text.p + at, end - at});
	return end;
}

void pal_links_find(struct pal_findings *found)
{
	struct pal_str text = found->text;
	size_t url_end = 0, email_end = 0, i = 0;

	if (!memchr(text.p, '@', text.n) && !memchr(text.p, ':', text.n) &&
	    !memchr(text.p, '#', text.n))
		return;
	while (i < text.n) {
		bool is_in_url = i < url_end;
		size_t at = i++;
		if (text.p[at] == ':' && !is_in_url) {
			url_end = take_url(found, at, email_end);
		} else if (text.p[at] == '@') {
			size_t end = take_email(found, at, email_end);
			if (end > at)
				i = email_end = end;
			else if (!is_in_url)
				i = take_tag(found, at, PAL_ENTITY_MENTIONS);
		} else if (text.p[at] == '#' && !is_in_url) {
			i = take_tag(found, at, PAL_ENTITY_HASHTAGS);
		}
	}
}
