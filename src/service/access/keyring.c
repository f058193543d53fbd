/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/keyring.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/id.h"
#include "service/access/keyring_parts.h"

void pal_keyring_hash(const struct pal_keyring *ring, struct pal_str text,
		      uint8_t ret[PAL_API_KEY_HASH_SIZE])
{
	pal_hmac_sha256((struct pal_str){(const char *)ring->hash_key, sizeof(ring->hash_key)},
			text, ret);
}

struct pal_keyring *pal_keyring_create(const uint8_t hash_key[PAL_API_KEY_HASH_SIZE])
{
	static _Atomic uint64_t instances;
	struct pal_keyring *ring = calloc(1, sizeof(*ring));

	if (!ring || pthread_rwlock_init(&ring->lock, NULL) != 0) {
		free(ring);
		return NULL;
	}
	memcpy(ring->hash_key, hash_key, sizeof(ring->hash_key));
	ring->instance = atomic_fetch_add(&instances, 1) + 1;
	pal_random_bytes(ring->fingerprint_key, sizeof(ring->fingerprint_key));
	return ring;
}

static void free_keys(struct pal_kept_tenant *t)
{
	while (t->keys) {
		struct pal_kept_key *older = t->keys->older;
		free(t->keys);
		t->keys = older;
	}
}

void pal_keyring_destroy(struct pal_keyring *ring)
{
	struct pal_kept_tenant *t, *next;

	if (!ring)
		return;
	HASH_CLEAR(hh, ring->keys_by_prefix);
	HASH_CLEAR(by_id, ring->keys_by_id);
	HASH_CLEAR(by_key, ring->tenants_by_key);
	HASH_ITER(by_id, ring->tenants_by_id, t, next) {
		HASH_DELETE(by_id, ring->tenants_by_id, t);
		free_keys(t);
		free(t->text);
		free(t);
	}
	free(ring->in_order);
	pthread_rwlock_destroy(&ring->lock);
	explicit_bzero(ring->hash_key, sizeof(ring->hash_key));
	free(ring);
}
