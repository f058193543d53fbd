/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/merge.h"

#include <string.h>

#include "base/id.h"
#include "store/sqlite/seal.h"

static bool is_whole(const struct pal_sqlite_merge *merge, const struct pal_sqlite_tail *tail)
{
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT; i++) {
		if (merge->doing[i] < tail->frozen[i].count)
			return false;
	}
	return true;
}

int pal_sqlite_put_head(struct pal_sqlite_conn *conn, const struct pal_sqlite_head *head)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_PUT_HEAD);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, head->conversation);
		sqlite3_bind_int64(stmt, 2, head->exchange);
		sqlite3_bind_int64(stmt, 3, head->sequence);
		sqlite3_bind_int64(stmt, 4, head->tenant);
		sqlite3_bind_int64(stmt, 5, head->received_ms);
		sqlite3_bind_int64(stmt, 6, pal_sqlite_seal_head(head));
	}
	return pal_sqlite_run(conn, stmt);
}

static int put_row(struct pal_sqlite_conn *conn, enum pal_sqlite_list list, const int64_t *row)
{
	if (list == PAL_SQLITE_HEADS)
		return pal_sqlite_put_head(conn, &(struct pal_sqlite_head){row[0], row[1], row[2],
									   row[3], row[4]});
	sqlite3_stmt *stmt = pal_sqlite_get(conn, list == PAL_SQLITE_MESSAGES
							  ? PAL_SQLITE_ADD_MESSAGE_KEY
							  : PAL_SQLITE_ADD_REPLY_KEY);
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, row[0]);
		sqlite3_bind_int64(stmt, 2, row[1]);
	}
	return pal_sqlite_run(conn, stmt);
}

static int merge_list(struct pal_sqlite_merge *merge, const struct pal_sqlite_view *view,
		      enum pal_sqlite_list list, size_t keys)
{
	const struct pal_sqlite_run *run = &view->tail->frozen[list];
	int rc = SQLITE_OK;

	while (keys-- > 0 && merge->doing[list] < run->count && rc == SQLITE_OK) {
		const int64_t *row = run->rows + merge->doing[list]++ * run->width;
		rc = put_row(view->conn, list, row);
	}
	return rc;
}

static int move_mark(const struct pal_sqlite_view *view)
{
	const struct pal_sqlite_totals *t = &view->tail->frozen_totals;
	const int64_t values[] = {t->last_exchange, t->last_conversation, t->conversations,
				  t->exchanges, t->messages};
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_MOVE_MARK);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && stmt; i++)
		sqlite3_bind_int64(stmt, (int)i + 1, values[i]);
	return pal_sqlite_run(view->conn, stmt);
}

int pal_sqlite_merge_slice(struct pal_sqlite_merge *merge, const struct pal_sqlite_view *view,
			   size_t keys)
{
	int rc = SQLITE_OK;

	if (!view->tail->is_frozen)
		return SQLITE_OK;
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT && rc == SQLITE_OK; i++)
		rc = merge_list(merge, view, (enum pal_sqlite_list)i, keys);
	if (rc == SQLITE_OK && is_whole(merge, view->tail))
		rc = move_mark(view);
	return rc;
}

void pal_sqlite_merge_keep(struct pal_sqlite_merge *merge, struct pal_sqlite_tail *tail,
			   size_t run_exchanges)
{
	memcpy(merge->done, merge->doing, sizeof(merge->done));
	if (tail->is_frozen && is_whole(merge, tail)) {
		pal_sqlite_tail_thaw(tail);
		memset(merge, 0, sizeof(*merge));
	}
	/* Out of memory, the tail just stays longer. */
	if (!tail->is_frozen && tail->recent[PAL_SQLITE_MESSAGES].count >= run_exchanges)
		(void)pal_sqlite_tail_freeze(tail);
}

void pal_sqlite_merge_undo(struct pal_sqlite_merge *merge)
{
	memcpy(merge->doing, merge->done, sizeof(merge->doing));
}

/* Make the mark's row in a new database, with the secret its keys are hashed with. */
static int make_mark(struct pal_sqlite_conn *conn)
{
	uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE];
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_MAKE_MARK);

	pal_random_bytes(hash_key, sizeof(hash_key));
	if (stmt)
		sqlite3_bind_blob(stmt, 1, hash_key, sizeof(hash_key), SQLITE_STATIC);
	return pal_sqlite_run(conn, stmt);
}

