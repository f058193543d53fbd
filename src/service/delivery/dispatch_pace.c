/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often endpoints are sent to. What the day allows is stored ahead, some sends at a time, before
 * they are made; the record is of kind "pace" and has the channel's name for its id.
 */
#include <stdlib.h>

#include "base/scratch.h"
#include "service/delivery/dispatch_parts.h"
#include "store/store.h"

#define PACE_KIND PAL_STR("pace")
#define AGAIN_MS 1000	/* so soon changed settings are seen, and the store is asked again */

/* Something that the store does for an endpoint. */
struct pal_pace_errand {
	struct pal_dispatch_note note;	/* first */
	union {
		struct pal_query query;
		struct pal_record_commit commit;
	};
	struct pal_dispatch *dispatch;
	struct pal_endpoint *endpoint;
	struct pal_arena arena;
	struct pal_record record;
	bool stores;
	uint32_t lease;
	enum pal_code code;		/* of a query */
};

static struct pal_pace_time now_of(const struct pal_dispatch *d)
{
	return (struct pal_pace_time){pal_dispatch_now_ms(d), pal_dispatch_wall_ms(d)};
}

static struct pal_str name_of(const struct pal_endpoint *e)
{
	return pal_str(pal_channel_name(e->channel));
}

/* --- Errands ---------------------------------------------------------------------------------- */

static struct pal_pace_errand *make_errand(struct pal_dispatch *d, struct pal_endpoint *e)
{
	struct pal_pace_errand *errand = calloc(1, sizeof(*errand));

	if (!errand)
		return NULL;
	errand->note.kind = PAL_DISPATCH_PACED;
	errand->dispatch = d;
	errand->endpoint = e;
	errand->arena = pal_arena_of(0);
	return errand;
}

void pal_pace_drop_errand(struct pal_dispatch_note *note)
{
	struct pal_pace_errand *errand = (struct pal_pace_errand *)note;

	pal_arena_release(&errand->arena);
	free(errand);
}

/* It is under way, or, unless `is_taken`, was not taken. */
static void send_off(struct pal_pace_errand *errand, bool is_taken)
{
	if (is_taken)
		return;
	errand->endpoint->paced.errand = NULL;
	errand->endpoint->paced.until_ms = pal_dispatch_now_ms(errand->dispatch) + AGAIN_MS;
	errand->dispatch->errands--;
	pal_pace_drop_errand(&errand->note);
}

static struct pal_pace_errand *begin_errand(struct pal_dispatch *d, struct pal_endpoint *e)
{
	struct pal_pace_errand *errand = make_errand(d, e);

	e->paced.errand = errand;
	if (errand)
		d->errands++;
	else
		e->paced.until_ms = pal_dispatch_now_ms(d) + AGAIN_MS;
	return errand;
}

/* --- What was stored -------------------------------------------------------------------------- */

static struct pal_pace_errand *errand_of(struct pal_query *query)
{
	return (struct pal_pace_errand *)((char *)query -
					  offsetof(struct pal_pace_errand, query));
}

static void run_load(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_pace_errand *errand = errand_of(query);

	errand->code = pal_store_load_record(store, reader, errand->endpoint->tenant, PACE_KIND,
					     name_of(errand->endpoint), &errand->arena,
					     &errand->record, NULL);
}

static void is_loaded(struct pal_query *query)
{
	struct pal_pace_errand *errand = errand_of(query);

	pal_dispatch_leave(errand->dispatch, &errand->note);
}

static void load(struct pal_dispatch *d, struct pal_endpoint *e)
{
	struct pal_pace_errand *errand = begin_errand(d, e);

	if (!errand)
		return;
	errand->query = (struct pal_query){.run = run_load, .done = is_loaded};
	send_off(errand, pal_store_front_query(d->options.front, &errand->query) != PAL_PUT_FULL);
}

static bool take_loaded(struct pal_dispatch *d, const struct pal_pace_errand *errand)
{
	struct pal_endpoint_pace *p = &errand->endpoint->paced;
	bool is_there = errand->code == PAL_OK;

	if (!is_there && errand->code != PAL_E_NOT_FOUND)
		return false;
	pal_pace_read(&p->pace, is_there ? errand->record.body : (struct pal_str){NULL, 0},
		      errand->record.updated_ms, now_of(d));
	p->version = is_there ? errand->record.version : 0;
	p->created_ms = is_there ? errand->record.created_ms : pal_dispatch_wall_ms(d);
	p->is_loaded = true;
	return true;
}

/* --- What is stored ahead --------------------------------------------------------------------- */

static void is_stored(struct pal_record_commit *commit)
{
	struct pal_pace_errand *errand =
		(struct pal_pace_errand *)((char *)commit -
					   offsetof(struct pal_pace_errand, commit));

	pal_dispatch_leave(errand->dispatch, &errand->note);
}

