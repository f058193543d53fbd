/* SPDX-License-Identifier: Apache-2.0 */
/* read.c - what readers ask. Each statement is a snapshot of its own; see tail.h for why that
 * holds. */
#include <assert.h>
#include <stdlib.h>

#include "store/sqlite/find.h"
#include "store/sqlite/row.h"
#include "store/sqlite/store.h"

#define ERASED SQLITE_EMPTY	/* SQLite itself never says so */

static struct pal_sqlite_view view_of(struct pal_store *store, unsigned reader)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	assert(reader < self->reader_count);
	return (struct pal_sqlite_view){&self->readers[reader], &self->tail, self->hash_key, false};
}

static enum pal_code fail(const struct pal_sqlite_view *view, int rc, const char *what,
			  struct pal_error *err)
{
	if (rc == SQLITE_DONE || rc == ERASED)
		return pal_fail(err, PAL_E_NOT_FOUND, what, "there is no such %s", what);
	return pal_sqlite_fail(view->conn->db, rc, err);
}

/* An exchange as read: its views live until it is closed. */
struct reading {
	sqlite3_stmt *stmt;
	struct pal_sqlite_place place;
	struct pal_exchange exchange;
};

/* Read row `id`, to be closed whatever comes of it: SQLITE_ROW or the failure. */
static int open_exchange(const struct pal_sqlite_view *view, int64_t id, struct reading *ret)
{
	ret->stmt = pal_sqlite_get(view->conn, PAL_SQLITE_EXCHANGE);
	if (!ret->stmt)
		return sqlite3_extended_errcode(view->conn->db);
	sqlite3_bind_int64(ret->stmt, 1, id);
	int rc = sqlite3_step(ret->stmt);
	/* An index says that the row is there. */
	if (rc == SQLITE_DONE)
		return SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && !pal_sqlite_read_exchange(ret->stmt, &ret->place, &ret->exchange))
		return SQLITE_CORRUPT;
	return rc;
}

static void close_exchange(struct reading *reading)
{
	sqlite3_reset(reading->stmt);
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

/* SQLITE_OK or the failure. */
static int repair(const struct pal_sqlite_view *view, struct pal_arena *arena,
		  struct pal_conversation *c)
{
	struct pal_sqlite_head head;
	struct reading newest;
	int rc = pal_sqlite_find_head(view, c->key, &head);

	if (rc == SQLITE_DONE) {
		c->last_sequence = 0;
		return SQLITE_OK;
	}
	if (rc != SQLITE_ROW)
		return rc;
	rc = open_exchange(view, head.exchange, &newest);
	if (rc == SQLITE_ROW)
		rc = take_over(arena, &newest.exchange, c) ? SQLITE_OK : SQLITE_NOMEM;
	close_exchange(&newest);
	return rc;
}

/* Load what `stmt`, bound and the connection's, selects: SQLITE_ROW, ERASED or the failure. */
static int load(const struct pal_sqlite_view *view, sqlite3_stmt *stmt, struct pal_arena *arena,
		struct pal_conversation *ret)
{
	struct pal_conversation c;
	int64_t erasure;

	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !pal_sqlite_read_conversation(stmt, &c, &erasure))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && erasure == PAL_SQLITE_ERASED)
		rc = ERASED;
	if (rc == SQLITE_ROW && !pal_sqlite_keep_conversation(arena, &c))
		rc = SQLITE_NOMEM;
	sqlite3_reset(stmt);
	if (rc != SQLITE_ROW)
		return rc;
	rc = repair(view, arena, &c);
	if (rc != SQLITE_OK)
		return rc;
	*ret = c;
	return SQLITE_ROW;
}

enum pal_code pal_sqlite_load_conversation(struct pal_store *store, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err)
{
	const struct pal_sqlite_view view = view_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(view.conn, PAL_SQLITE_CONVERSATION_BY_ID);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		pal_sqlite_bind_str(stmt, 2, id);
	}
	int rc = load(&view, stmt, arena, ret);
	return rc == SQLITE_ROW ? PAL_OK : fail(&view, rc, "conversation", err);
}

/* Read the exchange and its conversation: SQLITE_ROW, ERASED or the failure. */
static int fetch(const struct pal_sqlite_view *view, int64_t exchange, struct pal_arena *arena,
		 struct pal_found_exchange *ret)
{
	struct reading reading;
	int rc = open_exchange(view, exchange, &reading);

	if (rc == SQLITE_ROW && pal_sqlite_is_emptied(&reading.exchange))
		rc = ERASED;
	if (rc == SQLITE_ROW) {
		ret->exchange = reading.exchange;
		rc = pal_sqlite_keep_exchange(arena, &ret->exchange) ? SQLITE_ROW : SQLITE_NOMEM;
	}
	close_exchange(&reading);
	if (rc != SQLITE_ROW)
		return rc;
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_CONVERSATION_BY_KEY);
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, reading.place.tenant.n);
		sqlite3_bind_int64(stmt, 2, reading.place.conversation);
	}
	rc = load(view, stmt, arena, &ret->conversation);
	return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

