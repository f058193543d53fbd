/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h - SipHash-1-3 with a key drawn at start: client-chosen keys cannot collide on purpose.
 * Include it before uthash.h: it makes uthash use the seeded function.
 */
#ifndef PALAVER_BASE_HASH_H
#define PALAVER_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Hash `n` bytes with the key of this process. Stable within the process only. Runs on: any. */
uint64_t pal_hash(const void *bytes, size_t n);

/* SipHash-1-3 under a given 16-byte key; for hashes that are stored. Runs on: any. */
uint64_t pal_siphash13(const uint8_t key[16], const void *bytes, size_t n);

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = (unsigned)pal_hash((keyptr), (keylen)))
#define HASH_NONFATAL_OOM 1	/* uthash reports a failed allocation instead of exiting */

#endif
