/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - what the counts of a scan say: statistics, quality, sentiment, safety, categories. */
#ifndef PALAVER_PROCESS_TEXT_JUDGE_H
#define PALAVER_PROCESS_TEXT_JUDGE_H

#include "process/text/scan.h"

/*
 * The rules of domain.md section 4.2, each a function of the scan (and of what was found). Runs on:
 * any.
 */
struct pal_statistics pal_judge_statistics(const struct pal_scan *scan);
double pal_judge_quality(const struct pal_scan *scan);
struct pal_sentiment pal_judge_sentiment(const struct pal_scan *scan);
/* Bits of enum pal_pii. */
uint32_t pal_judge_pii(const struct pal_findings *found);
/* Bits of enum pal_safety. */
uint32_t pal_judge_safety(const struct pal_scan *scan, uint32_t pii);

#define PAL_CATEGORIES_MAX 8u

/* Names of the categories into `ret`, which has room for PAL_CATEGORIES_MAX; return how many. */
size_t pal_judge_categories(const struct pal_scan *scan, const struct pal_findings *found,
			    struct pal_str *ret);

#endif
