/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/schema.h"

#include <stdint.h>
#include <stdio.h>

#include "store/sqlite/connection.h"

#define APPLICATION_ID 0x50414c56	/* "PALV": file(1) and we know our databases by it */

const char *const pal_sqlite_schema_steps[] = {
	"CREATE TABLE tenant("
	"id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL UNIQUE, name TEXT, "
	"status INTEGER NOT NULL, created_ms INTEGER NOT NULL, trial_ends_ms INTEGER NOT NULL, "
	"settings TEXT) STRICT;"

	"CREATE TABLE api_key("
	"key_id TEXT NOT NULL PRIMARY KEY, tenant INTEGER NOT NULL, name TEXT, "
	"prefix BLOB NOT NULL, hash BLOB NOT NULL UNIQUE, permissions TEXT, "
	"status INTEGER NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL"
	") STRICT;"

	"CREATE TABLE secret(name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) "
	"STRICT, WITHOUT ROWID;"

	"CREATE TABLE conversation("
	"id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, public_id TEXT NOT NULL, "
	"user_id TEXT, session_id TEXT, previous_id TEXT, channel INTEGER NOT NULL, "
	"status INTEGER NOT NULL, started_ms INTEGER NOT NULL, last_activity_ms INTEGER NOT NULL, "
	"last_sequence INTEGER NOT NULL, state TEXT, seal INTEGER NOT NULL, "
	"UNIQUE(tenant, public_id)) STRICT;"

	/*
	 * One row is one exchange: question, answer, delivery and audit, appended and left alone.
	 */
	"CREATE TABLE exchange("
	"id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, conversation INTEGER NOT NULL, "
	"sequence INTEGER NOT NULL, reply_sequence INTEGER NOT NULL, previous INTEGER NOT NULL, "
	"received_ms INTEGER NOT NULL, digest BLOB NOT NULL, message_id TEXT, user_id TEXT, "
	"timestamp_ms INTEGER NOT NULL, type INTEGER NOT NULL, text ANY, language TEXT, "
	"content TEXT, analysis TEXT, processing TEXT, reply_id TEXT, reply_user_id TEXT, "
	"reply_timestamp_ms INTEGER, reply_type INTEGER, reply_text ANY, reply_language TEXT, "
	"reply_content TEXT, reply_analysis TEXT, state TEXT, delivery_status INTEGER, "
	"recipient ANY, audit_event TEXT, audit_user_id ANY, audit_resource_id ANY, "
	"audit_request_id TEXT, audit_ip_address TEXT, seal INTEGER NOT NULL) STRICT;"

	/* Filled behind: complete up to mark.exchange, and partly beyond. */
	"CREATE TABLE message_key(key INTEGER NOT NULL, exchange INTEGER NOT NULL, "
	"PRIMARY KEY(key, exchange)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE reply_key(key INTEGER NOT NULL, exchange INTEGER NOT NULL, "
	"PRIMARY KEY(key, exchange)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE head(conversation INTEGER PRIMARY KEY, exchange INTEGER NOT NULL, "
	"sequence INTEGER NOT NULL, tenant INTEGER NOT NULL, seal INTEGER NOT NULL) STRICT;"
	"CREATE TABLE mark(one INTEGER PRIMARY KEY CHECK(one = 1), exchange INTEGER NOT NULL, "
	"conversation INTEGER NOT NULL, conversations INTEGER NOT NULL, exchanges INTEGER NOT "
	"NULL, "
	"messages INTEGER NOT NULL, hash_key BLOB NOT NULL) STRICT;"

	/* Each exchange that takes its conversation past a multiple of PAL_SQLITE_STRIDE. */
	"CREATE TABLE milestone(conversation INTEGER NOT NULL, sequence INTEGER NOT NULL, "
	"exchange INTEGER NOT NULL, PRIMARY KEY(conversation, sequence)) STRICT, WITHOUT ROWID;",

	/* Version 2. What is added to a row is sealed when it is not the default. */
	"ALTER TABLE conversation ADD COLUMN ended_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE conversation ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE conversation ADD COLUMN details TEXT;"
	"ALTER TABLE conversation ADD COLUMN erasure INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE head ADD COLUMN received_ms INTEGER NOT NULL DEFAULT 0;"

	/* Filled behind, up to what `behind` says, when there is time. */
	"CREATE TABLE user_conversation(tenant INTEGER NOT NULL, user_id TEXT NOT NULL, "
	"conversation INTEGER NOT NULL, PRIMARY KEY(tenant, user_id, conversation)) "
	"STRICT, WITHOUT ROWID;"
	"CREATE VIRTUAL TABLE words USING fts5(tenant, question, reply, content='', columnsize=0, "
	"tokenize='unicode61 remove_diacritics 2');"	/* rowid: the exchange */
	"CREATE TABLE behind(one INTEGER PRIMARY KEY CHECK(one = 1), exchange INTEGER NOT NULL, "
	"conversation INTEGER NOT NULL, purge INTEGER NOT NULL) STRICT;"
	"INSERT INTO behind VALUES(1, 0, 0, 0);"

	"CREATE TABLE audit("
	"id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, at_ms INTEGER NOT NULL, "
	"event_type TEXT NOT NULL, user_id TEXT, resource_type TEXT, resource_id TEXT, action TEXT, "
	"result TEXT, request_id TEXT, ip_address TEXT, data TEXT, seal INTEGER NOT NULL) STRICT;"
	"CREATE INDEX audit_of_tenant ON audit(tenant);"

	"CREATE TABLE record("
	"id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, kind TEXT NOT NULL, "
	"record_id TEXT NOT NULL, owner TEXT, body TEXT, version INTEGER NOT NULL, "
	"created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, "
	"seal INTEGER NOT NULL, UNIQUE(tenant, kind, record_id)) STRICT;"
	"CREATE INDEX record_in_order ON record(tenant, kind, created_ms, record_id);"
	"CREATE INDEX record_of_owner ON record(tenant, kind, owner, created_ms, record_id) "
	"WHERE owner IS NOT NULL;"
	"CREATE INDEX record_expiry ON record(kind, expires_ms) WHERE expires_ms > 0;",

	/* What an operator lays down for a tenant, and for a key. */
	"ALTER TABLE tenant ADD COLUMN profile TEXT; ALTER TABLE api_key ADD COLUMN rules TEXT;",

	/* The chain of the audit trail. It begins here: what is older has no number and is not in it. */
	"ALTER TABLE exchange ADD COLUMN audit_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE exchange ADD COLUMN audit_previous INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE exchange ADD COLUMN audit_veil BLOB;"
	"ALTER TABLE exchange ADD COLUMN audit_hash BLOB;"
	"ALTER TABLE audit ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE audit ADD COLUMN previous INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE audit ADD COLUMN veil BLOB;"
	"ALTER TABLE audit ADD COLUMN hash BLOB;"
	"DROP INDEX audit_of_tenant;"
	"CREATE TABLE audit_head(tenant INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "
	"place INTEGER NOT NULL, hash BLOB NOT NULL, cut INTEGER NOT NULL, cut_hash BLOB NOT NULL"
	") STRICT;"
	/* Each record whose number is a multiple of PAL_SQLITE_STRIDE. */
	"CREATE TABLE audit_milestone(tenant INTEGER NOT NULL, seq INTEGER NOT NULL, "
	"place INTEGER NOT NULL, PRIMARY KEY(tenant, seq)) STRICT, WITHOUT ROWID;",

	/* The exchange up to which audit_head is complete; until now it was written with each. */
	"ALTER TABLE behind ADD COLUMN head INTEGER NOT NULL DEFAULT 0;"
	"UPDATE behind SET head = (SELECT ifnull(max(id), 0) FROM exchange);",
};

