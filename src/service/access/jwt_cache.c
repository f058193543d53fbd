/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/jwt_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS 16u		/* a power of two */
#define SLOTS (PAL_JWT_CACHE_TOKENS_MAX / SHARDS)

struct entry {
	uint8_t digest[PAL_SHA256_SIZE];
	struct pal_claims claims;	/* views `text` */
	char text[];
};

struct shard {
	_Alignas(64) pthread_mutex_t lock;	/* guards the slots */
	struct entry *slot[SLOTS];
};

struct pal_jwt_cache {
	struct shard shard[SHARDS];
};

/* The texts of claims, to be copied in a row. */
#define TEXTS 6u
static void list_texts(struct pal_claims *claims, struct pal_str *texts[TEXTS])
{
	texts[0] = &claims->subject;
	texts[1] = &claims->tenant_id;
	texts[2] = &claims->role;
	texts[3] = &claims->permissions;
	texts[4] = &claims->jti;
	texts[5] = &claims->tier;
}

static size_t length_of(const struct pal_claims *claims)
{
	return claims->subject.n + claims->tenant_id.n + claims->role.n + claims->permissions.n +
	       claims->jti.n + claims->tier.n;
}

/* Make the texts of `claims` views of a copy at `to`, which has room for them all. */
static void move_texts(struct pal_claims *claims, char *to)
{
	struct pal_str *texts[TEXTS];

	list_texts(claims, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		if (!texts[i]->p)
			continue;	/* absent is not empty */
		if (texts[i]->n)
			memcpy(to, texts[i]->p, texts[i]->n);
		texts[i]->p = to;
		to += texts[i]->n;
	}
}

struct pal_jwt_cache *pal_jwt_cache_create(void)
{
	struct pal_jwt_cache *cache = aligned_alloc(_Alignof(struct pal_jwt_cache), sizeof(*cache));

	if (!cache)
		return NULL;
	memset(cache, 0, sizeof(*cache));
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&cache->shard[i].lock, NULL);	/* cannot fail */
	return cache;
}

void pal_jwt_cache_destroy(struct pal_jwt_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		for (size_t k = 0; k < SLOTS; k++)
			free(cache->shard[i].slot[k]);
		pthread_mutex_destroy(&cache->shard[i].lock);
	}
	free(cache);
}

static struct shard *shard_of(struct pal_jwt_cache *cache, const uint8_t *digest)
{
	return &cache->shard[digest[0] % SHARDS];
}

static size_t slot_of(const uint8_t *digest)
{
	return (digest[1] | (size_t)digest[2] << 8) % SLOTS;
}

bool pal_jwt_cache_find(struct pal_jwt_cache *cache, const uint8_t digest[PAL_SHA256_SIZE],
			struct pal_arena *arena, struct pal_claims *ret)
{
	struct shard *shard = shard_of(cache, digest);
	char *copy = NULL;

	pthread_mutex_lock(&shard->lock);
	const struct entry *entry = shard->slot[slot_of(digest)];
	if (entry && memcmp(entry->digest, digest, PAL_SHA256_SIZE) == 0)
		copy = pal_arena_get(arena, length_of(&entry->claims) + 1);
	if (copy) {
		*ret = entry->claims;
		move_texts(ret, copy);
	}
	pthread_mutex_unlock(&shard->lock);
	return copy != NULL;
}

void pal_jwt_cache_put(struct pal_jwt_cache *cache, const uint8_t digest[PAL_SHA256_SIZE],
		       const struct pal_claims *claims)
{
	struct shard *shard = shard_of(cache, digest);
	struct entry *entry = malloc(sizeof(*entry) + length_of(claims));

	if (!entry)
		return;
	memcpy(entry->digest, digest, PAL_SHA256_SIZE);
	entry->claims = *claims;
	move_texts(&entry->claims, entry->text);
	pthread_mutex_lock(&shard->lock);
	struct entry **slot = &shard->slot[slot_of(digest)];
	struct entry *old = *slot;
	*slot = entry;
	pthread_mutex_unlock(&shard->lock);
	free(old);
}
