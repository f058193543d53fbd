/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verified key is remembered per thread by a 128-bit keyed fingerprint, never by its text, which
 * spares the HMAC on the hot path until the generation moves.
 */
#include "service/keyring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/hash.h"
#include "base/id.h"

#include <uthash.h>

#define KEY_DIGITS_MIN 32u
#define KEY_DIGITS_MAX 64u
#define KEY_STEM_BYTES 8u		/* "cb_live_" */
#define CACHE_SLOTS 64u

struct tenant {
	struct pal_tenant record;	/* views into `text` */
	UT_hash_handle by_id, by_key;
	char text[];
};

struct key {
	struct pal_api_key record;	/* views into `text` */
	struct tenant *tenant;
	struct key *next;		/* same prefix */
	struct key *older;		/* all of them */
	UT_hash_handle hh;
	char text[];
};

struct pal_keyring {
	uint8_t hash_key[PAL_API_KEY_HASH_SIZE];	/* fixed at create, as are the next two */
	uint8_t fingerprint_key[2][16];
	uint64_t instance;
	_Atomic uint64_t generation;
	pthread_rwlock_t lock;		/* guards the maps below; the records never change */
	struct tenant *tenants_by_id, *tenants_by_key;
	struct key *keys_by_prefix, *keys;
};

struct cache_slot {
	uint64_t instance, generation, fingerprint[2];
	const struct key *key;
};

static _Thread_local struct cache_slot cache[CACHE_SLOTS];

bool pal_api_key_is_formed(struct pal_str text)
{
	if (text.n < KEY_STEM_BYTES + KEY_DIGITS_MIN || text.n > KEY_STEM_BYTES + KEY_DIGITS_MAX)
		return false;
	if (memcmp(text.p, "cb_live_", KEY_STEM_BYTES) != 0 &&
	    memcmp(text.p, "cb_test_", KEY_STEM_BYTES) != 0)
		return false;
	for (size_t i = KEY_STEM_BYTES; i < text.n; i++)
		if (!memchr("0123456789abcdef", text.p[i], 16))
			return false;
	return true;
}

void pal_api_key_make(bool live, char out[PAL_API_KEY_TEXT_SIZE])
{
	uint8_t random[KEY_DIGITS_MAX / 2];
	static const char digits[] = "0123456789abcdef";

	pal_random_bytes(random, sizeof(random));
	memcpy(out, live ? "cb_live_" : "cb_test_", KEY_STEM_BYTES);
	for (size_t i = 0; i < sizeof(random); i++) {
		out[KEY_STEM_BYTES + 2 * i] = digits[random[i] >> 4];
		out[KEY_STEM_BYTES + 2 * i + 1] = digits[random[i] & 15];
	}
	out[PAL_API_KEY_TEXT_SIZE - 1] = '\0';
	explicit_bzero(random, sizeof(random));
}

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

void pal_keyring_destroy(struct pal_keyring *ring)
{
	struct tenant *t, *next;

	if (!ring)
		return;
	HASH_CLEAR(hh, ring->keys_by_prefix);
	while (ring->keys) {
		struct key *older = ring->keys->older;
		free(ring->keys);
		ring->keys = older;
	}
	HASH_CLEAR(by_key, ring->tenants_by_key);
	HASH_ITER(by_id, ring->tenants_by_id, t, next) {
		HASH_DELETE(by_id, ring->tenants_by_id, t);
		free(t);
	}
	pthread_rwlock_destroy(&ring->lock);
	explicit_bzero(ring->hash_key, sizeof(ring->hash_key));
	free(ring);
}

