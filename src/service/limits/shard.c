/* SPDX-License-Identifier: Apache-2.0 */
#include "service/limits/shard.h"

#include <stdlib.h>

#include <utlist.h>

#define DROPS_MAX 2u		/* records given up when one is made: the table shrinks again */

static struct pal_limits_queue *queue_of(struct pal_limits_shard *shard,
					 const struct pal_limits_key *key)
{
	return key->kind == PAL_LIMITS_ADDRESS ? &shard->addresses : &shard->callers;
}

static size_t capacity_of(const struct pal_limits_key *key)
{
	return (key->kind == PAL_LIMITS_ADDRESS ? PAL_LIMITS_ADDRESSES_MAX
						: PAL_LIMITS_CALLERS_MAX) / PAL_LIMITS_SHARDS;
}

struct pal_limits_record *pal_limits_find_locked(struct pal_limits_shard *shard,
						 const struct pal_limits_key *key, uint64_t hash)
{
	struct pal_limits_record *record = NULL;

	HASH_FIND_BYHASHVALUE(hh, shard->records, key, sizeof(*key), (unsigned)(hash >> 32),
			      record);
	return record;
}

void pal_limits_drop_locked(struct pal_limits_shard *shard, struct pal_limits_record *record)
{
	struct pal_limits_queue *queue = queue_of(shard, &record->key);

	HASH_DEL(shard->records, record);
	DL_DELETE(queue->oldest, record);
	queue->count--;
	free(record);
}

static void make_room_locked(struct pal_limits_shard *shard, const struct pal_limits_key *key,
			     int64_t now_ns)
{
	bool is_fixed = shard->algorithm == PAL_LIMITS_FIXED_WINDOW;
	const struct pal_limits_span *day = &pal_limits_spans(is_fixed)[PAL_LIMITS_DAY];
	struct pal_limits_queue *queue = queue_of(shard, key);

	for (unsigned i = 0; i < DROPS_MAX && queue->oldest; i++) {
		int64_t silent = now_ns / day->slot_ns - queue->oldest->count.newest[PAL_LIMITS_DAY];
		if (queue->count < capacity_of(key) && silent < day->slots)
			return;
		pal_limits_drop_locked(shard, queue->oldest);
	}
}

static struct pal_limits_record *make_locked(struct pal_limits_shard *shard,
					     const struct pal_limits_key *key, uint64_t hash,
					     int64_t now_ns)
{
	struct pal_limits_queue *queue = queue_of(shard, key);

	make_room_locked(shard, key, now_ns);
	struct pal_limits_record *record = calloc(1, sizeof(*record));
	if (!record)
		return NULL;
	record->key = *key;
	HASH_ADD_BYHASHVALUE(hh, shard->records, key, sizeof(*key), (unsigned)(hash >> 32), record);
	if (!record->hh.tbl) {	/* uthash ran out of memory and left it out */
		free(record);
		return NULL;
	}
	DL_APPEND(queue->oldest, record);
	queue->count++;
	return record;
}

struct pal_limits_record *pal_limits_touch_locked(struct pal_limits_shard *shard,
						  const struct pal_limits_key *key, uint64_t hash,
						  int64_t now_ns)
{
	struct pal_limits_record *record = pal_limits_find_locked(shard, key, hash);
	struct pal_limits_queue *queue = queue_of(shard, key);

	if (!record)
		return make_locked(shard, key, hash, now_ns);
	if (record->next) {
		DL_DELETE(queue->oldest, record);
		DL_APPEND(queue->oldest, record);
	}
	return record;
}

void pal_limits_clear_locked(struct pal_limits_shard *shard)
{
	while (shard->callers.oldest)
		pal_limits_drop_locked(shard, shard->callers.oldest);
	while (shard->addresses.oldest)
		pal_limits_drop_locked(shard, shard->addresses.oldest);
}
