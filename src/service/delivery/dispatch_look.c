/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox, looked through for what is not in memory, in pages and in the order in which it is
 * due. After the start all of it is gone through once. Then, once a minute, only what became due
 * since a little before the last time, for what nobody fed. What an endpoint had no room for is
 * looked for from where the first of it was left, once there is room. So what waits for a dead
 * endpoint is not gone through again.
 */
#include <stdlib.h>

#include "base/log.h"
#include "service/delivery/dispatch_parts.h"
#include "store/store.h"

#define PAGE 1024u
#define PAGE_MAX (16 * PAGE)	/* when more than a page are due in one millisecond */
#define LOOK_MS 60000
#define AGAIN_MS 1000		/* when something is known to be missing */
#define OVERLAP_MS 120000	/* how long a commit may have taken that was not fed */

struct seen_one {
	struct seen_one *next;
	struct pal_due due;
};

struct pal_dispatch_seen {
	struct pal_dispatch_note note;	/* first */
	struct pal_query query;
	struct pal_dispatch *dispatch;
	struct pal_endpoint *endpoint;	/* to refill; NULL: the pass over all */
	struct pal_arena arena;
	struct seen_one *first, **end;
	int64_t after_ms, until_ms, last_ms;
	size_t limit, count;
	bool failed;
};

/* --- A page, on a read lane ------------------------------------------------------------------- */

static bool visit(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct pal_dispatch_seen *seen = arg;
	struct pal_delivery_state state = pal_delivery_read(record->body);
	enum pal_channel_type channel;

	seen->count++;
	seen->last_ms = record->expires_ms;
	if (!pal_channel_parse(state.channel, &channel)) {
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("delivery"),
			"a delivery cannot be read and is passed over",
			PAL_F_STR("delivery", record->id), PAL_F_I64("tenant", tenant.n));
		return true;
	}
	struct seen_one *one = pal_arena_get(&seen->arena, sizeof(*one));
	struct pal_str id = pal_arena_copy(&seen->arena, record->owner);
	seen->failed = !one || !id.p;
	if (seen->failed)
		return false;
	*one = (struct seen_one){.due = {.tenant = tenant,
					 .conversation_id = id,
					 .channel = channel,
					 .sequence = pal_delivery_sequence(record->id),
					 .due_ms = record->expires_ms,
					 .is_now = state.status == PAL_DELIVERY_PENDING}};
	*seen->end = one;
	seen->end = &one->next;
	return true;
}

static struct pal_dispatch_seen *seen_of(struct pal_query *query)
{
	return (struct pal_dispatch_seen *)((char *)query -
					    offsetof(struct pal_dispatch_seen, query));
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_dispatch_seen *seen = seen_of(query);

	if (pal_store_walk_expired(store, reader, PAL_DELIVERY_KIND, seen->after_ms,
				   seen->until_ms, seen->limit, visit, seen, NULL) != PAL_OK)
		seen->failed = true;
}

static void done(struct pal_query *query)
{
	struct pal_dispatch_seen *seen = seen_of(query);

	pal_dispatch_leave(seen->dispatch, &seen->note);
}

/* Have a page of the pass, or for `e`, read. */
static bool ask(struct pal_dispatch *d, struct pal_endpoint *e, int64_t after_ms, int64_t until_ms)
{
	size_t limit = e ? pal_endpoint_room(d, e) + 1u : PAGE;
	struct pal_dispatch_seen *seen = calloc(1, sizeof(*seen));

	if (!seen)
		return false;
	*seen = (struct pal_dispatch_seen){.note = {.kind = PAL_DISPATCH_SEEN},
					   .query = {.run = run, .done = done},
					   .dispatch = d,
					   .endpoint = e,
					   .arena = pal_arena_of(0),
					   .after_ms = after_ms > 0 ? after_ms : 0,
					   .until_ms = until_ms,
					   .limit = limit < PAGE ? limit : PAGE};
	if (seen->limit < d->look.page_min)
		seen->limit = d->look.page_min;
	seen->end = &seen->first;
	d->seen = seen;
	if (pal_store_front_query(d->options.front, &seen->query) != PAL_PUT_FULL)
		return true;
	pal_dispatch_look_end(d);
	return false;
}

void pal_dispatch_look_end(struct pal_dispatch *d)
{
	if (!d->seen)
		return;
	pal_arena_release(&d->seen->arena);
	free(d->seen);
	d->seen = NULL;
}

/* --- When to look for what -------------------------------------------------------------------- */

static void start_pass(struct pal_dispatch *d)
{
	struct pal_look *look = &d->look;
	int64_t wall_ms = pal_dispatch_wall_ms(d);
	int64_t from_ms = (look->looked_ms < wall_ms ? look->looked_ms : wall_ms) - OVERLAP_MS;

	atomic_store(&d->look_again, false);
	look->is_passing = true;
	look->until_ms = look->looked_ms ? wall_ms : INT64_MAX;
	look->after_ms = from_ms < look->unseen_ms ? from_ms : look->unseen_ms - 1;
	look->unseen_ms = INT64_MAX;
	look->looked_ms = wall_ms;
}

