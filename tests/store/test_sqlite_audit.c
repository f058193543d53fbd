/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who edits, deletes, moves, doubles or adds records of the audit trail in the file is found out: the
 * proof names the very record.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

static const struct pal_tenant_key tenant = {1};

static struct {
	int64_t seq, broken, cut;
	int tenants;
	char what[96];
} told;

static void tell(void *arg, struct pal_str name, const struct pal_audit_proof *proof)
{
	(void)arg;
	(void)name;
	told.tenants++;
	told.seq = proof->seq;
	told.broken = proof->broken;
	told.cut = proof->cut;
	snprintf(told.what, sizeof(told.what), "%s", proof->what ? proof->what : "");
}

/* 200 exchanges, an event behind every second, in one tenant: records 1..300. */
static void fill(struct fixture *f)
{
	struct turn t;
	struct pal_tenant made = {.id = PAL_STR("acme"), .status = PAL_TENANT_ACTIVE};

	fixture_init(f);
	fixture_open(f);
	CU_ASSERT_EQUAL(f->store->ops->put_tenant(f->store, &made, NULL), PAL_OK);
	CU_ASSERT_EQUAL(made.key.n, tenant.n);
	for (int i = 0; i < 100; i++) {
		char id[16];
		snprintf(id, sizeof(id), "c%d", i);
		turn_init(&t, tenant.n, id, 0, 1, id, 2);
		CU_ASSERT_EQUAL(commit_turn(f, &t), PAL_UNIT_STORED);
		const struct pal_audit_event event = {.at_ms = i + 1,
						      .event_type = PAL_STR("test.done"),
						      .user_id = PAL_STR("ann"),
						      .resource_id = PAL_STR("thing"),
						      .result = PAL_STR("success"),
						      .data = PAL_STR("{\"n\":1}")};
		CU_ASSERT_EQUAL(f->store->ops->add_audit(f->store, tenant, &event, 1, NULL),
				PAL_OK);
	}
}

static void run_sql(const struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	char *error = NULL;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		CU_FAIL(sql);
	sqlite3_free(error);
	sqlite3_close(db);
}

static void prove(const struct fixture *f)
{
	struct pal_error err = {0};

	memset(&told, 0, sizeof(told));
	CU_ASSERT_EQUAL(pal_sqlite_prove_file(f->path, PAL_STR("acme"), tell, NULL, &err), PAL_OK);
	CU_ASSERT_EQUAL(told.tenants, 1);
}

struct tampering {
	const char *sql;
	int64_t broken;
	const char *what;	/* part of it */
};

/* Record 3n is an event in row n of audit, 3n - 1 and 3n - 2 are exchanges 2n and 2n - 1. */
static const struct tampering tamperings[] = {
	{"UPDATE audit SET user_id = 'eve' WHERE id = 7", 21, "its hash"},
	{"UPDATE audit SET result = 'failure' WHERE id = 7", 21, "its hash"},
	{"UPDATE audit SET at_ms = at_ms + 1 WHERE id = 50", 150, "its hash"},
	{"UPDATE audit SET data = '{\"n\":2}' WHERE id = 1", 3, "its hash"},
	{"UPDATE audit SET data = NULL WHERE id = 100", 300, "its hash"},
	{"UPDATE audit SET resource_id = 'thing2' WHERE id = 3", 9, "its hash"},
	{"UPDATE audit SET veil = zeroblob(16) WHERE id = 3", 9, "its hash"},
	{"UPDATE audit SET veil = zeroblob(32) WHERE id = 3", 9, "its hash"},
	{"UPDATE audit SET hash = zeroblob(32) WHERE id = 3", 9, "its hash"},
	{"UPDATE audit SET hash = x'00' WHERE id = 3", 9, "its hash"},
	{"UPDATE exchange SET audit_ip_address = '6.6.6.6' WHERE id = 19", 28, "its hash"},
	{"UPDATE exchange SET audit_user_id = 'eve' WHERE id = 20", 29, "its hash"},
	{"UPDATE exchange SET audit_event = 'x.y' WHERE id = 200", 299, "its hash"},
	{"UPDATE exchange SET received_ms = 1 WHERE id = 1", 1, "its hash"},
	{"UPDATE exchange SET audit_veil = zeroblob(32), audit_user_id = NULL WHERE id = 20", 29,
	 "its hash"},
	{"DELETE FROM audit WHERE id = 7", 21, "missing"},
	{"DELETE FROM audit WHERE id = 100", 300, "missing"},
	{"DELETE FROM exchange WHERE id = 1", 1, "missing"},
	{"DELETE FROM exchange WHERE id IN (150, 20, 90)", 29, "missing"},
	{"UPDATE audit SET seq = 0 WHERE id = 7", 21, "missing"},
	{"UPDATE audit SET tenant = 9 WHERE id = 7", 21, "missing"},
	{"UPDATE audit SET previous = 5 WHERE id = 7", 21, "altered"},
	/* two change places, by place and by number */
	{"UPDATE audit SET id = -8 WHERE id = 7; UPDATE audit SET id = 7 WHERE id = 8;"
	 "UPDATE audit SET id = 8 WHERE id = -8", 22, "was moved"},
	{"UPDATE audit SET seq = CASE seq WHEN 21 THEN 24 ELSE 21 END WHERE seq IN (21, 24)", 21,
	 "its hash"},
	{"UPDATE exchange SET id = -8 WHERE id = 20; UPDATE exchange SET id = 20 WHERE id = 22;"
	 "UPDATE exchange SET id = 22 WHERE id = -8", 29, "altered"},
	{"UPDATE audit SET id = 5000 WHERE id = 100", 300, "does not stand where"},
	/* one is there twice, and one that nobody wrote */
	{"INSERT INTO audit SELECT 5000, tenant, at_ms, event_type, user_id, resource_type, "
	 "resource_id, action, result, request_id, ip_address, data, seal, seq, previous, veil, hash "
	 "FROM audit WHERE id = 7", 21, "twice"},
	{"INSERT INTO audit SELECT 5000, tenant, at_ms, event_type, user_id, resource_type, "
	 "resource_id, action, result, request_id, ip_address, data, seal, 301, -100, veil, hash "
	 "FROM audit WHERE id = 7", 301, "in no chain"},
	/* the end */
	{"UPDATE audit_head SET hash = zeroblob(32)", 300, "ends the chain"},
	{"UPDATE audit_head SET seq = 299", 299, "does not stand where"},
	{"UPDATE audit_head SET place = -99", 300, "does not stand where"},
	{"DELETE FROM audit_head", 1, "in no chain"},
	{"UPDATE audit_milestone SET place = 1 WHERE seq = 128", 128, "does not stand where"},
	{"DELETE FROM audit_milestone WHERE seq = 256", 256, "does not stand where"},
	{"UPDATE audit_head SET cut = 5", 1, "in no chain"},
};

