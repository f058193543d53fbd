/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/schema.h"

#include <stdio.h>
#include <string.h>

#include "store/sqlite/seal.h"
#include "store/sqlite/text.h"
#include "store/sqlite_fixture.h"
#include "suite.h"

static sqlite3 *open_plain(const struct fixture *f)
{
	sqlite3 *db = NULL;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(f->path, &db), SQLITE_OK);
	return db;
}

static int ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int value = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

TEST(an_older_schema_is_brought_forward_step_by_step)
{
	static const char *const steps[] = {
		"CREATE TABLE a(x INTEGER); INSERT INTO a VALUES(40);",
		"ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = 2;",
		"CREATE TABLE b AS SELECT x + y AS z FROM a;",
	};
	struct fixture f;

	fixture_init(&f);
	sqlite3 *db = open_plain(&f);
	CU_ASSERT_EQUAL(pal_sqlite_schema_upgrade(db, steps, 1, NULL), PAL_OK);
	CU_ASSERT_EQUAL(ask(db, "PRAGMA user_version"), 1);
	CU_ASSERT_EQUAL(pal_sqlite_schema_upgrade(db, steps, 3, NULL), PAL_OK);
	CU_ASSERT_EQUAL(ask(db, "PRAGMA user_version"), 3);
	CU_ASSERT_EQUAL(ask(db, "SELECT z FROM b"), 42);
	CU_ASSERT_EQUAL(pal_sqlite_schema_upgrade(db, steps, 3, NULL), PAL_OK);
	CU_ASSERT_EQUAL(ask(db, "SELECT count(*) FROM a"), 1);
	sqlite3_close(db);
	fixture_deinit(&f);
}

TEST(a_step_that_fails_leaves_the_version_before_it)
{
	static const char *const steps[] = {
		"CREATE TABLE a(x INTEGER)",
		"CREATE TABLE b(x INTEGER); INSERT INTO nowhere VALUES(1);",
	};
	struct fixture f;
	struct pal_error err = {0};

	fixture_init(&f);
	sqlite3 *db = open_plain(&f);
	CU_ASSERT_EQUAL(pal_sqlite_schema_upgrade(db, steps, 2, &err), PAL_E_SERVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "nowhere"));
	CU_ASSERT_EQUAL(ask(db, "PRAGMA user_version"), 1);
	CU_ASSERT_EQUAL(ask(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
	sqlite3_close(db);
	fixture_deinit(&f);
}

/* Heads as version 1 sealed them. */
static void seal_heads_anew(sqlite3 *db)
{
	sqlite3_stmt *heads = NULL, *update = NULL;

	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, "SELECT conversation, exchange, sequence, "
						     "tenant FROM head", -1, &heads, NULL),
			      SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, "UPDATE head SET seal = ?2 "
						     "WHERE conversation = ?1", -1, &update, NULL),
			      SQLITE_OK);
	while (sqlite3_step(heads) == SQLITE_ROW) {
		const struct pal_sqlite_head head = {
			sqlite3_column_int64(heads, 0), sqlite3_column_int64(heads, 1),
			sqlite3_column_int64(heads, 2), sqlite3_column_int64(heads, 3), 0};
		sqlite3_bind_int64(update, 1, head.conversation);
		sqlite3_bind_int64(update, 2, pal_sqlite_seal_head(&head));
		CU_ASSERT_EQUAL(sqlite3_step(update), SQLITE_DONE);
		sqlite3_reset(update);
	}
	sqlite3_finalize(heads);
	sqlite3_finalize(update);
}

/* Exchanges as they were sealed before any was part of a chain. */
static void seal_exchanges_anew(sqlite3 *db)
{
	sqlite3_stmt *rows = NULL, *update = NULL;
	struct pal_sqlite_place place;
	struct pal_exchange exchange;

	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, pal_sqlite_query_text(PAL_SQLITE_ALL_EXCHANGES),
						 -1, &rows, NULL),
			      SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, "UPDATE exchange SET seal = ?2 WHERE id = ?1",
						 -1, &update, NULL),
			      SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		CU_ASSERT_TRUE(pal_sqlite_read_exchange(rows, &place, &exchange));
		place.link.seq = 0;
		sqlite3_bind_int64(update, 1, place.exchange);
		sqlite3_bind_int64(update, 2, pal_sqlite_seal_exchange(&place, &exchange));
		CU_ASSERT_EQUAL(sqlite3_step(update), SQLITE_DONE);
		sqlite3_reset(update);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(update);
}

/* What a later version added is taken away again, so that the file is as version 1 left it. */
static void bring_back_to_version_1(const struct fixture *f)
{
	sqlite3 *db = open_plain(f);

	seal_exchanges_anew(db);
	CU_ASSERT_EQUAL(sqlite3_exec(db,
				     "DROP TABLE record; DROP TABLE audit;"
				     "DROP TABLE audit_head; DROP TABLE audit_milestone;"
				     "ALTER TABLE exchange DROP COLUMN audit_seq;"
				     "ALTER TABLE exchange DROP COLUMN audit_previous;"
				     "ALTER TABLE exchange DROP COLUMN audit_veil;"
				     "ALTER TABLE exchange DROP COLUMN audit_hash;"
				     "ALTER TABLE tenant DROP COLUMN profile;"
				     "ALTER TABLE api_key DROP COLUMN rules;"
				     "DROP TABLE user_conversation; DROP TABLE behind; DROP TABLE words;"
				     "ALTER TABLE head DROP COLUMN received_ms;"
				     "ALTER TABLE conversation DROP COLUMN ended_ms;"
				     "ALTER TABLE conversation DROP COLUMN deleted;"
				     "ALTER TABLE conversation DROP COLUMN details;"
				     "ALTER TABLE conversation DROP COLUMN erasure;"
				     "PRAGMA user_version=1",
				     NULL, NULL, NULL),
			SQLITE_OK);
	seal_heads_anew(db);
	sqlite3_close(db);
}

