/* SPDX-License-Identifier: Apache-2.0 */
/* What a flight reads from the store: the next record that has to leave, with its message. */
#include "service/delivery/dispatch_flight.h"
#include "store/store.h"

#define PAGE 64u			/* records looked at in one read */

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

struct page {
	struct pal_flight *flight;
	int64_t now_ms;
	size_t seen;
	bool failed;
};

/* The first that has to leave; an attempt under way is due whenever. */
static bool visit(void *arg, const struct pal_record *record)
{
	struct page *page = arg;
	struct pal_flight *f = page->flight;

	page->seen++;
	f->place = (struct pal_track_place){record->created_ms,
					    pal_delivery_sequence(record->id)};
	if (record->expires_ms == 0)
		return true;
	page->failed = !keep_record(f, record);
	f->due_ms = record->expires_ms;
	f->found = f->due_ms <= page->now_ms ? PAL_FOUND_DUE : PAL_FOUND_LATER;
	return false;
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
	struct pal_track *t = f->track;
	struct page page = {.flight = f, .now_ms = pal_dispatch_wall_ms(t->dispatch)};
	char id[PAL_DELIVERY_ID_SIZE];

	f->found = PAL_FOUND_NOTHING;
	enum pal_code code = pal_store_walk_records(
		store, reader, t->endpoint->tenant, PAL_DELIVERY_KIND, t->id,
		f->begun_after.created_ms, pal_delivery_id(t->id, f->begun_after.sequence, id),
		PAGE, visit, &page, NULL);
	if (code == PAL_OK && f->found == PAL_FOUND_NOTHING && page.seen == PAGE)
		f->found = PAL_FOUND_MORE;
	if (code == PAL_OK && f->found == PAL_FOUND_DUE && !page.failed)
		code = load_message(f, store, reader);
	if (code != PAL_OK || page.failed)
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
