/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of fixed size per caller, found by a 64-bit keyed fingerprint of its text: should two
 * of a full table ever share one (odds of one in two thousand million), they would share a limit.
 * Records stand in the order of their last request, the longest silent first.
 */
#include "service/limits/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "service/limits/count.h"

#include <uthash.h>
#include <utlist.h>

#define SHARDS 16u		/* a power of two */
#define DROPS_MAX 2u		/* records given up when one is made: the table shrinks again */
#define NS_PER_MS 1000000

struct key {
	uint64_t print;
	int64_t tenant, kind;
};

struct record {
	struct key key;
	UT_hash_handle hh;
	struct record *prev, *next;			/* by last request */
	struct pal_limits_count count;
};

/* Keys and users, or addresses. */
struct queue {
	struct record *oldest;
	size_t count;
};

struct shard {
	_Alignas(64) pthread_mutex_t lock;	/* guards the rest */
	enum pal_limits_algorithm algorithm;
	struct record *records;
	struct queue callers, addresses;
};

struct pal_limits {
	const struct pal_clock *clock;		/* fixed at create, as is the next */
	int64_t wall_offset_ns;			/* wall clock less monotonic, at create */
	_Atomic bool enabled;
	_Atomic uint32_t burst;
	_Atomic uint32_t requests[PAL_TIER_COUNT][PAL_LIMITS_WINDOW_COUNT];
	struct shard shard[SHARDS];
};

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
	return (key->print + (uint64_t)key->tenant * 8 + (uint64_t)key->kind) *
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
	bool is_fixed = shard->algorithm == PAL_LIMITS_FIXED_WINDOW;
	const struct pal_limits_span *day = &pal_limits_spans(is_fixed)[PAL_LIMITS_DAY];
	struct queue *queue = queue_of(shard, key);

	for (unsigned i = 0; i < DROPS_MAX && queue->oldest; i++) {
		int64_t silent = now_ns / day->slot_ns - queue->oldest->count.newest[PAL_LIMITS_DAY];
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

static void start_verdict(const struct pal_limits *limits, const struct pal_limits_id *who,
			  struct pal_limits_verdict *ret)
{
	*ret = (struct pal_limits_verdict){.admitted = false};
	for (int w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++)
		ret->limit[w] = who->own[w] ? who->own[w]
					    : pal_limits_of(limits, who->tier,
							    (enum pal_limits_window)w);
}

static struct pal_limits_way way_of_locked(const struct pal_limits *limits, const struct shard *shard,
				int64_t now_ns)
{
	bool is_fixed = shard->algorithm == PAL_LIMITS_FIXED_WINDOW;

	return (struct pal_limits_way){
		.spans = pal_limits_spans(is_fixed),
		.now_ns = is_fixed ? now_ns + limits->wall_offset_ns : now_ns,
		.is_bucket = shard->algorithm == PAL_LIMITS_TOKEN_BUCKET,
		.burst = atomic_load_explicit(&limits->burst, memory_order_relaxed)};
}

/* One of the callers that a request is judged by. */
struct party {
	const struct pal_limits_id *who;
	struct key key;
	uint64_t hash;
	struct shard *shard;
	struct record *record;
	struct pal_limits_way way;
	struct pal_limits_verdict verdict;
};

static uint32_t cost_of(const struct pal_limits_id *who)
{
	return who->cost ? who->cost : 1;
}

static void start_party(struct pal_limits *limits, const struct pal_limits_id *who,
			struct party *ret)
{
	ret->who = who;
	ret->key = key_of(who);
	ret->hash = spread(&ret->key);
	ret->shard = &limits->shard[ret->hash % SHARDS];
	start_verdict(limits, who, &ret->verdict);
}

/* Each shard once, in their own order, so that no two threads wait for each other. */
static void lock_all(struct party *const *in_order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (i == 0 || in_order[i]->shard != in_order[i - 1]->shard)
			pthread_mutex_lock(&in_order[i]->shard->lock);
}

static void unlock_all(struct party *const *in_order, size_t count)
{
	for (size_t i = count; i-- > 0; )
		if (i == 0 || in_order[i]->shard != in_order[i - 1]->shard)
			pthread_mutex_unlock(&in_order[i]->shard->lock);
}

static void sort(struct party *list, size_t count, struct party **ret)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at > 0 && ret[at - 1]->shard > list[i].shard; at--)
			ret[at] = ret[at - 1];
		ret[at] = &list[i];
	}
}

/* Whether the party's limits hold the request up; its verdict then says for how long. */
static bool holds_up_locked(struct pal_limits *limits, struct party *p, int64_t now_ns)
{
	p->way = way_of_locked(limits, p->shard, now_ns);
	p->record = touch_locked(p->shard, &p->key, p->hash, p->way.now_ns);
	if (!p->record) {
		p->verdict.reset_ms = PAL_LIMITS_WAIT_MS_MIN;
		return true;
	}
	pal_limits_count_advance(&p->record->count, &p->way);
	return pal_limits_count_holds_up(&p->record->count, &p->way, cost_of(p->who), &p->verdict);
}

