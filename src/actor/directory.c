/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shards of hash tables with a clock hand each (second chance): a send costs one flag instead of
 * two neighbours in a list of last use, and an entry eight bytes instead of twenty-four.
 */
#include "actor/directory.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "actor/shard.h"
#include "base/hash.h"
#include "base/id.h"

#define SHARD_BITS 6u
#define SHARDS (1u << SHARD_BITS)
#define SLICE_VISITS 256u	/* actors looked at under one hold of a shard's lock */
#define ROOM_VISITS 64u		/* looked at by a send that has to make room first */
#define STAMP_SHIFT 6u		/* stamps count 64 ms: 32 bits last for eight years of idling */

struct pal_directory {
	const struct pal_directory_class *class;	/* fixed at create */
	void *arg;					/* fixed at create */
	uint8_t hash_key[16];				/* fixed before the first entry */
	_Atomic uint64_t idle_ms;
	atomic_size_t count_max, bytes_max;
	_Atomic uint32_t now;		/* as a stamp */
	atomic_bool draining;
	_Alignas(64) atomic_size_t live, bytes;	/* apart from what every send reads */
	_Atomic uint64_t made, passivated, refused;
	unsigned hand;			/* the sweeper's: the shard it looks at next */
	struct pal_shard shards[SHARDS];
};

/* What was found out under a shard's lock and is done after it. */
struct errands {
	struct pal_live *gone;		/* to destroy, linked by chain */
	struct pal_actor *due;		/* to schedule, linked by next */
	size_t gone_count;
};

struct pal_directory *pal_directory_create(const struct pal_directory_class *class, void *arg,
					   const struct pal_directory_limits *limits)
{
	assert(class->key && class->size_bytes && class->passivate && class->destroy);

	struct pal_directory *dir = aligned_alloc(_Alignof(struct pal_directory), sizeof(*dir));
	if (!dir)
		return NULL;
	memset(dir, 0, sizeof(*dir));
	dir->class = class;
	dir->arg = arg;
	pal_random_bytes(dir->hash_key, sizeof(dir->hash_key));
	pal_directory_set_limits(dir, limits);
	bool complete = true;
	for (unsigned i = 0; i < SHARDS; i++)
		complete = pal_shard_init(&dir->shards[i], SHARD_BITS) && complete;
	if (complete)
		return dir;
	pal_directory_destroy(dir);
	return NULL;
}

static void destroy_all(struct pal_directory *dir, struct pal_shard *shard)
{
	for (uint32_t i = 0; shard->buckets && i <= shard->mask; i++) {
		struct pal_live *next;

		for (struct pal_live *live = shard->buckets[i]; live; live = next) {
			next = live->chain;
			dir->class->destroy(dir->arg, live);
		}
	}
}

void pal_directory_destroy(struct pal_directory *dir)
{
	if (!dir)
		return;
	for (unsigned i = 0; i < SHARDS; i++) {
		destroy_all(dir, &dir->shards[i]);
		pal_shard_deinit(&dir->shards[i]);
	}
	free(dir);
}

void pal_directory_set_limits(struct pal_directory *dir, const struct pal_directory_limits *limits)
{
	assert(limits->count_max > 0 && limits->bytes_max > 0);
	dir->idle_ms = limits->idle_ms;
	dir->count_max = limits->count_max;
	dir->bytes_max = limits->bytes_max;
}

void pal_directory_set_hash_key(struct pal_directory *dir, const uint8_t key[16])
{
	assert(dir->live == 0);
	memcpy(dir->hash_key, key, sizeof(dir->hash_key));
}

/* --- Keys ------------------------------------------------------------------------------------- */

/* The id's hash is keyed; adding a multiple of the tenant keeps it as hard to foresee. */
static uint32_t hash_of(const struct pal_directory *dir, const struct pal_key *key)
{
	uint64_t h = pal_siphash13(dir->hash_key, key->id.p, key->id.n);

	h += (uint64_t)key->tenant * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h ^ (h >> 32));
}

static struct pal_shard *shard_of(struct pal_directory *dir, uint32_t hash)
{
	return &dir->shards[hash & (SHARDS - 1)];
}

static struct pal_live *find_locked(struct pal_directory *dir, struct pal_shard *shard,
				    uint32_t hash, const struct pal_key *key)
{
	return pal_shard_find_locked(shard, hash, key, dir->class->key);
}