const size_t pal_sqlite_schema_version =
	sizeof(pal_sqlite_schema_steps) / sizeof(pal_sqlite_schema_steps[0]);

static int read_pragma(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	int done = sqlite3_finalize(stmt);
	return rc == SQLITE_OK ? done : rc;
}

static int take_step(sqlite3 *db, const char *step, size_t version)
{
	char mark[96];
	int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	snprintf(mark, sizeof(mark), "PRAGMA application_id=%d; PRAGMA user_version=%zu; COMMIT",
		 APPLICATION_ID, version);
	rc = sqlite3_exec(db, step, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, mark, NULL, NULL, NULL);
	return rc;
}

enum pal_code pal_sqlite_schema_upgrade(sqlite3 *db, const char *const *steps, size_t count,
					struct pal_error *err)
{
	int64_t application = 0, version = 0, objects = 0;
	int rc = read_pragma(db, "PRAGMA application_id", &application);

	if (rc == SQLITE_OK)
		rc = read_pragma(db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK)
		rc = read_pragma(db, "SELECT count(*) FROM sqlite_schema", &objects);
	if (rc != SQLITE_OK)
		return pal_sqlite_fail(db, rc, err);
	if (application != APPLICATION_ID && (application != 0 || objects != 0))
		return pal_fail(err, PAL_E_CONFIG, "store.sqlite.path",
				"the file is another program's database");
	if (version > (int64_t)count)
		return pal_fail(
			err, PAL_E_CONFIG, "store.sqlite.path",
			"the database has schema version %lld, this program knows up to %zu: "
			"use the newer program that wrote it",
			(long long)version, count);
	for (size_t at = (size_t)version; at < count; at++) {
		rc = take_step(db, steps[at], at + 1);
		if (rc == SQLITE_OK)
			continue;
		enum pal_code code = pal_sqlite_fail(db, rc, err);
		if (!sqlite3_get_autocommit(db))
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		return code;
	}
	return PAL_OK;
}
