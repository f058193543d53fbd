/* SPDX-License-Identifier: Apache-2.0 */
/* The notes that others leave for the delivery service, and what it does with each. */
#include <stdlib.h>
#include <string.h>

#include "service/delivery/dispatch_parts.h"

#define FED_MAX 65536u		/* notes that wait; more are found when the outbox is looked through */
#define FED_LATE_MS 120000	/* how long ago what is fed now may have become due */

static void drop_fed(struct pal_dispatch *d, struct pal_dispatch_fed *fed)
{
	pal_kept_destroy(d, fed->kept);
	free(fed);
}

/* True when the thread is to be woken, which is done without the lock: it wants that first of all. */
static bool leave_locked(struct pal_dispatch *d, struct pal_dispatch_note *note)
{
	bool wake = d->asleep;

	pal_msg_push(&d->inbox, &note->msg);
	d->asleep = false;
	return wake;
}

void pal_dispatch_leave(struct pal_dispatch *d, struct pal_dispatch_note *note)
{
	pthread_mutex_lock(&d->lock);
	bool wake = leave_locked(d, note);
	pthread_mutex_unlock(&d->lock);
	if (wake)
		pthread_cond_signal(&d->due);
}

/* Takes `kept` over. */
static void feed(struct pal_dispatch *d, struct pal_tenant_key tenant, struct pal_str conversation_id,
		 enum pal_channel_type channel, int64_t sequence, struct pal_kept *kept)
{
	struct pal_dispatch_fed *fed = malloc(sizeof(*fed) + conversation_id.n);

	if (!fed) {
		pal_kept_destroy(d, kept);
		atomic_store(&d->look_again, true);
		return;
	}
	*fed = (struct pal_dispatch_fed){.note = {.kind = PAL_DISPATCH_FED},
					 .tenant = tenant,
					 .channel = channel,
					 .sequence = sequence,
					 .kept = kept,
					 .id_size = conversation_id.n};
	memcpy(fed->id, conversation_id.p, conversation_id.n);
	pthread_mutex_lock(&d->lock);
	bool has_room = d->fed < FED_MAX, wake = false;
	if (has_room) {
		d->fed++;
		wake = leave_locked(d, &fed->note);
	}
	pthread_mutex_unlock(&d->lock);
	if (wake)
		pthread_cond_signal(&d->due);
	if (!has_room) {
		atomic_store(&d->look_again, true);
		drop_fed(d, fed);
	}
}

void pal_dispatch_feed(struct pal_dispatch *d, struct pal_tenant_key tenant,
		       struct pal_str conversation_id, enum pal_channel_type channel,
		       int64_t sequence)
{
	feed(d, tenant, conversation_id, channel, sequence, NULL);
}

void pal_dispatch_feed_reply(struct pal_dispatch *d, struct pal_tenant_key tenant,
			     const struct pal_conversation *conversation,
			     const struct pal_exchange *exchange)
{
	feed(d, tenant, conversation->id, conversation->channel, exchange->out.sequence,
	     pal_kept_create(d, exchange));
}

bool pal_dispatch_ask(struct pal_dispatch *d, struct pal_dispatch_question *question)
{
	question->note.kind = PAL_DISPATCH_ASKED;
	pthread_mutex_lock(&d->lock);
	bool taken = !d->stopping;
	bool wake = taken && leave_locked(d, &question->note);
	pthread_mutex_unlock(&d->lock);
	if (wake)
		pthread_cond_signal(&d->due);
	return taken;
}

static void answer(struct pal_dispatch *d, struct pal_dispatch_question *question)
{
	char text[PAL_BREAKER_KEY_MAX];
	struct pal_str key = pal_flight_breaker_key(question->tenant, question->channel, text);

	question->breaker = pal_breaker_state_of(d->breakers, key);
	question->wait_ms = pal_breaker_wait_ms(d->breakers, key);
	question->done(question);
}

static void take_fed(struct pal_dispatch *d, struct pal_dispatch_fed *fed)
{
	const struct pal_due due = {.tenant = fed->tenant,
				    .conversation_id = {fed->id, fed->id_size},
				    .channel = fed->channel,
				    .sequence = fed->sequence,
				    .due_ms = pal_dispatch_wall_ms(d) - FED_LATE_MS,
				    .is_now = true,
				    .kept = fed->kept};

	if (pal_tracks_note(d, &due) == PAL_NOTE_FAILED)
		atomic_store(&d->look_again, true);
	free(fed);
}

void pal_dispatch_take_notes(struct pal_dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	struct pal_msg_queue notes = d->inbox;
	d->inbox = (struct pal_msg_queue){NULL};
	d->fed = 0;
	d->limits = d->fresh;
	pthread_mutex_unlock(&d->lock);
	for (struct pal_msg *msg; (msg = pal_msg_shift(&notes)) != NULL;) {
		d->taken++;
		switch (((struct pal_dispatch_note *)msg)->kind) {
		case PAL_DISPATCH_FED:
			take_fed(d, (struct pal_dispatch_fed *)msg);
			break;
		case PAL_DISPATCH_BACK:
			pal_flight_back((struct pal_track *)msg);
			break;
		case PAL_DISPATCH_SEEN:
			pal_dispatch_looked(d);
			break;
		case PAL_DISPATCH_ASKED:
			answer(d, (struct pal_dispatch_question *)msg);
			break;
		case PAL_DISPATCH_PACED:
			pal_pace_came_back(d, (struct pal_dispatch_note *)msg);
			break;
		}
	}
}

static void drop_note(struct pal_dispatch *d, struct pal_dispatch_note *note)
{
	if (note->kind == PAL_DISPATCH_FED)
		drop_fed(d, (struct pal_dispatch_fed *)note);
	else if (note->kind == PAL_DISPATCH_PACED)
		pal_pace_drop_errand(note);
}

void pal_dispatch_drop_notes(struct pal_dispatch *d)
{
	for (struct pal_msg *msg; (msg = pal_msg_shift(&d->inbox)) != NULL;)
		drop_note(d, (struct pal_dispatch_note *)msg);
}
