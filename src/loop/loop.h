/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - one thread, one event base: jobs from any thread, timers, descriptors and a tick that
 * runs once after each batch. README.md numbers the access rules.
 */
#ifndef PALAVER_LOOP_LOOP_H
#define PALAVER_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/role.h"

struct pal_loop;
struct pal_loop_timer;
struct pal_loop_watch;

/* --- Life ------------------------------------------------------------------------------------- */

/*
 * Create a loop at rest; `index` names its thread ("loop-0"). The caller owns *ret_loop. Fails with
 * PAL_E_SERVICE when descriptors or memory run out. Runs on: main.
 */
enum pal_code pal_loop_create(unsigned index, struct pal_loop **ret_loop, struct pal_error *err)
	PAL_MUST_CHECK;

/*
 * Start the loop's thread with the mask `roles` (PAL_ROLE_LOOP, or PAL_ROLE_LOOP | PAL_ROLE_WORKER
 * when the tick runs turns, or PAL_ROLE_COURIER). Signals stay blocked in it. Runs on: main.
 */
enum pal_code pal_loop_start(struct pal_loop *loop, unsigned roles, struct pal_error *err)
	PAL_MUST_CHECK;

/* Run a loop that was not started on the calling thread, with `roles`, until stopped. Runs on:
 * any. */
void pal_loop_run(struct pal_loop *loop, unsigned roles);

/*
 * Ask the loop to end after the jobs already posted. Runs on: any, and may be called twice.
 */
void pal_loop_stop(struct pal_loop *loop);

/* Wait until the thread of a started and stopped loop has ended. Runs on: main. */
void pal_loop_join(struct pal_loop *loop);

/*
 * Free a loop that does not run; NULL is fine. Its timers and watches must be gone. Jobs that never
 * ran stay their owners'. Runs on: main.
 */
void pal_loop_destroy(struct pal_loop *loop);

/*
 * Let the loop look for what comes for `linger_us` before it sleeps, while one or two things are
 * expected of another thread (pal_loop_expect) and the last time that it waited was as short: being
 * woken can cost more than what is waited for, and with more expected it is shared by all. 0, as created: never. Runs on: main before start.
 */
void pal_loop_set_linger(struct pal_loop *loop, uint32_t linger_us);

/* `change` more things, or fewer, are expected to be posted by other threads soon. Runs on: the
 * loop. */
void pal_loop_expect(struct pal_loop *loop, int change);

/* How often a post had to wake the loop. Runs on: any. */
uint64_t pal_loop_wakes(const struct pal_loop *loop);

/* The loop whose thread is calling, or NULL. Runs on: any. */
struct pal_loop *pal_loop_current(void);

/* The version of the library underneath. Runs on: any. */
const char *pal_loop_library_version(void);

/* The `index` given at create. Runs on: any. */
unsigned pal_loop_index(const struct pal_loop *loop);

/* --- Jobs ------------------------------------------------------------------------------------- */

/* A piece of work for a loop, embedded in what it is about; `next` belongs to the loop
 * meanwhile. */
struct pal_loop_job {
	struct pal_loop_job *next;
	void (*run)(struct pal_loop_job *job);	/* Runs on: the loop; may free or re-post it */
};

/*
 * Have `job->run` called on the loop's thread. Jobs of one poster run in the order posted; a job
 * posted by a job runs in the next batch. Never blocks and never fails; costs a system call only
 * when the loop sleeps and nobody woke it yet. Runs on: any.
 */
void pal_loop_post(struct pal_loop *loop, struct pal_loop_job *job);

/* As pal_loop_post, but when the caller is on the loop already, `job->run` is called at once, before
 * this returns. Runs on: any. */
void pal_loop_run_on(struct pal_loop *loop, struct pal_loop_job *job);

/*
 * Have `job->run` called once when the batch at hand ends: after its events, its jobs and the tick,
 * before the loop looks for events again. What many callbacks of a batch would each do for
 * themselves is so done for all of them in one go. Runs on: the loop.
 */
void pal_loop_defer(struct pal_loop *loop, struct pal_loop_job *job);

/* Work done once after each batch of events and jobs, and before the loop would sleep. Returns true
 * when there is more: the loop then looks for events without sleeping. Runs on: the loop. */
typedef bool pal_loop_tick_fn(void *arg);

/* Set the tick; NULL for none. Runs on: main before start, else the loop. */
void pal_loop_set_tick(struct pal_loop *loop, pal_loop_tick_fn *fn, void *arg);

/* --- Timers (monotonic). Runs on: the loop, or main while it does not run. -------------------- */

typedef void pal_loop_timer_fn(void *arg);

/* Create a timer at rest that calls `fn`, which may start, stop or destroy it. NULL when out of
 * memory. The caller owns it. */
struct pal_loop_timer *pal_loop_timer_create(struct pal_loop *loop, pal_loop_timer_fn *fn,
					     void *arg);

/* (Re)start: first after `first_ms`, then each `every_ms`, or only once when that is 0. */
void pal_loop_timer_start(struct pal_loop_timer *timer, uint32_t first_ms, uint32_t every_ms);
void pal_loop_timer_stop(struct pal_loop_timer *timer);
void pal_loop_timer_destroy(struct pal_loop_timer *timer);	/* NULL is fine */

/* --- Descriptors. Runs on: the loop, or main while it does not run. --------------------------- */

#define PAL_LOOP_READ 1u
#define PAL_LOOP_WRITE 2u

/* Called with the mask of what `fd` is ready for; may change or destroy the watch. */
typedef void pal_loop_ready_fn(void *arg, unsigned ready);

/* Create a watch at rest on `fd`, which the caller keeps open until it destroyed the watch. NULL
 * when out of memory. The caller owns it. */
struct pal_loop_watch *pal_loop_watch_create(struct pal_loop *loop, int fd, pal_loop_ready_fn *fn,
					     void *arg);

/* Report what is in the mask `events` from now on, level-triggered; 0 rests. False when the kernel
 * refused (out of memory or watches): the watch then rests. */
bool pal_loop_watch_set(struct pal_loop_watch *watch, unsigned events);
void pal_loop_watch_destroy(struct pal_loop_watch *watch);	/* NULL is fine; before close(fd) */

#endif
