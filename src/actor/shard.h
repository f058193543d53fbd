/* SPDX-License-Identifier: Apache-2.0 */
/* shard.h - one part of a directory: a lock and a growing hash table. For directory.c only. */
#ifndef PALAVER_ACTOR_SHARD_H
#define PALAVER_ACTOR_SHARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "actor/directory.h"

struct pal_shard {
	_Alignas(64) pthread_mutex_t lock;	/* guards the rest and each pal_live in it */
	struct pal_live **buckets;
	uint32_t mask;			/* buckets - 1 */
	uint32_t count;
	uint32_t hand;			/* the bucket the sweep looks at next */
	unsigned skip_bits;		/* of a hash, spent on choosing the shard; fixed at init */
};

/*
 * Make an empty shard. False when out of memory: it may be deinit'ed still, and nothing else. Runs
 * on: main.
 */
PAL_MUST_CHECK bool pal_shard_init(struct pal_shard *shard, unsigned skip_bits);

/* Free the table, not what is in it. Runs on: main. */
void pal_shard_deinit(struct pal_shard *shard);

/* The actor of `key`, whose hash is `hash`; NULL when there is none. Borrowed. Runs on: any. */
struct pal_live *pal_shard_find_locked(const struct pal_shard *shard, uint32_t hash,
				       const struct pal_key *key,
				       struct pal_key (*key_of)(const struct pal_live *live));

/* Add `live`, whose hash is set and whose key is not there yet. Never fails. Runs on: any. */
void pal_shard_link_locked(struct pal_shard *shard, struct pal_live *live);

#endif