static void link_locked(struct pal_directory *dir, struct pal_shard *shard, struct pal_live *live,
			uint32_t hash)
{
	live->hash = hash;
	live->retired = false;
	live->size_bytes = (uint32_t)dir->class->size_bytes(live);
	pal_shard_link_locked(shard, live);
	dir->live++;
	dir->bytes += live->size_bytes;
	dir->made++;
}

/* --- Letting go ------------------------------------------------------------------------------- */

static void run_errands(struct pal_directory *dir, struct errands *errands)
{
	struct pal_actor *actor;
	struct pal_live *live;

	while ((actor = errands->due)) {
		errands->due = actor->next;
		pal_actor_schedule(actor);
	}
	while ((live = errands->gone)) {
		errands->gone = live->chain;
		dir->class->destroy(dir->arg, live);
	}
}

static void recount_locked(struct pal_directory *dir, struct pal_live *live)
{
	uint32_t size_bytes = (uint32_t)dir->class->size_bytes(live);

	dir->bytes += size_bytes - (size_t)live->size_bytes;
	live->size_bytes = size_bytes;
}

static bool is_short(const struct pal_directory *dir)
{
	return dir->live >= dir->count_max - dir->count_max / 8 ||
	       dir->bytes >= dir->bytes_max - dir->bytes_max / 8;
}

static bool is_due_locked(const struct pal_directory *dir, const struct pal_live *live)
{
	uint64_t idle_ms = (uint64_t)(dir->now - live->stamp) << STAMP_SHIFT;

	return live->retired || dir->draining || idle_ms >= dir->idle_ms ||
	       (!live->used && is_short(dir));
}

/* Look at the actor at `*at`; return whether it was unlinked. */
static bool visit_locked(struct pal_directory *dir, struct pal_shard *shard, struct pal_live **at,
			 struct errands *errands)
{
	struct pal_live *live = *at;
	bool due = is_due_locked(dir, live);

	live->used = false;
	if (!pal_actor_claim(&live->actor))
		return false;
	recount_locked(dir, live);
	if (due && dir->class->passivate(dir->arg, live)) {
		*at = live->chain;
		shard->count--;
		dir->live--;
		dir->bytes -= live->size_bytes;
		dir->passivated++;
		live->chain = errands->gone;
		errands->gone = live;
		errands->gone_count++;
		return true;
	}
	if (pal_mailbox_rest(&live->actor.box)) {
		live->actor.next = errands->due;
		errands->due = &live->actor;
	}
	return false;
}

/*
 * Move the hand on by whole buckets until about `visits` actors were looked at or the last bucket
 * was; the hand is then 0. Return how many were looked at.
 */
static size_t sweep_locked(struct pal_directory *dir, struct pal_shard *shard, size_t visits,
			   struct errands *errands)
{
	size_t seen = 0;

	while (seen < visits) {
		struct pal_live **at = &shard->buckets[shard->hand];

		for (; *at; seen++) {
			if (!visit_locked(dir, shard, at, errands))
				at = &(*at)->chain;
		}
		shard->hand = (shard->hand + 1) & shard->mask;
		if (shard->hand == 0)
			break;
	}
	return seen;
}

size_t pal_directory_sweep(struct pal_directory *dir, int64_t now_ms, size_t visits_max)
{
	size_t gone = 0;

	dir->now = (uint32_t)((uint64_t)now_ms >> STAMP_SHIFT);
	for (unsigned shards = 0; shards < SHARDS && visits_max > 0;) {
		struct pal_shard *shard = &dir->shards[dir->hand];
		struct errands errands = {0};
		size_t visits = visits_max < SLICE_VISITS ? visits_max : SLICE_VISITS;

		pthread_mutex_lock(&shard->lock);
		size_t seen = sweep_locked(dir, shard, visits, &errands);
		bool done = shard->hand == 0;
		pthread_mutex_unlock(&shard->lock);
		gone += errands.gone_count;
		run_errands(dir, &errands);
		visits_max -= seen < visits_max ? seen : visits_max;
		if (done) {
			dir->hand = (dir->hand + 1) % SHARDS;
			shards++;
		}
	}
	return gone;
}

size_t pal_directory_drain(struct pal_directory *dir)
{
	dir->draining = true;
	pal_directory_sweep(dir, (int64_t)dir->now << STAMP_SHIFT, SIZE_MAX);
	return dir->live;
}

/* --- Coming in -------------------------------------------------------------------------------- */

static bool is_full(const struct pal_directory *dir)
{
	return dir->live >= dir->count_max || dir->bytes >= dir->bytes_max;
}