TEST(the_record_that_was_tampered_with_is_named)
{
	struct fixture f;
	char wanted[512], got[512];

	fill(&f);
	fixture_close(&f);
	for (size_t i = 0; i < sizeof(tamperings) / sizeof(tamperings[0]); i++) {
		const struct tampering *t = &tamperings[i];
		char command[300];
		struct fixture bad = f;
		snprintf(bad.path, sizeof(bad.path), "%.60s/bad.db", f.dir);
		snprintf(command, sizeof(command), "VACUUM INTO '%s'", bad.path);
		run_sql(&f, command);
		run_sql(&bad, t->sql);
		prove(&bad);
		snprintf(wanted, sizeof(wanted), "%s: %lld", t->sql, (long long)t->broken);
		snprintf(got, sizeof(got), "%s: %lld", t->sql, (long long)told.broken);
		CHECK_STR(got, wanted);
		if (!strstr(told.what, t->what))
			CHECK_STR(told.what, t->what);
		CU_ASSERT_EQUAL(unlink(bad.path), 0);
	}
	prove(&f);
	CU_ASSERT_EQUAL(told.broken, 0);
	CU_ASSERT_EQUAL(told.seq, 300);
	fixture_deinit(&f);
}

TEST(a_chain_is_proven_while_the_store_is_open)
{
	struct fixture f;

	fill(&f);
	prove(&f);
	CU_ASSERT_EQUAL(told.seq, 300);
	CU_ASSERT_EQUAL(told.broken, 0);
	bool more = true;
	CU_ASSERT_EQUAL(f.store->ops->prune_audit(f.store, tenant, INT64_MAX, 100, &more, NULL),
			PAL_OK);
	prove(&f);
	CU_ASSERT_EQUAL(told.seq, 300);
	CU_ASSERT_EQUAL(told.broken, 0);
	CU_ASSERT_EQUAL(told.cut, 100);
	fixture_close(&f);
	CU_ASSERT_EQUAL(pal_sqlite_check(f.path, NULL), PAL_OK);
	fixture_deinit(&f);
}

TEST(what_is_no_store_or_has_no_such_tenant_is_told)
{
	struct fixture f;
	struct pal_error err = {0};

	fill(&f);
	CU_ASSERT_EQUAL(pal_sqlite_prove_file(f.path, PAL_STR("nobody"), tell, NULL, &err),
			PAL_E_NOT_FOUND);
	fixture_close(&f);
	run_sql(&f, "PRAGMA user_version = 3");
	CU_ASSERT_EQUAL(pal_sqlite_prove_file(f.path, PAL_STR("acme"), tell, NULL, &err),
			PAL_E_CONFIG);
	CU_ASSERT_EQUAL(pal_sqlite_prove_file("/nowhere/at/all", PAL_STR("acme"), tell, NULL, &err),
			PAL_E_SERVICE);
	fixture_deinit(&f);
}