/* Copy `s` behind `*at`, move it on, and return the copy. */
static struct pal_str keep(char **at, struct pal_str s)
{
	struct pal_str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

/* Both tables or none; uthash shows want of memory by leaving the handle without a table. */
static bool link_tenant_locked(struct pal_keyring *ring, struct tenant *t)
{
	HASH_ADD_KEYPTR(by_id, ring->tenants_by_id, t->record.id.p, t->record.id.n, t);
	if (!t->by_id.tbl)
		return false;
	HASH_ADD_KEYPTR(by_key, ring->tenants_by_key, &t->record.key, sizeof(t->record.key), t);
	if (t->by_key.tbl)
		return true;
	HASH_DELETE(by_id, ring->tenants_by_id, t);
	return false;
}

bool pal_keyring_add_tenant(struct pal_keyring *ring, const struct pal_tenant *tenant)
{
	size_t bytes = tenant->id.n + tenant->name.n + tenant->settings.n;
	struct tenant *t = calloc(1, sizeof(*t) + bytes);
	struct tenant *old = NULL;
	bool linked = false;

	if (!t)
		return false;
	char *at = t->text;
	t->record = *tenant;
	t->record.id = keep(&at, tenant->id);
	t->record.name = keep(&at, tenant->name);
	t->record.settings = keep(&at, tenant->settings);
	pthread_rwlock_wrlock(&ring->lock);
	HASH_FIND(by_id, ring->tenants_by_id, t->record.id.p, t->record.id.n, old);
	if (!old)
		linked = link_tenant_locked(ring, t);
	atomic_fetch_add(&ring->generation, 1);
	pthread_rwlock_unlock(&ring->lock);
	if (!linked)
		free(t);
	return old || linked;
}

const struct pal_tenant *pal_keyring_tenant(struct pal_keyring *ring, struct pal_str id)
{
	struct tenant *t = NULL;

	pthread_rwlock_rdlock(&ring->lock);
	HASH_FIND(by_id, ring->tenants_by_id, id.p, id.n, t);
	pthread_rwlock_unlock(&ring->lock);
	return t ? &t->record : NULL;
}

const struct pal_tenant *pal_keyring_next(struct pal_keyring *ring, struct pal_tenant_key after)
{
	const struct tenant *best = NULL;

	pthread_rwlock_rdlock(&ring->lock);
	for (const struct tenant *t = ring->tenants_by_id; t; t = t->by_id.next)
		if (t->record.key.n > after.n && (!best || t->record.key.n < best->record.key.n))
			best = t;
	pthread_rwlock_unlock(&ring->lock);
	return best ? &best->record : NULL;
}

static struct key *copy_key(const struct pal_api_key *record)
{
	struct key *k =
		calloc(1, sizeof(*k) + record->key_id.n + record->name.n + record->permissions.n);

	if (!k)
		return NULL;
	char *at = k->text;
	k->record = *record;
	k->record.key_id = keep(&at, record->key_id);
	k->record.name = keep(&at, record->name);
	k->record.permissions = keep(&at, record->permissions);
	return k;
}

static bool link_key_locked(struct pal_keyring *ring, struct key *k)
{
	struct key *head = NULL;

	HASH_FIND(hh, ring->keys_by_prefix, k->record.prefix, PAL_API_KEY_PREFIX_SIZE, head);
	if (head) {
		k->next = head->next;
		head->next = k;
	} else {
		HASH_ADD_KEYPTR(hh, ring->keys_by_prefix, k->record.prefix,
				PAL_API_KEY_PREFIX_SIZE, k);
		if (!k->hh.tbl)
			return false;
	}
	k->older = ring->keys;
	ring->keys = k;
	return true;
}

bool pal_keyring_add_key(struct pal_keyring *ring, const struct pal_api_key *key)
{
	struct key *k = copy_key(key);
	bool linked = false;

	if (!k)
		return false;
	pthread_rwlock_wrlock(&ring->lock);
	HASH_FIND(by_key, ring->tenants_by_key, &key->tenant, sizeof(key->tenant), k->tenant);
	bool wanted = k->tenant != NULL;
	if (wanted)
		linked = link_key_locked(ring, k);
	atomic_fetch_add(&ring->generation, 1);
	pthread_rwlock_unlock(&ring->lock);
	if (!linked)
		free(k);
	return linked || !wanted;
}

static const struct key *find_afresh(struct pal_keyring *ring, struct pal_str text)
{
	uint8_t hash[PAL_API_KEY_HASH_SIZE];
	struct key *k = NULL;
	const struct key *found = NULL;

	if (!pal_api_key_is_formed(text))
		return NULL;
	pal_keyring_hash(ring, text, hash);
	pthread_rwlock_rdlock(&ring->lock);
	HASH_FIND(hh, ring->keys_by_prefix, text.p, PAL_API_KEY_PREFIX_SIZE, k);
	for (; k; k = k->next)
		if (pal_equal_secret(k->record.hash, hash, sizeof(hash)))
			found = k;
	pthread_rwlock_unlock(&ring->lock);
	return found;
}

const struct pal_api_key *pal_keyring_find(struct pal_keyring *ring, struct pal_str text,
					   const struct pal_tenant **ret_tenant)
{
	uint64_t print[2] = {pal_siphash13(ring->fingerprint_key[0], text.p, text.n),
			     pal_siphash13(ring->fingerprint_key[1], text.p, text.n)};
	uint64_t generation = atomic_load(&ring->generation);
	struct cache_slot *slot = &cache[print[0] % CACHE_SLOTS];

	if (slot->instance != ring->instance || slot->generation != generation ||
	    !pal_equal_secret(slot->fingerprint, print, sizeof(print))) {
		const struct key *key = find_afresh(ring, text);
		if (!key)
			return NULL;
		*slot = (struct cache_slot){ring->instance, generation, {print[0], print[1]}, key};
	}
	*ret_tenant = &slot->key->tenant->record;
	return &slot->key->record;
}
