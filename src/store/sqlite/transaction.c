/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/transaction.h"

#include "store/sqlite/chain.h"

/* A busy reader postpones it; else the log starts over in place. */
static void checkpoint(struct pal_sqlite *self)
{
	int rc = sqlite3_wal_checkpoint_v2(self->writer.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
					   NULL);

	pal_sqlite_die_if_unsynced(self, rc);
	self->wal_pages = 0;
}

int pal_sqlite_begin(struct pal_sqlite *self)
{
	return pal_sqlite_exec(&self->writer, PAL_SQLITE_BEGIN);
}

int pal_sqlite_end(struct pal_sqlite *self)
{
	int rc = pal_sqlite_chain_write(self);

	if (rc == SQLITE_OK)
		rc = pal_sqlite_exec(&self->writer, PAL_SQLITE_COMMIT);
	pal_sqlite_die_if_unsynced(self, rc);
	if (rc == SQLITE_OK)
		pal_sqlite_chain_keep(self);
	return rc;
}

void pal_sqlite_roll_back(struct pal_sqlite *self)
{
	if (!sqlite3_get_autocommit(self->writer.db))
		(void)pal_sqlite_exec(&self->writer, PAL_SQLITE_ROLLBACK);
	pal_sqlite_tail_unstage(&self->tail);
	pal_sqlite_merge_undo(&self->merge);
	pal_sqlite_chain_undo(self);
	self->totals = self->tail.totals;
}

enum pal_code pal_sqlite_finish(struct pal_sqlite *self, int rc, struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	if (rc == SQLITE_OK)
		rc = pal_sqlite_end(self);
	if (rc != SQLITE_OK) {
		code = pal_sqlite_fail(self->writer.db, rc, err);
		pal_sqlite_roll_back(self);
	}
	pal_sqlite_checkpoint_if_long(self, 1);
	return code;
}

void pal_sqlite_checkpoint_if_long(struct pal_sqlite *self, int part)
{
	if (self->wal_pages >= self->checkpoint_pages / part)
		checkpoint(self);
}

void pal_sqlite_overwrite(struct pal_sqlite *self, bool on)
{
	if (self->overwrites == on)
		return;
	int rc = sqlite3_exec(self->writer.db,
			      on ? "PRAGMA secure_delete=ON" : "PRAGMA secure_delete=FAST", NULL,
			      NULL, NULL);
	if (rc == SQLITE_OK)
		self->overwrites = on;
}