static bool expect_six(void *arg, const struct pal_conversation *c)
{
	CU_ASSERT_EQUAL(c->last_sequence, 6);
	CU_ASSERT_EQUAL(c->last_activity_ms, 1505);
	++*(size_t *)arg;
	return true;
}

TEST(a_database_of_version_1_is_opened_with_all_it_has)
{
	struct fixture f;
	struct turn t;
	char id[16];
	size_t listed = 0;
	struct pal_arena arena = {0};
	struct pal_found_exchange found;
	struct pal_record_write write = {.tenant = {1},
					 .record = {.kind = PAL_STR("k"), .id = PAL_STR("i")}};
	struct pal_record_write *writes = &write;

	fixture_init(&f);
	f.options.run_exchanges = 2;
	fixture_open(&f);
	for (int i = 0; i < 20; i++) {	/* most of the heads are merged */
		snprintf(id, sizeof(id), "old%d", i);
		turn_init(&t, 1, id, 0, 1, i ? id : "old", 3);
		CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
	}
	fixture_close(&f);
	bring_back_to_version_1(&f);
	fixture_open(&f);
	CU_ASSERT_EQUAL(f.store->ops->find_exchange(f.store, 0, t.unit.tenant, PAL_STR("old-2"),
						    false, &arena, &found, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(found.conversation.last_sequence, 6);
	CU_ASSERT_EQUAL(f.store->ops->walk_conversations(f.store, 0, t.unit.tenant,
							 (struct pal_str){NULL, 0}, expect_six,
							 &listed, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(listed, 20);
	f.store->ops->commit(f.store, NULL, 0, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
	/* The chain begins with what is stored from now on. */
	struct pal_audit_head head = {.seq = -1};
	CU_ASSERT_EQUAL(f.store->ops->audit_head(f.store, 0, t.unit.tenant, &head, NULL), PAL_OK);
	CU_ASSERT_EQUAL(head.seq, 0);
	turn_init(&t, 1, "new", 0, 1, "new", 3);
	CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(f.store->ops->audit_head(f.store, 0, t.unit.tenant, &head, NULL), PAL_OK);
	CU_ASSERT_EQUAL(head.seq, 3);
	fixture_close(&f);
	CU_ASSERT_EQUAL(pal_sqlite_check(f.path, NULL), PAL_OK);
	pal_arena_release(&arena);
	fixture_deinit(&f);
}

TEST(a_library_without_what_search_needs_is_refused)
{
	struct fixture f;
	struct pal_error err = {0};

	fixture_init(&f);
	sqlite3 *db = open_plain(&f);
	CU_ASSERT_EQUAL(pal_sqlite_need_module(db, "fts5", &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_sqlite_need_module(db, "fts99", &err), PAL_E_CONFIG);
	CU_ASSERT_STRING_EQUAL(err.subject, "store.kind");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "was built without fts99"));
	sqlite3_close(db);
	fixture_deinit(&f);
}

static void expect_refusal(const char *sql, const char *said)
{
	struct fixture f;
	struct pal_error err = {0};

	fixture_init(&f);
	sqlite3 *db = open_plain(&f);
	CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	CU_ASSERT_EQUAL(pal_sqlite_open(&f.options, &f.store, &err), PAL_E_CONFIG);
	CU_ASSERT_STRING_EQUAL(err.subject, "store.sqlite.path");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, said));
	CU_ASSERT_PTR_NULL(f.store);
	fixture_deinit(&f);
}

TEST(a_newer_schema_is_refused)
{
	expect_refusal("PRAGMA application_id=0x50414c56; PRAGMA user_version=99",
		       "schema version 99");
}

TEST(another_programs_database_is_refused)
{
	expect_refusal("CREATE TABLE theirs(x)", "another program");
	expect_refusal("PRAGMA application_id=7; CREATE TABLE theirs(x)", "another program");
}

TEST(a_file_that_is_no_database_is_refused)
{
	struct fixture f;
	struct pal_error err = {0};

	fixture_init(&f);
	FILE *file = fopen(f.path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	for (int i = 0; i < 1000; i++)
		fputs("dear diary, ", file);
	fclose(file);
	CU_ASSERT_EQUAL(pal_sqlite_open(&f.options, &f.store, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "is not an SQLite database"));
	fixture_deinit(&f);
}

TEST(a_folder_that_is_not_there_is_named)
{
	struct fixture f;
	struct pal_error err = {0};

	fixture_init(&f);
	f.options.config.path = "/nonexistent/palaver/store.db";
	CU_ASSERT_EQUAL(pal_sqlite_open(&f.options, &f.store, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "/nonexistent/palaver/store.db"));
	fixture_deinit(&f);
}

SUITE(sqlite_schema, CASE(an_older_schema_is_brought_forward_step_by_step),
      CASE(a_step_that_fails_leaves_the_version_before_it),
      CASE(a_library_without_what_search_needs_is_refused),
      CASE(a_database_of_version_1_is_opened_with_all_it_has), CASE(a_newer_schema_is_refused),
      CASE(another_programs_database_is_refused), CASE(a_file_that_is_no_database_is_refused),
      CASE(a_folder_that_is_not_there_is_named))
