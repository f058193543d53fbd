/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of fixed size per caller, found by a 64-bit keyed fingerprint of its text: should two
 * of a full table ever share one (odds of one in two thousand million), they would share a limit.
 * Records stand in the order of their last request, the longest silent first.
 */
#include "service/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include <uthash.h>
#include <utlist.h>

#define SHARDS 16u		/* a power of two */
#define DROPS_MAX 2u		/* records given up when one is made: the table shrinks again */
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS 1000000
#define WAIT_MS_MIN 1000u	/* domain.md section 3.2: retry_after = max(1, ...) */

/* Sub-windows of a window, and one more: the oldest is forgotten when all of it is out of sight. */
#define MINUTE_SLOTS (60u + 1)
#define HOUR_SLOTS (30u + 1)
#define DAY_SLOTS (24u + 1)
#define ALL_SLOTS (MINUTE_SLOTS + HOUR_SLOTS + DAY_SLOTS)

static const struct span {
	int64_t slot_ns;
	uint32_t slots, first;	/* in record.slot */
} spans[PAL_LIMITS_WINDOW_COUNT] = {
	[PAL_LIMITS_MINUTE] = {1 * NS_PER_S, MINUTE_SLOTS, 0},
	[PAL_LIMITS_HOUR] = {120 * NS_PER_S, HOUR_SLOTS, MINUTE_SLOTS},
	[PAL_LIMITS_DAY] = {3600 * NS_PER_S, DAY_SLOTS, MINUTE_SLOTS + HOUR_SLOTS},
};

struct key {
	uint64_t print;
	int64_t tenant, kind;
};

struct record {
	struct key key;
	UT_hash_handle hh;
	struct record *prev, *next;			/* by last request */
	int64_t newest[PAL_LIMITS_WINDOW_COUNT];	/* number of the sub-window now filled */
	int64_t oldest[PAL_LIMITS_WINDOW_COUNT];	/* all before this one are empty */
	uint32_t sum[PAL_LIMITS_WINDOW_COUNT];
	uint32_t slot[ALL_SLOTS];
};

/* Keys and users, or addresses. */
struct queue {
	struct record *oldest;
	size_t count;
};

struct shard {
	_Alignas(64) pthread_mutex_t lock;	/* guards the rest */
	struct record *records;
	struct queue callers, addresses;
};

struct pal_limits {
	const struct pal_clock *clock;		/* fixed at create */
	_Atomic bool enabled;
	_Atomic uint32_t requests[PAL_TIER_COUNT][PAL_LIMITS_WINDOW_COUNT];
	struct shard shard[SHARDS];
};

/* --- Windows ---------------------------------------------------------------------------------- */

/*
 * Forget what is out of sight. A thread that read the clock before another may be a little behind,
 * and then counts into the sub-window that the other began.
 */
static void advance(struct record *record, int64_t now_ns)
{
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		const struct span *span = &spans[w];
		uint32_t *slot = record->slot + span->first;
		int64_t now = now_ns / span->slot_ns;
		if (now - record->newest[w] >= span->slots) {
			memset(slot, 0, span->slots * sizeof(*slot));
			record->sum[w] = 0;
			record->newest[w] = record->oldest[w] = now;
		}
		while (record->newest[w] < now) {
			uint32_t *next = &slot[++record->newest[w] % span->slots];
			record->sum[w] -= *next;
			*next = 0;
		}
		if (record->oldest[w] <= record->newest[w] - span->slots)
			record->oldest[w] = record->newest[w] - span->slots + 1;
		while (record->oldest[w] < record->newest[w] &&
		       slot[record->oldest[w] % span->slots] == 0)
			record->oldest[w]++;
	}
}

static void count_one(struct record *record)
{
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		record->slot[spans[w].first + record->newest[w] % spans[w].slots]++;
		record->sum[w]++;
	}
}

/* Time until `wanted` > 0 of the requests in window `w` are forgotten; there are as many. */
static int64_t forgotten_in_ns(const struct record *record, size_t w, uint32_t wanted,
			       int64_t now_ns)
{
	const struct span *span = &spans[w];
	const uint32_t *slot = record->slot + span->first;
	int64_t number = record->oldest[w];

	for (uint32_t seen = slot[number % span->slots]; seen < wanted; )
		seen += slot[++number % span->slots];
	return (number + span->slots) * span->slot_ns - now_ns;
}

