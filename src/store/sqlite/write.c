/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c - group commit: all units that wait become one transaction. Each is judged before any of
 * it is written, so that one which conflicts leaves nothing to undo.
 */
#include <stdbool.h>

#include "store/sqlite/row.h"
#include "store/sqlite/store.h"

static int64_t last_sequence_of(const struct pal_exchange *exchange)
{
	return exchange->out.sequence ? exchange->out.sequence : exchange->in.sequence;
}

int pal_sqlite_begin(struct pal_sqlite *self)
{
	return pal_sqlite_exec(&self->writer, PAL_SQLITE_BEGIN);
}

void pal_sqlite_rollback(struct pal_sqlite *self)
{
	if (!sqlite3_get_autocommit(self->writer.db))
		(void)pal_sqlite_exec(&self->writer, PAL_SQLITE_ROLLBACK);
}

/* Copy the log into the database; the log then starts over in place. A busy reader postpones it. */
static void checkpoint(struct pal_sqlite *self)
{
	int rc = sqlite3_wal_checkpoint_v2(self->writer.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
					   NULL);

	pal_sqlite_die_if_unsynced(self, rc);
	self->wal_pages = 0;
}

int pal_sqlite_end(struct pal_sqlite *self)
{
	int rc = pal_sqlite_exec(&self->writer, PAL_SQLITE_COMMIT);

	pal_sqlite_die_if_unsynced(self, rc);
	if (rc == SQLITE_OK && self->wal_pages >= self->checkpoint_pages)
		checkpoint(self);
	return rc;
}

/* Step a query for one integer: SQLITE_ROW and it, SQLITE_DONE when there is none, or the failure. */
static int ask(struct pal_sqlite *self, sqlite3_stmt *stmt, int64_t *ret)
{
	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc;
}

enum pal_code pal_sqlite_read_counters(struct pal_sqlite *self, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = &self->writer;
	int rc = ask(self, pal_sqlite_get(conn, PAL_SQLITE_MAX_EXCHANGE), &self->last_exchange);

	if (rc == SQLITE_ROW)
		rc = ask(self, pal_sqlite_get(conn, PAL_SQLITE_MAX_CONVERSATION),
			 &self->last_conversation);
	return rc == SQLITE_ROW ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}

static bool repeats_in_unit(const struct pal_unit *unit, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (pal_str_equal(unit->exchanges[i].in.message_id,
				  unit->exchanges[at].in.message_id))
			return true;
	}
	return false;
}

/* Look for the first exchange whose message is stored already. SQLITE_OK or the failure. */
static int judge_messages(struct pal_sqlite *self, struct pal_unit *unit)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_HAS_MESSAGE);
	int64_t found;

	for (size_t i = 0; i < unit->count; i++) {
		if (stmt) {
			sqlite3_bind_int64(stmt, 1, unit->tenant.n);
			pal_sqlite_bind_str(stmt, 2, unit->exchanges[i].in.message_id);
		}
		int rc = ask(self, stmt, &found);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			return rc;
		if (rc == SQLITE_ROW || repeats_in_unit(unit, i)) {
			unit->verdict = PAL_UNIT_DUPLICATE;
			unit->at = i;
			return SQLITE_OK;
		}
	}
	return SQLITE_OK;
}

/* Find where the conversation stands: -1 when the tenant has no such. SQLITE_OK or the failure. */
static int find_last_sequence(struct pal_sqlite *self, const struct pal_unit *unit, int64_t *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_CONVERSATION_TENANT);
	int64_t tenant = 0;

	*ret = unit->conversation->key ? -1 : 0;
	if (*ret == 0)
		return SQLITE_OK;
	if (stmt)
		sqlite3_bind_int64(stmt, 1, unit->conversation->key);
	int rc = ask(self, stmt, &tenant);
	if (rc == SQLITE_DONE || (rc == SQLITE_ROW && tenant != unit->tenant.n))
		return SQLITE_OK;
	if (rc != SQLITE_ROW)
		return rc;
	*ret = 0;
	stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_LAST_SEQUENCE);
	if (stmt)
		sqlite3_bind_int64(stmt, 1, unit->conversation->key);
	rc = ask(self, stmt, ret);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static bool continues(const struct pal_unit *unit, int64_t last)
{
	if (last < 0)
		return false;
	for (size_t i = 0; i < unit->count; i++) {
		const struct pal_exchange *e = &unit->exchanges[i];
		if (e->in.sequence != last + 1)
			return false;
		if (e->out.sequence && e->out.sequence != last + 2)
			return false;
		last = last_sequence_of(e);
	}
	return true;
}

