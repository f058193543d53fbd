/* SPDX-License-Identifier: Apache-2.0 */
/* analysis.h - the JSON form of a processing result, as it is stored. */
#ifndef PALAVER_PROCESS_ANALYSIS_H
#define PALAVER_PROCESS_ANALYSIS_H

#include "base/buf.h"
#include "palaver/processor.h"

/*
 * Append the stored ai_analysis object (domain.md section 1.4) of a success: entities,
 * detected_language and language_confidence (null when nothing was detected), content_categories,
 * quality_score, safety_flags, intent, keywords, sentiment; "statistics" only when there is a text;
 * what else was found in content that is more than a text; "moderation" only when there are flags,
 * "privacy" only when personal data was found. Failure is sticky in `out`. Runs on: worker.
 */
void pal_process_write_analysis(struct pal_buf *out, const struct pal_process_result *result);

/*
 * Append the entities object: a list of strings for each kind that was found, and the objects
 * `media` and `location` of such content. Runs on: worker.
 */
void pal_process_write_entities(struct pal_buf *out, const struct pal_process_result *result);

#endif