static uint32_t ms_of(int64_t ns)
{
	return ns <= 0 ? 0 : (uint32_t)((ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* Fill in the window that holds a request up longest; false when none does. */
static bool is_held_up(const struct record *record, int64_t now_ns, struct pal_limits_verdict *ret)
{
	bool held = false;

	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		if (record->sum[w] < ret->limit[w])
			continue;
		uint32_t wait_ms = ms_of(forgotten_in_ns(
			record, w, record->sum[w] - ret->limit[w] + 1, now_ns));
		if (!held || wait_ms > ret->reset_ms) {
			ret->window = (enum pal_limits_window)w;
			ret->reset_ms = wait_ms;
		}
		held = true;
	}
	if (held && ret->reset_ms < WAIT_MS_MIN)
		ret->reset_ms = WAIT_MS_MIN;
	return held;
}

/* Fill in the window with the least left. No window is full beyond its limit. */
static void tell_least(const struct record *record, int64_t now_ns, struct pal_limits_verdict *ret)
{
	ret->remaining = UINT32_MAX;
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		uint32_t left = ret->limit[w] - record->sum[w];
		if (left < ret->remaining) {
			ret->window = (enum pal_limits_window)w;
			ret->remaining = left;
		}
	}
	size_t w = ret->window;
	ret->reset_ms = record->sum[w] ? ms_of(forgotten_in_ns(record, w, 1, now_ns))
				       : pal_limits_window_s(ret->window) * 1000;
}

/* --- Records ---------------------------------------------------------------------------------- */

static struct key key_of(const struct pal_limits_id *who)
{
	return (struct key){.print = pal_hash(who->text.p, who->text.n),
			    .tenant = who->tenant.n,
			    .kind = who->kind};
}

/* The same name in two tenants must not meet in one bucket. */
static uint64_t spread(const struct key *key)
{
	return (key->print + (uint64_t)key->tenant * 4 + (uint64_t)key->kind) *
	       UINT64_C(0x9E3779B97F4A7C15);
}

static struct queue *queue_of(struct shard *shard, const struct key *key)
{
	return key->kind == PAL_LIMITS_ADDRESS ? &shard->addresses : &shard->callers;
}

static size_t capacity_of(const struct key *key)
{
	return (key->kind == PAL_LIMITS_ADDRESS ? PAL_LIMITS_ADDRESSES_MAX
						: PAL_LIMITS_CALLERS_MAX) / SHARDS;
}

static struct record *find_locked(struct shard *shard, const struct key *key, uint64_t hash)
{
	struct record *record = NULL;

	HASH_FIND_BYHASHVALUE(hh, shard->records, key, sizeof(*key), (unsigned)(hash >> 32),
			      record);
	return record;
}

static void drop_locked(struct shard *shard, struct queue *queue, struct record *record)
{
	HASH_DEL(shard->records, record);
	DL_DELETE(queue->oldest, record);
	queue->count--;
	free(record);
}

static void make_room_locked(struct shard *shard, const struct key *key, int64_t now_ns)
{
	const struct span *day = &spans[PAL_LIMITS_DAY];
	struct queue *queue = queue_of(shard, key);

	for (unsigned i = 0; i < DROPS_MAX && queue->oldest; i++) {
		int64_t silent = now_ns / day->slot_ns - queue->oldest->newest[PAL_LIMITS_DAY];
		if (queue->count < capacity_of(key) && silent < day->slots)
			return;
		drop_locked(shard, queue, queue->oldest);
	}
}

static struct record *make_locked(struct shard *shard, const struct key *key, uint64_t hash,
				  int64_t now_ns)
{
	struct queue *queue = queue_of(shard, key);

	make_room_locked(shard, key, now_ns);
	struct record *record = calloc(1, sizeof(*record));
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

static struct record *touch_locked(struct shard *shard, const struct key *key, uint64_t hash,
				   int64_t now_ns)
{
	struct record *record = find_locked(shard, key, hash);
	struct queue *queue = queue_of(shard, key);

	if (!record)
		return make_locked(shard, key, hash, now_ns);
	if (record->next) {
		DL_DELETE(queue->oldest, record);
		DL_APPEND(queue->oldest, record);
	}
	return record;
}

/* --- Verdicts --------------------------------------------------------------------------------- */

static void start_verdict(struct pal_limits *limits, enum pal_tier tier,
			  struct pal_limits_verdict *ret)
{
	assert(tier < PAL_TIER_COUNT);
	*ret = (struct pal_limits_verdict){.admitted = false};
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++)
		ret->limit[w] = atomic_load_explicit(&limits->requests[tier][w],
						     memory_order_relaxed);
}

bool pal_limits_admit(struct pal_limits *limits, const struct pal_limits_id *who,
		      struct pal_limits_verdict *ret)
{
	const struct key key = key_of(who);
	uint64_t hash = spread(&key);
	struct shard *shard = &limits->shard[hash % SHARDS];
	int64_t now_ns = pal_clock_mono_ns(limits->clock);

	start_verdict(limits, who->tier, ret);
	pthread_mutex_lock(&shard->lock);
	struct record *record = touch_locked(shard, &key, hash, now_ns);
	if (!record) {
		ret->reset_ms = WAIT_MS_MIN;
	} else {
		advance(record, now_ns);
		if (!is_held_up(record, now_ns, ret)) {
			count_one(record);
			tell_least(record, now_ns, ret);
			ret->admitted = true;
		}
	}
	pthread_mutex_unlock(&shard->lock);
	return ret->admitted;
}

void pal_limits_peek(struct pal_limits *limits, const struct pal_limits_id *who,
		     struct pal_limits_verdict *ret)
{
	static const struct record unknown;
	const struct key key = key_of(who);
	uint64_t hash = spread(&key);
	struct shard *shard = &limits->shard[hash % SHARDS];
	int64_t now_ns = pal_clock_mono_ns(limits->clock);

	start_verdict(limits, who->tier, ret);
	pthread_mutex_lock(&shard->lock);
	struct record *record = find_locked(shard, &key, hash);
	if (record)
		advance(record, now_ns);
	ret->admitted = !record || !is_held_up(record, now_ns, ret);
	if (ret->admitted)
		tell_least(record ? record : &unknown, now_ns, ret);
	pthread_mutex_unlock(&shard->lock);
}

/* --- Life ------------------------------------------------------------------------------------- */

struct pal_limits *pal_limits_create(const struct pal_clock *clock,
				     const struct pal_limits_table *table)
{
	struct pal_limits *limits = aligned_alloc(_Alignof(struct pal_limits), sizeof(*limits));

	if (!limits)
		return NULL;
	memset(limits, 0, sizeof(*limits));
	limits->clock = clock;
	pal_limits_set(limits, table);
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&limits->shard[i].lock, NULL);	/* cannot fail */
	return limits;
}

