/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waking is the cost, so a loop is woken at most once per sleep: the poster who turns `asleep` from
 * true to false writes the eventfd, everybody else only links the job. The loop says it is asleep,
 * then looks at the queue once more; the poster links the job, then looks whether the loop is
 * asleep. Both are sequentially consistent, so at least one of the two sees the other (rule 3).
 */
#include "loop/loop.h"

#include <errno.h>
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/log.h"

#define LINGER_EXPECTED_MAX 2	/* with more, what a wake costs is shared by many */

struct pal_loop {
	unsigned index;				/* fixed at create */
	struct event_base *base;		/* fixed at create */
	struct event *wake;			/* fixed at create */
	int wake_fd;				/* fixed at create */
	pthread_t thread;			/* main's */
	unsigned roles;				/* fixed at start */
	_Atomic(struct pal_loop_job *) jobs;	/* any; newest first */
	atomic_bool asleep, running, stop_asked;	/* any */
	struct pal_loop_job stop_job;		/* posted by whoever sets stop_asked */
	bool stopping;				/* the loop's */
	int64_t linger_ns;			/* fixed at start */
	int expected;				/* the loop's, as is all that follows */
	bool lingers;				/* the last wait was short */
	bool stirred;				/* a callback ran since the loop began to wait */
	_Atomic uint64_t wakes;			/* any */
	struct pal_loop_job *deferred;		/* the loop's; newest first */
	pal_loop_tick_fn *tick;			/* the loop's */
	void *tick_arg;				/* the loop's */
};

struct pal_loop_timer {
	struct pal_loop *loop;
	pal_loop_timer_fn *fn;
	void *arg;
	uint32_t every_ms;
	struct event event;
};

struct pal_loop_watch {
	struct pal_loop *loop;
	pal_loop_ready_fn *fn;
	void *arg;
	int fd;
	unsigned events;
	struct event event;
};

static _Thread_local struct pal_loop *current;

/* Rule 1: what is not atomic is touched by the loop's thread only, or by anybody while none
 * runs. */
static void assert_owner(struct pal_loop *loop)
{
	assert(current == loop || !atomic_load(&loop->running));
	(void)loop;
}

/* Something happened: until the next sleep nobody needs to wake us. */
static void stay_awake(struct pal_loop *loop)
{
	loop->stirred = true;
	if (atomic_load_explicit(&loop->asleep, memory_order_relaxed))
		atomic_store_explicit(&loop->asleep, false, memory_order_relaxed);
}

/* Edge-triggered, hence never read: each write is an edge, and the count cannot overflow in
 * time. */
static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	stay_awake(arg);
}

static void on_stop(struct pal_loop_job *job)
{
	struct pal_loop *loop = (void *)((char *)job - offsetof(struct pal_loop, stop_job));

	loop->stopping = true;
}

/* libevent would write to standard error. */
static void on_library_log(int severity, const char *message)
{
	static const enum pal_log_level levels[] = {
		[EVENT_LOG_DEBUG] = PAL_LOG_DEBUG,
		[EVENT_LOG_MSG] = PAL_LOG_INFO,
		[EVENT_LOG_WARN] = PAL_LOG_WARNING,
		[EVENT_LOG_ERR] = PAL_LOG_ERROR,
	};

	pal_log_at(levels[severity & 3], "libevent", "%s", message);
}

static void prepare_library(void)
{
	event_set_log_callback(on_library_log);
}

static struct event_base *create_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

enum pal_code pal_loop_create(unsigned index, struct pal_loop **ret_loop, struct pal_error *err)
{
	struct pal_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return pal_fail_memory(err, "loop");
	loop->index = index;
	loop->stop_job.run = on_stop;
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->wake_fd < 0) {
		enum pal_code code = pal_fail_errno(err, PAL_E_SERVICE, "loop",
						    "cannot create its wake-up descriptor");
		pal_loop_destroy(loop);
		return code;
	}
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, prepare_library);
	loop->base = create_base();
	if (loop->base)
		loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST | EV_ET,
				       on_wake, loop);
	if (!loop->wake || event_add(loop->wake, NULL) != 0) {
		pal_loop_destroy(loop);
		return pal_fail(err, PAL_E_SERVICE, "loop", "cannot create its event base");
	}
	*ret_loop = loop;
	return PAL_OK;
}

void pal_loop_destroy(struct pal_loop *loop)
{
	if (!loop)
		return;
	if (loop->wake)
		event_free(loop->wake);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	free(loop);
}

/* --- Running ---------------------------------------------------------------------------------- */

