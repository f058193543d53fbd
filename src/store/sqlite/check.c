/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/sqlite.h"

#include "store/sqlite/find.h"
#include "store/sqlite/merge.h"
#include "store/sqlite/row.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/store.h"

struct check {
	struct pal_sqlite_conn conn;
	uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE];
	struct pal_sqlite_totals merged;	/* what the indexes must have */
	int64_t records;			/* looked at so far */
	struct pal_error *err;
};

static enum pal_code damaged(struct check *c, const char *what, int64_t row)
{
	return pal_fail(c->err, PAL_E_SERVICE, "store", "the database is damaged: %s %lld", what,
			(long long)row);
}

static enum pal_code check_pages(struct check *c)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&c->conn, PAL_SQLITE_QUICK_CHECK);
	int rc = stmt ? sqlite3_step(stmt) : sqlite3_extended_errcode(c->conn.db);
	enum pal_code code = PAL_OK;

	if (rc != SQLITE_ROW) {
		code = pal_sqlite_fail(c->conn.db, rc, c->err);
	} else {
		struct pal_str said = pal_sqlite_column_str(stmt, 0);
		if (!pal_str_equal(said, PAL_STR("ok")))
			code = pal_fail(c->err, PAL_E_SERVICE, "store",
					"the database is damaged: %.*s", (int)said.n, said.p);
	}
	sqlite3_reset(stmt);
	return code;
}

/* Whether an index has what it must; what is not merged yet it need not have. */
static int is_indexed(struct check *c, enum pal_sqlite_list list,
		      const struct pal_sqlite_place *place, struct pal_str id)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&c->conn, list == PAL_SQLITE_MESSAGES
							      ? PAL_SQLITE_NEXT_MESSAGE_KEY
							      : PAL_SQLITE_NEXT_REPLY_KEY);

	if (!id.p || place->exchange > c->merged.last_exchange)
		return SQLITE_ROW;
	if (!stmt)
		return sqlite3_extended_errcode(c->conn.db);
	sqlite3_bind_int64(stmt, 1, pal_sqlite_key_of(c->hash_key, list, place->tenant, id));
	sqlite3_bind_int64(stmt, 2, place->exchange - 1);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && sqlite3_column_int64(stmt, 0) != place->exchange)
		rc = SQLITE_DONE;
	sqlite3_reset(stmt);
	return rc;
}

/* Whether the exchange continues the one before it in its conversation. */
static int is_linked(struct check *c, const struct pal_sqlite_place *place, int64_t sequence)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&c->conn, PAL_SQLITE_LINK);

	if (place->previous == 0)
		return sequence == 1 ? SQLITE_ROW : SQLITE_DONE;
	if (!stmt)
		return sqlite3_extended_errcode(c->conn.db);
	sqlite3_bind_int64(stmt, 1, place->previous);
	sqlite3_bind_int64(stmt, 2, place->conversation);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && sqlite3_column_int64(stmt, 1) != sequence - 1)
		rc = SQLITE_DONE;
	sqlite3_reset(stmt);
	return rc;
}

static enum pal_code check_exchange(struct check *c, sqlite3_stmt *stmt)
{
	struct pal_sqlite_place place;
	struct pal_exchange e;

	if (!pal_sqlite_read_exchange(stmt, &place, &e))
		return damaged(c, "what is written in exchange", place.exchange);
	int rc = is_indexed(c, PAL_SQLITE_MESSAGES, &place, e.in.message_id);
	if (rc == SQLITE_ROW)
		rc = is_indexed(c, PAL_SQLITE_REPLIES, &place, e.out.message_id);
	if (rc == SQLITE_DONE)
		return damaged(c, "an index does not know exchange", place.exchange);
	if (rc == SQLITE_ROW)
		rc = is_linked(c, &place, e.in.sequence);
	if (rc == SQLITE_DONE)
		return damaged(c, "the conversation breaks before exchange", place.exchange);
	return rc == SQLITE_ROW ? PAL_OK : pal_sqlite_fail(c->conn.db, rc, c->err);
}

