/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/sqlite/row.h"
#include "store/sqlite/store.h"

static struct pal_sqlite_conn *reader_of(struct pal_store *store, unsigned reader)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	assert(reader < self->reader_count);
	return &self->readers[reader];
}

/* End a read: reset `stmt`, and tell absence, success and failure apart. */
static enum pal_code finish(struct pal_sqlite_conn *conn, sqlite3_stmt *stmt, int rc,
			    const char *what, struct pal_error *err)
{
	if (stmt)
		sqlite3_reset(stmt);
	if (rc == SQLITE_ROW)
		return PAL_OK;
	if (rc == SQLITE_DONE)
		return pal_fail(err, PAL_E_NOT_FOUND, what, "there is no such %s", what);
	return pal_sqlite_fail(conn->db, rc, err);
}

static int step(struct pal_sqlite_conn *conn, sqlite3_stmt *stmt)
{
	return stmt ? sqlite3_step(stmt) : sqlite3_extended_errcode(conn->db);
}

/* Take over from the newest exchange what the record, which lags behind, does not say. */
static bool take_over(struct pal_arena *arena, const struct pal_exchange *newest,
		      struct pal_conversation *c)
{
	int64_t last = newest->out.sequence ? newest->out.sequence : newest->in.sequence;
	bool is_behind = c->last_sequence < last;

	c->last_sequence = last;
	if (newest->received_ms > c->last_activity_ms)
		c->last_activity_ms = newest->received_ms;
	if (is_behind)
		c->state = newest->state;
	if (!is_behind || !c->state.p)
		return true;
	c->state = pal_arena_copy(arena, c->state);
	return c->state.p != NULL;
}

static enum pal_code repair(struct pal_sqlite_conn *conn, struct pal_arena *arena,
			    struct pal_conversation *c, struct pal_error *err)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_NEWEST_EXCHANGE);
	struct pal_exchange newest;
	bool kept = true;

	if (stmt)
		sqlite3_bind_int64(stmt, 1, c->key);
	int rc = step(conn, stmt);
	if (rc == SQLITE_ROW) {
		pal_sqlite_read_exchange(stmt, &newest);
		kept = take_over(arena, &newest, c);
	} else if (rc == SQLITE_DONE) {
		c->last_sequence = 0;
		rc = SQLITE_ROW;
	}
	enum pal_code code = finish(conn, stmt, rc, "exchange", err);
	return code == PAL_OK && !kept ? pal_fail_memory(err, "store") : code;
}

static enum pal_code load(struct pal_sqlite_conn *conn, sqlite3_stmt *stmt,
			  struct pal_arena *arena, struct pal_conversation *ret,
			  struct pal_error *err)
{
	struct pal_conversation c;
	bool kept = true;
	int rc = step(conn, stmt);

	if (rc == SQLITE_ROW) {
		pal_sqlite_read_conversation(stmt, &c);
		kept = pal_sqlite_keep_conversation(arena, &c);
	}
	enum pal_code code = finish(conn, stmt, rc, "conversation", err);
	if (code == PAL_OK && !kept)
		code = pal_fail_memory(err, "store");
	if (code == PAL_OK)
		code = repair(conn, arena, &c, err);
	if (code == PAL_OK)
		*ret = c;
	return code;
}

enum pal_code pal_sqlite_load_conversation(struct pal_store *store, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err)
{
	struct pal_sqlite_conn *conn = reader_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_CONVERSATION_BY_ID);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		pal_sqlite_bind_str(stmt, 2, id);
	}
	return load(conn, stmt, arena, ret, err);
}

static enum pal_code load_by_key(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
				 int64_t key, struct pal_arena *arena,
				 struct pal_conversation *ret, struct pal_error *err)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_CONVERSATION_BY_KEY);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		sqlite3_bind_int64(stmt, 2, key);
	}
	return load(conn, stmt, arena, ret, err);
}

enum pal_code pal_sqlite_find_exchange(struct pal_store *store, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = reader_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, outbound ? PAL_SQLITE_EXCHANGE_BY_REPLY
							   : PAL_SQLITE_EXCHANGE_BY_MESSAGE);
	struct pal_found_exchange found;
	bool kept = true;
	int64_t key = 0;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		pal_sqlite_bind_str(stmt, 2, message_id);
	}
	int rc = step(conn, stmt);
	if (rc == SQLITE_ROW) {
		key = pal_sqlite_read_exchange_conversation(stmt);
		pal_sqlite_read_exchange(stmt, &found.exchange);
		kept = pal_sqlite_keep_exchange(arena, &found.exchange);
	}
	enum pal_code code = finish(conn, stmt, rc, "message", err);
	if (code == PAL_OK && !kept)
		code = pal_fail_memory(err, "store");
	if (code == PAL_OK)
		code = load_by_key(conn, tenant, key, arena, &found.conversation, err);
	if (code == PAL_OK)
		*ret = found;
	return code;
}

enum pal_code pal_sqlite_walk_exchanges(struct pal_store *store, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err)
{
	struct pal_sqlite_conn *conn = reader_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_WALK);
	struct pal_exchange exchange;
	int rc;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, key);
		sqlite3_bind_int64(stmt, 2, tenant.n);
		sqlite3_bind_int64(stmt, 3, from);
		sqlite3_bind_int64(stmt, 4, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	}
	while ((rc = step(conn, stmt)) == SQLITE_ROW) {
		pal_sqlite_read_exchange(stmt, &exchange);
		if (!visit(arg, &exchange))
			break;
	}
	return finish(conn, stmt, rc == SQLITE_DONE ? SQLITE_ROW : rc, "exchange", err);
}

enum pal_code pal_sqlite_ping(struct pal_store *store, unsigned reader, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = reader_of(store, reader);
	int rc = pal_sqlite_exec(conn, PAL_SQLITE_PING);

	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}

enum pal_code pal_sqlite_count(struct pal_store *store, unsigned reader,
			       struct pal_store_counts *ret, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = reader_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_COUNTS);
	int rc = step(conn, stmt);

	if (rc == SQLITE_ROW) {
		ret->conversations = sqlite3_column_int64(stmt, 0);
		ret->exchanges = sqlite3_column_int64(stmt, 1);
		ret->messages = sqlite3_column_int64(stmt, 2);
	}
	return finish(conn, stmt, rc, "count", err);
}
