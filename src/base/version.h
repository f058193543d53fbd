/* SPDX-License-Identifier: Apache-2.0 */
/* version.h - what this build is; the one place that asks configure. */
#ifndef PALAVER_BASE_VERSION_H
#define PALAVER_BASE_VERSION_H

#include <stdbool.h>

/* "0.1.0". Runs on: any. */
const char *pal_version(void);

/* Whether languages can be detected by CLD2. Runs on: any. */
bool pal_version_has_cld2(void);

#endif