static void refill(struct pal_dispatch *d)
{
	struct pal_endpoint *e = pal_endpoint_to_refill(d);

	if (!e)
		return;
	int64_t from_ms = e->left_ms;
	e->is_refilling = true;
	e->left_ms = PAL_NONE_LEFT;
	if (ask(d, e, from_ms - 1, pal_dispatch_wall_ms(d)))
		return;
	e->is_refilling = false;
	pal_endpoint_leave(e, from_ms);
	e->refill_ms = pal_dispatch_now_ms(d) + AGAIN_MS;
}

void pal_dispatch_look(struct pal_dispatch *d)
{
	struct pal_look *look = &d->look;
	int64_t now_ms = pal_dispatch_now_ms(d);

	if (d->seen || atomic_load(&d->closed))
		return;
	if (atomic_load(&d->look_again) && look->at_ms > now_ms + AGAIN_MS)
		look->at_ms = now_ms + AGAIN_MS;
	if (now_ms < look->at_ms) {
		refill(d);
		return;
	}
	if (!look->is_passing)
		start_pass(d);
	if (!ask(d, NULL, look->after_ms, look->until_ms))
		look->at_ms = now_ms + AGAIN_MS;
}

/* --- What a page brought ---------------------------------------------------------------------- */

/*
 * From where the next page is read: those of its last millisecond may be among it again. When they
 * fill even a large page, the rest of them is left for later.
 */
static int64_t next_after_ms(struct pal_dispatch *d, const struct pal_dispatch_seen *seen)
{
	struct pal_look *look = &d->look;
	bool moves = seen->last_ms - 1 > seen->after_ms;

	if (!moves && seen->limit < PAGE_MAX) {
		look->page_min = 4 * seen->limit;
		return seen->after_ms;
	}
	look->page_min = 0;
	if (moves)
		return seen->last_ms - 1;
	if (seen->last_ms < look->unseen_ms)
		look->unseen_ms = seen->last_ms;
	atomic_store(&d->look_again, true);
	return seen->last_ms;
}

static void page_of_pass(struct pal_dispatch *d, struct pal_dispatch_seen *seen)
{
	struct pal_look *look = &d->look;
	int64_t now_ms = pal_dispatch_now_ms(d);

	for (struct seen_one *one = seen->first; one && !seen->failed; one = one->next)
		seen->failed = pal_tracks_note(d, &one->due) == PAL_NOTE_FAILED;
	if (seen->failed) {
		look->at_ms = now_ms + AGAIN_MS;
	} else if (seen->count == seen->limit) {
		look->after_ms = next_after_ms(d, seen);
		look->at_ms = now_ms;
	} else {
		look->is_passing = false;
		look->at_ms = now_ms + LOOK_MS;
	}
}

/* Note those of the endpoint; false: it had no room for one, and it is left again from there. */
static bool note_own(struct pal_dispatch *d, struct pal_dispatch_seen *seen)
{
	const struct pal_endpoint *e = seen->endpoint;

	for (struct seen_one *one = seen->first; one && !seen->failed; one = one->next) {
		if (one->due.tenant.n != e->tenant.n || one->due.channel != e->channel)
			continue;
		enum pal_note noted = pal_tracks_note(d, &one->due);
		if (noted == PAL_NOTE_LEFT)
			return false;
		seen->failed = noted == PAL_NOTE_FAILED;
	}
	return true;
}

static void page_of_refill(struct pal_dispatch *d, struct pal_dispatch_seen *seen)
{
	struct pal_endpoint *e = seen->endpoint;

	e->is_refilling = false;
	bool has_room = note_own(d, seen);
	if (seen->failed) {
		pal_endpoint_leave(e, seen->after_ms + 1);
		e->refill_ms = pal_dispatch_now_ms(d) + AGAIN_MS;
	} else if (has_room && seen->count == seen->limit) {
		pal_endpoint_leave(e, next_after_ms(d, seen) + 1);
	} else if (has_room && seen->until_ms < e->left_last_ms) {
		pal_endpoint_leave(e, seen->until_ms + 1);
		e->refill_ms = pal_dispatch_now_ms(d) + AGAIN_MS;
	} else if (e->left_ms == PAL_NONE_LEFT) {
		e->left_last_ms = 0;
	}
	pal_endpoint_forget(d, e);
}

void pal_dispatch_looked(struct pal_dispatch *d)
{
	if (d->seen->count < d->seen->limit)
		d->look.page_min = 0;
	if (d->seen->endpoint)
		page_of_refill(d, d->seen);
	else
		page_of_pass(d, d->seen);
	pal_dispatch_look_end(d);
}
