/* SPDX-License-Identifier: Apache-2.0 */
/* Which conversations have something to deliver, who rests until when, and whose turn it is. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "service/delivery/dispatch_parts.h"

#define BUCKETS_MIN 1024u

bool pal_tracks_init(struct pal_dispatch *d)
{
	d->bucket_count = BUCKETS_MIN;
	d->buckets = calloc(d->bucket_count, sizeof(d->buckets[0]));
	return d->buckets != NULL;
}

void pal_tracks_deinit(struct pal_dispatch *d)
{
	for (size_t i = 0; d->buckets && i < d->bucket_count; i++) {
		for (struct pal_track *t = d->buckets[i], *next; t; t = next) {
			next = t->next;
			pal_flight_drop(t);
			free(t);
		}
	}
	for (struct pal_endpoint *e; (e = TAILQ_FIRST(&d->endpoints)) != NULL;) {
		TAILQ_REMOVE(&d->endpoints, e, link);
		free(e);
	}
	free(d->buckets);
	free(d->heap);
}

/* --- The heap of those that rest: a binary heap by wake_ms ------------------------------------ */

static void heap_set(struct pal_dispatch *d, size_t at, struct pal_track *t)
{
	d->heap[at] = t;
	t->heap_at = at;
}

static void heap_up(struct pal_dispatch *d, struct pal_track *t, size_t at)
{
	for (size_t above; at > 0 && d->heap[above = (at - 1) / 2]->wake_ms > t->wake_ms;
	     at = above)
		heap_set(d, at, d->heap[above]);
	heap_set(d, at, t);
}

static void heap_down(struct pal_dispatch *d, struct pal_track *t, size_t at)
{
	for (size_t below; (below = 2 * at + 1) < d->heap_count; at = below) {
		if (below + 1 < d->heap_count &&
		    d->heap[below + 1]->wake_ms < d->heap[below]->wake_ms)
			below++;
		if (d->heap[below]->wake_ms >= t->wake_ms)
			break;
		heap_set(d, at, d->heap[below]);
	}
	heap_set(d, at, t);
}

static struct pal_track *heap_take(struct pal_dispatch *d)
{
	struct pal_track *first = d->heap[0], *last = d->heap[--d->heap_count];

	if (d->heap_count)
		heap_down(d, last, 0);
	return first;
}

/* There is room: one place for each track. */
static void heap_put(struct pal_dispatch *d, struct pal_track *t, int64_t wait_ms)
{
	t->wake_ms = pal_dispatch_now_ms(d) + (wait_ms > 0 ? wait_ms : 0);
	heap_up(d, t, d->heap_count++);
}

/* Let it wake earlier. */
static void heap_hasten(struct pal_dispatch *d, struct pal_track *t, int64_t wake_ms)
{
	if (t->wake_ms <= wake_ms)
		return;
	t->wake_ms = wake_ms;
	heap_up(d, t, t->heap_at);
}

/* --- Endpoints -------------------------------------------------------------------------------- */

static struct pal_endpoint *endpoint_of(struct pal_dispatch *d, struct pal_tenant_key tenant,
					enum pal_channel_type channel)
{
	struct pal_endpoint *e;

	TAILQ_FOREACH(e, &d->endpoints, link) {
		if (e->tenant.n == tenant.n && e->channel == channel)
			return e;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->tenant = tenant;
	e->channel = channel;
	TAILQ_INIT(&e->waiting);
	TAILQ_INSERT_HEAD(&d->endpoints, e, link);
	return e;
}

static bool may_begin(const struct pal_dispatch *d, const struct pal_endpoint *e)
{
	return !TAILQ_EMPTY(&e->waiting) && e->in_flight < d->limits.max_per_endpoint &&
	       e->paused_until_ms <= pal_dispatch_now_ms(d);
}

static void line_up(struct pal_dispatch *d, struct pal_endpoint *e)
{
	if (e->has_turn || TAILQ_EMPTY(&e->waiting))
		return;
	e->has_turn = true;
	TAILQ_INSERT_TAIL(&d->turns, e, turn);
}

void pal_endpoint_pause(struct pal_dispatch *d, struct pal_endpoint *e, int64_t wait_ms)
{
	int64_t until_ms = pal_dispatch_now_ms(d) + wait_ms;

	if (e->paused_until_ms < until_ms)
		e->paused_until_ms = until_ms;
}

static void forget_endpoint(struct pal_dispatch *d, struct pal_endpoint *e)
{
	if (e->tracks || e->in_flight || e->paused_until_ms > pal_dispatch_now_ms(d))
		return;
	if (e->has_turn)
		TAILQ_REMOVE(&d->turns, e, turn);
	TAILQ_REMOVE(&d->endpoints, e, link);
	free(e);
}

/* --- Tracks ----------------------------------------------------------------------------------- */

static uint64_t hash_of(struct pal_tenant_key tenant, struct pal_str id)
{
	return pal_hash(id.p, id.n) ^ (uint64_t)tenant.n * UINT64_C(0x9E3779B97F4A7C15);
}

static struct pal_track **bucket_of(struct pal_dispatch *d, uint64_t hash)
{
	return &d->buckets[hash & (d->bucket_count - 1)];
}

static struct pal_track *find(struct pal_dispatch *d, struct pal_tenant_key tenant,
			      struct pal_str id, uint64_t hash)
{
	struct pal_track *t = *bucket_of(d, hash);