static void clear(struct shard *shard, struct queue *queue)
{
	while (queue->oldest)
		drop_locked(shard, queue, queue->oldest);
}

void pal_limits_destroy(struct pal_limits *limits)
{
	if (!limits)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = &limits->shard[i];
		clear(shard, &shard->callers);
		clear(shard, &shard->addresses);
		pthread_mutex_destroy(&shard->lock);
	}
	free(limits);
}

void pal_limits_set(struct pal_limits *limits, const struct pal_limits_table *table)
{
	for (size_t t = 0; t < PAL_TIER_COUNT; t++)
		for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++)
			atomic_store_explicit(&limits->requests[t][w], table->requests[t][w],
					      memory_order_relaxed);
	atomic_store(&limits->enabled, table->enabled);
}

bool pal_limits_are_enabled(const struct pal_limits *limits)
{
	return atomic_load_explicit(&limits->enabled, memory_order_relaxed);
}

size_t pal_limits_count(struct pal_limits *limits)
{
	size_t count = 0;

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&limits->shard[i].lock);
		count += limits->shard[i].callers.count + limits->shard[i].addresses.count;
		pthread_mutex_unlock(&limits->shard[i].lock);
	}
	return count;
}

static const struct {
	const char *name;
	uint32_t length_s;
} windows[] = {
#define X(id, name, length_s) {name, length_s},
	PAL_LIMITS_WINDOWS(X)
#undef X
};

const char *pal_limits_window_name(enum pal_limits_window window)
{
	return windows[window].name;
}

uint32_t pal_limits_window_s(enum pal_limits_window window)
{
	return windows[window].length_s;
}
