/* SPDX-License-Identifier: Apache-2.0 */
/* What a flight reads from the store: the next record that has to leave, with its message. */
#include "service/delivery/dispatch_flight.h"
#include "store/store.h"

#define LOOKS_MAX 64u	/* records looked at in one read */

static struct pal_flight *flight_of_query(struct pal_query *query)
{
	return (struct pal_flight *)((char *)query - offsetof(struct pal_flight, query));
}

static bool keep_record(struct pal_flight *f, const struct pal_record *r)
{
	f->record = *r;
	f->record.kind = PAL_DELIVERY_KIND;
	f->record.id = pal_arena_copy(&f->arena, r->id);
	f->record.owner = f->track->id;
	f->record.body = pal_arena_copy(&f->arena, r->body);
	if (!f->record.id.p || !f->record.body.p)
		return false;
	f->state = pal_delivery_read(f->record.body);
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
	return r->record.expires_ms ? SEEN_OPEN : SEEN_CLOSED;
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
	}
	if (f->below == 1)
		f->below = 0;
	return true;
}

/*
 * What was never tried and what was under way is due whatever the clock says: it may have stepped
 * back.
 */
static bool is_due(const struct pal_flight *f)
{
	return f->state.status == PAL_DELIVERY_PENDING || f->state.intent_ms ||
	       f->due_ms <= pal_dispatch_wall_ms(f->track->dispatch);
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
		if (seen != SEEN_OPEN)
			continue;
		f->due_ms = r->record.expires_ms;
		if (!keep_record(f, &r->record))
			return false;
		f->found = is_due(f) ? PAL_FOUND_DUE : PAL_FOUND_LATER;
		return true;
	}
	if (f->after < f->last)
		f->found = PAL_FOUND_MORE;
	return true;
}

static enum pal_code load_message(struct pal_flight *f, struct pal_store *store, unsigned reader)
{
	enum pal_code code = pal_store_find_exchange(
		store, reader, f->track->endpoint->tenant, f->state.message_id, true, &f->arena,
		&f->exchange, NULL);

	f->has_exchange = code == PAL_OK;
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

static void run_read(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_flight *f = flight_of_query(query);
	struct reading r = {.flight = f,
			    .store = store,
			    .reader = reader,
			    .arena = pal_arena_of(0),
			    .left = LOOKS_MAX};
	bool is_well = look_below(&r);

	f->found = PAL_FOUND_MORE;
	if (is_well && !f->below)
		is_well = look_for_next(&r);
	pal_arena_release(&r.arena);
	if (is_well && f->found == PAL_FOUND_DUE)
		is_well = load_message(f, store, reader) == PAL_OK;
	if (!is_well)
		f->found = PAL_FOUND_TROUBLE;
}

static void run_look(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_flight *f = flight_of_query(query);
	struct pal_record record;
	enum pal_code code = pal_store_load_record(store, reader, f->track->endpoint->tenant,
						   PAL_DELIVERY_KIND, f->record.id, &f->arena,
						   &record, NULL);

	f->found = code == PAL_OK	   ? PAL_FOUND_DUE
		   : code == PAL_E_NOT_FOUND ? PAL_FOUND_NOTHING
					     : PAL_FOUND_TROUBLE;
	if (code == PAL_OK && !keep_record(f, &record))
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
