/* SPDX-License-Identifier: Apache-2.0 */
#include "store/front.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/metrics.h"
#include "store/material.h"
#include "store/store.h"
#include "suite.h"

/* A front driven by hand; the embedded kind has lanes, the memory kind has none. */
struct stand {
	char dir[64], path[96];
	struct pal_clock_fake clock;
	struct pal_store *store;
	struct pal_store_front *front;
	struct pal_arena arena;
};

static void stand_init_limited(struct stand *s, const char *kind, uint32_t queue_max,
			       size_t max_bytes)
{
	struct pal_error err = {0};

	*s = (struct stand){0};
	snprintf(s->dir, sizeof(s->dir), "/tmp/palaver-front-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/store.db", s->dir);
	pal_clock_fake_init(&s->clock, 1700000000000);
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&(struct pal_store_config){.kind = kind,
									.path = s->path,
									.readers = 2,
									.max_bytes = max_bytes},
					     &s->store, &err),
			      PAL_OK);
	CU_ASSERT_EQUAL_FATAL(
		pal_store_front_create(s->store,
				       &(struct pal_store_front_options){.queue_max = queue_max,
									 .clock = &s->clock.clock},
				       &s->front, &err),
		PAL_OK);
}

static void stand_init(struct stand *s, const char *kind, uint32_t queue_max)
{
	stand_init_limited(s, kind, queue_max, 0);
}

static void stand_deinit(struct stand *s)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-lock"};
	char path[128];

	pal_store_front_stop(s->front);
	pal_store_front_destroy(s->front);
	pal_store_destroy(s->store);
	pal_arena_release(&s->arena);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", s->path, endings[i]);
		unlink(path);
	}
	CU_ASSERT_EQUAL(rmdir(s->dir), 0);
}

/* What was done, in order: one letter each. */
static pthread_mutex_t done_lock = PTHREAD_MUTEX_INITIALIZER;
static char done[64];

static void note(char c)
{
	pthread_mutex_lock(&done_lock);
	size_t n = strlen(done);
	if (n + 1 < sizeof(done)) {
		done[n] = c;
		done[n + 1] = '\0';
	}
	pthread_mutex_unlock(&done_lock);
}

struct probe {
	struct pal_query query;
	char name;
	struct pal_store_counts seen;
};

static void probe_run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct probe *probe = (struct probe *)query;

	CU_ASSERT_EQUAL(pal_store_count(store, reader, &probe->seen, NULL), PAL_OK);
}

static void probe_done(struct pal_query *query)
{
	note(((struct probe *)query)->name);
}

static void commit_done(struct pal_commit *commit)
{
	note(commit->unit.verdict == PAL_UNIT_STORED ? 'c' : 'x');
}

static struct pal_commit make_commit(struct stand *s, const char *id)
{
	struct pal_unit *unit = make_unit(
		&s->arena, &(struct unit_spec){.conversation = id, .count = 1, .prefix = id});

	return (struct pal_commit){.unit = *unit, .done = commit_done};
}

static struct probe make_probe(char name)
{
	return (struct probe){.query = {.run = probe_run, .done = probe_done}, .name = name};
}

TEST(a_kind_that_does_not_block_is_done_within_the_call)
{
	struct stand s;
	struct probe read = make_probe('r'), write = make_probe('w');

	done[0] = '\0';
	stand_init(&s, "memory", 1);
	struct pal_commit commit = make_commit(&s, "a");
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &commit), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_query(s.front, &read.query), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_write(s.front, &write.query), PAL_PUT_QUEUED);
	CHECK_STR(done, "crw");
	CU_ASSERT_EQUAL(read.seen.messages, 2);
	stand_deinit(&s);
}

TEST(all_commits_that_wait_become_one_group)
{
	struct stand s;
	struct pal_commit commits[3];

	done[0] = '\0';
	stand_init(&s, "sqlite", 8);
	double before = pal_metric_value(pal_metric_register(&(struct pal_metric_desc){
		.name = "store_commits_total", .help = "", .kind = PAL_METRIC_COUNTER}));
	for (size_t i = 0; i < 3; i++) {
		commits[i] = make_commit(&s, i == 2 ? "a" : i ? "b" : "a");
		CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &commits[i]), PAL_PUT_QUEUED);
	}
	CHECK_STR(done, "");
	pal_store_front_step(s.front);
	CHECK_STR(done, "ccx");	/* the third is the first again */
	double after = pal_metric_value(pal_metric_register(&(struct pal_metric_desc){
		.name = "store_commits_total", .help = "", .kind = PAL_METRIC_COUNTER}));
	CU_ASSERT_EQUAL(after - before, 1);
	stand_deinit(&s);
}

