/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.h - a part of the table of callers, with a lock of its own. One record of fixed size per
 * caller; records stand in the order of their last request, the longest silent first. For limits.c
 * and judge.c.
 */
#ifndef PALAVER_SERVICE_LIMITS_SHARD_H
#define PALAVER_SERVICE_LIMITS_SHARD_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "service/limits/count.h"
#include "service/limits/limits.h"

#include <uthash.h>

#define PAL_LIMITS_SHARDS 16u	/* a power of two */

/*
 * A caller by a 64-bit keyed fingerprint of its text: should two of a full table ever share one
 * (odds of one in two thousand million), they would share a limit.
 */
struct pal_limits_key {
	uint64_t print;
	int64_t tenant, kind;
};

struct pal_limits_record {
	struct pal_limits_key key;
	UT_hash_handle hh;
	struct pal_limits_record *prev, *next;			/* by last request */
	struct pal_limits_count count;
};

/* Keys and users, or addresses. */
struct pal_limits_queue {
	struct pal_limits_record *oldest;
	size_t count;
};

struct pal_limits_shard {
	_Alignas(64) pthread_mutex_t lock;	/* guards the rest */
	enum pal_limits_algorithm algorithm;
	struct pal_limits_record *records;
	struct pal_limits_queue callers, addresses;
};

/* The record of `key`, whose spread hash is `hash`; NULL when there is none. Runs on: any. */
struct pal_limits_record *pal_limits_find_locked(struct pal_limits_shard *shard,
						 const struct pal_limits_key *key, uint64_t hash);

/*
 * The same, made when there is none, and from now on the last to be given up. NULL when out of
 * memory. Runs on: any.
 */
struct pal_limits_record *pal_limits_touch_locked(struct pal_limits_shard *shard,
						  const struct pal_limits_key *key, uint64_t hash,
						  int64_t now_ns);

/* Forget `record`, or all of them. Runs on: any. */
void pal_limits_drop_locked(struct pal_limits_shard *shard, struct pal_limits_record *record);
void pal_limits_clear_locked(struct pal_limits_shard *shard);

#endif
