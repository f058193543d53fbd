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

#endif
