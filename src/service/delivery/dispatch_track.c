/* SPDX-License-Identifier: Apache-2.0 */
/* Which conversations have something to deliver, and what each of them does. */
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
			pal_kept_destroy_all(d, &t->kept);
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

static struct pal_track *make(struct pal_dispatch *d, struct pal_endpoint *e, struct pal_str id,
			      uint64_t hash)
{
	uint32_t count = atomic_load(&d->tracks_count);
	struct pal_track *t = pal_rest_reserve(d, count) ? calloc(1, sizeof(*t) + id.n) : NULL;

	if (!t)
		return NULL;
	t->back.kind = PAL_DISPATCH_BACK;
	TAILQ_INIT(&t->kept);
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

/* Go through the conversation from there; but one of before may wait that nobody told of. */
static void start_from(struct pal_track *t, int64_t sequence)
{
	t->after = sequence - 1;
	t->below = sequence;
	t->begun_ms = 0;
}

static enum pal_note begin(struct pal_dispatch *d, const struct pal_due *due, uint64_t hash)
{
	int64_t wait_ms = due->is_now ? 0 : due->due_ms - pal_dispatch_wall_ms(d);
	struct pal_endpoint *e = pal_endpoint_get(d, due->tenant, due->channel);

	if (!e)
		return PAL_NOTE_FAILED;
	if (pal_endpoint_room(d, e) == 0) {
		pal_endpoint_leave(e, due->due_ms);
		return PAL_NOTE_LEFT;
	}
	struct pal_track *t = make(d, e, due->conversation_id, hash);
	if (!t) {
		pal_endpoint_forget(d, e);
		return PAL_NOTE_FAILED;
	}
	start_from(t, due->sequence);
	t->last = due->sequence;
	pal_kept_put(t, due->kept);
	if (wait_ms > 0)
		pal_track_rest(t, wait_ms);
	else
		pal_track_wait(t);
	return PAL_NOTE_TAKEN;
}

enum pal_note pal_tracks_note(struct pal_dispatch *d, const struct pal_due *due)
{
	uint64_t hash = hash_of(due->tenant, due->conversation_id);
	struct pal_track *t = find(d, due->tenant, due->conversation_id, hash);

	if (!t) {
		enum pal_note note = begin(d, due, hash);
		if (note != PAL_NOTE_TAKEN)
			pal_kept_destroy(d, due->kept);
		return note;
	}
	pal_kept_put(t, due->kept);
	t->is_stale |= due->sequence <= t->last;
	if (t->last < due->sequence)
		t->last = due->sequence;
	if (due->sequence <= t->after) {	/* one that failed is to leave again */
		start_from(t, due->sequence);
		if (t->step == PAL_TRACK_RESTS)
			pal_rest_hasten(d, t, pal_dispatch_now_ms(d));
	}
	return PAL_NOTE_TAKEN;
}

void pal_track_give_up_flight(struct pal_track *t)
{
	pal_track_give_place(t);
	if (!t->flight)
		return;
	pal_flight_drop(t);
	t->endpoint->in_flight--;
	atomic_fetch_sub(&t->dispatch->in_flight, 1);
}

void pal_track_rest(struct pal_track *t, int64_t wait_ms)
{
	pal_track_give_up_flight(t);
	if (pal_endpoint_takes_back(t->dispatch, t, wait_ms)) {
		pal_track_end(t);
		return;
	}
	t->step = PAL_TRACK_RESTS;
	pal_rest_put(t->dispatch, t, wait_ms);
}

void pal_track_linger(struct pal_track *t, int64_t wait_ms)
{
	t->step = PAL_TRACK_LINGERS;
	pal_rest_put(t->dispatch, t, wait_ms);
}

void pal_track_wait(struct pal_track *t)
{
	pal_track_give_up_flight(t);
	t->step = PAL_TRACK_WAITS;
	TAILQ_INSERT_TAIL(&t->endpoint->waiting, t, link);
	t->endpoint->waits++;
	pal_endpoint_line_up(t->dispatch, t->endpoint);
}

void pal_track_end(struct pal_track *t)
{
	struct pal_dispatch *d = t->dispatch;
	struct pal_endpoint *e = t->endpoint;
	struct pal_track **at = bucket_of(d, t->hash);

	pal_track_give_up_flight(t);
	pal_kept_destroy_all(d, &t->kept);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	e->tracks--;
	atomic_fetch_sub(&d->tracks_count, 1);
	free(t);
	pal_endpoint_forget(d, e);
}