	while (t && !(t->hash == hash && t->endpoint->tenant.n == tenant.n &&
		      pal_str_equal(t->id, id)))
		t = t->next;
	return t;
}

/* More buckets when they are full; without memory the chains only grow longer. */
static void spread(struct pal_dispatch *d, size_t count)
{
	struct pal_track **old = d->buckets, **fresh;
	size_t old_count = d->bucket_count;

	if (count < old_count || !(fresh = calloc(2 * old_count, sizeof(fresh[0]))))
		return;
	d->buckets = fresh;
	d->bucket_count = 2 * old_count;
	for (size_t i = 0; i < old_count; i++) {
		for (struct pal_track *t = old[i], *next; t; t = next) {
			struct pal_track **bucket = bucket_of(d, t->hash);
			next = t->next;
			t->next = *bucket;
			*bucket = t;
		}
	}
	free(old);
}

static bool reserve_heap(struct pal_dispatch *d, size_t count)
{
	size_t room = d->heap_room ? 2 * d->heap_room : BUCKETS_MIN;

	if (count < d->heap_room)
		return true;
	struct pal_track **heap = realloc(d->heap, room * sizeof(heap[0]));
	if (!heap)
		return false;
	d->heap = heap;
	d->heap_room = room;
	return true;
}

static struct pal_track *make(struct pal_dispatch *d, struct pal_tenant_key tenant,
			      struct pal_str id, enum pal_channel_type channel, uint64_t hash)
{
	uint32_t count = atomic_load(&d->tracks_count);

	if (count >= d->options.tracks_max || !reserve_heap(d, count))
		return NULL;
	struct pal_endpoint *e = endpoint_of(d, tenant, channel);
	struct pal_track *t = e ? calloc(1, sizeof(*t) + id.n) : NULL;
	if (!t) {
		if (e)
			forget_endpoint(d, e);
		return NULL;
	}
	t->back.kind = PAL_DISPATCH_BACK;
	t->dispatch = d;
	t->endpoint = e;
	t->hash = hash;
	memcpy(t->id_text, id.p, id.n);
	t->id = (struct pal_str){t->id_text, id.n};
	spread(d, count);
	struct pal_track **bucket = bucket_of(d, hash);
	t->next = *bucket;
	*bucket = t;
	e->tracks++;
	atomic_fetch_add(&d->tracks_count, 1);
	return t;
}

bool pal_tracks_note(struct pal_dispatch *d, struct pal_tenant_key tenant,
		     struct pal_str conversation_id, enum pal_channel_type channel,
		     struct pal_track_place after, struct pal_track_place last)
{
	uint64_t hash = hash_of(tenant, conversation_id);
	struct pal_track *t = find(d, tenant, conversation_id, hash);

