/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.c - all conversations of a tenant: one scan of their rows and heads, without a look at the
 * exchanges. The heads that are in memory are copied before the scan begins, for the scan is one
 * snapshot: what has left the tail by then is in it (rule 2 of tail.h).
 */
#include <assert.h>

#include "store/sqlite/find.h"
#include "store/sqlite/row.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/store.h"

/* The columns behind those of a conversation, in the order of query.c. */
enum {
	H_EXCHANGE = PAL_SQLITE_CONVERSATION_WIDTH, H_SEQUENCE, H_TENANT, H_RECEIVED_MS, H_SEAL,
};

struct listing {
	struct pal_sqlite_conn *conn;
	struct pal_sqlite_table heads;	/* as in the tail */
};

/* The head of the current row. False: it is damaged. */
static bool read_head(sqlite3_stmt *stmt, int64_t conversation, struct pal_sqlite_head *ret)
{
	*ret = (struct pal_sqlite_head){.conversation = conversation};
	if (sqlite3_column_type(stmt, H_EXCHANGE) == SQLITE_NULL)
		return true;
	ret->exchange = sqlite3_column_int64(stmt, H_EXCHANGE);
	ret->sequence = sqlite3_column_int64(stmt, H_SEQUENCE);
	ret->tenant = sqlite3_column_int64(stmt, H_TENANT);
	ret->received_ms = sqlite3_column_int64(stmt, H_RECEIVED_MS);
	return sqlite3_column_int64(stmt, H_SEAL) == pal_sqlite_seal_head(ret);
}

/* A head of version 1 does not say when its exchange was received: SQLITE_OK or the failure. */
static int ask_exchange(struct listing *l, struct pal_sqlite_head *head)
{
	sqlite3_stmt *stmt = pal_sqlite_get(l->conn, PAL_SQLITE_RECEIVED);

	if (!stmt)
		return sqlite3_extended_errcode(l->conn->db);
	sqlite3_bind_int64(stmt, 1, head->exchange);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		head->received_ms = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

/* Read the conversation of the current row, repaired: SQLITE_OK or the failure. */
static int read_listed(struct listing *l, sqlite3_stmt *stmt, struct pal_conversation *ret)
{
	struct pal_sqlite_head head;
	int64_t erasure;

	if (!pal_sqlite_read_conversation(stmt, ret, &erasure) || !read_head(stmt, ret->key, &head))
		return SQLITE_CORRUPT;
	const int64_t *newer = pal_sqlite_table_get(&l->heads, ret->key);
	if (newer && newer[1] > head.exchange)
		head = (struct pal_sqlite_head){newer[0], newer[1], newer[2], newer[3], newer[4]};
	int rc = head.exchange && !head.received_ms ? ask_exchange(l, &head) : SQLITE_OK;
	ret->state = (struct pal_str){NULL, 0};
	ret->last_sequence = head.sequence;
	if (head.exchange && head.received_ms > ret->last_activity_ms)
		ret->last_activity_ms = head.received_ms;
	return rc;
}

static int list(struct listing *l, sqlite3_stmt *stmt, pal_conversation_visit_fn *visit, void *arg)
{
	struct pal_conversation c;
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		rc = read_listed(l, stmt, &c);
		if (rc != SQLITE_OK)
			return rc;
		if (!visit(arg, &c))
			return SQLITE_DONE;
	}
	return rc;
}

enum pal_code pal_sqlite_walk_conversations(struct pal_store *store, unsigned reader,
					    struct pal_tenant_key tenant, struct pal_str user_id,
					    pal_conversation_visit_fn *visit, void *arg,
					    struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	assert(reader < self->reader_count);
	struct listing l = {.conn = &self->readers[reader],
			    .heads = {.width = PAL_SQLITE_HEAD_WIDTH}};
	sqlite3_stmt *stmt = pal_sqlite_get(l.conn, user_id.p ? PAL_SQLITE_CONVERSATIONS_OF_USER
							      : PAL_SQLITE_CONVERSATIONS);
	int rc = SQLITE_NOMEM;

	if (!stmt)
		return pal_sqlite_fail(l.conn->db, sqlite3_extended_errcode(l.conn->db), err);
	sqlite3_bind_int64(stmt, 1, tenant.n);
	if (user_id.p)
		pal_sqlite_bind_str(stmt, 2, user_id);
	if (pal_sqlite_tail_copy_heads(&self->tail, &l.heads))
		rc = list(&l, stmt, visit, arg);
	sqlite3_reset(stmt);
	pal_sqlite_table_deinit(&l.heads);
	return rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(l.conn->db, rc, err);
}
