/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - AES-256-GCM for secrets at rest: what is sealed can be read, and was not changed or moved
 * elsewhere, only by who has the key and says where it belongs.
 */
#ifndef PALAVER_BASE_SEAL_H
#define PALAVER_BASE_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define PAL_SEAL_KEY_SIZE 32
#define PAL_SEAL_EXTRA 28u	/* bytes that a sealed text is longer: a nonce and a tag */

/*
 * Append `plain`, sealed under `key` with a fresh nonce and bound to `place`, such as the tenant and
 * the setting's name. False, with `out` as it was, when out of memory. Runs on: any.
 */
bool pal_seal(const uint8_t key[PAL_SEAL_KEY_SIZE], struct pal_str place, struct pal_str plain,
	      struct pal_buf *out);

/*
 * Append what was sealed. False, with `out` as it was, when it was sealed under another key or for
 * another place, was changed, or memory is out. Runs on: any.
 */
bool pal_unseal(const uint8_t key[PAL_SEAL_KEY_SIZE], struct pal_str place, struct pal_str sealed,
		struct pal_buf *out);

#endif
