/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API keys of a ring. A verified key is remembered per thread by a 128-bit keyed fingerprint,
 * never by its text, which spares the HMAC on the hot path. A remembered one stays right: keys never
 * go, and what changes of them is looked at afresh with each request.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/hash.h"
#include "service/access/key_rules.h"
#include "service/access/keyring_parts.h"

#define CACHE_SLOTS 64u

struct cache_slot {
	uint64_t instance, fingerprint[2];
	struct pal_kept_key *key;
};

static _Thread_local struct cache_slot cache[CACHE_SLOTS];

static struct pal_kept_key *make_key(const struct pal_api_key *record)
{
	size_t bytes = record->key_id.n + record->name.n + record->permissions.n + record->rules.n;
	struct pal_kept_key *k = calloc(1, sizeof(*k) + bytes);

	if (!k)
		return NULL;
	char *at = k->text;
	k->live.record = *record;
	k->live.record.key_id = pal_keyring_keep(&at, record->key_id);
	k->live.record.name = pal_keyring_keep(&at, record->name);
	k->live.record.permissions = pal_keyring_keep(&at, record->permissions);
	k->live.record.rules = pal_keyring_keep(&at, record->rules);
	atomic_init(&k->live.status, (int)record->status);
	atomic_init(&k->live.expires_ms, record->expires_ms);
	if (!pal_key_rules_apply(k->live.record.rules, &k->live))
		atomic_init(&k->live.status, PAL_API_KEY_REVOKED);
	return k;
}

static bool link_key_locked(struct pal_keyring *ring, struct pal_kept_key *k)
{
	const struct pal_api_key *record = &k->live.record;
	struct pal_kept_key *head = NULL;

	HASH_ADD_KEYPTR(by_id, ring->keys_by_id, record->key_id.p, record->key_id.n, k);
	if (!k->by_id.tbl)
		return false;
	HASH_FIND(hh, ring->keys_by_prefix, record->prefix, PAL_API_KEY_PREFIX_SIZE, head);
	if (head) {
		k->next = head->next;
		head->next = k;
		return true;
	}
	HASH_ADD_KEYPTR(hh, ring->keys_by_prefix, record->prefix, PAL_API_KEY_PREFIX_SIZE, k);
	if (!k->hh.tbl)
		HASH_DELETE(by_id, ring->keys_by_id, k);
	return k->hh.tbl != NULL;
}

/* The tenant is known. */
static bool add_key_locked(struct pal_keyring *ring, struct pal_kept_key *k,
			   struct pal_kept_tenant *t)
{
	k->live.tenant = &t->live;
	if (!link_key_locked(ring, k))
		return false;
	k->older = t->keys;
	t->keys = k;
	atomic_fetch_add(&t->live.keys_count, 1);
	return true;
}

bool pal_keyring_put_key(struct pal_keyring *ring, const struct pal_api_key *key)
{
	struct pal_kept_key *fresh = make_key(key), *known = NULL;
	struct pal_kept_tenant *t = NULL;
	bool linked = false;

	if (!fresh)
		return false;
	pthread_rwlock_wrlock(&ring->lock);
	HASH_FIND(by_key, ring->tenants_by_key, &key->tenant, sizeof(key->tenant), t);
	HASH_FIND(by_id, ring->keys_by_id, key->key_id.p, key->key_id.n, known);
	if (known) {
		atomic_store(&known->live.status, (int)key->status);
		atomic_store(&known->live.expires_ms, key->expires_ms);
	} else if (t) {
		linked = add_key_locked(ring, fresh, t);
	}
	pthread_rwlock_unlock(&ring->lock);
	if (!linked)
		free(fresh);
	return linked || known || !t;
}

struct pal_live_key *pal_keyring_key(struct pal_keyring *ring, struct pal_tenant_key tenant,
				     struct pal_str key_id)
{
	struct pal_kept_key *k = NULL;

	pthread_rwlock_rdlock(&ring->lock);
	HASH_FIND(by_id, ring->keys_by_id, key_id.p, key_id.n, k);
	pthread_rwlock_unlock(&ring->lock);
	return k && k->live.record.tenant.n == tenant.n ? &k->live : NULL;
}

struct pal_live_key **pal_keyring_list(struct pal_keyring *ring,
				       const struct pal_live_tenant *tenant,
				       struct pal_arena *arena, size_t *ret_count)
{
	size_t count = 0;

	pthread_rwlock_rdlock(&ring->lock);
	size_t all = (size_t)atomic_load(&tenant->keys_count);
	struct pal_live_key **list = pal_arena_get(arena, (all + 1) * sizeof(list[0]));
	const struct pal_kept_tenant *t = (const struct pal_kept_tenant *)tenant;
	for (struct pal_kept_key *k = t->keys; list && k; k = k->older)
		list[count++] = &k->live;
	pthread_rwlock_unlock(&ring->lock);
	*ret_count = count;
	return list;
}

static struct pal_kept_key *find_afresh(struct pal_keyring *ring, struct pal_str text)
{
	uint8_t hash[PAL_API_KEY_HASH_SIZE];
	struct pal_kept_key *k = NULL, *found = NULL;

	if (!pal_api_key_is_formed(text))
		return NULL;
	pal_keyring_hash(ring, text, hash);
	pthread_rwlock_rdlock(&ring->lock);
	HASH_FIND(hh, ring->keys_by_prefix, text.p, PAL_API_KEY_PREFIX_SIZE, k);
	for (; k; k = k->next)
		if (pal_equal_secret(k->live.record.hash, hash, sizeof(hash)))
			found = k;
	pthread_rwlock_unlock(&ring->lock);
	return found;
}

struct pal_live_key *pal_keyring_find(struct pal_keyring *ring, struct pal_str text)
{
	uint64_t print[2] = {pal_siphash13(ring->fingerprint_key[0], text.p, text.n),
			     pal_siphash13(ring->fingerprint_key[1], text.p, text.n)};
	struct cache_slot *slot = &cache[print[0] % CACHE_SLOTS];

	if (slot->instance != ring->instance ||
	    !pal_equal_secret(slot->fingerprint, print, sizeof(print))) {
		struct pal_kept_key *key = find_afresh(ring, text);
		if (!key)
			return NULL;
		*slot = (struct cache_slot){ring->instance, {print[0], print[1]}, key};
	}
	return &slot->key->live;
}
