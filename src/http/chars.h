/* SPDX-License-Identifier: Apache-2.0 */
/* chars.h - the character classes of RFC 9110 and RFC 3986, one table lookup each. */
#ifndef PALAVER_HTTP_CHARS_H
#define PALAVER_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum pal_http_char {
	PAL_CHAR_TOKEN = 1,	/* tchar, RFC 9110 section 5.6.2 */
	PAL_CHAR_PATH = 2,	/* pchar, `%` and `/`, RFC 3986 section 3.3 */
	PAL_CHAR_QUERY = 4,	/* the same and `?` */
	PAL_CHAR_VALUE = 8,	/* field-vchar, obs-text, SP, HTAB */
	PAL_CHAR_HOST = 16,	/* what may stand in host [ ":" port ] */
	PAL_CHAR_ID = 32,	/* fit for a request id: letters, digits, `-._~:/+=` */
};

extern const uint8_t pal_http_chars[256];	/* masks of enum pal_http_char */

static inline bool pal_http_char_is(char c, unsigned mask)
{
	return (pal_http_chars[(unsigned char)c] & mask) != 0;
}

/* Whether all of `text` is in `mask`; true for an empty one. Runs on: any. */
static inline bool pal_http_chars_are(struct pal_str text, unsigned mask)
{
	for (size_t i = 0; i < text.n; i++)
		if (!pal_http_char_is(text.p[i], mask))
			return false;
	return true;
}

/* The value of a hex digit, or -1. Runs on: any. */
static inline int pal_http_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline char pal_http_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Equality of ASCII text in any case. Runs on: any. */
static inline bool pal_http_equal_nocase(struct pal_str a, struct pal_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (pal_http_lower(a.p[i]) != pal_http_lower(b.p[i]))
			return false;
	return true;
}

/*
 * Take the next element of the comma-separated list in `*list`, without the white space around it;
 * empty elements are skipped. False at the end. Runs on: any.
 */
bool pal_http_list_next(struct pal_str *list, struct pal_str *ret_item);

#endif
