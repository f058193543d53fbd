/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - the tenants and API keys this node knows, in memory. A record is made once and lives
 * as long as the ring; a change makes a new one. So a view handed out stays valid without a
 * reference.
 */
#ifndef PALAVER_SERVICE_KEYRING_H
#define PALAVER_SERVICE_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/tenant.h"

#define PAL_API_KEY_TEXT_SIZE 73	/* "cb_test_", 64 hex digits (256 random bits), NUL */

struct pal_keyring;

/* An empty ring whose keys are hashed under `hash_key`; NULL when out of memory. Runs on: main. */
struct pal_keyring *pal_keyring_create(const uint8_t hash_key[PAL_API_KEY_HASH_SIZE]);
void pal_keyring_destroy(struct pal_keyring *ring);	/* NULL is fine */

/* Keep a copy of `tenant`, unless its id is known. False when out of memory. Runs on: any. */
bool pal_keyring_add_tenant(struct pal_keyring *ring, const struct pal_tenant *tenant);

/* Keep a copy of `key`, unless it is of no known tenant. False when out of memory. Runs on: any. */
bool pal_keyring_add_key(struct pal_keyring *ring, const struct pal_api_key *key);

/* The tenant called `id`, NULL when there is none. Runs on: any. */
const struct pal_tenant *pal_keyring_tenant(struct pal_keyring *ring, struct pal_str id);

/* The tenant with the smallest key above `after`, NULL when there is none. Runs on: any. */
const struct pal_tenant *pal_keyring_next(struct pal_keyring *ring, struct pal_tenant_key after);

/*
 * The key whose text is `text`, and its tenant; NULL when there is none. What was found is
 * remembered per thread until the ring changes. Runs on: any.
 */
const struct pal_api_key *pal_keyring_find(struct pal_keyring *ring, struct pal_str text,
					   const struct pal_tenant **ret_tenant);

/* The keyed hash under which a key is stored. Runs on: any. */
void pal_keyring_hash(const struct pal_keyring *ring, struct pal_str text,
		      uint8_t ret[PAL_API_KEY_HASH_SIZE]);

/*
 * Whether `text` has the form of an API key: cb_(live|test)_ and 32..64 hex digits. Runs on: any.
 */
bool pal_api_key_is_formed(struct pal_str text);

/*
 * Fill `out` with a new random key text, for live use or for tests ("cb_test_..."). Runs on: any.
 */
void pal_api_key_make(bool live, char out[PAL_API_KEY_TEXT_SIZE]);

#endif