static bool store(struct pal_pace_errand *errand)
{
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *draft = pal_scratch_get(&scratch);
	struct pal_dispatch *d = errand->dispatch;
	struct pal_endpoint *e = errand->endpoint;

	errand->stores = true;
	errand->lease = pal_pace_lease(&e->paced.pace);
	pal_pace_write(&e->paced.pace, errand->lease, draft);
	errand->record = (struct pal_record){
		.kind = PACE_KIND,
		.id = name_of(e),
		.body = draft->failed ? (struct pal_str){NULL, 0}
				      : pal_arena_copy(&errand->arena, pal_buf_str(draft)),
		.created_ms = e->paced.created_ms,
		.updated_ms = pal_dispatch_wall_ms(d)};
	if (!errand->record.body.p)
		return false;
	errand->commit = (struct pal_record_commit){.write = {.tenant = e->tenant,
							      .record = errand->record,
							      .expected = e->paced.version},
						    .done = is_stored};
	return pal_store_front_record(d->options.front, &errand->commit) != PAL_PUT_FULL;
}

static void cover(struct pal_dispatch *d, struct pal_endpoint *e)
{
	struct pal_pace_errand *errand = begin_errand(d, e);

	if (errand)
		send_off(errand, store(errand));
}

static bool take_stored(const struct pal_pace_errand *errand)
{
	struct pal_endpoint_pace *p = &errand->endpoint->paced;
	const struct pal_record_write *write = &errand->commit.write;

	if (write->verdict == PAL_RECORD_STORED) {
		p->version = write->record.version;
		pal_pace_cover(&p->pace, errand->lease);
		return true;
	}
	if (write->verdict == PAL_RECORD_CONFLICT)	/* a backup was put back: read it anew */
		p->is_loaded = false;
	return false;
}

void pal_pace_came_back(struct pal_dispatch *d, struct pal_dispatch_note *note)
{
	struct pal_pace_errand *errand = (struct pal_pace_errand *)note;
	struct pal_endpoint *e = errand->endpoint;
	bool went_well = errand->stores ? take_stored(errand) : take_loaded(d, errand);

	e->paced.errand = NULL;
	e->paced.until_ms = went_well ? 0 : pal_dispatch_now_ms(d) + AGAIN_MS;
	d->errands--;
	pal_pace_drop_errand(note);
	pal_endpoint_forget(d, e);
}

/* --- Admission -------------------------------------------------------------------------------- */

void pal_pace_renew(struct pal_endpoint *e, const struct pal_dispatch_account *account)
{
	e->paced.pace.per_minute = account->per_minute;
	e->paced.pace.per_day = account->per_day;
}

/* Settings may change while nothing leaves. */
static void ask_settings(struct pal_dispatch *d, struct pal_endpoint *e, int64_t now_ms)
{
	const struct pal_dispatch_channels *channels = &d->options.channels;
	struct pal_dispatch_account account;

	if (e->paced.asked_ms && now_ms - e->paced.asked_ms < AGAIN_MS)
		return;
	e->paced.asked_ms = now_ms;
	if (!channels->get(channels->arg, e->tenant, e->channel, pal_dispatch_wall_ms(d), &account))
		return;
	pal_pace_renew(e, &account);
	channels->put(channels->arg, &account);
}

bool pal_pace_admits(struct pal_dispatch *d, struct pal_endpoint *e)
{
	struct pal_endpoint_pace *p = &e->paced;
	int64_t now_ms = pal_dispatch_now_ms(d);

	if (now_ms < p->until_ms)
		return false;
	ask_settings(d, e, now_ms);
	if (p->pace.per_day && !p->is_loaded) {
		if (!p->errand)
			load(d, e);
		return false;
	}
	int64_t wait_ms = pal_pace_wait_ms(&p->pace, now_of(d));
	p->holds_up = wait_ms > 0;
	if (wait_ms) {
		p->until_ms = now_ms + (wait_ms < AGAIN_MS ? wait_ms : AGAIN_MS);
		return false;
	}
	if (!pal_pace_needs_cover(&p->pace))
		return true;
	if (!p->errand)
		cover(d, e);
	return false;
}

bool pal_pace_is_over(struct pal_dispatch *d, struct pal_endpoint *e)
{
	return !e->paced.errand && pal_pace_is_idle(&e->paced.pace, now_of(d));
}

/* --- Places ----------------------------------------------------------------------------------- */

bool pal_track_take_place(struct pal_track *t)
{
	if (t->has_place)
		return true;
	if (!pal_pace_admits(t->dispatch, t->endpoint))
		return false;
	pal_pace_take(&t->endpoint->paced.pace);
	t->has_place = true;
	return true;
}

void pal_track_use_place(struct pal_track *t)
{
	pal_pace_use(&t->endpoint->paced.pace, now_of(t->dispatch));
	t->has_place = false;
}

void pal_track_give_place(struct pal_track *t)
{
	if (!t->has_place)
		return;
	pal_pace_give_back(&t->endpoint->paced.pace);
	t->has_place = false;
	t->endpoint->paced.until_ms = 0;	/* it is there for another */
}