static enum pal_code check_conversation(struct check *c, sqlite3_stmt *stmt)
{
	struct pal_conversation conversation;
	int64_t erasure;

	if (!pal_sqlite_read_conversation(stmt, &conversation, &erasure))
		return damaged(c, "what is written in conversation", conversation.key);
	return PAL_OK;
}

/* A head says which exchange is the newest; one that is merged must not lag behind its
 * conversation. */
static enum pal_code check_head(struct check *c, sqlite3_stmt *stmt)
{
	const struct pal_sqlite_head head = {
		sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
		sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3),
		sqlite3_column_int64(stmt, 4),
	};
	const struct pal_sqlite_place next = {.previous = head.exchange,
					      .conversation = head.conversation};

	if (sqlite3_column_int64(stmt, 5) != pal_sqlite_seal_head(&head))
		return damaged(c, "what is written in the head of conversation", head.conversation);
	int rc = is_linked(c, &next, head.sequence + 1);
	if (rc == SQLITE_DONE)
		return damaged(c, "the head is not the newest of conversation", head.conversation);
	return rc == SQLITE_ROW ? PAL_OK : pal_sqlite_fail(c->conn.db, rc, c->err);
}

static enum pal_code check_record(struct check *c, sqlite3_stmt *stmt)
{
	/* Its own name may be what is damaged: count instead. */
	c->records++;
	return pal_sqlite_is_record_whole(stmt) ? PAL_OK
						: damaged(c, "what is written in record", c->records);
}

static enum pal_code check_audit(struct check *c, sqlite3_stmt *stmt)
{
	int64_t id;

	return pal_sqlite_is_audit_whole(stmt, &id)
		       ? PAL_OK
		       : damaged(c, "what is written in audit event", id);
}

static enum pal_code check_each(struct check *c, enum pal_sqlite_query query,
				enum pal_code (*check)(struct check *, sqlite3_stmt *))
{
	sqlite3_stmt *stmt = pal_sqlite_get(&c->conn, query);
	int rc = stmt ? sqlite3_step(stmt) : sqlite3_extended_errcode(c->conn.db);
	enum pal_code code = PAL_OK;

	while (rc == SQLITE_ROW && (code = check(c, stmt)) == PAL_OK)
		rc = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	if (code == PAL_OK && rc != SQLITE_DONE)
		code = pal_sqlite_fail(c->conn.db, rc, c->err);
	return code;
}

enum pal_code pal_sqlite_check(const char *path, struct pal_error *err)
{
	const struct pal_sqlite_settings settings = {.path = path,
						     .busy_ms = PAL_SQLITE_BUSY_MS_DEFAULT,
						     .cache_bytes = PAL_SQLITE_CACHE_BYTES_DEFAULT};
	struct check c = {.err = err};
	enum pal_code code = pal_sqlite_conn_init(&c.conn, &settings, PAL_SQLITE_READER, err);

	if (code == PAL_OK)
		code = check_pages(&c);
	if (code == PAL_OK) {
		int rc = pal_sqlite_merge_read_mark(&c.conn, &c.merged, c.hash_key);
		if (rc != SQLITE_OK)
			code = pal_sqlite_fail(c.conn.db, rc, err);
	}
	if (code == PAL_OK)
		code = check_each(&c, PAL_SQLITE_ALL_EXCHANGES, check_exchange);
	if (code == PAL_OK)
		code = check_each(&c, PAL_SQLITE_ALL_CONVERSATIONS, check_conversation);
	if (code == PAL_OK)
		code = check_each(&c, PAL_SQLITE_ALL_HEADS, check_head);
	if (code == PAL_OK)
		code = check_each(&c, PAL_SQLITE_ALL_RECORDS, check_record);
	if (code == PAL_OK)
		code = check_each(&c, PAL_SQLITE_ALL_AUDIT, check_audit);
	pal_sqlite_conn_deinit(&c.conn);
	return code;
}
