/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/sqlite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

TEST(what_was_stored_is_found_again_after_reopening)
{
	struct fixture f;
	struct turn t;
	struct pal_arena arena = {0};
	struct pal_conversation c = {0};
	struct pal_found_exchange found = {0};

	fixture_init(&f);
	fixture_open(&f);
	turn_init(&t, 1, "c1", 0, 1, "m", 3);
	CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
	CU_ASSERT(t.conversation.key > 0);
	fixture_close(&f);
	fixture_open(&f);

	CU_ASSERT_EQUAL(f.store->ops->load_conversation(f.store, 0, t.unit.tenant, PAL_STR("c1"),
							&arena, &c, NULL), PAL_OK);
	CU_ASSERT_EQUAL(c.key, t.conversation.key);
	CU_ASSERT_EQUAL(c.last_sequence, 6);
	CU_ASSERT_EQUAL(c.last_activity_ms, 1505);
	CU_ASSERT(pal_str_equal(c.state, PAL_STR("{\"turns\":1}")));
	CU_ASSERT_EQUAL(f.store->ops->find_exchange(f.store, 1, t.unit.tenant, PAL_STR("m-1"),
						    false, &arena, &found, NULL), PAL_OK);
	CU_ASSERT(pal_str_equal(found.exchange.in.content.text, PAL_STR("hello m")));
	CU_ASSERT(pal_str_equal(found.exchange.out.content.text, PAL_STR("said \"so\"")));
	CU_ASSERT_EQUAL(found.conversation.last_sequence, 6);
	CU_ASSERT_EQUAL(f.store->ops->find_exchange(f.store, 1, t.unit.tenant, PAL_STR("re-m-2"),
						    true, &arena, &found, NULL), PAL_OK);
	CU_ASSERT_EQUAL(found.exchange.in.sequence, 5);
	CU_ASSERT_EQUAL(f.store->ops->find_exchange(f.store, 1, (struct pal_tenant_key){2},
						    PAL_STR("m-1"), false, &arena, &found, NULL),
			PAL_E_NOT_FOUND);
	pal_arena_release(&arena);
	fixture_deinit(&f);
}

TEST(a_unit_that_conflicts_takes_no_other_with_it)
{
	struct fixture f;
	struct turn a, b, c, d, *turns[] = {&a, &b, &c, &d};

	fixture_init(&f);
	fixture_open(&f);
	turn_init(&a, 1, "c1", 0, 1, "a", 1);
	turn_init(&b, 1, "c1", 0, 1, "b", 1);	/* the id is taken */
	turn_init(&c, 1, "c2", 0, 1, "a", 1);	/* the message is known */
	turn_init(&d, 2, "c1", 0, 1, "a", 1);	/* another tenant's */
	commit_turns(&f, turns, 4);
	CU_ASSERT_EQUAL(a.unit.verdict, PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(b.unit.verdict, PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(c.unit.verdict, PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(c.unit.at, 0);
	CU_ASSERT_EQUAL(d.unit.verdict, PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(b.conversation.key, 0);

	turn_init(&b, 1, "c1", a.conversation.key, 5, "gap", 1);
	turn_init(&c, 1, "c1", d.conversation.key, 3, "foreign", 1);
	turn_init(&d, 1, "c1", a.conversation.key, 3, "next", 2);
	turn_init(&a, 1, "c1", d.conversation.key, 7, "after", 1);
	struct turn *more[] = {&b, &c, &d, &a};
	commit_turns(&f, more, 4);
	CU_ASSERT_EQUAL(b.unit.verdict, PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(c.unit.verdict, PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(d.unit.verdict, PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(a.unit.verdict, PAL_UNIT_STORED);
	fixture_deinit(&f);
}

TEST(the_files_are_the_owners_alone)
{
	struct fixture f;
	struct stat st;

	fixture_init(&f);
	fixture_open(&f);
	CU_ASSERT_EQUAL(stat(f.path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	fixture_deinit(&f);
}

TEST(a_second_store_on_the_same_file_is_refused)
{
	struct fixture f;
	struct pal_store *second = NULL;
	struct pal_error err = {0};

	fixture_init(&f);
	fixture_open(&f);
	CU_ASSERT_EQUAL(pal_sqlite_open(&f.options, &second, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(second);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "in use by another process"));
	fixture_deinit(&f);
}

/* Up to which conversation the users' are indexed. */
static int64_t users_indexed(const struct fixture *f)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t to = -1;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, "SELECT conversation FROM behind", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		to = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return to;
}

TEST(users_that_fall_far_behind_are_indexed_while_nothing_waits)
{
	static struct turn turns[50];
	struct turn *group[50];
	struct fixture f;
	char id[32];

	fixture_init(&f);
	f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;
	fixture_open(&f);
	for (int n = 0; n < 17000; n += 50) {
		for (int i = 0; i < 50; i++) {
			snprintf(id, sizeof(id), "c%d", n + i);
			turn_init(&turns[i], 1, id, 0, 1, id, 0);
			group[i] = &turns[i];
		}
		commit_turns(&f, group, 50);
		CU_ASSERT_EQUAL_FATAL(turns[49].unit.verdict, PAL_UNIT_STORED);
		if (n == 16000)		/* not so many that it would matter */
			CU_ASSERT_FALSE(f.store->ops->idle(f.store));
	}
	CU_ASSERT_EQUAL(users_indexed(&f), 0);
	while (f.store->ops->idle(f.store))
		continue;
	CU_ASSERT(users_indexed(&f) >= 17000 - 16384);
	fixture_deinit(&f);
}

SUITE(sqlite, CASE(users_that_fall_far_behind_are_indexed_while_nothing_waits),
      CASE(what_was_stored_is_found_again_after_reopening),
      CASE(a_unit_that_conflicts_takes_no_other_with_it), CASE(the_files_are_the_owners_alone),
      CASE(a_second_store_on_the_same_file_is_refused))
