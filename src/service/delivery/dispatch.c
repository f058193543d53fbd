/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/dispatch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "service/delivery/dispatch_parts.h"

#define TRACKS_DEFAULT 100000u
#define SLEEP_MAX_MS 1000u
#define RUSH_NOTES 32u		/* so many within... */
#define RUSH_NS 4000000
#define GATHER_MIN 96u		/* attempts under way */
#define GATHER_NS 400000

int64_t pal_dispatch_now_ms(const struct pal_dispatch *dispatch)
{
	return pal_clock_mono_ms(dispatch->options.clock);
}

int64_t pal_dispatch_wall_ms(const struct pal_dispatch *dispatch)
{
	return pal_clock_wall_ms(dispatch->options.clock);
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

void pal_dispatch_destroy(struct pal_dispatch *d)
{
	if (!d)
		return;
	pal_dispatch_drop_notes(d);
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

uint32_t pal_dispatch_step(struct pal_dispatch *d)
{
	pal_dispatch_take_notes(d);
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