/* Let go in `shard`, in two circles at most: after the first, nobody counts as used. */
static size_t squeeze_locked(struct pal_directory *dir, struct pal_shard *shard, size_t visits,
			     struct errands *errands)
{
	size_t circles = 2 * (size_t)shard->count, seen = 0;

	if (visits > circles)
		visits = circles;
	while (seen < visits && shard->count > 0 && is_full(dir))
		seen += sweep_locked(dir, shard, 1, errands);
	return seen;
}

/*
 * Whether one more may come in; when at a limit, others may have to go: of the caller's locked
 * shard first, then of the next ones, as far as they are not locked by somebody else.
 */
static bool make_room_locked(struct pal_directory *dir, struct pal_shard *own,
			     struct errands *errands)
{
	size_t visits = ROOM_VISITS;

	if (dir->draining)
		return false;
	for (unsigned i = 0; i < SHARDS && visits > 0 && is_full(dir); i++) {
		struct pal_shard *shard = &dir->shards[((size_t)(own - dir->shards) + i) % SHARDS];

		if (shard != own && pthread_mutex_trylock(&shard->lock) != 0)
			continue;
		size_t seen = squeeze_locked(dir, shard, visits, errands);
		if (shard != own)
			pthread_mutex_unlock(&shard->lock);
		visits -= seen < visits ? seen : visits;
	}
	return !is_full(dir);
}

static struct pal_live *make_locked(struct pal_directory *dir, struct pal_shard *shard,
				    uint32_t hash, const struct pal_key *key,
				    const struct pal_msg *msg, pal_make_fn *make,
				    struct errands *errands)
{
	struct pal_live *live = NULL;

	if (make_room_locked(dir, shard, errands))
		live = make(dir->arg, key, msg);
	if (live)
		link_locked(dir, shard, live, hash);
	else
		dir->refused++;
	return live;
}

static enum pal_put put_locked(struct pal_directory *dir, struct pal_live *live,
			       struct pal_msg *msg, struct errands *errands)
{
	live->used = true;
	live->stamp = dir->now;
	if (!msg)
		return PAL_PUT_QUEUED;

	enum pal_put verdict = pal_actor_put(&live->actor, msg);
	if (verdict != PAL_PUT_WAKE)
		return verdict;
	live->actor.next = errands->due;
	errands->due = &live->actor;
	return PAL_PUT_QUEUED;
}

enum pal_put pal_directory_send(struct pal_directory *dir, const struct pal_key *key,
				struct pal_msg *msg, pal_make_fn *make)
{
	uint32_t hash = hash_of(dir, key);
	struct pal_shard *shard = shard_of(dir, hash);
	struct errands errands = {0};
	enum pal_put verdict = make ? PAL_PUT_REFUSED : PAL_PUT_ABSENT;

	pthread_mutex_lock(&shard->lock);
	struct pal_live *live = find_locked(dir, shard, hash, key);
	if (live && dir->draining)
		verdict = PAL_PUT_REFUSED;
	else if (live || (make && (live = make_locked(dir, shard, hash, key, msg, make, &errands))))
		verdict = put_locked(dir, live, msg, &errands);
	pthread_mutex_unlock(&shard->lock);
	run_errands(dir, &errands);
	return verdict;
}

enum pal_put pal_directory_insert(struct pal_directory *dir, struct pal_live *live,
				  struct pal_msg *msg)
{
	struct pal_key key = dir->class->key(live);
	uint32_t hash = hash_of(dir, &key);
	struct pal_shard *shard = shard_of(dir, hash);
	struct errands errands = {0};
	enum pal_put verdict = PAL_PUT_REFUSED;

	pthread_mutex_lock(&shard->lock);
	if (find_locked(dir, shard, hash, &key)) {
		verdict = PAL_PUT_FULL;
	} else if (make_room_locked(dir, shard, &errands)) {
		link_locked(dir, shard, live, hash);
		verdict = put_locked(dir, live, msg, &errands);
	} else {
		dir->refused++;
	}
	pthread_mutex_unlock(&shard->lock);
	run_errands(dir, &errands);
	return verdict;
}

void pal_directory_retire(struct pal_directory *dir, struct pal_live *live)
{
	struct pal_shard *shard = shard_of(dir, live->hash);

	pthread_mutex_lock(&shard->lock);
	live->retired = true;
	pthread_mutex_unlock(&shard->lock);
}

struct pal_directory_counts pal_directory_counts(const struct pal_directory *dir)
{
	return (struct pal_directory_counts){
		.live = dir->live,
		.bytes = dir->bytes,
		.made = dir->made,
		.passivated = dir->passivated,
		.refused = dir->refused,
	};
}
