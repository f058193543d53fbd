/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - what is filled behind when there is time: the words of messages (SQLite's FTS5, without
 * a copy of the texts) and the conversations of users. `behind` says how far each is.
 */
#include "store/sqlite/text.h"

#include <assert.h>
#include <stdio.h>

#include "base/buf.h"
#include "store/sqlite/chain.h"
#include "store/sqlite/row.h"
#include "store/sqlite/transaction.h"
#include "store/words.h"

#define STEP_EXCHANGES 64	/* some two milliseconds */
#define STEP_CONVERSATIONS 512
#define USERS_BEHIND_MAX 16384		/* a list reads as many in some 10 ms */
#define CATCH_UP_CONVERSATIONS 2048
#define PURGE_PAGES 64	/* of some 4 KB */

enum pal_code pal_sqlite_need_module(sqlite3 *db, const char *name, struct pal_error *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, "SELECT 1 FROM pragma_module_list WHERE name = ?1", -1,
				    &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return pal_fail(err, PAL_E_CONFIG, "store.kind",
				"this SQLite library (%s) was built without %s, which the search "
				"of messages needs", sqlite3_libversion(), name);
	return rc == SQLITE_ROW ? PAL_OK : pal_sqlite_fail(db, rc, err);
}

/* --- the words of messages -------------------------------------------------------------------- */

static void write_tenant(char out[PAL_SQLITE_TENANT_TEXT_SIZE], struct pal_tenant_key tenant)
{
	snprintf(out, PAL_SQLITE_TENANT_TEXT_SIZE, "%lld", (long long)tenant.n);
}

int pal_sqlite_write_words(struct pal_sqlite *self, enum pal_sqlite_query query,
			   const struct pal_sqlite_place *place, const struct pal_exchange *exchange)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, query);
	char tenant[PAL_SQLITE_TENANT_TEXT_SIZE];

	write_tenant(tenant, place->tenant);
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, place->exchange);
		pal_sqlite_bind_str(stmt, 2, pal_str(tenant));
		pal_sqlite_bind_str(stmt, 3, exchange->in.content.text);
		pal_sqlite_bind_str(stmt, 4, exchange->out.content.text);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

/* Index the next exchanges, but for damaged ones: SQLITE_OK or the failure. */
static int index_exchanges(struct pal_sqlite *self, struct pal_sqlite_behind *behind,
			   size_t *ret_count)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_EXCHANGES_AFTER);
	struct pal_sqlite_place place;
	struct pal_exchange exchange;
	int rc = stmt ? SQLITE_ROW : sqlite3_extended_errcode(self->writer.db);

	*ret_count = 0;
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, behind->exchange);
		sqlite3_bind_int64(stmt, 2, STEP_EXCHANGES);
	}
	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		bool is_whole = pal_sqlite_read_exchange(stmt, &place, &exchange);
		++*ret_count;
		behind->exchange = sqlite3_column_int64(stmt, 0);
		if (!is_whole || (!exchange.in.content.text.n && !exchange.out.content.text.n))
			continue;
		int added = pal_sqlite_write_words(self, PAL_SQLITE_ADD_WORDS, &place, &exchange);
		if (added != SQLITE_OK)
			rc = added;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- the conversations of users --------------------------------------------------------------- */

static int index_conversations(struct pal_sqlite *self, struct pal_sqlite_behind *behind,
			       int64_t count)
{
	int64_t last = self->totals.last_conversation;
	int64_t to = behind->conversation + count;

	if (behind->conversation >= last)
		return SQLITE_OK;
	if (to > last)
		to = last;
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_USER_CONVERSATIONS);
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, behind->conversation);
		sqlite3_bind_int64(stmt, 2, to);
	}
	behind->conversation = to;
	return pal_sqlite_run(&self->writer, stmt);
}

/* --- a step ----------------------------------------------------------------------------------- */

static int read_behind(struct pal_sqlite *self, struct pal_sqlite_behind *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_BEHIND);

	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = (struct pal_sqlite_behind){
			sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
			(enum pal_sqlite_purge)sqlite3_column_int(stmt, 2)};
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

int pal_sqlite_move_behind(struct pal_sqlite *self, const struct pal_sqlite_behind *behind)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_MOVE_BEHIND);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, behind->exchange);
		sqlite3_bind_int64(stmt, 2, behind->conversation);
		sqlite3_bind_int64(stmt, 3, behind->purge);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

enum pal_code pal_sqlite_learn_behind(struct pal_sqlite *self, struct pal_error *err)
{
	int rc = read_behind(self, &self->behind);

	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(self->writer.db, rc, err);
}

static bool is_behind(const struct pal_sqlite *self)
{
	return pal_sqlite_chain_is_behind(self) ||
	       self->behind.exchange < self->totals.last_exchange ||
	       self->behind.conversation < self->totals.last_conversation;
}

enum pal_code pal_sqlite_index_text(struct pal_store *store, bool *ret_more, struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	struct pal_sqlite_behind behind = self->behind;
	size_t count = 0;

	if (!is_behind(self)) {
		*ret_more = false;
		return PAL_OK;
	}
	int rc = pal_sqlite_begin(self);
	pal_sqlite_chain_flush(self);
	if (rc == SQLITE_OK)
		rc = index_exchanges(self, &behind, &count);
	if (rc == SQLITE_OK && count == 0)	/* there is none up to the last */
		behind.exchange = self->totals.last_exchange;
	if (rc == SQLITE_OK)
		rc = index_conversations(self, &behind, STEP_CONVERSATIONS);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_move_behind(self, &behind);
	enum pal_code code = pal_sqlite_finish(self, rc, err);
	if (code != PAL_OK)
		return code;
	self->behind = behind;
	*ret_more = is_behind(self);
	return PAL_OK;
}

