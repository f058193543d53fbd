/* SPDX-License-Identifier: Apache-2.0 */
/* The tenants of a ring. */
#include <stdatomic.h>
#include <stdlib.h>

#include "model/message.h"
#include "service/access/keyring_parts.h"
#include "service/access/tenant_settings.h"

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
	struct pal_kept_tenant **grown = realloc(ring->in_order, room * sizeof(grown[0]));
	if (!grown)
		return false;
	ring->in_order = grown;
	ring->room = room;
	return true;
}

/* Stores number their tenants upwards, so a new one usually comes last. */
static void insert_locked(struct pal_keyring *ring, struct pal_kept_tenant *t)
{
	size_t at = count_up_to_locked(ring, t->live.key.n);

	memmove(ring->in_order + at + 1, ring->in_order + at,
		(ring->count - at) * sizeof(ring->in_order[0]));
	ring->in_order[at] = t;
	ring->count++;
}

/* Both tables or none; uthash shows want of memory by leaving the handle without a table. */
static bool link_tenant_locked(struct pal_keyring *ring, struct pal_kept_tenant *t)
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

static struct pal_kept_tenant *make_tenant(const struct pal_tenant *record)
{
	struct pal_kept_tenant *t = calloc(1, sizeof(*t) + record->id.n);

	if (!t)
		return NULL;
	char *at = t->id;
	t->live.key = record->key;
	t->live.channels = 1u << PAL_CHANNEL_WEB;	/* needs no configuration; channels.h */
	t->live.id = pal_keyring_keep(&at, record->id);
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
	atomic_store(&live->retention_days, profile.retention_given ? profile.retention_days
								     : PAL_LIVE_RETENTION_UNSET);
	atomic_store(&live->features, pal_tenant_profile_features(&profile));
	for (int q = 0; q < PAL_QUOTA_COUNT; q++)
		atomic_store(&live->quota[q],
			     pal_tenant_profile_quota(&profile, (enum pal_quota)q));
}

/* Take `record` over with texts of our own, `text`, which is large enough and taken. */
static void set_record_locked(struct pal_kept_tenant *t, const struct pal_tenant *record,
			      const struct pal_tenant_settings *settings, char *text)
{
	char *at = text;

	t->record = *record;
	t->record.key = t->live.key;
	t->record.id = t->live.id;
	t->record.name = pal_keyring_keep(&at, record->name);
	t->record.settings = pal_keyring_keep(&at, record->settings);
	t->record.profile = pal_keyring_keep(&at, record->profile);
	free(t->text);
	t->text = text;
	publish(&t->live, record);
	publish_settings(&t->live, settings);
}

bool pal_keyring_put_tenant(struct pal_keyring *ring, const struct pal_tenant *tenant)
{
	char *text = malloc(tenant->name.n + tenant->settings.n + tenant->profile.n + 1);
	struct pal_kept_tenant *fresh = make_tenant(tenant), *t = NULL;
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
	struct pal_kept_tenant *t = NULL;

	pthread_rwlock_rdlock(&ring->lock);
	HASH_FIND(by_id, ring->tenants_by_id, id.p, id.n, t);
	pthread_rwlock_unlock(&ring->lock);
	return t ? &t->live : NULL;
}

struct pal_live_tenant *pal_keyring_next(struct pal_keyring *ring, struct pal_tenant_key after)
{
	pthread_rwlock_rdlock(&ring->lock);
	size_t at = count_up_to_locked(ring, after.n);
	struct pal_kept_tenant *t = at < ring->count ? ring->in_order[at] : NULL;
	pthread_rwlock_unlock(&ring->lock);
	return t ? &t->live : NULL;
}

bool pal_keyring_copy_tenant(struct pal_keyring *ring, const struct pal_live_tenant *tenant,
			     struct pal_arena *arena, struct pal_tenant *ret)
{
	const struct pal_kept_tenant *t = (const struct pal_kept_tenant *)tenant;

	pthread_rwlock_rdlock(&ring->lock);
	*ret = t->record;
	ret->name = pal_arena_copy(arena, t->record.name);
	ret->settings = pal_arena_copy(arena, t->record.settings);
	ret->profile = pal_arena_copy(arena, t->record.profile);
	pthread_rwlock_unlock(&ring->lock);
	return ret->name.p && ret->settings.p && ret->profile.p;
}
