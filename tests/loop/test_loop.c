/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* A loop run on the test's own thread: no thread, no waiting, no luck. */
static struct pal_loop *new_loop(void)
{
	struct pal_loop *loop = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_loop_create(7, &loop, &err), PAL_OK);
	return loop;
}

struct note {
	struct pal_loop_job job;	/* first member */
	struct pal_loop *loop;
	struct note *also;	/* posted by this one when it runs */
	char letter;
	bool stops;
};

static char seen[64];

static void write_down(char c)
{
	size_t n = strlen(seen);

	if (n + 1 < sizeof(seen)) {
		seen[n] = c;
		seen[n + 1] = '\0';
	}
}

static void on_note(struct pal_loop_job *job)
{
	struct note *note = (struct note *)job;

	write_down(note->letter);
	CU_ASSERT_PTR_EQUAL(pal_loop_current(), note->loop);
	if (note->also)
		pal_loop_post(note->loop, &note->also->job);
	if (note->stops)
		pal_loop_stop(note->loop);
}

static struct note note_of(struct pal_loop *loop, char letter)
{
	return (struct note){.job.run = on_note, .loop = loop, .letter = letter};
}

TEST(jobs_run_in_the_order_posted)
{
	struct pal_loop *loop = new_loop();
	struct note a = note_of(loop, 'a'), b = note_of(loop, 'b'), c = note_of(loop, 'c');

	seen[0] = '\0';
	c.stops = true;
	pal_loop_post(loop, &a.job);
	pal_loop_post(loop, &b.job);
	pal_loop_post(loop, &c.job);
	CU_ASSERT_STRING_EQUAL(seen, "");
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_STRING_EQUAL(seen, "abc");
	CU_ASSERT_PTR_NULL(pal_loop_current());
	pal_loop_destroy(loop);
}

static bool on_tick(void *arg)
{
	int *left = arg;

	write_down('.');
	return *left > 0 && --*left > 0;
}

TEST(a_job_posted_by_a_job_runs_in_the_next_batch_behind_the_tick)
{
	struct pal_loop *loop = new_loop();
	struct note a = note_of(loop, 'a'), b = note_of(loop, 'b'), c = note_of(loop, 'c');
	int none = 0;

	seen[0] = '\0';
	a.also = &c;
	c.stops = true;
	pal_loop_set_tick(loop, on_tick, &none);
	pal_loop_post(loop, &a.job);
	pal_loop_post(loop, &b.job);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_STRING_EQUAL(seen, "ab.c.");	/* the stop is a job of the batch after */
	pal_loop_destroy(loop);
}

static bool tick_until_done(void *arg)
{
	struct note *last = arg;

	write_down('.');
	if (strlen(seen) < 4)
		return true;
	pal_loop_post(last->loop, &last->job);
	return false;
}

TEST(a_tick_with_more_work_is_called_again_without_any_event)
{
	struct pal_loop *loop = new_loop();
	struct note last = note_of(loop, 'z');

	seen[0] = '\0';
	last.stops = true;
	pal_loop_set_tick(loop, tick_until_done, &last);
	pal_loop_post(loop, &(struct note){.job.run = on_note, .loop = loop, .letter = 'a'}.job);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_EQUAL(strncmp(seen, "a...z", 5), 0);
	pal_loop_destroy(loop);
}

static void defer_later(struct pal_loop_job *job)
{
	struct note *note = (struct note *)job;

	write_down(note->letter);
	pal_loop_defer(note->loop, &note->also->job);
}

TEST(deferred_jobs_run_in_order_behind_the_tick_and_the_loop_then_looks_again)
{
	struct pal_loop *loop = new_loop();
	struct note a = note_of(loop, 'a'), b = note_of(loop, 'b');
	struct note y = note_of(loop, 'y'), z = note_of(loop, 'z');
	int none = 0;

	seen[0] = '\0';
	a.job.run = b.job.run = defer_later;
	a.also = &y;
	b.also = &z;
	z.stops = true;
	pal_loop_set_tick(loop, on_tick, &none);
	pal_loop_post(loop, &a.job);
	pal_loop_post(loop, &b.job);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_STRING_EQUAL(seen, "ab.yz");	/* the stop is a job of the batch after */
	pal_loop_destroy(loop);
}