/* Run a list that has its newest job first, oldest first. */
static void run_all(struct pal_loop_job *newest)
{
	struct pal_loop_job *oldest = NULL;

	while (newest) {
		struct pal_loop_job *next = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct pal_loop_job *job = oldest;
		oldest = job->next;
		job->run(job);
	}
}

static void run_jobs(struct pal_loop *loop)
{
	if (atomic_load_explicit(&loop->jobs, memory_order_relaxed))
		run_all(atomic_exchange(&loop->jobs, NULL));
}

/* True when there were any: what they did may have given the tick more work. */
static bool run_deferred(struct pal_loop *loop)
{
	struct pal_loop_job *newest = loop->deferred;

	loop->deferred = NULL;
	run_all(newest);
	return newest != NULL;
}

static void look_for_events(struct pal_loop *loop)
{
	event_base_loop(loop->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void sleep_until_event(struct pal_loop *loop)
{
	atomic_store(&loop->asleep, true);
	if (atomic_load(&loop->jobs))
		look_for_events(loop);
	else
		event_base_loop(loop->base, EVLOOP_ONCE);
	stay_awake(loop);
}

/* Look for events and jobs for a while, letting others run meanwhile. True: something came. */
static bool linger(struct pal_loop *loop, int64_t until_ns)
{
	loop->stirred = false;
	do {
		look_for_events(loop);
		if (loop->stirred || atomic_load_explicit(&loop->jobs, memory_order_relaxed))
			return true;
		sched_yield();
	} while (pal_clock_mono_ns(pal_clock_system()) < until_ns);
	return false;
}

static void wait_for_events(struct pal_loop *loop)
{
	if (!loop->linger_ns || loop->expected == 0 || loop->expected > LINGER_EXPECTED_MAX) {
		sleep_until_event(loop);
		return;
	}
	int64_t began_ns = pal_clock_mono_ns(pal_clock_system());
	if (!loop->lingers || !linger(loop, began_ns + loop->linger_ns))
		sleep_until_event(loop);
	loop->lingers = pal_clock_mono_ns(pal_clock_system()) - began_ns < loop->linger_ns;
}

void pal_loop_run(struct pal_loop *loop, unsigned roles)
{
	struct pal_loop *outer = current;
	unsigned outer_roles = pal_role_mask;
	bool more = false;

	current = loop;
	pal_role_set(roles);
	atomic_store(&loop->running, true);
	while (!loop->stopping) {
		if (more || atomic_load(&loop->jobs))
			look_for_events(loop);
		else
			wait_for_events(loop);
		run_jobs(loop);
		more = loop->tick && !loop->stopping && loop->tick(loop->tick_arg);
		more = run_deferred(loop) || more;
	}
	atomic_store(&loop->running, false);
	pal_role_set(outer_roles);
	current = outer;
}

static void *thread_main(void *arg)
{
	struct pal_loop *loop = arg;
	char name[16];

	snprintf(name, sizeof(name), "%s-%u",
		 loop->roles & PAL_ROLE_COURIER ? "courier" : "loop", loop->index);
	pthread_setname_np(pthread_self(), name);
	pal_loop_run(loop, loop->roles);
	return NULL;
}

enum pal_code pal_loop_start(struct pal_loop *loop, unsigned roles, struct pal_error *err)
{
	sigset_t all, before;

	loop->roles = roles;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = pthread_create(&loop->thread, NULL, thread_main, loop);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (errno)
		return pal_fail_errno(err, PAL_E_SERVICE, "loop", "cannot start its thread");
	return PAL_OK;
}

void pal_loop_stop(struct pal_loop *loop)
{
	if (!atomic_exchange(&loop->stop_asked, true))
		pal_loop_post(loop, &loop->stop_job);
}

void pal_loop_join(struct pal_loop *loop)
{
	pthread_join(loop->thread, NULL);
}

void pal_loop_run_on(struct pal_loop *loop, struct pal_loop_job *job)
{
	if (pal_loop_current() == loop)
		job->run(job);
	else
		pal_loop_post(loop, job);
}

const char *pal_loop_library_version(void)
{
	return event_get_version();
}

struct pal_loop *pal_loop_current(void)
{
	return current;
}

void pal_loop_set_linger(struct pal_loop *loop, uint32_t linger_us)
{
	assert_owner(loop);
	loop->linger_ns = (int64_t)linger_us * 1000;
}

void pal_loop_expect(struct pal_loop *loop, int change)
{
	assert_owner(loop);
	loop->expected += change;
	assert(loop->expected >= 0);
}

uint64_t pal_loop_wakes(const struct pal_loop *loop)
{
	return atomic_load_explicit(&loop->wakes, memory_order_relaxed);
}

unsigned pal_loop_index(const struct pal_loop *loop)
{
	return loop->index;
}

void pal_loop_set_tick(struct pal_loop *loop, pal_loop_tick_fn *fn, void *arg)
{
	assert_owner(loop);
	loop->tick = fn;
	loop->tick_arg = arg;
}

/* --- Jobs ------------------------------------------------------------------------------------- */

static void wake(struct pal_loop *loop)
{
	const uint64_t one = 1;
	ssize_t n;

	atomic_fetch_add_explicit(&loop->wakes, 1, memory_order_relaxed);
	do
		n = write(loop->wake_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void pal_loop_post(struct pal_loop *loop, struct pal_loop_job *job)
{
	struct pal_loop_job *newest = atomic_load_explicit(&loop->jobs, memory_order_relaxed);

	do
		job->next = newest;
	while (!atomic_compare_exchange_weak(&loop->jobs, &newest, job));
	if (current != loop && atomic_load(&loop->asleep) && atomic_exchange(&loop->asleep, false))
		wake(loop);
}

void pal_loop_defer(struct pal_loop *loop, struct pal_loop_job *job)
{
	assert_owner(loop);
	job->next = loop->deferred;
	loop->deferred = job;
}

/* --- Timers ----------------------------------------------------------------------------------- */

static struct timeval timeval_of_ms(uint32_t ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct pal_loop_timer *timer = arg;

	(void)fd;
	(void)what;
	stay_awake(timer->loop);
	if (timer->every_ms) {
		struct timeval again = timeval_of_ms(timer->every_ms);
		event_add(&timer->event, &again);
	}
	timer->fn(timer->arg);	/* may have destroyed the timer */
}

struct pal_loop_timer *pal_loop_timer_create(struct pal_loop *loop, pal_loop_timer_fn *fn,
					     void *arg)
{
	struct pal_loop_timer *timer = calloc(1, sizeof(*timer));

	assert_owner(loop);
	if (!timer)
		return NULL;
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	evtimer_assign(&timer->event, loop->base, on_timer, timer);
	return timer;
}

void pal_loop_timer_start(struct pal_loop_timer *timer, uint32_t first_ms, uint32_t every_ms)
{
	struct timeval first = timeval_of_ms(first_ms);

	assert_owner(timer->loop);
	timer->every_ms = every_ms;
	event_add(&timer->event, &first);
}

void pal_loop_timer_stop(struct pal_loop_timer *timer)
{
	assert_owner(timer->loop);
	timer->every_ms = 0;
	event_del(&timer->event);
}

void pal_loop_timer_destroy(struct pal_loop_timer *timer)
{
	if (!timer)
		return;
	pal_loop_timer_stop(timer);
	free(timer);
}

/* --- Descriptors ------------------------------------------------------------------------------ */

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct pal_loop_watch *watch = arg;
	unsigned ready = (what & EV_READ ? PAL_LOOP_READ : 0) |
			 (what & EV_WRITE ? PAL_LOOP_WRITE : 0);

	(void)fd;
	stay_awake(watch->loop);
	watch->fn(watch->arg, ready);	/* may have destroyed the watch */
}

struct pal_loop_watch *pal_loop_watch_create(struct pal_loop *loop, int fd, pal_loop_ready_fn *fn,
					     void *arg)
{
	struct pal_loop_watch *watch = calloc(1, sizeof(*watch));

	assert_owner(loop);
	if (!watch)
		return NULL;
	watch->loop = loop;
	watch->fn = fn;
	watch->arg = arg;
	watch->fd = fd;
	return watch;
}

bool pal_loop_watch_set(struct pal_loop_watch *watch, unsigned events)
{
	short what = (short)(EV_PERSIST | (events & PAL_LOOP_READ ? EV_READ : 0) |
			     (events & PAL_LOOP_WRITE ? EV_WRITE : 0));

	assert_owner(watch->loop);
	if (events == watch->events)
		return true;
	if (watch->events)
		event_del(&watch->event);
	watch->events = 0;
	if (!events)
		return true;
	event_assign(&watch->event, watch->loop->base, watch->fd, what, on_ready, watch);
	if (event_add(&watch->event, NULL) != 0)
		return false;
	watch->events = events;
	return true;
}

void pal_loop_watch_destroy(struct pal_loop_watch *watch)
{
	if (!watch)
		return;
	pal_loop_watch_set(watch, 0);
	free(watch);
}