enum pal_code pal_sqlite_find_exchange(struct pal_store *store, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err)
{
	const struct pal_sqlite_view view = view_of(store, reader);
	enum pal_sqlite_list list = outbound ? PAL_SQLITE_REPLIES : PAL_SQLITE_MESSAGES;
	struct pal_found_exchange found;
	int64_t exchange;
	int rc = pal_sqlite_find_message(&view, list, tenant, message_id, &exchange);

	if (rc == SQLITE_ROW)
		rc = fetch(&view, exchange, arena, &found);
	if (rc != SQLITE_ROW)
		return fail(&view, rc, "message", err);
	*ret = found;
	return PAL_OK;
}

/* --- walking ---------------------------------------------------------------------------------- */

/* The exchanges from one that is asked for to the next milestone, found backwards. */
struct stretch {
	int64_t exchanges[PAL_SQLITE_STRIDE + 1];
	size_t count;
};

/* The first milestone at or past `from`, else the newest exchange: SQLITE_OK or the failure. */
static int find_end(const struct pal_sqlite_view *view, const struct pal_sqlite_head *head,
		    int64_t from, int64_t *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_NEXT_MILESTONE);

	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	sqlite3_bind_int64(stmt, 1, head->conversation);
	sqlite3_bind_int64(stmt, 2, from);
	int rc = sqlite3_step(stmt);
	*ret = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : head->exchange;
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Follow the links from `exchange` back to the first that holds a sequence >= `from`. */
static int follow(const struct pal_sqlite_view *view, int64_t conversation, int64_t exchange,
		  int64_t from, struct stretch *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_LINK);

	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	for (ret->count = 0; exchange != 0;) {
		sqlite3_bind_int64(stmt, 1, exchange);
		sqlite3_bind_int64(stmt, 2, conversation);
		int rc = sqlite3_step(stmt);
		int64_t previous = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
		bool is_asked = rc == SQLITE_ROW && sqlite3_column_int64(stmt, 1) >= from;
		sqlite3_reset(stmt);
		if (rc == SQLITE_ROW && !is_asked)
			break;
		if (rc != SQLITE_ROW)
			return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
		if (previous >= exchange || ret->count > PAL_SQLITE_STRIDE)
			return SQLITE_CORRUPT;
		ret->exchanges[ret->count++] = exchange;
		exchange = previous;
	}
	return SQLITE_OK;
}

struct walk {
	int64_t from;
	size_t left;
	pal_exchange_visit_fn *visit;
	void *arg;
};

/* Visit a stretch forwards; afterwards `left` is 0 when the walk is over. */
static int visit_stretch(const struct pal_sqlite_view *view, const struct stretch *stretch,
			 struct walk *walk)
{
	struct reading reading;
	const struct pal_exchange *e = &reading.exchange;

	for (size_t i = stretch->count; i-- > 0 && walk->left > 0;) {
		int rc = open_exchange(view, stretch->exchanges[i], &reading);
		if (rc == SQLITE_ROW && pal_sqlite_is_emptied(e)) {
			walk->left = 0;		/* erased since the head was read */
		} else if (rc == SQLITE_ROW) {
			walk->from = (e->out.sequence ? e->out.sequence : e->in.sequence) + 1;
			walk->left = walk->visit(walk->arg, e) ? walk->left - 1 : 0;
		}
		close_exchange(&reading);
		if (rc != SQLITE_ROW)
			return rc;
	}
	return SQLITE_OK;
}

static int walk_to(const struct pal_sqlite_view *view, const struct pal_sqlite_head *head,
		   struct walk *walk)
{
	struct stretch stretch = {.count = 0};
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && walk->left > 0 && walk->from <= head->sequence) {
		int64_t end = 0;
		rc = find_end(view, head, walk->from, &end);
		if (rc == SQLITE_OK)
			rc = follow(view, head->conversation, end, walk->from, &stretch);
		if (rc == SQLITE_OK && stretch.count == 0)
			rc = SQLITE_CORRUPT;
		if (rc == SQLITE_OK)
			rc = visit_stretch(view, &stretch, walk);
	}
	return rc;
}

enum pal_code pal_sqlite_walk_exchanges(struct pal_store *store, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err)
{
	const struct pal_sqlite_view view = view_of(store, reader);
	struct walk walk = {from, limit, visit, arg};
	struct pal_sqlite_head head;
	int rc = pal_sqlite_find_head(&view, key, &head);

	if (rc == SQLITE_DONE || (rc == SQLITE_ROW && head.tenant != tenant.n))
		return PAL_OK;
	if (rc == SQLITE_ROW)
		rc = walk_to(&view, &head, &walk);
	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(view.conn->db, rc, err);
}

/* --- health ----------------------------------------------------------------------------------- */

enum pal_code pal_sqlite_ping(struct pal_store *store, unsigned reader, struct pal_error *err)
{
	const struct pal_sqlite_view view = view_of(store, reader);
	int rc = pal_sqlite_exec(view.conn, PAL_SQLITE_PING);

	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(view.conn->db, rc, err);
}

enum pal_code pal_sqlite_count(struct pal_store *store, unsigned reader,
			       struct pal_store_counts *ret, struct pal_error *err)
{
	const struct pal_sqlite_view view = view_of(store, reader);
	struct pal_sqlite_totals totals = pal_sqlite_tail_totals(view.tail);

	(void)err;
	*ret = (struct pal_store_counts){totals.conversations, totals.exchanges, totals.messages};
	return PAL_OK;
}
