/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is: tracks wait at their endpoints, and endpoints take turns. */
#include <stdlib.h>

#include "service/delivery/dispatch_parts.h"

/* --- Endpoints -------------------------------------------------------------------------------- */

/* One is kept as long as it matters how often it was sent to. */
static void forget_old(struct pal_dispatch *d)
{
	for (struct pal_endpoint *e = TAILQ_FIRST(&d->endpoints), *next; e; e = next) {
		next = TAILQ_NEXT(e, link);
		pal_endpoint_forget(d, e);
	}
}

struct pal_endpoint *pal_endpoint_get(struct pal_dispatch *d, struct pal_tenant_key tenant,
				      enum pal_channel_type channel)
{
	struct pal_endpoint *e;

	TAILQ_FOREACH(e, &d->endpoints, link) {
		if (e->tenant.n == tenant.n && e->channel == channel)
			return e;
	}
	forget_old(d);
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->tenant = tenant;
	e->channel = channel;
	e->left_ms = PAL_NONE_LEFT;
	pal_pace_init(&e->paced.pace);
	TAILQ_INIT(&e->waiting);
	TAILQ_INSERT_HEAD(&d->endpoints, e, link);
	return e;
}

static bool may_begin(struct pal_dispatch *d, struct pal_endpoint *e)
{
	return !TAILQ_EMPTY(&e->waiting) && e->in_flight < d->limits.max_per_endpoint &&
	       e->paused_until_ms <= pal_dispatch_now_ms(d) && pal_pace_admits(d, e);
}

void pal_endpoint_line_up(struct pal_dispatch *d, struct pal_endpoint *e)
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

void pal_endpoint_forget(struct pal_dispatch *d, struct pal_endpoint *e)
{
	if (e->tracks || e->in_flight || e->paused_until_ms > pal_dispatch_now_ms(d) ||
	    e->left_ms != PAL_NONE_LEFT || e->is_refilling || !pal_pace_is_over(d, e))
		return;
	if (e->has_turn)
		TAILQ_REMOVE(&d->turns, e, turn);
	TAILQ_REMOVE(&d->endpoints, e, link);
	free(e);
}

/* --- Whose turn it is ------------------------------------------------------------------------- */

static void wake(struct pal_dispatch *d)
{
	int64_t now_ms = pal_dispatch_now_ms(d);

	while (d->heap_count && d->heap[0]->wake_ms <= now_ms) {
		struct pal_track *t = pal_rest_take(d);
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
		e->waits--;
		(void)pal_track_take_place(t);
		pal_endpoint_line_up(d, e);
		e->in_flight++;
		atomic_fetch_add(&d->in_flight, 1);
		pal_flight_begin(t);
	}
	TAILQ_CONCAT(&d->turns, &later, turn);
}

/* When the first pause of those that wait ends; counts what waits for its endpoint's pace. */
static int64_t next_turn_ms(struct pal_dispatch *d, int64_t now_ms)
{
	const struct pal_endpoint *e;
	int64_t next_ms = INT64_MAX;
	uint32_t paced = 0;

	TAILQ_FOREACH(e, &d->turns, turn) {
		bool is_paused = e->paused_until_ms > now_ms;
		int64_t until_ms = is_paused ? e->paused_until_ms : e->paced.until_ms;
		if (until_ms > now_ms && until_ms < next_ms)
			next_ms = until_ms;
		paced += !is_paused && e->paced.holds_up ? e->waits : 0;
	}
	atomic_store(&d->paced, paced);
	return next_ms;
}

/* A result that cannot be written now is not waited for: after the start it is unknown. */
static void give_up_lingering(struct pal_dispatch *d)
{
	for (size_t i = 0; i < d->heap_count; i++) {
		if (d->heap[i]->step != PAL_TRACK_LINGERS)
			continue;
		pal_track_give_up_flight(d->heap[i]);
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