TEST(stop_runs_what_was_posted_before_and_may_be_called_twice)
{
	struct pal_loop *loop = new_loop();
	struct note a = note_of(loop, 'a');

	seen[0] = '\0';
	pal_loop_post(loop, &a.job);
	pal_loop_stop(loop);
	pal_loop_stop(loop);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_STRING_EQUAL(seen, "a");
	pal_loop_run(loop, PAL_ROLE_LOOP);	/* stopped for good: returns at once */
	pal_loop_destroy(loop);
}

struct role_check {
	struct pal_loop_job job;	/* first member */
	unsigned roles;
	sigset_t blocked;
	unsigned index;
};

static void on_role_check(struct pal_loop_job *job)
{
	struct role_check *check = (struct role_check *)job;

	check->roles = pal_role_mask;
	check->index = pal_loop_index(pal_loop_current());
	pthread_sigmask(SIG_SETMASK, NULL, &check->blocked);
}

TEST(a_started_loop_holds_its_roles_and_takes_no_signals)
{
	struct pal_loop *loop = new_loop();
	struct role_check check = {.job.run = on_role_check};
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_loop_start(loop, PAL_ROLE_LOOP | PAL_ROLE_WORKER, &err), PAL_OK);
	pal_loop_post(loop, &check.job);
	pal_loop_stop(loop);
	pal_loop_join(loop);
	CU_ASSERT_EQUAL(check.roles, PAL_ROLE_LOOP | PAL_ROLE_WORKER);
	CU_ASSERT_EQUAL(check.index, 7);
	CU_ASSERT(sigismember(&check.blocked, SIGTERM));
	CU_ASSERT_EQUAL(pal_role_mask, 0);
	pal_loop_destroy(loop);
}

#define POSTERS 4
#define POSTS 20000

struct counted {
	struct pal_loop_job job;	/* first member */
	unsigned poster, number;
};

struct poster {
	pthread_t thread;
	struct pal_loop *loop;
	struct counted *items;
};

static unsigned arrived[POSTERS];
static bool in_order = true;

static void on_counted(struct pal_loop_job *job)
{
	struct counted *item = (struct counted *)job;

	in_order = in_order && item->number == arrived[item->poster];
	arrived[item->poster]++;
}

static void *post_all(void *arg)
{
	struct poster *poster = arg;

	for (unsigned i = 0; i < POSTS; i++)
		pal_loop_post(poster->loop, &poster->items[i].job);
	return NULL;
}

TEST(no_job_is_lost_or_overtaken_with_many_posters)
{
	struct pal_loop *loop = new_loop();
	struct poster posters[POSTERS];
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_loop_start(loop, PAL_ROLE_LOOP, &err), PAL_OK);
	for (unsigned p = 0; p < POSTERS; p++) {
		posters[p] = (struct poster){.loop = loop,
					     .items = calloc(POSTS, sizeof(struct counted))};
		for (unsigned i = 0; i < POSTS; i++)
			posters[p].items[i] = (struct counted){{NULL, on_counted}, p, i};
		pthread_create(&posters[p].thread, NULL, post_all, &posters[p]);
	}
	for (unsigned p = 0; p < POSTERS; p++)
		pthread_join(posters[p].thread, NULL);
	pal_loop_stop(loop);
	pal_loop_join(loop);
	CU_ASSERT(in_order);
	for (unsigned p = 0; p < POSTERS; p++) {
		CU_ASSERT_EQUAL(arrived[p], POSTS);
		free(posters[p].items);
	}
	pal_loop_destroy(loop);
}

struct echo {
	struct pal_loop_job job;	/* first member */
	struct pal_loop *back;
	unsigned left;
};

/* Two sleeping loops pass one job to and fro: each pass is a wake-up that must not be lost. */
static void on_echo(struct pal_loop_job *job)
{
	struct echo *echo = (struct echo *)job;
	struct pal_loop *here = pal_loop_current(), *there = echo->back;

	if (echo->left == 0) {
		pal_loop_stop(there);
		pal_loop_stop(here);
		return;
	}
	echo->left--;
	echo->back = here;
	pal_loop_post(there, &echo->job);
}

TEST(a_sleeping_loop_is_woken_by_every_first_post)
{
	struct pal_loop *one = new_loop(), *two = new_loop();
	struct echo echo = {.job.run = on_echo, .back = two, .left = 20000};
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_loop_start(one, PAL_ROLE_LOOP, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_loop_start(two, PAL_ROLE_LOOP, &err), PAL_OK);
	pal_loop_post(one, &echo.job);
	pal_loop_join(one);
	pal_loop_join(two);
	CU_ASSERT_EQUAL(echo.left, 0);
	pal_loop_destroy(one);
	pal_loop_destroy(two);
}