TEST(a_write_is_done_after_the_commits_put_before_it)
{
	struct stand s;
	struct probe write = make_probe('w');

	done[0] = '\0';
	stand_init(&s, "sqlite", 8);
	struct pal_commit first = make_commit(&s, "a"), second = make_commit(&s, "b");
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &first), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_write(s.front, &write.query), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &second), PAL_PUT_QUEUED);
	pal_store_front_step(s.front);
	CHECK_STR(done, "ccw");
	CU_ASSERT_EQUAL(write.seen.conversations, 2);
	stand_deinit(&s);
}

static void record_done(struct pal_record_commit *commit)
{
	note(commit->write.verdict == PAL_RECORD_STORED ? 'r' : 'x');
}

static struct pal_record_commit make_record(const char *id, int64_t expected)
{
	return (struct pal_record_commit){
		.write = {.tenant = {1},
			  .record = {.kind = PAL_STR("session"), .id = pal_str(id)},
			  .expected = expected},
		.done = record_done,
	};
}

TEST(records_are_written_after_the_commits_and_before_the_writes)
{
	struct stand s;
	struct probe write = make_probe('w');
	struct pal_record_commit records[] = {make_record("a", 0), make_record("a", 0),
					      make_record("a", 1), make_record("", 0)};

	done[0] = '\0';
	stand_init(&s, "sqlite", 8);
	struct pal_commit commit = make_commit(&s, "a");
	CU_ASSERT_EQUAL(pal_store_front_write(s.front, &write.query), PAL_PUT_QUEUED);
	for (size_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(pal_store_front_record(s.front, &records[i]), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &commit), PAL_PUT_QUEUED);
	pal_store_front_step(s.front);
	CHECK_STR(done, "crxrxw");
	CU_ASSERT_EQUAL(records[1].write.verdict, PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(records[2].write.record.version, 2);
	CU_ASSERT_EQUAL(records[3].write.err.code, PAL_E_VALIDATION);
	CU_ASSERT_TRUE(pal_store_front_is_healthy(s.front));
	stand_deinit(&s);
}

/* How many of records a and b are stored. */
static unsigned count_records(struct stand *s)
{
	struct pal_record record;
	unsigned count = 0;

	for (size_t i = 0; i < 2; i++)
		count += pal_store_load_record(s->store, 0, (struct pal_tenant_key){1},
					       PAL_STR("session"),
					       i ? PAL_STR("b") : PAL_STR("a"), &s->arena, &record,
					       NULL) == PAL_OK;
	return count;
}

TEST(what_goes_before_a_record_is_stored_with_it_or_neither_is)
{
	static const struct {
		const char *kind;
		size_t bytes;
		unsigned stored;
	} cases[] = {{"sqlite", 10, 2}, {"sqlite", 1000000, 0}, {"memory", 10, 2}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stand s;
		struct pal_record_commit before = make_record("a", 0), record = make_record("b", 0);
		done[0] = '\0';
		stand_init_limited(&s, cases[i].kind, 8, 800000);
		record.before = &before.write;
		record.write.record.body = repeat(&s.arena, "1", cases[i].bytes);
		CU_ASSERT_EQUAL(pal_store_front_record(s.front, &record), PAL_PUT_QUEUED);
		pal_store_front_step(s.front);
		CHECK_STR(done, cases[i].stored ? "r" : "x");
		CU_ASSERT_EQUAL(count_records(&s), cases[i].stored);
		CU_ASSERT_EQUAL(before.write.verdict, record.write.verdict);
		stand_deinit(&s);
	}
}

TEST(a_record_is_written_within_the_call_or_refused_when_stopped)
{
	struct stand s;
	struct pal_record_commit first = make_record("a", 0), late = make_record("b", 0);

	done[0] = '\0';
	stand_init(&s, "memory", 1);
	CU_ASSERT_EQUAL(pal_store_front_record(s.front, &first), PAL_PUT_QUEUED);
	CHECK_STR(done, "r");
	pal_store_front_stop(s.front);
	CU_ASSERT_EQUAL(pal_store_front_record(s.front, &late), PAL_PUT_FULL);
	CHECK_STR(done, "r");
	stand_deinit(&s);
}

TEST(a_record_that_cannot_be_stored_is_told_and_the_store_is_ill)
{
	struct stand s;
	struct pal_record_commit great = make_record("a", 0);

	done[0] = '\0';
	stand_init_limited(&s, "memory", 8, 64 << 10);
	great.write.record.body = repeat(&s.arena, "1", 100000);
	CU_ASSERT_EQUAL(pal_store_front_record(s.front, &great), PAL_PUT_QUEUED);
	CHECK_STR(done, "x");
	CU_ASSERT_EQUAL(great.write.verdict, PAL_RECORD_FAILED);
	CU_ASSERT_EQUAL(great.write.err.code, PAL_E_SERVICE);
	CU_ASSERT_TRUE(great.write.err.retry_after_ms > 0);
	CU_ASSERT_FALSE(pal_store_front_is_healthy(s.front));
	stand_deinit(&s);
}

TEST(a_full_lane_refuses_and_never_calls_done)
{
	struct stand s;
	struct probe reads[3] = {make_probe('1'), make_probe('2'), make_probe('3')};

	done[0] = '\0';
	stand_init(&s, "sqlite", 1);
	struct pal_commit first = make_commit(&s, "a"), second = make_commit(&s, "b");
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &first), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &second), PAL_PUT_FULL);
	/* Two read lanes of one place each: the third finds none. */
	CU_ASSERT_EQUAL(pal_store_front_query(s.front, &reads[0].query), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_query(s.front, &reads[1].query), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_store_front_query(s.front, &reads[2].query), PAL_PUT_FULL);
	while (pal_store_front_step(s.front))
		;
	CHECK_STR(done, "c12");
	stand_deinit(&s);
}