static int judge(struct pal_sqlite *self, struct pal_unit *unit)
{
	int64_t last;

	unit->verdict = PAL_UNIT_STORED;
	int rc = judge_messages(self, unit);
	if (rc != SQLITE_OK || unit->verdict != PAL_UNIT_STORED)
		return rc;
	rc = find_last_sequence(self, unit, &last);
	if (rc == SQLITE_OK && !continues(unit, last))
		unit->verdict = PAL_UNIT_STALE;
	return rc;
}

/* Insert the conversation as `key`; one whose id is taken makes the unit stale. */
static int insert_conversation(struct pal_sqlite *self, struct pal_unit *unit, int64_t key)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_INSERT_CONVERSATION);
	const struct pal_conversation *c = unit->conversation;
	bool is_outdated = unit->count > 0 &&
			   last_sequence_of(&unit->exchanges[unit->count - 1]) > c->last_sequence;

	if (stmt)
		pal_sqlite_bind_conversation(stmt, key, unit->tenant, c, is_outdated);
	int rc = pal_sqlite_run(&self->writer, stmt);
	if (rc == SQLITE_OK && sqlite3_changes(self->writer.db) == 0)
		unit->verdict = PAL_UNIT_STALE;
	return rc;
}

static int insert(struct pal_sqlite *self, struct pal_unit *unit)
{
	int64_t key = unit->conversation->key;
	int rc = SQLITE_OK;

	if (key == 0) {
		key = self->last_conversation + 1;
		rc = insert_conversation(self, unit, key);
		if (rc != SQLITE_OK || unit->verdict != PAL_UNIT_STORED)
			return rc;
		self->last_conversation = key;
	}
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_INSERT_EXCHANGE);
	for (size_t i = 0; i < unit->count && rc == SQLITE_OK; i++) {
		if (stmt)
			pal_sqlite_bind_exchange(stmt, ++self->last_exchange, unit->tenant, key,
						 &unit->exchanges[i]);
		rc = pal_sqlite_run(&self->writer, stmt);
	}
	unit->at = (size_t)key;
	return rc;
}

static int commit(struct pal_sqlite *self, struct pal_unit **units, size_t count)
{
	int rc = pal_sqlite_begin(self);

	for (size_t i = 0; i < count && rc == SQLITE_OK; i++) {
		rc = judge(self, units[i]);
		if (rc == SQLITE_OK && units[i]->verdict == PAL_UNIT_STORED)
			rc = insert(self, units[i]);
	}
	return rc == SQLITE_OK ? pal_sqlite_end(self) : rc;
}

void pal_sqlite_commit(struct pal_store *store, struct pal_unit **units, size_t count)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	struct pal_error err = {0};
	int rc = commit(self, units, count);

	if (rc != SQLITE_OK) {
		(void)pal_sqlite_fail(self->writer.db, rc, &err);
		pal_sqlite_rollback(self);
	}
	for (size_t i = 0; i < count; i++) {
		struct pal_unit *unit = units[i];
		if (rc != SQLITE_OK) {
			unit->verdict = PAL_UNIT_FAILED;
			unit->err = err;
		} else if (unit->verdict == PAL_UNIT_STORED && unit->conversation->key == 0) {
			unit->conversation->key = (int64_t)unit->at;
		}
	}
}

enum pal_code pal_sqlite_write_behind(struct pal_store *store, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_UPDATE_CONVERSATION);
	int rc = pal_sqlite_begin(self);

	for (size_t i = 0; i < count && rc == SQLITE_OK; i++) {
		const struct pal_conversation *c = &conversations[i];
		if (stmt) {
			sqlite3_bind_int64(stmt, 1, c->key);
			sqlite3_bind_int64(stmt, 2, tenant.n);
			sqlite3_bind_int64(stmt, 3, c->status);
			sqlite3_bind_int64(stmt, 4, c->last_activity_ms);
			sqlite3_bind_int64(stmt, 5, c->last_sequence);
			pal_sqlite_bind_str(stmt, 6, c->state);
		}
		rc = pal_sqlite_run(&self->writer, stmt);
	}
	if (rc == SQLITE_OK)
		rc = pal_sqlite_end(self);
	if (rc == SQLITE_OK)
		return PAL_OK;
	enum pal_code code = pal_sqlite_fail(self->writer.db, rc, err);
	pal_sqlite_rollback(self);
	return code;
}

bool pal_sqlite_idle(struct pal_store *store)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	if (self->wal_pages)
		checkpoint(self);
	return false;
}
