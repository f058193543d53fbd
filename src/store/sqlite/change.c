/* SPDX-License-Identifier: Apache-2.0 */
/* change.c - the row of a conversation is read, sealed anew with what is new in it, and written. */
#include "store/sqlite/change.h"

#include "store/sqlite/row.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/transaction.h"

/* What becomes of the stored record; false: leave it as it is. */
typedef bool revise_fn(struct pal_conversation *stored, const void *arg);

/*
 * Seal the record as revised: SQLITE_ROW; SQLITE_DONE when there is none, or it stays as it is, or
 * is being erased; or the failure.
 */
static int seal_revised(struct pal_sqlite *self, struct pal_tenant_key tenant, int64_t key,
			revise_fn *revise, const void *arg, int64_t *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_CONVERSATION_BY_KEY);
	struct pal_conversation stored;
	int64_t erasure;

	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	sqlite3_bind_int64(stmt, 1, tenant.n);
	sqlite3_bind_int64(stmt, 2, key);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !pal_sqlite_read_conversation(stmt, &stored, &erasure))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && (erasure || !revise(&stored, arg)))
		rc = SQLITE_DONE;
	if (rc == SQLITE_ROW)
		*ret = pal_sqlite_seal_conversation(key, tenant, 0, &stored);
	sqlite3_reset(stmt);
	return rc;
}

/* --- by operations ---------------------------------------------------------------------------- */

static bool revise_by_change(struct pal_conversation *stored, const void *arg)
{
	const struct pal_change *change = arg;

	stored->status = change->status;
	stored->ended_ms = change->ended_ms;
	stored->deleted = change->deleted;
	stored->details = change->details;
	return true;
}

int pal_sqlite_change(struct pal_sqlite *self, struct pal_tenant_key tenant, int64_t key,
		      const struct pal_change *change)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_CHANGE_CONVERSATION);
	int64_t seal = 0;
	int rc = seal_revised(self, tenant, key, revise_by_change, change, &seal);

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;	/* it was found a moment ago */
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, key);
		sqlite3_bind_int64(stmt, 2, change->status);
		sqlite3_bind_int64(stmt, 3, change->ended_ms);
		sqlite3_bind_int64(stmt, 4, change->deleted);
		pal_sqlite_bind_str(stmt, 5, change->details);
		sqlite3_bind_int64(stmt, 6, seal);
	}
	rc = pal_sqlite_run(&self->writer, stmt);
	if (rc == SQLITE_OK && change->audit.event_type.n)
		rc = pal_sqlite_append_audit(self, tenant, &change->audit);
	return rc;
}

/* --- behind ----------------------------------------------------------------------------------- */

static bool revise_behind(struct pal_conversation *stored, const void *arg)
{
	const struct pal_conversation *c = arg;

	if (c->last_sequence < stored->last_sequence)
		return false;
	stored->last_activity_ms = c->last_activity_ms;
	stored->last_sequence = c->last_sequence;
	stored->state = c->state;
	return true;
}

static int update_conversation(struct pal_sqlite *self, struct pal_tenant_key tenant,
			       const struct pal_conversation *c)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_UPDATE_CONVERSATION);
	int64_t seal = 0;
	int rc = seal_revised(self, tenant, c->key, revise_behind, c, &seal);

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_OK : rc;
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, c->key);
		sqlite3_bind_int64(stmt, 2, c->last_activity_ms);
		sqlite3_bind_int64(stmt, 3, c->last_sequence);
		pal_sqlite_bind_str(stmt, 4, c->state);
		sqlite3_bind_int64(stmt, 5, seal);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

enum pal_code pal_sqlite_write_behind(struct pal_store *store, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	int rc = pal_sqlite_begin(self);

	for (size_t i = 0; i < count && rc == SQLITE_OK; i++)
		rc = update_conversation(self, tenant, &conversations[i]);
	return pal_sqlite_finish(self, rc, err);
}
