/* SPDX-License-Identifier: Apache-2.0 */
/* The indexes that are filled behind must answer as if they were complete, at every moment. */
#include "store/sqlite/tail.h"

#include <sqlite3.h>
#include <stdio.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

#define CONVERSATIONS 7
#define TURNS 40
#define SMALL_RUN 16	/* merged with every commit */
#define LONG_RUN 256
#define SHORTEST_SLICE 8	/* of a long run: keys */

struct world {
	struct fixture f;
	int64_t keys[CONVERSATIONS];
	int done;			/* turns of all conversations together */
};

static void name_turn(char *out, size_t size, int n)
{
	snprintf(out, size, "m%d", n);
}

/* Commit the next turn of the next conversation. */
static void add_turn(struct world *w)
{
	struct turn t;
	char prefix[32], id[32];
	int at = w->done % CONVERSATIONS, round = w->done / CONVERSATIONS;

	name_turn(prefix, sizeof(prefix), w->done);
	snprintf(id, sizeof(id), "c%d", at);
	turn_init(&t, 1, id, w->keys[at], 1 + 2 * round, prefix, 1);
	CU_ASSERT_EQUAL(commit_turn(&w->f, &t), PAL_UNIT_STORED);
	w->keys[at] = t.conversation.key;
	w->done++;
}

static bool is_found(struct world *w, const char *id, bool outbound)
{
	struct pal_arena arena = {0};
	struct pal_found_exchange found;
	enum pal_code code = w->f.store->ops->find_exchange(w->f.store, 0, (struct pal_tenant_key){1},
							    pal_str(id), outbound, &arena, &found, NULL);

	pal_arena_release(&arena);
	return code == PAL_OK;
}

static bool is_refused(struct world *w, int n)
{
	struct turn t;
	char prefix[32];

	name_turn(prefix, sizeof(prefix), n);
	turn_init(&t, 1, "other", 0, 1, prefix, 1);
	return commit_turn(&w->f, &t) == PAL_UNIT_DUPLICATE;
}

static bool expect_next(void *arg, const struct pal_exchange *exchange)
{
	int64_t *next = arg;

	if (exchange->in.sequence != *next)
		*next = -1000000;
	*next += 2;
	return true;
}

static void check_everything(struct world *w)
{
	char id[64];
	int missing = 0;

	for (int n = 0; n < w->done; n++) {
		snprintf(id, sizeof(id), "m%d-0", n);
		missing += !is_found(w, id, false);
		missing += !is_refused(w, n);
		snprintf(id, sizeof(id), "re-m%d-0", n);
		missing += !is_found(w, id, true);
	}
	CU_ASSERT_EQUAL(missing, 0);
	CU_ASSERT_FALSE(is_found(w, "m-never", false));
	for (int at = 0; at < CONVERSATIONS && at < w->done; at++) {
		int64_t next = 1, rounds = (w->done - at + CONVERSATIONS - 1) / CONVERSATIONS;
		CU_ASSERT_EQUAL(w->f.store->ops->walk_exchanges(w->f.store, 0,
								(struct pal_tenant_key){1},
								w->keys[at], 1, 1000, expect_next,
								&next, NULL), PAL_OK);
		CU_ASSERT_EQUAL(next, 1 + 2 * rounds);
	}
}

static void world_init_runs(struct world *w, size_t run_exchanges)
{
	*w = (struct world){0};
	fixture_init(&w->f);
	w->f.options.run_exchanges = run_exchanges;
	w->f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;	/* no power is cut here */
	fixture_open(&w->f);
}

static void world_init(struct world *w)
{
	world_init_runs(w, SMALL_RUN);
}

static void check_every_stage(size_t run_exchanges, int turns)
{
	struct world w;

	world_init_runs(&w, run_exchanges);
	for (int i = 0; i < turns; i++) {
		add_turn(&w);
		if (i % 5 == 0)
			check_everything(&w);
	}
	check_everything(&w);
	fixture_deinit(&w.f);
}

TEST(every_message_is_found_and_refused_at_every_stage_of_a_merge)
{
	check_every_stage(SMALL_RUN, CONVERSATIONS * TURNS);
	check_every_stage(LONG_RUN, LONG_RUN + CONVERSATIONS * TURNS / 2);
}

static int keys_on_disk(sqlite3_stmt *stmt)
{
	CU_ASSERT_EQUAL(sqlite3_step(stmt), SQLITE_ROW);
	int count = sqlite3_column_int(stmt, 0);
	sqlite3_reset(stmt);
	return count;
}

TEST(a_run_is_merged_in_slices_before_the_next_is_full)
{
	struct world w;
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int merged = 0, slices = 0;

	world_init_runs(&w, LONG_RUN);
	CU_ASSERT_EQUAL_FATAL(sqlite3_open(w.f.path, &db), SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, "SELECT count(*) FROM message_key", -1, &stmt,
						 NULL), SQLITE_OK);
	while (w.done < 4 * LONG_RUN) {
		add_turn(&w);
		int grown = keys_on_disk(stmt) - merged;
		CU_ASSERT(grown == 0 || grown >= SHORTEST_SLICE);
		merged += grown;
		slices += grown > 0;
		CU_ASSERT(w.done - merged < LONG_RUN + LONG_RUN / 2 + SHORTEST_SLICE);
	}
	CU_ASSERT_EQUAL(merged, 3 * LONG_RUN);
	CU_ASSERT_EQUAL(slices, 3 * LONG_RUN / SHORTEST_SLICE);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	fixture_deinit(&w.f);
}