int pal_sqlite_merge_read_mark(struct pal_sqlite_conn *conn, struct pal_sqlite_totals *ret,
			       uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE])
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_MARK);

	if (!stmt)
		return sqlite3_extended_errcode(conn->db);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*ret = (struct pal_sqlite_totals){
			.last_exchange = sqlite3_column_int64(stmt, 0),
			.last_conversation = sqlite3_column_int64(stmt, 1),
			.conversations = sqlite3_column_int64(stmt, 2),
			.exchanges = sqlite3_column_int64(stmt, 3),
			.messages = sqlite3_column_int64(stmt, 4),
		};
		struct pal_str key = pal_sqlite_column_str(stmt, 5);
		if (key.n == PAL_SQLITE_HASH_KEY_SIZE)
			memcpy(hash_key, key.p, PAL_SQLITE_HASH_KEY_SIZE);
		else
			rc = SQLITE_CORRUPT;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

/* Stage the keys of the current row of PAL_SQLITE_EXCHANGES_SINCE; false when out of memory. */
static bool stage_row(const struct pal_sqlite_view *view, sqlite3_stmt *stmt,
		      struct pal_sqlite_totals *totals)
{
	struct pal_sqlite_tail *tail = view->tail;
	int64_t exchange = sqlite3_column_int64(stmt, 0);
	struct pal_tenant_key tenant = {sqlite3_column_int64(stmt, 1)};
	struct pal_str message = pal_sqlite_column_str(stmt, 4);
	struct pal_str reply = pal_sqlite_column_str(stmt, 5);
	bool is_erased = sqlite3_column_int64(stmt, 8) != 0;
	const struct pal_sqlite_head head = {sqlite3_column_int64(stmt, 2), exchange,
					     sqlite3_column_int64(stmt, 3),
					     is_erased ? PAL_SQLITE_NO_TENANT : tenant.n,
					     sqlite3_column_int64(stmt, 7)};

	totals->exchanges++;
	totals->messages += sqlite3_column_int64(stmt, 6) ? 2 : 1;
	totals->last_exchange = exchange;
	return pal_sqlite_tail_stage_head(tail, &head) &&
	       pal_sqlite_tail_stage(tail, PAL_SQLITE_MESSAGES,
				     pal_sqlite_key_of(view->hash_key, PAL_SQLITE_MESSAGES, tenant,
						       message),
				     exchange) &&
	       (!reply.p || pal_sqlite_tail_stage(tail, PAL_SQLITE_REPLIES,
						  pal_sqlite_key_of(view->hash_key,
								    PAL_SQLITE_REPLIES, tenant,
								    reply),
						  exchange));
}

static int stage_exchanges(const struct pal_sqlite_view *view, struct pal_sqlite_totals *totals)
{
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_EXCHANGES_SINCE);
	int rc = stmt ? SQLITE_ROW : sqlite3_extended_errcode(view->conn->db);

	if (stmt)
		sqlite3_bind_int64(stmt, 1, totals->last_exchange);
	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!stage_row(view, stmt, totals))
			rc = SQLITE_NOMEM;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int count_conversations(const struct pal_sqlite_view *view,
			       struct pal_sqlite_totals *totals)
{
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_CONVERSATIONS_SINCE);

	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	sqlite3_bind_int64(stmt, 1, totals->last_conversation);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		totals->conversations += sqlite3_column_int64(stmt, 0);
		totals->last_conversation = sqlite3_column_int64(stmt, 1);
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int pal_sqlite_merge_rebuild(struct pal_sqlite_view *view,
			     uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE])
{
	struct pal_sqlite_totals totals;
	int rc = make_mark(view->conn);

	if (rc == SQLITE_OK)
		rc = pal_sqlite_merge_read_mark(view->conn, &totals, hash_key);
	view->hash_key = hash_key;
	if (rc == SQLITE_OK)
		rc = stage_exchanges(view, &totals);
	if (rc == SQLITE_OK)
		rc = count_conversations(view, &totals);
	if (rc == SQLITE_OK && !pal_sqlite_tail_reserve(view->tail))
		rc = SQLITE_NOMEM;
	if (rc == SQLITE_OK)
		pal_sqlite_tail_publish(view->tail, &totals);
	else
		pal_sqlite_tail_unstage(view->tail);
	return rc;
}
