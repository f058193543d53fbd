/* SPDX-License-Identifier: Apache-2.0 */
/* key_text.h - the text of an API key: cb_(live|test)_ and hex digits. */
#ifndef PALAVER_SERVICE_ACCESS_KEY_TEXT_H
#define PALAVER_SERVICE_ACCESS_KEY_TEXT_H

#include <stdbool.h>

#include "base/str.h"

#define PAL_API_KEY_TEXT_SIZE 73	/* "cb_test_", 64 hex digits (256 random bits), NUL */

/*
 * Whether `text` has the form of an API key: cb_(live|test)_ and 32..64 hex digits. Runs on: any.
 */
bool pal_api_key_is_formed(struct pal_str text);

/*
 * Fill `out` with a new random key text, for live use or for tests ("cb_test_..."). Runs on: any.
 */
void pal_api_key_make(bool live, char out[PAL_API_KEY_TEXT_SIZE]);

#endif
