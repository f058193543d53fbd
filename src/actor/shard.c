/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/shard.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 8u

bool pal_shard_init(struct pal_shard *shard, unsigned skip_bits)
{
	pthread_mutex_init(&shard->lock, NULL);
	shard->buckets = calloc(BUCKETS_MIN, sizeof(struct pal_live *));
	shard->mask = BUCKETS_MIN - 1;
	shard->count = shard->hand = 0;
	shard->skip_bits = skip_bits;
	return shard->buckets != NULL;
}

void pal_shard_deinit(struct pal_shard *shard)
{
	free(shard->buckets);
	pthread_mutex_destroy(&shard->lock);
}

static struct pal_live **bucket_locked(const struct pal_shard *shard, uint32_t hash)
{
	return &shard->buckets[(hash >> shard->skip_bits) & shard->mask];
}

struct pal_live *pal_shard_find_locked(const struct pal_shard *shard, uint32_t hash,
				       const struct pal_key *key,
				       struct pal_key (*key_of)(const struct pal_live *live))
{
	struct pal_live *live = *bucket_locked(shard, hash);

	for (; live; live = live->chain) {
		if (live->hash != hash)
			continue;
		struct pal_key own = key_of(live);
		if (own.tenant == key->tenant && pal_str_equal(own.id, key->id))
			return live;
	}
	return NULL;
}

/* Move what belongs into the new half of the table, from bucket `i` of the old half. */
static void split_locked(struct pal_shard *shard, size_t i)
{
	struct pal_live **at = &shard->buckets[i];

	while (*at) {
		struct pal_live *live = *at;
		struct pal_live **to = bucket_locked(shard, live->hash);

		if (to == &shard->buckets[i]) {
			at = &live->chain;
			continue;
		}
		*at = live->chain;
		live->chain = *to;
		*to = live;
	}
}

/* Double the buckets; without the memory for it, chains grow longer instead. */
static void grow_locked(struct pal_shard *shard)
{
	size_t old = (size_t)shard->mask + 1;
	struct pal_live **buckets = realloc(shard->buckets, 2 * old * sizeof(struct pal_live *));

	if (!buckets)
		return;
	memset(buckets + old, 0, old * sizeof(struct pal_live *));
	shard->buckets = buckets;
	shard->mask = (uint32_t)(2 * old - 1);
	for (size_t i = 0; i < old; i++)
		split_locked(shard, i);
}

void pal_shard_link_locked(struct pal_shard *shard, struct pal_live *live)
{
	if (shard->count > shard->mask)
		grow_locked(shard);

	struct pal_live **bucket = bucket_locked(shard, live->hash);
	live->chain = *bucket;
	*bucket = live;
	shard->count++;
}
