/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries from the outbox to their results: how they begin, and what each wait ends with. */
#include "service/delivery/dispatch_flight.h"

#include <assert.h>
#include <string.h>

#define FLIGHT_BYTES_MAX (4u << 20)

void pal_flight_drop(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	if (!f)
		return;
	if (f->has_account)
		t->dispatch->options.channels.put(t->dispatch->options.channels.arg, &f->account);
	t->flight = NULL;
	pal_kept_destroy_all(t->dispatch, &f->kept);
	struct pal_arena arena = f->arena;	/* the flight lies in it */
	pal_arena_release(&arena);
}

bool pal_flight_may_go_on(const struct pal_track *t)
{
	const struct pal_dispatch *d = t->dispatch;

	return !t->is_stale && !atomic_load(&d->closed) &&
	       t->endpoint->in_flight <= d->limits.max_per_endpoint &&
	       t->endpoint->paused_until_ms <= pal_dispatch_now_ms(d);
}

void pal_flight_note_left(struct pal_track *t, const struct pal_parcel *p)
{
	if (t->is_stale)
		return;
	t->after = pal_delivery_sequence(p->record.id);
	t->begun_ms = 0;
}

void pal_flight_move_on(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_parcel *next = f->parcel->next;

	pal_flight_note_left(t, f->parcel);
	if (next && pal_flight_may_go_on(t)) {
		f->parcel = next;
		pal_flight_make_ready(t);
	} else if (t->after >= t->last) {
		pal_track_end(t);
	} else {
		pal_track_wait(t);
	}
}

static void found_nothing(struct pal_track *t)
{
	if (!t->is_stale && t->last == t->flight->last)
		pal_track_end(t);
	else
		pal_track_wait(t);	/* it was fed meanwhile */
}

static void is_found(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	if (!t->is_stale) {
		t->after = f->after;
		t->below = f->below;
		t->begun_ms = f->begun_ms;
	}
	switch (f->found) {
	case PAL_FOUND_NOTHING:
		found_nothing(t);
		break;
	case PAL_FOUND_MORE:
		pal_track_wait(t);
		break;
	case PAL_FOUND_LATER:
		pal_track_rest(t, f->due_ms - pal_dispatch_wall_ms(t->dispatch));
		break;
	case PAL_FOUND_TROUBLE:
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		break;
	case PAL_FOUND_DUE:
		if (atomic_load(&t->dispatch->closed))
			pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		else
			pal_flight_make_ready(t);
		break;
	}
}

void pal_flight_begin(struct pal_track *t)
{
	struct pal_arena arena = pal_arena_of(FLIGHT_BYTES_MAX);
	struct pal_flight *f = pal_arena_get(&arena, sizeof(*f));

	if (!f) {
		pal_arena_release(&arena);
		t->endpoint->in_flight--;
		atomic_fetch_sub(&t->dispatch->in_flight, 1);
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		return;
	}
	memset(f, 0, sizeof(*f));
	f->arena = arena;
	f->track = t;
	f->after = t->after;
	f->below = t->below;
	f->begun_ms = t->begun_ms;
	f->last = t->last;
	TAILQ_INIT(&f->kept);
	t->is_stale = false;
	t->flight = f;
	t->step = PAL_TRACK_READS;
	if (pal_kept_take(f)) {
		is_found(t);
		return;
	}
	f->ahead_to = pal_kept_first(t) - 1;
	if (!pal_flight_read_next(f))
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
}

void pal_flight_back(struct pal_track *t)
{
	switch (t->step) {
	case PAL_TRACK_READS:
		is_found(t);
		break;
	case PAL_TRACK_INTENDS:
		pal_flight_intended(t);
		break;
	case PAL_TRACK_SENDS:
		pal_flight_answered(t);
		break;
	case PAL_TRACK_ENDS:
		pal_flight_written(t);
		break;
	case PAL_TRACK_PASSES:
		pal_flight_passed(t);
		break;
	case PAL_TRACK_LOOKS:
		pal_flight_looked(t);
		break;
	case PAL_TRACK_RESTS:
	case PAL_TRACK_WAITS:
	case PAL_TRACK_LINGERS:
		assert(!"a note of a track that waits for none");
		break;
	}
}