TEST(the_read_lanes_share_the_queries)
{
	struct stand s;
	struct probe reads[6];

	done[0] = '\0';
	stand_init(&s, "sqlite", 8);
	for (size_t i = 0; i < 6; i++) {
		reads[i] = make_probe((char)('1' + i));
		CU_ASSERT_EQUAL(pal_store_front_query(s.front, &reads[i].query), PAL_PUT_QUEUED);
	}
	while (pal_store_front_step(s.front))
		;
	CHECK_STR(done, "135246");	/* by turns, each lane's in order */
	stand_deinit(&s);
}

TEST(a_group_is_no_larger_than_allowed)
{
	struct stand s;
	struct pal_commit commits[5];
	static const char *const ids[] = {"a", "b", "c", "d", "e"};

	done[0] = '\0';
	stand_init(&s, "sqlite", 8);
	pal_store_front_stop(s.front);
	pal_store_front_destroy(s.front);
	CU_ASSERT_EQUAL_FATAL(
		pal_store_front_create(s.store, &(struct pal_store_front_options){.batch_max = 2},
				       &s.front, NULL),
		PAL_OK);
	for (size_t i = 0; i < 5; i++) {
		commits[i] = make_commit(&s, ids[i]);
		CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &commits[i]), PAL_PUT_QUEUED);
	}
	CU_ASSERT_TRUE(pal_store_front_step(s.front));
	CHECK_STR(done, "cc");
	pal_store_front_step(s.front);
	pal_store_front_step(s.front);
	CHECK_STR(done, "ccccc");
	stand_deinit(&s);
}

TEST(stop_does_what_waits_and_refuses_the_rest)
{
	struct stand s;
	struct probe read = make_probe('r');
	static const char *const kinds[] = {"memory", "sqlite"};

	for (size_t i = 0; i < 2; i++) {
		done[0] = '\0';
		stand_init(&s, kinds[i], 8);
		struct pal_commit first = make_commit(&s, "a"), second = make_commit(&s, "b");
		CU_ASSERT_EQUAL(pal_store_front_start(s.front, NULL), PAL_OK);
		CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &first), PAL_PUT_QUEUED);
		CU_ASSERT_EQUAL(pal_store_front_query(s.front, &read.query), PAL_PUT_QUEUED);
		pal_store_front_stop(s.front);
		CU_ASSERT_EQUAL(strlen(done), 2);
		CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &second), PAL_PUT_FULL);
		CU_ASSERT_EQUAL(pal_store_front_query(s.front, &read.query), PAL_PUT_FULL);
		CU_ASSERT_EQUAL(pal_store_front_write(s.front, &read.query), PAL_PUT_FULL);
		CU_ASSERT_EQUAL(strlen(done), 2);
		stand_deinit(&s);
	}
}

TEST(a_store_that_does_not_answer_for_a_second_is_not_healthy)
{
	struct stand s;
	char text[PAL_STORE_HEALTH_TEXT_SIZE];

	stand_init(&s, "sqlite", 8);
	CU_ASSERT_TRUE(pal_store_front_is_healthy(s.front));	/* the ping is out */
	pal_clock_fake_advance_ms(&s.clock, 1001);
	CU_ASSERT_FALSE(pal_store_front_is_healthy(s.front));
	CHECK_STR(pal_store_front_health_text(s.front, text), "no answer for 1001 ms");
	while (pal_store_front_step(s.front))
		;
	CU_ASSERT_TRUE(pal_store_front_is_healthy(s.front));
	CHECK_STR(pal_store_front_health_text(s.front, text), "ok");
	stand_deinit(&s);
}

