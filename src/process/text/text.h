/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - the processor of text messages. */
#ifndef PALAVER_PROCESS_TEXT_TEXT_H
#define PALAVER_PROCESS_TEXT_TEXT_H

#include "palaver/processor.h"

#define PAL_TEXT_ANALYSIS_POINTS_MAX 10000u	/* domain.md section 4.2, input check */

/*
 * domain.md section 4.2. Not a success: blank text, or more than PAL_TEXT_ANALYSIS_POINTS_MAX code
 * points.
 */
extern const struct pal_processor pal_text_processor;

/*
 * The same rules for `text` as a part of any content: a caption, what was chosen. Without a visible
 * character it is a success with an empty normalized_text and nothing found. Not a success: more
 * code points than above. PAL_E_SERVICE when the arena is exhausted. Runs on: worker.
 */
enum pal_code pal_text_analyse(struct pal_str text, const struct pal_content *content,
			       const struct pal_process_context *context, struct pal_arena *arena,
			       struct pal_process_result *ret, struct pal_error *err);

#endif