static int64_t ask(const struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(f->path, &db), SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_step(stmt), SQLITE_ROW);
	int64_t value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return value;
}

static const char end_written[] = "SELECT ifnull(max(seq), 0) FROM audit_head";

/* The end is found in the exchanges that came after the last one that was written down. */
TEST(a_chain_whose_end_was_not_written_down_goes_on_after_a_crash)
{
	struct fixture f;
	struct turn t;
	char command[300];

	fill(&f);
	turn_init(&t, tenant.n, "late", 0, 1, "late", 3);
	CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
	struct fixture left = f;
	snprintf(left.path, sizeof(left.path), "%.60s/left.db", f.dir);
	snprintf(command, sizeof(command), "VACUUM INTO '%s'", left.path);
	run_sql(&f, command);	/* the file as a kill leaves it */
	left.options.config.path = left.path;
	CU_ASSERT_EQUAL(ask(&left, end_written), 300);
	prove(&left);
	CU_ASSERT_EQUAL(told.seq, 303);
	CU_ASSERT_EQUAL(told.broken, 0);
	fixture_open(&left);
	turn_init(&t, tenant.n, "later", 0, 1, "later", 2);
	CU_ASSERT_EQUAL(commit_turn(&left, &t), PAL_UNIT_STORED);
	fixture_close(&left);
	CU_ASSERT_EQUAL(ask(&left, end_written), 305);
	prove(&left);
	CU_ASSERT_EQUAL(told.seq, 305);
	CU_ASSERT_EQUAL(told.broken, 0);
	CU_ASSERT_EQUAL(pal_sqlite_check(left.path, NULL), PAL_OK);
	fixture_deinit(&f);
}

TEST(the_end_of_a_chain_is_written_down_before_many_exchanges_are_behind)
{
	struct fixture f;
	struct turn t;
	int64_t most = 0;

	fill(&f);
	for (int i = 0; i < 300; i++) {
		char id[16];
		snprintf(id, sizeof(id), "m%d", i);
		turn_init(&t, tenant.n, id, 0, 1, id, 8);
		CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
		int64_t behind = 300 + 8 * (i + 1) - ask(&f, end_written);
		most = behind > most ? behind : most;
	}
	CU_ASSERT_TRUE(most > 8);
	CU_ASSERT_TRUE(most < 1024 + 8);
	prove(&f);
	CU_ASSERT_EQUAL(told.seq, 2700);
	CU_ASSERT_EQUAL(told.broken, 0);
	fixture_deinit(&f);
}

TEST(the_end_of_a_chain_is_written_down_when_nothing_happens)
{
	struct fixture f;
	struct turn t;
	bool more = true;

	fill(&f);
	turn_init(&t, tenant.n, "late", 0, 1, "late", 3);
	CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(ask(&f, end_written), 300);
	while (more)
		CU_ASSERT_EQUAL_FATAL(f.store->ops->index_text(f.store, &more, NULL), PAL_OK);
	CU_ASSERT_EQUAL(ask(&f, end_written), 303);
	run_sql(&f, "DELETE FROM exchange WHERE audit_seq = 303");
	prove(&f);
	CU_ASSERT_EQUAL(told.broken, 303);
	fixture_deinit(&f);
}

/* A broken chain is not cut: it stays, to be looked at. */
TEST(a_record_that_is_broken_is_not_pruned)
{
	struct fixture f;
	bool more = true;

	fill(&f);
	fixture_close(&f);
	run_sql(&f, "UPDATE audit SET user_id = 'eve' WHERE id = 7");
	fixture_open(&f);
	CU_ASSERT_EQUAL(f.store->ops->prune_audit(f.store, tenant, INT64_MAX, 100, &more, NULL),
			PAL_E_SERVICE);
	fixture_close(&f);
	prove(&f);
	CU_ASSERT_EQUAL(told.cut, 0);
	CU_ASSERT_EQUAL(told.broken, 21);
	fixture_deinit(&f);
}

SUITE(sqlite_audit, CASE(the_record_that_was_tampered_with_is_named),
      CASE(a_chain_is_proven_while_the_store_is_open),
      CASE(what_is_no_store_or_has_no_such_tenant_is_told),
      CASE(a_chain_whose_end_was_not_written_down_goes_on_after_a_crash),
      CASE(the_end_of_a_chain_is_written_down_before_many_exchanges_are_behind),
      CASE(the_end_of_a_chain_is_written_down_when_nothing_happens),
      CASE(a_record_that_is_broken_is_not_pruned))
