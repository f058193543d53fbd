/* SPDX-License-Identifier: Apache-2.0 */
/* json_tag.h - short secret hashes of object keys; private to base. */
#ifndef PALAVER_BASE_JSON_TAG_H
#define PALAVER_BASE_JSON_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A tag of the key `raw` (without quotes; `escaped`: holds a backslash), the same for every
 * spelling of the same characters. Equal tags of different keys are rare, and nobody outside can
 * find them. Runs on: any.
 */
uint32_t pal_json_tag(struct pal_str raw, bool escaped);

#endif
