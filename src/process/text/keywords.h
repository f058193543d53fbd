/* SPDX-License-Identifier: Apache-2.0 */
/* keywords.h - the words that a text is about. */
#ifndef PALAVER_PROCESS_TEXT_KEYWORDS_H
#define PALAVER_PROCESS_TEXT_KEYWORDS_H

#include <stdbool.h>

#include "process/text/scan.h"

/*
 * The at most PAL_KEYWORDS_MAX most frequent candidates of `scan` that are no function words of
 * `language` (PAL_VOTE_COUNT: of none), by frequency, then first occurrence (domain.md section
 * 4.2). Views into scan->lower. Linear whatever the words are: one whose place in the hash table is
 * too crowded is left out. False when out of memory. Runs on: worker.
 */
bool pal_keywords_pick(const struct pal_scan *scan, enum pal_vote_language language,
		       struct pal_arena *arena, struct pal_str_list *ret);

#endif
