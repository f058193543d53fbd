/* SPDX-License-Identifier: Apache-2.0 */
/* cld2.h - the compact language detector, when it is linked. */
#ifndef PALAVER_PROCESS_TEXT_CLD2_H
#define PALAVER_PROCESS_TEXT_CLD2_H

#include "base/str.h"

/*
 * What CLD2's best effort says `text`, UTF-8, is in: its code, such as "en" or "zh-Hant", constant.
 * Absent when it cannot tell or is not part of this build. Runs on: worker.
 */
struct pal_str pal_cld2_detect(struct pal_str text);

#endif