bool pal_limits_admit_all(struct pal_limits *limits, const struct pal_limits_id *who, size_t count,
			  struct pal_limits_verdict *ret, size_t *ret_which)
{
	struct party party[PAL_LIMITS_IDS_MAX], *in_order[PAL_LIMITS_IDS_MAX];
	int64_t now_ns = pal_clock_mono_ns(limits->clock);
	size_t worst = count;

	assert(count >= 1 && count <= PAL_LIMITS_IDS_MAX);
	for (size_t i = 0; i < count; i++)
		start_party(limits, &who[i], &party[i]);
	sort(party, count, in_order);
	lock_all(in_order, count);
	for (size_t i = 0; i < count; i++)
		if (holds_up_locked(limits, &party[i], now_ns) &&
		    (worst == count ||
		     party[i].verdict.reset_ms > party[worst].verdict.reset_ms))
			worst = i;
	for (size_t i = 0; worst == count && i < count; i++)
		pal_limits_count_add(&party[i].record->count, &party[i].way,
				     party[i].verdict.limit[PAL_LIMITS_MINUTE],
				     cost_of(party[i].who));
	if (worst == count)
		pal_limits_count_tell(&party[0].record->count, &party[0].way, &party[0].verdict);
	unlock_all(in_order, count);
	*ret_which = worst == count ? 0 : worst;
	*ret = party[*ret_which].verdict;
	ret->admitted = worst == count;
	return ret->admitted;
}

bool pal_limits_admit(struct pal_limits *limits, const struct pal_limits_id *who,
		      struct pal_limits_verdict *ret)
{
	size_t which;

	return pal_limits_admit_all(limits, who, 1, ret, &which);
}

void pal_limits_peek(struct pal_limits *limits, const struct pal_limits_id *who,
		     struct pal_limits_verdict *ret)
{
	static const struct pal_limits_count unknown;
	struct party p;

	start_party(limits, who, &p);
	pthread_mutex_lock(&p.shard->lock);
	p.way = way_of_locked(limits, p.shard, pal_clock_mono_ns(limits->clock));
	p.record = find_locked(p.shard, &p.key, p.hash);
	if (p.record)
		pal_limits_count_advance(&p.record->count, &p.way);
	const struct pal_limits_count *counted = p.record ? &p.record->count : &unknown;
	p.verdict.admitted =
		!pal_limits_count_holds_up(counted, &p.way, cost_of(who), &p.verdict);
	if (p.verdict.admitted)
		pal_limits_count_tell(counted, &p.way, &p.verdict);
	pthread_mutex_unlock(&p.shard->lock);
	*ret = p.verdict;
}

bool pal_limits_used(struct pal_limits *limits, const struct pal_limits_id *who,
		     uint32_t ret_used[PAL_LIMITS_WINDOW_COUNT],
		     uint32_t ret_limit[PAL_LIMITS_WINDOW_COUNT])
{
	struct party p;

	start_party(limits, who, &p);
	pthread_mutex_lock(&p.shard->lock);
	p.way = way_of_locked(limits, p.shard, pal_clock_mono_ns(limits->clock));
	p.record = find_locked(p.shard, &p.key, p.hash);
	if (p.record)
		pal_limits_count_advance(&p.record->count, &p.way);
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		ret_used[w] = p.record ? p.record->count.sum[w] : 0;
		ret_limit[w] = p.verdict.limit[w];
	}
	pthread_mutex_unlock(&p.shard->lock);
	return p.record != NULL;
}

bool pal_limits_reset(struct pal_limits *limits, const struct pal_limits_id *who)
{
	struct party p;

	start_party(limits, who, &p);
	pthread_mutex_lock(&p.shard->lock);
	p.record = find_locked(p.shard, &p.key, p.hash);
	if (p.record)
		drop_locked(p.shard, queue_of(p.shard, &p.key), p.record);
	pthread_mutex_unlock(&p.shard->lock);
	return p.record != NULL;
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
	limits->wall_offset_ns =
		pal_clock_wall_ms(clock) * NS_PER_MS - pal_clock_mono_ns(clock);
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&limits->shard[i].lock, NULL);	/* cannot fail */
	pal_limits_set(limits, table);
	return limits;
}

static void clear(struct shard *shard, struct queue *queue)
{
	while (queue->oldest)
		drop_locked(shard, queue, queue->oldest);
}

/* What was counted one way cannot be told the other way. */
static void set_algorithm(struct shard *shard, enum pal_limits_algorithm algorithm)
{
	pthread_mutex_lock(&shard->lock);
	if (shard->algorithm != algorithm) {
		clear(shard, &shard->callers);
		clear(shard, &shard->addresses);
		shard->algorithm = algorithm;
	}
	pthread_mutex_unlock(&shard->lock);
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
	atomic_store(&limits->burst, table->burst ? table->burst : 1);
	for (size_t i = 0; i < SHARDS; i++)
		set_algorithm(&limits->shard[i], table->algorithm);
	atomic_store(&limits->enabled, table->enabled);
}

uint32_t pal_limits_of(const struct pal_limits *limits, enum pal_tier tier,
		       enum pal_limits_window window)
{
	assert(tier < PAL_TIER_COUNT);
	return atomic_load_explicit(&limits->requests[tier][window], memory_order_relaxed);
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
