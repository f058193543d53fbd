/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - a borrowed run of bytes; never assumed to end in NUL. */
#ifndef PALAVER_BASE_STR_H
#define PALAVER_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pal_str {
	const char *p;	/* NULL: absent */
	size_t n;
};

/* A view of a string literal. */
#define PAL_STR(literal) ((struct pal_str){"" literal, sizeof(literal) - 1})

/* A view of the NUL-terminated `s`; NULL gives the absent view. Runs on: any. */
static inline struct pal_str pal_str(const char *s)
{
	return (struct pal_str){s, s ? strlen(s) : 0};
}

static inline bool pal_str_equal(struct pal_str a, struct pal_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The next word of blank-separated `rest`, which loses it; absent at the end. Runs on: any. */
static inline struct pal_str pal_str_take_word(struct pal_str *rest)
{
	while (rest->n && rest->p[0] == ' ') {
		rest->p++;
		rest->n--;
	}
	const char *end = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
	struct pal_str word = {rest->n ? rest->p : NULL,
			       end ? (size_t)(end - rest->p) : rest->n};
	rest->p += word.n;
	rest->n -= word.n;
	return word;
}

#endif
