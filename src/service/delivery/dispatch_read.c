/* SPDX-License-Identifier: Apache-2.0 */
/* What a flight reads from the store: the next records that have to leave, with their messages. */
#include <string.h>

#include "service/delivery/dispatch_flight.h"
#include "store/store.h"

#define LOOKS_MAX 64u	/* records looked at in one read */

static struct pal_flight *flight_of_query(struct pal_query *query)
{
	return (struct pal_flight *)((char *)query - offsetof(struct pal_flight, query));
}

static bool keep_record(struct pal_parcel *p, const struct pal_record *r)
{
	struct pal_flight *f = p->flight;

	p->record = *r;
	p->record.kind = PAL_DELIVERY_KIND;
	p->record.id = pal_arena_copy(&f->arena, r->id);
	p->record.owner = f->track->id;
	p->record.body = pal_arena_copy(&f->arena, r->body);
	p->due_ms = r->expires_ms;
	if (!p->record.id.p || !p->record.body.p)
		return false;
	p->state = pal_delivery_read(p->record.body);
	pal_flight_mark_begun(p);
	return true;
}

/* One look at the conversation's records, by number. */
struct reading {
	struct pal_flight *flight;
	struct pal_store *store;
	unsigned reader;
	struct pal_arena arena;		/* of the record looked at */
	struct pal_record record;
	size_t left;			/* how many more may be looked at */
	int64_t begun_ms;		/* what the record below the next one says of it */
};

enum seen {
	SEEN_NONE,	/* the message is not pushed, or was erased */
	SEEN_CLOSED,
	SEEN_OPEN,
	SEEN_TROUBLE,
};

static enum seen look_at(struct reading *r, int64_t sequence)
{
	const struct pal_track *t = r->flight->track;
	char id[PAL_DELIVERY_ID_SIZE];

	r->left--;
	pal_arena_reset(&r->arena);
	enum pal_code code = pal_store_load_record(
		r->store, r->reader, t->endpoint->tenant, PAL_DELIVERY_KIND,
		pal_delivery_id(t->id, sequence, id), &r->arena, &r->record, NULL);
	if (code != PAL_OK)
		return code == PAL_E_NOT_FOUND ? SEEN_NONE : SEEN_TROUBLE;
	if (r->record.expires_ms)
		return SEEN_OPEN;
	r->begun_ms = pal_delivery_read(r->record.body).next_intent_ms;
	return SEEN_CLOSED;
}

/*
 * Downwards, for one that waits below: since they leave in order, behind one that has left there is
 * none but what was reopened, which is told of by itself. False: trouble.
 */
static bool look_below(struct reading *r)
{
	struct pal_flight *f = r->flight;

	while (f->below > 1 && r->left) {
		enum seen seen = look_at(r, f->below - 1);
		if (seen == SEEN_TROUBLE)
			return false;
		f->below = seen == SEEN_CLOSED ? 0 : f->below - 1;
		if (seen == SEEN_OPEN)
			f->after = f->below - 1;
		f->begun_ms = r->begun_ms;
	}
	if (f->below == 1)
		f->below = 0;
	return true;
}

/* The record looked at, with its message; NULL: trouble. One that was erased has none. */
static struct pal_parcel *make_parcel(struct reading *r)
{
	struct pal_flight *f = r->flight;
	struct pal_parcel *p = pal_arena_get(&f->arena, sizeof(*p));

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	p->flight = f;
	p->begun_ms = r->begun_ms;
	if (!keep_record(p, &r->record))
		return NULL;
	r->begun_ms = p->state.next_intent_ms;
	enum pal_code code = pal_store_find_exchange(
		r->store, r->reader, f->track->endpoint->tenant, p->state.message_id, true,
		&f->arena, &p->exchange, NULL);
	p->has_exchange = code == PAL_OK;
	return code == PAL_OK || code == PAL_E_NOT_FOUND ? p : NULL;
}

/*
 * What was never tried and what was under way is due whatever the clock says: it may have stepped
 * back.
 */
