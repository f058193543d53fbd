/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - what the words of a text mean: each is looked up once and its meanings are added up. */
#ifndef PALAVER_PROCESS_TEXT_WORDS_H
#define PALAVER_PROCESS_TEXT_WORDS_H

#include "process/text/scan.h"

#define PAL_KEYWORD_LETTERS_MIN 4u

/* One word as the scan delivers it. */
struct pal_token {
	size_t at, len;		/* bytes in the text */
	uint32_t hash;		/* of its lower-case form */
	unsigned classes;	/* enum pal_char_class of its characters, together */
	bool has_grams;		/* letters of a script that sets no blanks */
};

struct pal_words {
	const struct pal_lexicon *lexicon;
	struct pal_scan *scan;	/* takes votes, roles, hits, sentiment and candidates */
	struct pal_str text;
	const char *lower;	/* its words in lower case, at the same places */
	uint8_t opens;		/* phrases that the last word opens... */
	size_t opened_end;	/* ...and where it ended */
};

/*
 * Add what `word` means to the scan; words come in the order of the text. There must be room for
 * one more candidate. Runs on: worker.
 */
void pal_words_take(struct pal_words *words, const struct pal_token *word);

#endif
