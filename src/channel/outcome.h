/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.h - what all kinds share of judging an answer (channels.md section 1.1). Pure. */
#ifndef PALAVER_CHANNEL_OUTCOME_H
#define PALAVER_CHANNEL_OUTCOME_H

#include "palaver/channel.h"

/*
 * The outcome of `answer` as far as no platform's codes are known: 2xx is ok, also when only the
 * body was too long, slow or cut; 429 is rate; 5xx and what never arrived is retry; what may have
 * arrived without an answer is unknown; the rest is permanent. Fills all of *ret but platform_id.
 * Runs on: any.
 */
void pal_channel_classify(const struct pal_answer *answer, struct pal_channel_result *ret);

/* Names. Runs on: any. */
const char *pal_channel_outcome_name(enum pal_channel_outcome outcome);
const char *pal_channel_verdict_name(enum pal_channel_verdict verdict);

#endif
