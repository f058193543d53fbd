/* SPDX-License-Identifier: Apache-2.0 */
/* json_escape.h - escapes inside a string that the scanner has accepted; private to base. */
#ifndef PALAVER_BASE_JSON_ESCAPE_H
#define PALAVER_BASE_JSON_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Decode the escape whose backslash is `*at`, step behind it (behind both halves of a surrogate
 * pair), write its UTF-8 to `out` and return how many bytes that is, 1..4. Runs on: any.
 */
size_t pal_json_unescape(const char **at, char out[4]);

/* Whether two raw strings are equal once unescaped. Runs on: any. */
bool pal_json_equal_unescaped(struct pal_str a, struct pal_str b);

/* Walks the unescaped bytes of a raw string one by one. */
struct pal_json_bytes {
	const char *at, *end;
	char held[4];
	unsigned char next, count;
};

static inline struct pal_json_bytes pal_json_bytes_of(struct pal_str raw)
{
	return (struct pal_json_bytes){.at = raw.p, .end = raw.p + raw.n};
}

/* The next byte, 0..255, or -1 behind the last. Runs on: any. */
static inline int pal_json_bytes_next(struct pal_json_bytes *in)
{
	if (in->next == in->count) {
		if (in->at == in->end)
			return -1;
		if (*in->at != '\\')
			return (unsigned char)*in->at++;
		in->count = (unsigned char)pal_json_unescape(&in->at, in->held);
		in->next = 0;
	}
	return (unsigned char)in->held[in->next++];
}

#endif
