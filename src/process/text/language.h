/* SPDX-License-Identifier: Apache-2.0 */
/* language.h - which language a text is in: by its script, by a vote of its words, or by CLD2. */
#ifndef PALAVER_PROCESS_TEXT_LANGUAGE_H
#define PALAVER_PROCESS_TEXT_LANGUAGE_H

#include <stdbool.h>

#include "process/text/scan.h"

struct pal_language_guess {
	struct pal_str code;	/* absent: nothing to tell it by */
	double confidence;
	bool is_clear;		/* no need to ask anyone else */
};

/*
 * The language of the scanned `text` (domain.md section 4.2, detector D): none below three word
 * characters and blanks; the dominant script decides where it can; else the stop-word vote among
 * en es fr de it pt. Confidence min(0.95, 0.5 + length / 200); a language or script outside the
 * supported ones is "en" with 0.3. Constant code. Runs on: worker.
 */
struct pal_language_guess pal_language_detect(struct pal_str text, const struct pal_scan *scan,
					      enum pal_language_mode mode);

/* The built-in detector alone: the reference for the tests and for `auto`. Runs on: any. */
struct pal_language_guess pal_language_vote(const struct pal_scan *scan);

/* `code` as one of the supported languages' constant; absent when it is none. Runs on: any. */
struct pal_str pal_language_supported(struct pal_str code);

/* The voting language with `code`, PAL_VOTE_COUNT when it is none. Runs on: any. */
enum pal_vote_language pal_language_voter(struct pal_str code);

#endif
