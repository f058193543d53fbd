/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - the tenants and API keys this node knows, in memory. What is in it stays as long as
 * the ring, so a view handed out needs no reference; what changes of it are numbers (live.h) and
 * texts that are only ever copied out.
 */
#ifndef PALAVER_SERVICE_ACCESS_KEYRING_H
#define PALAVER_SERVICE_ACCESS_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/tenant.h"
#include "service/access/key_text.h"
#include "service/access/live.h"

struct pal_keyring;

/* An empty ring whose keys are hashed under `hash_key`; NULL when out of memory. Runs on: main. */
struct pal_keyring *pal_keyring_create(const uint8_t hash_key[PAL_API_KEY_HASH_SIZE]);
void pal_keyring_destroy(struct pal_keyring *ring);	/* NULL is fine */

/*
 * Keep a copy of `tenant`, or take over what may change of one whose id is known. A profile that
 * does not read counts as one without limits. False when out of memory. Runs on: any.
 */
bool pal_keyring_put_tenant(struct pal_keyring *ring, const struct pal_tenant *tenant);

/*
 * Keep a copy of `key`, or take over status and expiry of one whose id is known; nothing when it is
 * of no known tenant. Rules that do not read let nobody in. False when out of memory. Runs on: any.
 */
bool pal_keyring_put_key(struct pal_keyring *ring, const struct pal_api_key *key);

/* The tenant called `id`, NULL when there is none. Runs on: any. */
struct pal_live_tenant *pal_keyring_tenant(struct pal_keyring *ring, struct pal_str id);

/* The tenant with the smallest key above `after`, NULL when there is none. Runs on: any. */
struct pal_live_tenant *pal_keyring_next(struct pal_keyring *ring, struct pal_tenant_key after);

/* The record of `tenant` as it is now, in `arena`; false when out of memory. Runs on: any. */
bool pal_keyring_copy_tenant(struct pal_keyring *ring, const struct pal_live_tenant *tenant,
			     struct pal_arena *arena, struct pal_tenant *ret);

/* The key called `key_id` of `tenant`, NULL when it has none such. Runs on: any. */
struct pal_live_key *pal_keyring_key(struct pal_keyring *ring, struct pal_tenant_key tenant,
				     struct pal_str key_id);

/*
 * All keys of `tenant`, the newest first, as an array in `arena`; NULL when out of memory. Runs on:
 * any.
 */
struct pal_live_key **pal_keyring_list(struct pal_keyring *ring,
				       const struct pal_live_tenant *tenant,
				       struct pal_arena *arena, size_t *ret_count);

/*
 * The key whose text is `text`; NULL when there is none. What was found is remembered per
 * thread: keys never leave the ring. Runs on: any.
 */
struct pal_live_key *pal_keyring_find(struct pal_keyring *ring, struct pal_str text);

/* The keyed hash under which a key is stored. Runs on: any. */
void pal_keyring_hash(const struct pal_keyring *ring, struct pal_str text,
		      uint8_t ret[PAL_API_KEY_HASH_SIZE]);

#endif
