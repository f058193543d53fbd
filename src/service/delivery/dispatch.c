/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/dispatch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "service/delivery/dispatch_parts.h"

#define TRACKS_DEFAULT 100000u
#define FED_MAX 65536u		/* notes that wait; more are found when the outbox is looked through */
#define FED_LATE_MS 120000	/* how long ago what is fed now may have become due */
#define SLEEP_MAX_MS 1000u
#define RUSH_NOTES 32u		/* so many within... */
#define RUSH_NS 4000000
#define GATHER_MIN 96u		/* attempts under way */
#define GATHER_NS 100000

int64_t pal_dispatch_now_ms(const struct pal_dispatch *dispatch)
{
	return pal_clock_mono_ms(dispatch->options.clock);
}

int64_t pal_dispatch_wall_ms(const struct pal_dispatch *dispatch)
{
	return pal_clock_wall_ms(dispatch->options.clock);
}

static void drop_fed(struct pal_dispatch *d, struct pal_dispatch_fed *fed)
{
	pal_kept_destroy(d, fed->kept);
	free(fed);
}

/* --- Life ------------------------------------------------------------------------------------- */

static void init_lock(struct pal_dispatch *d)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->due, &attr);
	pthread_condattr_destroy(&attr);
}

struct pal_dispatch *pal_dispatch_create(const struct pal_dispatch_options *options)
{
	struct pal_dispatch *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	init_lock(d);
	d->options = *options;
	if (!d->options.tracks_max)
		d->options.tracks_max = TRACKS_DEFAULT;
	d->options.breaker.clock = options->clock;
	d->fresh = d->limits = options->limits;
	d->chance.state = options->seed;
	d->look.unseen_ms = INT64_MAX;
	TAILQ_INIT(&d->endpoints);
	TAILQ_INIT(&d->turns);
	d->breakers = pal_breakers_create(&d->options.breaker);
	if (!d->breakers || !pal_tracks_init(d)) {
		pal_dispatch_destroy(d);
		return NULL;
	}
	pal_dispatch_counts_register();
	return d;
}

static void drop_note(struct pal_dispatch *d, struct pal_dispatch_note *note)
{
	if (note->kind == PAL_DISPATCH_FED)
		drop_fed(d, (struct pal_dispatch_fed *)note);
	else if (note->kind == PAL_DISPATCH_PACED)
		pal_pace_drop_errand(note);
}

void pal_dispatch_destroy(struct pal_dispatch *d)
{
	if (!d)
		return;
	for (struct pal_msg *msg; (msg = pal_msg_shift(&d->inbox)) != NULL;)
		drop_note(d, (struct pal_dispatch_note *)msg);
	pal_dispatch_look_end(d);
	pal_tracks_deinit(d);
	pal_breakers_destroy(d->breakers);
	pthread_cond_destroy(&d->due);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

void pal_dispatch_set_limits(struct pal_dispatch *d, const struct pal_dispatch_limits *limits)
{
	pthread_mutex_lock(&d->lock);
	d->fresh = *limits;
	pthread_mutex_unlock(&d->lock);
}

struct pal_dispatch_counts pal_dispatch_counts(struct pal_dispatch *d)
{
	return (struct pal_dispatch_counts){atomic_load(&d->tracks_count),
					    atomic_load(&d->in_flight),
					    atomic_load(&d->paced)};
}

/* --- The inbox -------------------------------------------------------------------------------- */

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

static void take_notes(struct pal_dispatch *d)
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

uint32_t pal_dispatch_step(struct pal_dispatch *d)
{
	take_notes(d);
	pal_dispatch_look(d);
	uint32_t wait_ms = pal_tracks_run(d);
	const struct pal_dispatch_counts counts = pal_dispatch_counts(d);
	pal_dispatch_gauge(&counts);
	return wait_ms < SLEEP_MAX_MS ? wait_ms : SLEEP_MAX_MS;
}

/* --- The thread ------------------------------------------------------------------------------- */

static void sleep_for(struct pal_dispatch *d, uint32_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&d->lock);
	if (!d->inbox.tail && !d->stopping) {
		d->asleep = true;
		pthread_cond_timedwait(&d->due, &d->lock, &until);
		d->asleep = false;
	}
	pthread_mutex_unlock(&d->lock);
}

/*
 * With many under way and notes that come one right after the other, a wake for each costs about as
 * much as what it brings: let some gather. With few, what one brings is waited for.
 */
static void let_gather(struct pal_dispatch *d)
{
	const struct timespec a_moment = {.tv_nsec = GATHER_NS};
	int64_t now_ns = pal_clock_mono_ns(d->options.clock);

	if (d->taken >= RUSH_NOTES) {
		d->rush_until_ns = now_ns - d->taken_since_ns < RUSH_NS ? now_ns + RUSH_NS : 0;
		d->taken = 0;
		d->taken_since_ns = now_ns;
	}
	if (now_ns < d->rush_until_ns && atomic_load(&d->in_flight) >= GATHER_MIN)
		nanosleep(&a_moment, NULL);
}

static bool is_over(struct pal_dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	bool over = d->stopping && !d->inbox.tail && !d->seen && !d->errands &&
		    atomic_load(&d->in_flight) == 0;
	pthread_mutex_unlock(&d->lock);
	return over;
}

static void *run(void *arg)
{
	struct pal_dispatch *d = arg;

	pal_role_set(PAL_ROLE_WORKER);
	pthread_setname_np(pthread_self(), "delivery");
	do {
		uint32_t wait_ms = pal_dispatch_step(d);
		let_gather(d);
		if (wait_ms)
			sleep_for(d, wait_ms);
	} while (!is_over(d));
	return NULL;
}

enum pal_code pal_dispatch_start(struct pal_dispatch *d, struct pal_error *err)
{
	if (pthread_create(&d->thread, NULL, run, d) != 0)
		return pal_fail(err, PAL_E_SERVICE, "delivery", "no thread can be had");
	d->has_thread = true;
	return PAL_OK;
}

void pal_dispatch_close(struct pal_dispatch *d)
{
	atomic_store(&d->closed, true);
}

void pal_dispatch_stop(struct pal_dispatch *d)
{
	pal_dispatch_close(d);
	if (!d->has_thread)
		return;
	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	pthread_cond_signal(&d->due);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	d->has_thread = false;
}
