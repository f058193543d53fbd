/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon.h - one table that says everything palaver knows about a word, found by one look-up. */
#ifndef PALAVER_PROCESS_TEXT_LEXICON_H
#define PALAVER_PROCESS_TEXT_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Languages told apart by their words; each is one bit of a language set, in this order. */
#define PAL_VOTE_LANGUAGES(X)                                                                      \
	X(PAL_VOTE_EN, "en")                                                                       \
	X(PAL_VOTE_ES, "es")                                                                       \
	X(PAL_VOTE_FR, "fr")                                                                       \
	X(PAL_VOTE_DE, "de")                                                                       \
	X(PAL_VOTE_IT, "it")                                                                       \
	X(PAL_VOTE_PT, "pt")

enum pal_vote_language {
#define X(id, code) id,
	PAL_VOTE_LANGUAGES(X)
#undef X
	PAL_VOTE_COUNT
};

enum pal_lexeme_role {
	PAL_LEXEME_STOP = 1 << 0,	/* never a keyword */
	PAL_LEXEME_POSITIVE = 1 << 1,
	PAL_LEXEME_NEGATIVE = 1 << 2,
	PAL_LEXEME_SPAM = 1 << 3,
	PAL_LEXEME_BUSINESS = 1 << 4,
	PAL_LEXEME_SUPPORT = 1 << 5,
	PAL_LEXEME_TECHNICAL = 1 << 6,
	PAL_LEXEME_URGENT = 1 << 7,
	PAL_LEXEME_CURRENCY = 1 << 8,	/* "dollars": the number before it is money */
};

/* What speaks for an intent. One bit each of a 32-bit set; words of one meaning share a bit. */
enum pal_hit {
	PAL_HIT_NONE,
	PAL_HIT_ORDER,
	PAL_HIT_PURCHASE,
	PAL_HIT_CHECKOUT,
	PAL_HIT_INVOICE,
	PAL_HIT_PAYMENT,
	PAL_HIT_DELIVERY,
	PAL_HIT_TRACKING,
	PAL_HIT_ORDER_NUMBER,
	PAL_HIT_HELP,
	PAL_HIT_SUPPORT,
	PAL_HIT_PROBLEM,
	PAL_HIT_ISSUE,
	PAL_HIT_ERROR,
	PAL_HIT_BUG,
	PAL_HIT_BROKEN,
	PAL_HIT_NOT_WORKING,
	PAL_HIT_CANNOT,
	PAL_HIT_ASSISTANCE,
	PAL_HIT_GOODBYE,
	PAL_HIT_SEE_YOU,
	PAL_HIT_HELLO,
	PAL_HIT_HI,
	PAL_HIT_GOOD_DAY,
	PAL_HIT_COUNT
};

/* Two-word expressions: a word that opens one, straight before a word that closes the same. */
#define PAL_PHRASES(X)                                                                             \
	X(PAL_PHRASE_NOT_WORKING, 0, PAL_HIT_NOT_WORKING)                                          \
	X(PAL_PHRASE_CANNOT, 1, PAL_HIT_CANNOT)                                                    \
	X(PAL_PHRASE_SEE_YOU, 2, PAL_HIT_SEE_YOU)                                                  \
	X(PAL_PHRASE_GOOD_DAY, 3, PAL_HIT_GOOD_DAY)                                                \
	X(PAL_PHRASE_NO_FUNCTION, 4, PAL_HIT_NOT_WORKING)

enum pal_phrase {
#define X(id, bit, hit) id = 1 << (bit),
	PAL_PHRASES(X)
#undef X
};

/* Room for one vote a language, padded so that a word's votes are added in one instruction. */
#define PAL_VOTE_SLOTS 8u

/* What a word gives its only language; one that n languages share gives each of them 1/n of it. */
#define PAL_VOTE_UNIQUE 6u

struct pal_lexeme {
	uint16_t votes[PAL_VOTE_SLOTS];	/* by enum pal_vote_language; set by the table */
	uint16_t roles;			/* enum pal_lexeme_role bits */
	uint8_t languages;		/* it is a word of these */
	uint8_t function_in;		/* it is a function word of these: never a keyword there */
	uint8_t hit;			/* enum pal_hit */
	uint8_t opens, closes;		/* enum pal_phrase bits */
};

#define PAL_LEXICON_WORD_MAX 24u	/* bytes of the longest entry */

/* The hash of the look-up, byte by byte over the lower-case word. Runs on: any. */
#define PAL_WORD_HASH_START 0x811c9dc5u

static inline uint32_t pal_word_hash_step(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 0x9e3779b1u;
}

static inline uint32_t pal_word_hash(uint32_t hash, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = pal_word_hash_step(hash, p[i]);
	return hash;
}

struct pal_lexicon;

/* The one lexicon: built by the first call, constant from then on. Runs on: any. */
const struct pal_lexicon *pal_lexicon_get(void);

/*
 * What is known about the lower-case `word` with hash `hash`; a lexeme of zeros when nothing is. An
 * apostrophe belongs to elided and clipped forms ("l'", "'ll"). Constant. Runs on: any.
 */
const struct pal_lexeme *pal_lexicon_find(const struct pal_lexicon *lexicon, struct pal_str word,
					  uint32_t hash);

/*
 * False when no word begins with the one non-ASCII letter whose hash is `hash`: a quick look before
 * all the words that might begin there are looked up. Runs on: any.
 */
bool pal_lexicon_may_begin(const struct pal_lexicon *lexicon, uint32_t hash);

/* The words and what they mean, in lexicon_data.c: each row adds its lexeme to all its words. */
struct pal_word_list {
	struct pal_lexeme lexeme;
	const char *words;	/* lower case, separated by single spaces */
};

extern const struct pal_word_list pal_word_lists[];
extern const size_t pal_word_list_count;

#endif