	if (!t) {
		t = make(d, tenant, conversation_id, channel, hash);
		if (!t)
			return false;
		t->after = after;
		t->last = last;
		pal_track_wait(t);
		return true;
	}
	if (pal_place_compare(t->last, last) < 0)
		t->last = last;
	/* One that failed is to leave again: it is looked for from there. */
	if (pal_place_compare(after, t->after) < 0) {
		t->after = after;
		if (t->step == PAL_TRACK_RESTS)
			heap_hasten(d, t, pal_dispatch_now_ms(d));
	}
	return true;
}

static void give_up_flight(struct pal_track *t)
{
	if (!t->flight)
		return;
	pal_flight_drop(t);
	t->endpoint->in_flight--;
	atomic_fetch_sub(&t->dispatch->in_flight, 1);
}

void pal_track_rest(struct pal_track *t, int64_t wait_ms)
{
	give_up_flight(t);
	t->step = PAL_TRACK_RESTS;
	heap_put(t->dispatch, t, wait_ms);
}

void pal_track_linger(struct pal_track *t, int64_t wait_ms)
{
	t->step = PAL_TRACK_LINGERS;
	heap_put(t->dispatch, t, wait_ms);
}

void pal_track_wait(struct pal_track *t)
{
	give_up_flight(t);
	t->step = PAL_TRACK_WAITS;
	TAILQ_INSERT_TAIL(&t->endpoint->waiting, t, link);
	line_up(t->dispatch, t->endpoint);
}

void pal_track_end(struct pal_track *t)
{
	struct pal_dispatch *d = t->dispatch;
	struct pal_endpoint *e = t->endpoint;
	struct pal_track **at = bucket_of(d, t->hash);

	give_up_flight(t);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	e->tracks--;
	atomic_fetch_sub(&d->tracks_count, 1);
	free(t);
	forget_endpoint(d, e);
}

/* --- Whose turn it is ------------------------------------------------------------------------- */

static void wake(struct pal_dispatch *d)
{
	int64_t now_ms = pal_dispatch_now_ms(d);

	while (d->heap_count && d->heap[0]->wake_ms <= now_ms) {
		struct pal_track *t = heap_take(d);
		if (t->step == PAL_TRACK_LINGERS)
			pal_flight_look(t);
		else
			pal_track_wait(t);
	}
}

/* Endpoints take turns, one track each, so that one with many does not hold up the others. */
static void begin(struct pal_dispatch *d)
{
	struct pal_endpoint_turns later;

	TAILQ_INIT(&later);
	for (struct pal_endpoint *e; (e = TAILQ_FIRST(&d->turns)) != NULL;) {
		if (atomic_load(&d->in_flight) >= d->limits.max_in_flight)
			break;
		TAILQ_REMOVE(&d->turns, e, turn);
		e->has_turn = false;
		if (!may_begin(d, e)) {
			if (!TAILQ_EMPTY(&e->waiting)) {
				e->has_turn = true;
				TAILQ_INSERT_TAIL(&later, e, turn);
			}
			continue;
		}
		struct pal_track *t = TAILQ_FIRST(&e->waiting);
		TAILQ_REMOVE(&e->waiting, t, link);
		line_up(d, e);
		e->in_flight++;
		atomic_fetch_add(&d->in_flight, 1);
		pal_flight_begin(t);
	}
	TAILQ_CONCAT(&d->turns, &later, turn);
}

/* When the first pause of those that wait ends. */
static int64_t next_turn_ms(const struct pal_dispatch *d, int64_t now_ms)
{
	const struct pal_endpoint *e;
	int64_t next_ms = INT64_MAX;

	TAILQ_FOREACH(e, &d->turns, turn) {
		if (e->paused_until_ms > now_ms && e->paused_until_ms < next_ms)
			next_ms = e->paused_until_ms;
	}
	return next_ms;
}

/* A result that cannot be written now is not waited for: after the start it is unknown. */
static void give_up_lingering(struct pal_dispatch *d)
{
	for (size_t i = 0; i < d->heap_count; i++) {
		if (d->heap[i]->step != PAL_TRACK_LINGERS)
			continue;
		give_up_flight(d->heap[i]);
		d->heap[i]->step = PAL_TRACK_RESTS;
	}
}

uint32_t pal_tracks_run(struct pal_dispatch *d)
{
	if (atomic_load(&d->closed)) {
		give_up_lingering(d);
	} else {
		wake(d);
		begin(d);
	}
	int64_t now_ms = pal_dispatch_now_ms(d), next_ms = next_turn_ms(d, now_ms);
	if (d->heap_count && d->heap[0]->wake_ms < next_ms)
		next_ms = d->heap[0]->wake_ms;
	if (atomic_load(&d->closed) || next_ms == INT64_MAX)
		return UINT32_MAX;
	return next_ms <= now_ms ? 0 : next_ms - now_ms > UINT32_MAX ? UINT32_MAX
								   : (uint32_t)(next_ms - now_ms);
}
