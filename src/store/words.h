/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - the words of a text, for searching: what a kind without an index of its own compares by,
 * and how a query is taken apart for one that has. Letters and digits make words; case and the
 * diacritics of Latin letters do not count (as unicode61 of SQLite's FTS5 has it).
 */
#ifndef PALAVER_STORE_WORDS_H
#define PALAVER_STORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define PAL_QUERY_BYTES_MAX 4096u
#define PAL_QUERY_WORDS_MAX 32u

/* Words of a query, as they stand in it. */
struct pal_query_words {
	struct pal_str word[PAL_QUERY_WORDS_MAX];
	size_t count;
};

/* Take the next word off the front of `rest`; false when there is none. Runs on: any. */
bool pal_words_next(struct pal_str *rest, struct pal_str *ret);

/* The words of `query`; false when it has more than PAL_QUERY_WORDS_MAX. Runs on: any. */
bool pal_words_split(struct pal_str query, struct pal_query_words *ret);

/*
 * Whether each word of `words` is one of `text`, but for the last, which only has to begin one.
 * Without any word: false. Runs on: any.
 */
bool pal_words_match(const struct pal_query_words *words, struct pal_str text);

#endif