TEST(reopening_in_the_middle_of_a_merge_loses_nothing)
{
	struct world w;

	world_init(&w);
	for (int i = 0; i < CONVERSATIONS * TURNS / 2; i++) {
		add_turn(&w);
		if (i % 3)
			continue;
		fixture_close(&w.f);
		fixture_open(&w.f);
		if (i % 6 == 0)
			check_everything(&w);
	}
	fixture_deinit(&w.f);
}

TEST(counts_hold_across_merges_and_reopening)
{
	struct world w;
	struct pal_store_counts counts = {0};

	world_init(&w);
	for (int i = 0; i < 100; i++)
		add_turn(&w);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(w.f.store->ops->count(w.f.store, 0, &counts, NULL), PAL_OK);
		CU_ASSERT_EQUAL(counts.conversations, CONVERSATIONS);
		CU_ASSERT_EQUAL(counts.exchanges, 100);
		CU_ASSERT_EQUAL(counts.messages, 200);
		fixture_close(&w.f);
		fixture_open(&w.f);
	}
	fixture_deinit(&w.f);
}

TEST(a_walk_starts_anywhere_in_a_long_conversation)
{
	struct world w;
	struct turn t;
	char prefix[32];
	int64_t key = 0;

	world_init(&w);
	for (int i = 0; i < 300; i++) {
		snprintf(prefix, sizeof(prefix), "l%d", i);
		turn_init(&t, 1, "long", key, 1 + 2 * i, prefix, 1);
		CU_ASSERT_EQUAL(commit_turn(&w.f, &t), PAL_UNIT_STORED);
		key = t.conversation.key;
	}
	for (int64_t from = -1; from <= 602; from += 1) {
		int64_t first = from < 1 ? 1 : (from - 1) / 2 * 2 + 1, next = first;
		CU_ASSERT_EQUAL(w.f.store->ops->walk_exchanges(w.f.store, 0,
							       (struct pal_tenant_key){1}, key, from,
							       50, expect_next, &next, NULL), PAL_OK);
		int64_t last = first + 100 < 601 ? first + 100 : 601;
		CU_ASSERT_EQUAL(next, first > 600 ? first : last);
	}
	fixture_deinit(&w.f);
}

TEST(ids_that_share_a_key_are_told_apart)
{
	struct pal_sqlite_tail tail;
	const struct pal_sqlite_totals totals = {0};

	pal_sqlite_tail_init(&tail);
	CU_ASSERT_FATAL(pal_sqlite_tail_stage(&tail, PAL_SQLITE_MESSAGES, 5, 1));
	CU_ASSERT_FATAL(pal_sqlite_tail_reserve(&tail));
	pal_sqlite_tail_publish(&tail, &totals);
	CU_ASSERT_FATAL(pal_sqlite_tail_freeze(&tail));
	CU_ASSERT_FATAL(pal_sqlite_tail_stage(&tail, PAL_SQLITE_MESSAGES, 5, 2));
	CU_ASSERT_FATAL(pal_sqlite_tail_stage(&tail, PAL_SQLITE_MESSAGES, 5, 3));
	CU_ASSERT_EQUAL(pal_sqlite_tail_next(&tail, PAL_SQLITE_MESSAGES, 5, 1), 0);
	CU_ASSERT_EQUAL(pal_sqlite_tail_next_staged(&tail, PAL_SQLITE_MESSAGES, 5, 0), 2);
	CU_ASSERT_FATAL(pal_sqlite_tail_reserve(&tail));
	pal_sqlite_tail_publish(&tail, &totals);

	CU_ASSERT_EQUAL(pal_sqlite_tail_next(&tail, PAL_SQLITE_MESSAGES, 5, 0), 1);
	CU_ASSERT_EQUAL(pal_sqlite_tail_next(&tail, PAL_SQLITE_MESSAGES, 5, 1), 2);
	CU_ASSERT_EQUAL(pal_sqlite_tail_next(&tail, PAL_SQLITE_MESSAGES, 5, 2), 3);
	CU_ASSERT_EQUAL(pal_sqlite_tail_next(&tail, PAL_SQLITE_MESSAGES, 5, 3), 0);
	CU_ASSERT_EQUAL(pal_sqlite_tail_next(&tail, PAL_SQLITE_REPLIES, 5, 0), 0);
	pal_sqlite_tail_deinit(&tail);
}

TEST(what_is_rolled_back_is_forgotten)
{
	struct pal_sqlite_tail tail;
	struct pal_sqlite_head head = {9, 1, 2, 1, 3};

	pal_sqlite_tail_init(&tail);
	CU_ASSERT_FATAL(pal_sqlite_tail_stage(&tail, PAL_SQLITE_REPLIES, 5, 1));
	CU_ASSERT_FATAL(pal_sqlite_tail_stage_head(&tail, &head));
	pal_sqlite_tail_unstage(&tail);
	CU_ASSERT_EQUAL(pal_sqlite_tail_next_staged(&tail, PAL_SQLITE_REPLIES, 5, 0), 0);
	CU_ASSERT_FALSE(pal_sqlite_tail_head_staged(&tail, 9, &head));
	pal_sqlite_tail_deinit(&tail);
}

SUITE(sqlite_tail, CASE(every_message_is_found_and_refused_at_every_stage_of_a_merge),
      CASE(a_run_is_merged_in_slices_before_the_next_is_full),
      CASE(reopening_in_the_middle_of_a_merge_loses_nothing),
      CASE(counts_hold_across_merges_and_reopening),
      CASE(a_walk_starts_anywhere_in_a_long_conversation),
      CASE(ids_that_share_a_key_are_told_apart), CASE(what_is_rolled_back_is_forgotten))