struct ticking {
	struct pal_loop *loop;
	struct pal_loop_timer *timer;
	int count, stop_at;
};

static void on_time(void *arg)
{
	struct ticking *ticking = arg;

	ticking->count++;
	if (ticking->count < ticking->stop_at)
		return;
	pal_loop_timer_destroy(ticking->timer);
	pal_loop_stop(ticking->loop);
}

TEST(a_periodic_timer_repeats_and_may_be_destroyed_by_its_own_call)
{
	struct pal_loop *loop = new_loop();
	struct ticking ticking = {.loop = loop, .stop_at = 3};

	ticking.timer = pal_loop_timer_create(loop, on_time, &ticking);
	pal_loop_timer_start(ticking.timer, 1, 1);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_EQUAL(ticking.count, 3);
	pal_loop_destroy(loop);
}

static bool tick_post_behind_y(void *arg)
{
	struct note *last = arg;

	write_down('.');
	if (strchr(seen, 'y'))
		pal_loop_post(last->loop, &last->job);
	return false;
}

TEST(what_a_deferred_job_makes_due_does_not_wait_for_an_event)
{
	struct pal_loop *loop = new_loop();
	struct note a = note_of(loop, 'a'), y = note_of(loop, 'y'), last = note_of(loop, 'z');
	struct ticking too_late = {.loop = loop, .stop_at = 1};

	seen[0] = '\0';
	a.job.run = defer_later;
	a.also = &y;
	last.stops = true;
	too_late.timer = pal_loop_timer_create(loop, on_time, &too_late);
	pal_loop_timer_start(too_late.timer, 2000, 0);
	pal_loop_set_tick(loop, tick_post_behind_y, &last);
	pal_loop_post(loop, &a.job);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_EQUAL(strncmp(seen, "a.y.z", 5), 0);
	CU_ASSERT_EQUAL(too_late.count, 0);
	if (!too_late.count)
		pal_loop_timer_destroy(too_late.timer);
	pal_loop_destroy(loop);
}

TEST(a_stopped_timer_stays_silent_and_a_single_one_fires_once)
{
	struct pal_loop *loop = new_loop();
	struct ticking silent = {.loop = loop, .stop_at = 100};
	struct ticking single = {.loop = loop, .stop_at = 100};
	struct ticking last = {.loop = loop, .stop_at = 1};

	silent.timer = pal_loop_timer_create(loop, on_time, &silent);
	single.timer = pal_loop_timer_create(loop, on_time, &single);
	last.timer = pal_loop_timer_create(loop, on_time, &last);
	pal_loop_timer_start(silent.timer, 1, 1);
	pal_loop_timer_stop(silent.timer);
	pal_loop_timer_start(single.timer, 1, 0);
	pal_loop_timer_start(last.timer, 20, 0);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_EQUAL(silent.count, 0);
	CU_ASSERT_EQUAL(single.count, 1);
	pal_loop_timer_destroy(silent.timer);
	pal_loop_timer_destroy(single.timer);
	pal_loop_destroy(loop);
}

struct reader {
	struct pal_loop *loop;
	struct pal_loop_watch *watch;
	int fd;
	char got[8];
	unsigned ready;
};

static void on_readable(void *arg, unsigned ready)
{
	struct reader *reader = arg;
	size_t n = strlen(reader->got);

	reader->ready |= ready;
	if (read(reader->fd, reader->got + n, 1) == 1 && n + 1 < 3)
		return;	/* level-triggered: called again for the rest */
	pal_loop_watch_destroy(reader->watch);
	pal_loop_stop(reader->loop);
}

TEST(a_watch_reports_until_all_is_read_and_may_be_destroyed_by_its_own_call)
{
	struct pal_loop *loop = new_loop();
	int fds[2];
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	struct reader reader = {.loop = loop, .fd = fds[0]};

	reader.watch = pal_loop_watch_create(loop, fds[0], on_readable, &reader);
	CU_ASSERT(pal_loop_watch_set(reader.watch, PAL_LOOP_READ));
	CU_ASSERT_EQUAL(write(fds[1], "abc", 3), 3);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_STRING_EQUAL(reader.got, "abc");
	CU_ASSERT_EQUAL(reader.ready, PAL_LOOP_READ);
	close(fds[0]);
	close(fds[1]);
	pal_loop_destroy(loop);
}