/* --- users that fell far behind --------------------------------------------------------------- */

/* A list of a user's looks at all conversations that are not indexed: they must not become many. */
bool pal_sqlite_catch_up_users(struct pal_sqlite *self)
{
	struct pal_sqlite_behind behind = self->behind;

	if (self->totals.last_conversation - behind.conversation <= USERS_BEHIND_MAX)
		return false;
	int rc = pal_sqlite_begin(self);
	if (rc == SQLITE_OK)
		rc = index_conversations(self, &behind, CATCH_UP_CONVERSATIONS);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_move_behind(self, &behind);
	if (pal_sqlite_finish(self, rc, NULL) != PAL_OK)
		return false;
	self->behind = behind;
	return self->totals.last_conversation - behind.conversation > USERS_BEHIND_MAX;
}

/* --- purging ---------------------------------------------------------------------------------- */

/*
 * A word that is taken out is only struck out where it stands; it is gone when the pieces of the
 * index are merged. A negative number makes FTS5 see all of them as one task, the same without a
 * sign goes on with it; it is through when nothing changes but the command itself.
 */
static int merge_words(struct pal_sqlite *self, struct pal_sqlite_behind *behind)
{
	int pages = behind->purge == PAL_SQLITE_TO_PURGE ? -PURGE_PAGES : PURGE_PAGES;
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_MERGE_WORDS);
	int before = sqlite3_total_changes(self->writer.db);

	if (stmt)
		sqlite3_bind_int(stmt, 1, pages);
	int rc = pal_sqlite_run(&self->writer, stmt);
	behind->purge = sqlite3_total_changes(self->writer.db) - before < 2 ? PAL_SQLITE_CLEAN
									    : PAL_SQLITE_PURGING;
	return rc;
}

bool pal_sqlite_purge_words(struct pal_sqlite *self)
{
	struct pal_sqlite_behind behind = self->behind;

	if (behind.purge == PAL_SQLITE_CLEAN)
		return false;
	pal_sqlite_overwrite(self, true);
	int rc = pal_sqlite_begin(self);
	if (rc == SQLITE_OK)
		rc = merge_words(self, &behind);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_move_behind(self, &behind);
	enum pal_code code = pal_sqlite_finish(self, rc, NULL);
	pal_sqlite_overwrite(self, false);
	if (code == PAL_OK)
		self->behind = behind;
	return code == PAL_OK && behind.purge != PAL_SQLITE_CLEAN;
}

/* --- searching -------------------------------------------------------------------------------- */

/* ("one" AND "two"*): a quoted word means nothing but itself, and has no quote in it. */
static void put_words(struct pal_buf *out, const struct pal_query_words *words)
{
	pal_buf_add_char(out, '(');
	for (size_t i = 0; i < words->count; i++) {
		if (i)
			pal_buf_add_lit(out, " AND ");
		pal_buf_add_char(out, '"');
		pal_buf_add_str(out, words->word[i]);
		pal_buf_add_char(out, '"');
	}
	pal_buf_add_lit(out, " *)");
}

/* All words in the question, or all in the reply, of the tenant's exchanges. */
static void put_match(struct pal_buf *out, struct pal_tenant_key tenant,
		      const struct pal_query_words *words)
{
	char text[PAL_SQLITE_TENANT_TEXT_SIZE];

	write_tenant(text, tenant);
	pal_buf_add_lit(out, "tenant : \"");
	pal_buf_add_str(out, pal_str(text));
	pal_buf_add_lit(out, "\" AND (question : ");
	put_words(out, words);
	pal_buf_add_lit(out, " OR reply : ");
	put_words(out, words);
	pal_buf_add_char(out, ')');
}

/* Visit each conversation of the rows of `stmt` once: SQLITE_DONE or the failure. */
static int visit_keys(sqlite3_stmt *stmt, size_t limit, pal_conversation_key_visit_fn *visit,
		      void *arg)
{
	struct pal_sqlite_table seen = {.width = 2};
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const int64_t row[2] = {sqlite3_column_int64(stmt, 0), 1};
		if (pal_sqlite_table_get(&seen, row[0]))
			continue;
		if (!pal_sqlite_table_reserve(&seen, 1)) {
			rc = SQLITE_NOMEM;
			break;
		}
		pal_sqlite_table_add(&seen, row);
		if (!visit(arg, row[0]) || --limit == 0) {
			rc = SQLITE_DONE;
			break;
		}
	}
	pal_sqlite_table_deinit(&seen);
	return rc;
}

enum pal_code pal_sqlite_search_text(struct pal_store *store, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str query,
				     size_t limit, pal_conversation_key_visit_fn *visit, void *arg,
				     struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	assert(reader < self->reader_count);
	struct pal_sqlite_conn *conn = &self->readers[reader];
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_SEARCH);
	struct pal_query_words words;
	struct pal_buf match = {0};
	int rc = SQLITE_NOMEM;

	if (!pal_words_split(query, &words) || words.count == 0)
		return PAL_OK;
	if (!stmt)
		return pal_sqlite_fail(conn->db, sqlite3_extended_errcode(conn->db), err);
	put_match(&match, tenant, &words);
	if (!match.failed) {
		pal_sqlite_bind_str(stmt, 1, pal_buf_str(&match));
		sqlite3_bind_int64(stmt, 2, tenant.n);
		rc = visit_keys(stmt, limit, visit, arg);
	}
	sqlite3_reset(stmt);
	pal_buf_deinit(&match);
	return rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}
