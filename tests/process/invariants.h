/* SPDX-License-Identifier: Apache-2.0 */
/* invariants.h - what holds of the analysis of any text whatever. */
#ifndef PALAVER_TESTS_PROCESS_INVARIANTS_H
#define PALAVER_TESTS_PROCESS_INVARIANTS_H

#include "base/str.h"

/*
 * Analyse `text`, any bytes; return NULL when all caps, ranges and promises of the result hold,
 * else which does not: lists within their caps and without doubles, entities found in the text,
 * ratios in range, valid UTF-8 out of valid UTF-8, nothing personal left in the masked text, JSON
 * that passes the gate.
 */
const char *broken_invariant(struct pal_str text);

#endif
