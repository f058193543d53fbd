/* SPDX-License-Identifier: Apache-2.0 */
/* intent.h - what the user wants, from the words that were hit. */
#ifndef PALAVER_PROCESS_TEXT_INTENT_H
#define PALAVER_PROCESS_TEXT_INTENT_H

#include <stdint.h>

#include "palaver/processor.h"

/*
 * Intent for the set of `hits` (1 << enum pal_hit): order_inquiry before support before goodbye
 * before greeting before default; 0.9 for two distinct hits of it, 0.7 for one, 0.3 for default
 * (domain.md section 2.3). Constant name. Runs on: any.
 */
struct pal_intent pal_intent_decide(uint32_t hits);

#endif
