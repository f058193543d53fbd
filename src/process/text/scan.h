/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - the one pass over a text: its words, each looked up once, and everything that is
 * counted.
 */
#ifndef PALAVER_PROCESS_TEXT_SCAN_H
#define PALAVER_PROCESS_TEXT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "process/text/chars.h"
#include "process/text/findings.h"
#include "process/text/lexicon.h"

/* A word that may become a keyword: four ASCII letters or more, not on the stop list. */
struct pal_word {
	uint32_t at, len;	/* bytes in `lower` */
	uint32_t hash;
	uint8_t function_in;	/* languages in which it says nothing */
};

struct pal_scan {
	const char *lower;	/* the words in lower case, at their places in the text */
	uint32_t points;	/* code points */
	uint32_t plain_points;	/* of these, word characters and blanks */
	uint32_t words;		/* separated by blanks */
	uint32_t spelled;	/* words, links aside, in which no digit is */
	uint32_t sentences;
	uint32_t paragraphs;
	uint32_t caps_runs;	/* of five capitals or more */
	bool has_bang_run;	/* !!! */
	bool has_special_run;	/* three in a row of !@#$%^&*() */
	bool has_digits;
	size_t first_digits;	/* where the first word with a digit begins */
	uint32_t letters[PAL_SCRIPT_COUNT];
	uint16_t votes[PAL_VOTE_SLOTS];	/* by enum pal_vote_language */
	uint32_t roles;		/* enum pal_lexeme_role bits of all words together */
	uint32_t hits;		/* 1 << enum pal_hit */
	uint32_t positive, negative;
	struct pal_word *candidates;	/* in order of the text */
	size_t candidate_count;
};

/*
 * Scan found->text, not empty, in one pass; words inside the spans `links` count but mean nothing.
 * False when out of memory. Runs on: worker.
 */
bool pal_scan_text(const struct pal_findings *found, struct pal_scan *ret);

#endif
