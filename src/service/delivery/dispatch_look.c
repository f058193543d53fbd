/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox, looked through for what nobody fed: after the start, and now and then. */
#include <stdlib.h>

#include "service/delivery/dispatch_parts.h"
#include "store/store.h"

#define PAGE 4096u
#define LOOK_MS 60000		/* when nothing seems to be missing */
#define AGAIN_MS 1000

struct seen_one {
	struct seen_one *next;
	struct pal_tenant_key tenant;
	struct pal_str conversation_id;
	enum pal_channel_type channel;
	int64_t sequence;
};

struct pal_dispatch_seen {
	struct pal_dispatch_note note;	/* first */
	struct pal_query query;
	struct pal_dispatch *dispatch;
	struct pal_arena arena;
	struct seen_one *first;
	size_t limit, count;
	bool failed;
};

static bool visit(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct pal_dispatch_seen *seen = arg;
	struct seen_one *one;
	enum pal_channel_type channel;

	seen->count++;
	if (!pal_channel_parse(pal_delivery_read(record->body).channel, &channel))
		return true;
	one = pal_arena_get(&seen->arena, sizeof(*one));
	seen->failed = !one;
	if (!one)
		return false;
	*one = (struct seen_one){.next = seen->first,
				 .tenant = tenant,
				 .conversation_id = pal_arena_copy(&seen->arena, record->owner),
				 .channel = channel,
				 .sequence = pal_delivery_sequence(record->id)};
	seen->failed = !one->conversation_id.p;
	if (!seen->failed)
		seen->first = one;
	return !seen->failed;
}

static struct pal_dispatch_seen *seen_of(struct pal_query *query)
{
	return (struct pal_dispatch_seen *)((char *)query -
					    offsetof(struct pal_dispatch_seen, query));
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_dispatch_seen *seen = seen_of(query);

	if (pal_store_walk_expired(store, reader, PAL_DELIVERY_KIND, 0, INT64_MAX, seen->limit,
				   visit, seen, NULL) != PAL_OK)
		seen->failed = true;
}

static void done(struct pal_query *query)
{
	struct pal_dispatch_seen *seen = seen_of(query);

	pal_dispatch_leave(seen->dispatch, &seen->note);
}

void pal_dispatch_look(struct pal_dispatch *d)
{
	if (d->seen || atomic_load(&d->closed) || pal_dispatch_now_ms(d) < d->look_ms)
		return;
	struct pal_dispatch_seen *seen = calloc(1, sizeof(*seen));
	d->look_ms = pal_dispatch_now_ms(d) + AGAIN_MS;
	if (!seen)
		return;
	seen->note.kind = PAL_DISPATCH_SEEN;
	seen->query = (struct pal_query){.run = run, .done = done};
	seen->dispatch = d;
	seen->arena = pal_arena_of(0);
	seen->limit = PAGE + atomic_load(&d->tracks_count);
	atomic_store(&d->look_again, false);
	d->seen = seen;
	if (pal_store_front_query(d->options.front, &seen->query) != PAL_PUT_FULL)
		return;
	d->seen = NULL;
	free(seen);
}

void pal_dispatch_looked(struct pal_dispatch *d)
{
	struct pal_dispatch_seen *seen = d->seen;
	bool has_room = true;

	for (struct seen_one *one = seen->first; one && has_room; one = one->next) {
		has_room = pal_tracks_note(d, one->tenant, one->conversation_id, one->channel,
					   one->sequence);
	}
	bool is_cut = seen->failed || !has_room || seen->count >= seen->limit;
	if (!is_cut && !atomic_load(&d->look_again))
		d->look_ms = pal_dispatch_now_ms(d) + LOOK_MS;
	else if (has_room && !seen->failed)
		d->look_ms = pal_dispatch_now_ms(d);
	pal_arena_release(&seen->arena);
	free(seen);
	d->seen = NULL;
}
