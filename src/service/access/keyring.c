/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verified key is remembered per thread by a 128-bit keyed fingerprint, never by its text, which
 * spares the HMAC on the hot path. A remembered one stays right: keys never go, and what changes of
 * them is looked at afresh with each request.
 */
#include "service/access/keyring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/hash.h"
#include "base/id.h"
#include "model/message.h"
#include "service/access/key_rules.h"
#include "service/access/tenant_settings.h"

#include <uthash.h>

#define CACHE_SLOTS 64u

struct key;

struct tenant {
	struct pal_live_tenant live;	/* first */
	struct pal_tenant record;	/* texts in `text`, which a change replaces */
	char *text;
	struct key *keys;		/* its own, the newest first */
	UT_hash_handle by_id, by_key;
	char id[];
};

struct key {
	struct pal_live_key live;	/* first; views into `text` */
	struct key *next;		/* same prefix */
	struct key *older;		/* of the same tenant */
	UT_hash_handle hh, by_id;
	char text[];
};

struct pal_keyring {
	uint8_t hash_key[PAL_API_KEY_HASH_SIZE];	/* fixed at create, as are the next two */
	uint8_t fingerprint_key[2][16];
	uint64_t instance;
	pthread_rwlock_t lock;		/* guards the maps below and the tenants' records */
	struct tenant *tenants_by_id, *tenants_by_key;
	struct tenant **in_order;	/* all of them, by key */
	size_t count, room;
	struct key *keys_by_prefix, *keys_by_id;
};

struct cache_slot {
	uint64_t instance, fingerprint[2];
	struct key *key;
};

static _Thread_local struct cache_slot cache[CACHE_SLOTS];

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

static void free_keys(struct tenant *t)
{
	while (t->keys) {
		struct key *older = t->keys->older;
		free(t->keys);
		t->keys = older;
	}
}