TEST(a_group_that_failed_is_ill_until_the_next_is_stored)
{
	struct stand s;
	char text[PAL_STORE_HEALTH_TEXT_SIZE];

	done[0] = '\0';
	stand_init_limited(&s, "memory", 8, 64 << 10);
	struct pal_commit great = make_commit(&s, "great"), small = make_commit(&s, "small");
	exchange_of(&great.unit, 0)->state = repeat(&s.arena, "1", 100000);
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &great), PAL_PUT_QUEUED);
	CU_ASSERT_FALSE(pal_store_front_is_healthy(s.front));
	CHECK_STR(pal_store_front_health_text(s.front, text),
		  "cannot store: the memory store is full");
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &small), PAL_PUT_QUEUED);
	CU_ASSERT_TRUE(pal_store_front_is_healthy(s.front));
	CHECK_STR(done, "xc");
	stand_deinit(&s);
}

TEST(a_unit_unfit_in_itself_says_nothing_about_the_store)
{
	struct stand s;

	done[0] = '\0';
	stand_init(&s, "memory", 8);
	struct pal_commit bad = make_commit(&s, "bad");
	bad.unit.tenant.n = 0;
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &bad), PAL_PUT_QUEUED);
	CHECK_STR(done, "x");
	CU_ASSERT_TRUE(pal_store_front_is_healthy(s.front));
	stand_deinit(&s);
}

struct seeker {
	struct pal_query query;		/* first */
	size_t found;
	_Atomic bool is_back;
};

static bool count_key(void *arg, int64_t key)
{
	(void)key;
	++*(size_t *)arg;
	return true;
}

static void seek(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct seeker *seeker = (struct seeker *)query;

	(void)!pal_store_search_text(store, reader, (struct pal_tenant_key){1}, PAL_STR("text"), 9,
				     count_key, &seeker->found, NULL);
}

static void seek_done(struct pal_query *query)
{
	atomic_store(&((struct seeker *)query)->is_back, true);
}

/* Nobody asks for it, and nobody is told: look until it is there, for ten seconds at most. */
TEST(texts_are_indexed_once_all_is_quiet)
{
	struct stand s;
	struct seeker seeker = {.query = {.run = seek, .done = seek_done}};
	int64_t until_ns = pal_clock_mono_ns(pal_clock_system()) + INT64_C(10000000000);
	struct pal_error err;

	done[0] = '\0';
	stand_init(&s, "sqlite", 8);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_start(s.front, &err), PAL_OK);
	struct pal_commit commit = make_commit(&s, "a");
	CU_ASSERT_EQUAL(pal_store_front_commit(s.front, &commit), PAL_PUT_QUEUED);
	while (seeker.found == 0 && pal_clock_mono_ns(pal_clock_system()) < until_ns) {
		atomic_store(&seeker.is_back, false);
		CU_ASSERT_EQUAL_FATAL(pal_store_front_query(s.front, &seeker.query), PAL_PUT_QUEUED);
		while (!atomic_load(&seeker.is_back))
			sched_yield();
	}
	CU_ASSERT_EQUAL(seeker.found, 1);
	stand_deinit(&s);
}

SUITE(store_front, CASE(texts_are_indexed_once_all_is_quiet),
      CASE(a_kind_that_does_not_block_is_done_within_the_call),
      CASE(all_commits_that_wait_become_one_group),
      CASE(a_write_is_done_after_the_commits_put_before_it),
      CASE(records_are_written_after_the_commits_and_before_the_writes),
      CASE(what_goes_before_a_record_is_stored_with_it_or_neither_is),
      CASE(a_record_is_written_within_the_call_or_refused_when_stopped),
      CASE(a_record_that_cannot_be_stored_is_told_and_the_store_is_ill),
      CASE(a_full_lane_refuses_and_never_calls_done),
      CASE(the_read_lanes_share_the_queries), CASE(a_group_is_no_larger_than_allowed),
      CASE(stop_does_what_waits_and_refuses_the_rest),
      CASE(a_store_that_does_not_answer_for_a_second_is_not_healthy),
      CASE(a_group_that_failed_is_ill_until_the_next_is_stored),
      CASE(a_unit_unfit_in_itself_says_nothing_about_the_store))
