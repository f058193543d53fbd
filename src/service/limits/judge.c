/* SPDX-License-Identifier: Apache-2.0 */
/* Who is judged by which record, and what it says: all of a request's callers under their locks. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "service/limits/parts.h"

static struct pal_limits_key key_of(const struct pal_limits_id *who)
{
	return (struct pal_limits_key){.print = pal_hash(who->text.p, who->text.n),
			    .tenant = who->tenant.n,
			    .kind = who->kind};
}

/* The same name in two tenants must not meet in one bucket. */
static uint64_t spread(const struct pal_limits_key *key)
{
	return (key->print + (uint64_t)key->tenant * 8 + (uint64_t)key->kind) *
	       UINT64_C(0x9E3779B97F4A7C15);
}

static void start_verdict(const struct pal_limits *limits, const struct pal_limits_id *who,
			  struct pal_limits_verdict *ret)
{
	*ret = (struct pal_limits_verdict){.admitted = false};
	for (int w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++)
		ret->limit[w] = who->own[w] ? who->own[w]
					    : pal_limits_of(limits, who->tier,
							    (enum pal_limits_window)w);
}

static struct pal_limits_way way_of_locked(const struct pal_limits *limits,
					   const struct pal_limits_shard *shard, int64_t now_ns)
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
	struct pal_limits_key key;
	uint64_t hash;
	struct pal_limits_shard *shard;
	struct pal_limits_record *record;
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
	ret->shard = &limits->shard[ret->hash % PAL_LIMITS_SHARDS];
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
	p->record = pal_limits_touch_locked(p->shard, &p->key, p->hash, p->way.now_ns);
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

/* Lock the shard of `who` and find its record as it is now, without making one. */
static void lock_and_look(struct pal_limits *limits, const struct pal_limits_id *who,
			  struct party *ret)
{
	start_party(limits, who, ret);
	pthread_mutex_lock(&ret->shard->lock);
	ret->way = way_of_locked(limits, ret->shard, pal_clock_mono_ns(limits->clock));
	ret->record = pal_limits_find_locked(ret->shard, &ret->key, ret->hash);
	if (ret->record)
		pal_limits_count_advance(&ret->record->count, &ret->way);
}

void pal_limits_peek(struct pal_limits *limits, const struct pal_limits_id *who,
		     struct pal_limits_verdict *ret)
{
	static const struct pal_limits_count unknown;
	struct party p;

	lock_and_look(limits, who, &p);
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

	lock_and_look(limits, who, &p);
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

	lock_and_look(limits, who, &p);
	if (p.record)
		pal_limits_drop_locked(p.shard, p.record);
	pthread_mutex_unlock(&p.shard->lock);
	return p.record != NULL;
}
