/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies that wait, as their turns knew them: who sends them need not read them. A kept one is used
 * only when its number follows on what has left, so that none overtakes one that was not kept, and
 * its intent is written against the version that the turn stored, so that it is only as good as that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/scratch.h"
#include "service/delivery/dispatch_flight.h"

#define VERSION_STORED 1	/* of a record that its turn's unit made */

struct pal_kept {
	TAILQ_ENTRY(pal_kept) link;
	size_t bytes;
	int64_t in_sequence;		/* of the message replied to */
	struct pal_message out;		/* without analysis */
	struct pal_str reply_to, recipient, quoted;
	char texts[];
};

static struct pal_str quote(struct pal_str text)
{
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *draft = pal_scratch_get(&scratch);

	pal_json_put_string(draft, text);
	return draft->failed ? (struct pal_str){NULL, 0} : pal_buf_str(draft);
}

/* Room for so many bytes, or NULL. */
static struct pal_kept *get_room(struct pal_dispatch *d, size_t bytes)
{
	if (atomic_fetch_add(&d->kept_bytes, bytes) + bytes <= PAL_DISPATCH_KEPT_MAX) {
		struct pal_kept *kept = calloc(1, bytes);
		if (kept) {
			kept->bytes = bytes;
			return kept;
		}
	}
	atomic_fetch_sub(&d->kept_bytes, bytes);
	return NULL;
}

struct pal_kept *pal_kept_create(struct pal_dispatch *d, const struct pal_exchange *x)
{
	struct pal_message out = x->out;
	struct pal_str reply_to = x->in.message_id, recipient = x->delivery.recipient;
	struct pal_str quoted = quote(recipient);
	struct pal_str *texts[] = {&out.message_id, &out.user_id,     &out.content.text,
				   &out.content.language, &out.content.raw, &reply_to,
				   &recipient,	      &quoted};
	size_t count = sizeof(texts) / sizeof(texts[0]), bytes = sizeof(struct pal_kept);

	for (size_t i = 0; i < count; i++)
		bytes += texts[i]->n;
	struct pal_kept *kept = quoted.p ? get_room(d, bytes) : NULL;
	if (!kept)
		return NULL;
	char *at = kept->texts;
	for (size_t i = 0; i < count; i++) {
		if (!texts[i]->p)
			continue;
		memcpy(at, texts[i]->p, texts[i]->n);
		texts[i]->p = at;
		at += texts[i]->n;
	}
	out.content.parts = NULL;	/* as when `raw` was loaded */
	out.analysis = out.processing = (struct pal_str){NULL, 0};
	kept->in_sequence = x->in.sequence;
	kept->out = out;
	kept->reply_to = reply_to;
	kept->recipient = recipient;
	kept->quoted = quoted;
	return kept;
}

void pal_kept_destroy(struct pal_dispatch *d, struct pal_kept *kept)
{
	if (!kept)
		return;
	atomic_fetch_sub(&d->kept_bytes, kept->bytes);
	free(kept);
}

void pal_kept_destroy_all(struct pal_dispatch *d, struct pal_kept_list *list)
{
	for (struct pal_kept *kept; (kept = TAILQ_FIRST(list)) != NULL;) {
		TAILQ_REMOVE(list, kept, link);
		pal_kept_destroy(d, kept);
	}
}

void pal_kept_put(struct pal_track *t, struct pal_kept *kept)
{
	const struct pal_kept *last = TAILQ_LAST(&t->kept, pal_kept_list);

	if (!kept)
		return;
	if (last && last->out.sequence >= kept->out.sequence)
		pal_kept_destroy(t->dispatch, kept);
	else
		TAILQ_INSERT_TAIL(&t->kept, kept, link);
}

int64_t pal_kept_first(struct pal_track *t)
{
	for (struct pal_kept *kept; (kept = TAILQ_FIRST(&t->kept)) != NULL;) {
		if (kept->out.sequence > t->after)
			return kept->out.sequence;
		TAILQ_REMOVE(&t->kept, kept, link);
		pal_kept_destroy(t->dispatch, kept);
	}
	return INT64_MAX;
}

static struct pal_parcel *make_parcel(struct pal_flight *f, const struct pal_kept *kept)
{
	struct pal_parcel *p = pal_arena_get(&f->arena, sizeof(*p));
	const struct pal_track *t = f->track;
	char id[PAL_DELIVERY_ID_SIZE];

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	p->flight = f;
	p->due_ms = kept->out.timestamp_ms;
	p->record = (struct pal_record){
		.kind = PAL_DELIVERY_KIND,
		.id = pal_arena_copy(&f->arena, pal_delivery_id(t->id, kept->out.sequence, id)),
		.owner = t->id,
		.version = VERSION_STORED,
		.created_ms = kept->out.timestamp_ms};
	p->state = (struct pal_delivery_state){
		.status = PAL_DELIVERY_PENDING,
		.message_id = kept->out.message_id,
		.channel = pal_str(pal_channel_name(t->endpoint->channel)),
		.recipient = kept->quoted};
	p->exchange.exchange = (struct pal_exchange){
		.in = {.message_id = kept->reply_to, .sequence = kept->in_sequence},
		.out = kept->out,
		.delivery = {.status = PAL_DELIVERY_PENDING, .recipient = kept->recipient}};
	p->has_exchange = true;
	return p->record.id.p ? p : NULL;
}

bool pal_kept_take(struct pal_flight *f)
{
	struct pal_track *t = f->track;
	struct pal_parcel **end = &f->parcel;
	int64_t left = t->after;

	if (t->below || t->begun_ms || pal_kept_first(t) == INT64_MAX)
		return false;
	for (unsigned i = 0; i < PAL_FLIGHT_PARCELS_MAX; i++) {
		struct pal_kept *kept = TAILQ_FIRST(&t->kept);
		/* between a message and its reply there is no number, before it one of a reply may be */
		if (!kept || kept->in_sequence > left + 1 || !(*end = make_parcel(f, kept)))
			break;
		TAILQ_REMOVE(&t->kept, kept, link);
		TAILQ_INSERT_TAIL(&f->kept, kept, link);
		left = kept->out.sequence;
		end = &(*end)->next;
	}
	if (!f->parcel)
		return false;
	f->after = f->parcel->exchange.exchange.out.sequence - 1;
	f->found = PAL_FOUND_DUE;
	return true;
}