TEST(a_watch_at_rest_reports_nothing_and_one_on_a_file_is_refused)
{
	struct pal_loop *loop = new_loop();
	struct ticking last = {.loop = loop, .stop_at = 1};
	int fds[2];
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	struct reader reader = {.loop = loop, .fd = fds[0]};

	reader.watch = pal_loop_watch_create(loop, fds[0], on_readable, &reader);
	CU_ASSERT(pal_loop_watch_set(reader.watch, PAL_LOOP_READ));
	CU_ASSERT(pal_loop_watch_set(reader.watch, 0));
	CU_ASSERT_EQUAL(write(fds[1], "abc", 3), 3);
	last.timer = pal_loop_timer_create(loop, on_time, &last);
	pal_loop_timer_start(last.timer, 5, 0);
	pal_loop_run(loop, PAL_ROLE_LOOP);
	CU_ASSERT_STRING_EQUAL(reader.got, "");
	pal_loop_watch_destroy(reader.watch);
	close(fds[0]);
	close(fds[1]);

	FILE *file = tmpfile();	/* epoll takes no regular files */
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	reader.watch = pal_loop_watch_create(loop, fileno(file), on_readable, &reader);
	CU_ASSERT_FALSE(pal_loop_watch_set(reader.watch, PAL_LOOP_READ));
	pal_loop_watch_destroy(reader.watch);
	fclose(file);
	pal_loop_destroy(loop);
}

/* A thread that posts jobs one by one, each when the one before has run. */
struct one_by_one {
	struct pal_loop *loop;
	struct pal_loop_job job;	/* first runs, then is posted again by the thread */
	atomic_uint ran;
};

static void on_one(struct pal_loop_job *job)
{
	struct one_by_one *o = (void *)((char *)job - offsetof(struct one_by_one, job));

	if (atomic_load(&o->ran) == 0)
		pal_loop_expect(o->loop, 1);
	atomic_fetch_add(&o->ran, 1);
}

static unsigned post_one_by_one(uint32_t linger_us, unsigned count)
{
	struct pal_loop *loop = new_loop();
	struct one_by_one o = {.loop = loop, .job.run = on_one};
	struct pal_error err;

	pal_loop_set_linger(loop, linger_us);
	CU_ASSERT_EQUAL_FATAL(pal_loop_start(loop, PAL_ROLE_LOOP, &err), PAL_OK);
	for (unsigned i = 0; i < count; i++) {
		pal_loop_post(loop, &o.job);
		while (atomic_load(&o.ran) <= i)
			sched_yield();
	}
	unsigned wakes = (unsigned)pal_loop_wakes(loop);
	pal_loop_stop(loop);
	pal_loop_join(loop);
	pal_loop_destroy(loop);
	return wakes;
}

TEST(a_loop_that_expects_something_lingers_and_need_not_be_woken)
{
	/* longer than any pause of this machine; the first wait, and the one behind it, may sleep */
	CU_ASSERT(post_one_by_one(5000000, 200) <= 2);
}

SUITE(loop, CASE(jobs_run_in_the_order_posted),
      CASE(a_job_posted_by_a_job_runs_in_the_next_batch_behind_the_tick),
      CASE(a_tick_with_more_work_is_called_again_without_any_event),
      CASE(deferred_jobs_run_in_order_behind_the_tick_and_the_loop_then_looks_again),
      CASE(what_a_deferred_job_makes_due_does_not_wait_for_an_event),
      CASE(stop_runs_what_was_posted_before_and_may_be_called_twice),
      CASE(a_started_loop_holds_its_roles_and_takes_no_signals),
      CASE(no_job_is_lost_or_overtaken_with_many_posters),
      CASE(a_sleeping_loop_is_woken_by_every_first_post),
      CASE(a_periodic_timer_repeats_and_may_be_destroyed_by_its_own_call),
      CASE(a_loop_that_expects_something_lingers_and_need_not_be_woken),
      CASE(a_stopped_timer_stays_silent_and_a_single_one_fires_once),
      CASE(a_watch_reports_until_all_is_read_and_may_be_destroyed_by_its_own_call),
      CASE(a_watch_at_rest_reports_nothing_and_one_on_a_file_is_refused))
