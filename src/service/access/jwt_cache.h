/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_cache.h - claims of tokens that were verified, by the token's SHA-256. A public-key signature
 * takes up to 156 us to check: a client that sends the same token again pays it once.
 */
#ifndef PALAVER_SERVICE_ACCESS_JWT_CACHE_H
#define PALAVER_SERVICE_ACCESS_JWT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "service/access/claims.h"

#define PAL_JWT_CACHE_TOKENS_MAX 4096u	/* each about its claims' size, PAL_JWT_BYTES_MAX at most */

struct pal_jwt_cache;

/* An empty cache; NULL when out of memory. Runs on: main. */
struct pal_jwt_cache *pal_jwt_cache_create(void);
void pal_jwt_cache_destroy(struct pal_jwt_cache *cache);	/* NULL is fine. Runs on: main. */

/*
 * Find the claims of the token with digest `digest`; the texts of `ret` are copied into `arena`.
 * False when they are not here, or not for want of memory. Whether they still hold is for the
 * caller to say: expires_s is what the token says. Runs on: any.
 */
bool pal_jwt_cache_find(struct pal_jwt_cache *cache, const uint8_t digest[PAL_SHA256_SIZE],
			struct pal_arena *arena, struct pal_claims *ret);

/*
 * Keep a copy of `claims`, in the place of whoever had the same slot. Does nothing when out of
 * memory. Runs on: any.
 */
void pal_jwt_cache_put(struct pal_jwt_cache *cache, const uint8_t digest[PAL_SHA256_SIZE],
		       const struct pal_claims *claims);

#endif