void pal_keyring_destroy(struct pal_keyring *ring)
{
	struct tenant *t, *next;

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

/* Copy `s` behind `*at`, move it on, and return the copy. */
static struct pal_str keep(char **at, struct pal_str s)
{
	struct pal_str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

/* --- Tenants ---------------------------------------------------------------------------------- */

/* How many tenants have a key up to `key`. */
static size_t count_up_to_locked(const struct pal_keyring *ring, int64_t key)
{
	size_t low = 0, high = ring->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ring->in_order[middle]->live.key.n <= key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Make room for one more in `in_order`. */
static bool reserve_locked(struct pal_keyring *ring)
{
	size_t room = ring->room ? 2 * ring->room : 16;

	if (ring->count < ring->room)
		return true;
	struct tenant **grown = realloc(ring->in_order, room * sizeof(grown[0]));
	if (!grown)
		return false;
	ring->in_order = grown;
	ring->room = room;
	return true;
}

/* Stores number their tenants upwards, so a new one usually comes last. */
static void insert_locked(struct pal_keyring *ring, struct tenant *t)
{
	size_t at = count_up_to_locked(ring, t->live.key.n);

	memmove(ring->in_order + at + 1, ring->in_order + at,
		(ring->count - at) * sizeof(ring->in_order[0]));
	ring->in_order[at] = t;
	ring->count++;
}

/* Both tables or none; uthash shows want of memory by leaving the handle without a table. */
static bool link_tenant_locked(struct pal_keyring *ring, struct tenant *t)
{
	if (!reserve_locked(ring))
		return false;
	HASH_ADD_KEYPTR(by_id, ring->tenants_by_id, t->live.id.p, t->live.id.n, t);
	if (!t->by_id.tbl)
		return false;
	HASH_ADD_KEYPTR(by_key, ring->tenants_by_key, &t->live.key, sizeof(t->live.key), t);
	if (t->by_key.tbl) {
		insert_locked(ring, t);
		return true;
	}
	HASH_DELETE(by_id, ring->tenants_by_id, t);
	return false;
}

static struct tenant *make_tenant(const struct pal_tenant *record)
{
	struct tenant *t = calloc(1, sizeof(*t) + record->id.n);

	if (!t)
		return NULL;
	char *at = t->id;
	t->live.key = record->key;
	t->live.channels = 1u << PAL_CHANNEL_WEB;	/* needs no configuration; channels.h */
	t->live.id = keep(&at, record->id);
	return t;
}

static void publish_settings(struct pal_live_tenant *live, const struct pal_tenant_settings *s)
{
	uint64_t prefix;

	memcpy(&prefix, s->order_prefix, sizeof(prefix));
	atomic_store(&live->block, s->has_block ? s->block : PAL_LIVE_BLOCK_UNSET);
	atomic_store(&live->order_prefix, prefix);
	atomic_store(&live->order_digits, s->order_digits);
}

/* The numbers that requests look at. */
static void publish(struct pal_live_tenant *live, const struct pal_tenant *record)
{
	struct pal_tenant_profile profile;

	(void)!pal_tenant_profile_read(record->profile, &profile, NULL);
	atomic_store(&live->status, (int)record->status);
	atomic_store(&live->trial_ends_ms, record->trial_ends_ms);
	atomic_store(&live->residency, (int)profile.residency);
	atomic_store(&live->features, pal_tenant_profile_features(&profile));
	for (int q = 0; q < PAL_QUOTA_COUNT; q++)
		atomic_store(&live->quota[q],
			     pal_tenant_profile_quota(&profile, (enum pal_quota)q));
}

/* Take `record` over with texts of our own, `text`, which is large enough and taken. */
static void set_record_locked(struct tenant *t, const struct pal_tenant *record,
			      const struct pal_tenant_settings *settings, char *text)
{
	char *at = text;

	t->record = *record;
	t->record.key = t->live.key;
	t->record.id = t->live.id;
	t->record.name = keep(&at, record->name);
	t->record.settings = keep(&at, record->settings);
	t->record.profile = keep(&at, record->profile);
	free(t->text);
	t->text = text;
	publish(&t->live, record);
	publish_settings(&t->live, settings);
}

bool pal_keyring_put_tenant(struct pal_keyring *ring, const struct pal_tenant *tenant)
{
	char *text = malloc(tenant->name.n + tenant->settings.n + tenant->profile.n + 1);
	struct tenant *fresh = make_tenant(tenant), *t = NULL;
	struct pal_tenant_settings settings;
	/* wrong ones change nothing; they are refused where they are set */
	enum pal_code code = pal_tenant_settings_read(tenant->settings, &settings, NULL);

	if (!fresh || !text || code == PAL_E_SERVICE) {
		free(text);
		free(fresh);
		return false;
	}
	pthread_rwlock_wrlock(&ring->lock);
	HASH_FIND(by_id, ring->tenants_by_id, tenant->id.p, tenant->id.n, t);
	bool known = t != NULL;
	if (!known && link_tenant_locked(ring, fresh))
		t = fresh;
	if (t)
		set_record_locked(t, tenant, &settings, text);
	pthread_rwlock_unlock(&ring->lock);
	if (!t)
		free(text);
	if (!t || known)
		free(fresh);
	return t != NULL;
}

struct pal_live_tenant *pal_keyring_tenant(struct pal_keyring *ring, struct pal_str id)
{
	struct tenant *t = NULL;

	pthread_rwlock_rdlock(&ring->lock);
	HASH_FIND(by_id, ring->tenants_by_id, id.p, id.n, t);
	pthread_rwlock_unlock(&ring->lock);
	return t ? &t->live : NULL;
}

struct pal_live_tenant *pal_keyring_next(struct pal_keyring *ring, struct pal_tenant_key after)
{
	pthread_rwlock_rdlock(&ring->lock);
	size_t at = count_up_to_locked(ring, after.n);
	struct tenant *t = at < ring->count ? ring->in_order[at] : NULL;
	pthread_rwlock_unlock(&ring->lock);
	return t ? &t->live : NULL;
}

bool pal_keyring_copy_tenant(struct pal_keyring *ring, const struct pal_live_tenant *tenant,
			     struct pal_arena *arena, struct pal_tenant *ret)
{
	const struct tenant *t = (const struct tenant *)tenant;

	pthread_rwlock_rdlock(&ring->lock);
	*ret = t->record;
	ret->name = pal_arena_copy(arena, t->record.name);
	ret->settings = pal_arena_copy(arena, t->record.settings);
	ret->profile = pal_arena_copy(arena, t->record.profile);
	pthread_rwlock_unlock(&ring->lock);
	return ret->name.p && ret->settings.p && ret->profile.p;
}

/* --- Keys ------------------------------------------------------------------------------------- */

static struct key *make_key(const struct pal_api_key *record)
{
	size_t bytes = record->key_id.n + record->name.n + record->permissions.n + record->rules.n;
	struct key *k = calloc(1, sizeof(*k) + bytes);

	if (!k)
		return NULL;
	char *at = k->text;
	k->live.record = *record;
	k->live.record.key_id = keep(&at, record->key_id);
	k->live.record.name = keep(&at, record->name);
	k->live.record.permissions = keep(&at, record->permissions);
	k->live.record.rules = keep(&at, record->rules);
	atomic_init(&k->live.status, (int)record->status);
	atomic_init(&k->live.expires_ms, record->expires_ms);
	if (!pal_key_rules_apply(k->live.record.rules, &k->live))
		atomic_init(&k->live.status, PAL_API_KEY_REVOKED);
	return k;
}

static bool link_key_locked(struct pal_keyring *ring, struct key *k)
{
	const struct pal_api_key *record = &k->live.record;
	struct key *head = NULL;

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
static bool add_key_locked(struct pal_keyring *ring, struct key *k, struct tenant *t)
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
	struct key *fresh = make_key(key), *known = NULL;
	struct tenant *t = NULL;
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
	struct key *k = NULL;

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
	for (struct key *k = ((const struct tenant *)tenant)->keys; list && k; k = k->older)
		list[count++] = &k->live;
	pthread_rwlock_unlock(&ring->lock);
	*ret_count = count;
	return list;
}

static struct key *find_afresh(struct pal_keyring *ring, struct pal_str text)
{
	uint8_t hash[PAL_API_KEY_HASH_SIZE];
	struct key *k = NULL, *found = NULL;

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
		struct key *key = find_afresh(ring, text);
		if (!key)
			return NULL;
		*slot = (struct cache_slot){ring->instance, {print[0], print[1]}, key};
	}
	return &slot->key->live;
}