static bool is_due(const struct pal_parcel *p)
{
	return p->state.status == PAL_DELIVERY_PENDING || p->state.intent_ms ||
	       p->due_ms <= pal_dispatch_wall_ms(p->flight->track->dispatch);
}

/* Upwards, to the first that has to leave. False: trouble. */
static bool look_for_next(struct reading *r)
{
	struct pal_flight *f = r->flight;

	f->found = PAL_FOUND_NOTHING;
	for (; f->after < f->last && r->left; f->after++) {
		enum seen seen = look_at(r, f->after + 1);
		if (seen == SEEN_TROUBLE)
			return false;
		f->begun_ms = r->begun_ms;
		if (seen != SEEN_OPEN)
			continue;
		f->parcel = make_parcel(r);
		if (!f->parcel)
			return false;
		f->due_ms = f->parcel->due_ms;
		f->found = is_due(f->parcel) ? PAL_FOUND_DUE : PAL_FOUND_LATER;
		return true;
	}
	if (f->after < f->last)
		f->found = PAL_FOUND_MORE;
	return true;
}

/* Further upwards, as long as what has to leave is due. What is in the way is met again later. */
static void look_ahead(struct reading *r)
{
	struct pal_flight *f = r->flight;
	struct pal_parcel *p = f->parcel;
	unsigned count = 1;

	int64_t to = f->ahead_to < f->last ? f->ahead_to : f->last;

	for (int64_t n = f->after + 2; n <= to && r->left; n++) {
		if (count == PAL_FLIGHT_PARCELS_MAX || f->arena.used > PAL_FLIGHT_AHEAD_BYTES)
			return;
		enum seen seen = look_at(r, n);
		if (seen == SEEN_TROUBLE)
			return;
		if (seen != SEEN_OPEN)
			continue;
		struct pal_parcel *next = make_parcel(r);
		if (!next || !is_due(next))
			return;
		p->next = next;
		p = next;
		count++;
	}
}

static void run_read(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_flight *f = flight_of_query(query);
	struct reading r = {.flight = f,
			    .store = store,
			    .reader = reader,
			    .arena = pal_arena_of(0),
			    .left = LOOKS_MAX,
			    .begun_ms = f->begun_ms};
	bool is_well = look_below(&r);

	f->found = PAL_FOUND_MORE;
	if (is_well && !f->below)
		is_well = look_for_next(&r);
	if (is_well && f->found == PAL_FOUND_DUE)
		look_ahead(&r);
	pal_arena_release(&r.arena);
	if (!is_well)
		f->found = PAL_FOUND_TROUBLE;
}

static void run_look(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_flight *f = flight_of_query(query);
	struct pal_parcel *p = f->parcel;
	struct pal_record record;
	enum pal_code code = pal_store_load_record(store, reader, f->track->endpoint->tenant,
						   PAL_DELIVERY_KIND, p->record.id, &f->arena,
						   &record, NULL);

	f->found = code == PAL_OK	   ? PAL_FOUND_DUE
		   : code == PAL_E_NOT_FOUND ? PAL_FOUND_NOTHING
					     : PAL_FOUND_TROUBLE;
	if (code == PAL_OK && !keep_record(p, &record))
		f->found = PAL_FOUND_TROUBLE;
}

static void is_read(struct pal_query *query)
{
	struct pal_track *t = flight_of_query(query)->track;

	pal_dispatch_leave(t->dispatch, &t->back);
}

static bool ask(struct pal_flight *f,
		void (*run)(struct pal_query *, struct pal_store *, unsigned))
{
	f->query = (struct pal_query){.run = run, .done = is_read};
	return pal_store_front_query(f->track->dispatch->options.front, &f->query) != PAL_PUT_FULL;
}

bool pal_flight_read_next(struct pal_flight *f)
{
	return ask(f, run_read);
}

bool pal_flight_read_again(struct pal_flight *f)
{
	return ask(f, run_look);
}
