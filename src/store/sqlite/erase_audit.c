/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erase_audit.c - records of the audit trail that no exchange carries lose whom they speak of; of
 * that a digest is left, so that their hashes still hold.
 */
#include "store/sqlite/seal.h"
#include "store/sqlite/trail.h"
#include "store/sqlite/transaction.h"

/* Read the event at `place`: what it becomes, and its seal then. SQLITE_ROW, or as trail_read. */
static int read_left(struct pal_sqlite *self, struct pal_tenant_key tenant, int64_t place,
		     struct pal_sqlite_link *ret_link, int64_t *ret_seal)
{
	struct pal_sqlite_audit_row row = {.stmt = NULL};
	int rc = pal_sqlite_trail_read(&self->writer, place, &row);

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
	const struct pal_audit_event left = {.at_ms = row.event.at_ms,
					     .event_type = row.event.event_type,
					     .resource_type = row.event.resource_type,
					     .action = row.event.action,
					     .result = row.event.result};
	*ret_link = row.link;
	ret_link->veil = pal_audit_veil_erase(&row.link.veil, &row.event);
	*ret_seal = pal_sqlite_seal_audit_event(tenant, &left, ret_link);
	sqlite3_reset(row.stmt);
	return SQLITE_ROW;
}

static int erase_event(struct pal_sqlite *self, struct pal_tenant_key tenant, int64_t place)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ERASE_AUDIT);
	struct pal_sqlite_link link;
	int64_t seal;
	int rc = read_left(self, tenant, place, &link, &seal);

	if (rc != SQLITE_ROW)
		return rc;
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, -place);
		sqlite3_bind_int64(stmt, 2, seal);
		pal_sqlite_bind_link(stmt, 3, &link);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

static int erase_record(struct pal_sqlite *self, struct pal_tenant_key tenant,
			const struct pal_sqlite_chain_head *head, int64_t seq)
{
	int64_t places[PAL_SQLITE_STRIDE];
	size_t count = 0;

	if (seq <= head->head.cut || seq > head->head.seq)
		return SQLITE_OK;
	int rc = pal_sqlite_trail_places(&self->writer, tenant, head, seq - 1, places, &count);
	if (rc == SQLITE_DONE)
		return SQLITE_CORRUPT;
	if (rc != SQLITE_OK || count == 0 || places[0] > 0)	/* an exchange's goes with it */
		return rc;
	return erase_event(self, tenant, places[0]);
}

enum pal_code pal_sqlite_erase_audit(struct pal_store *store, struct pal_tenant_key tenant,
				     const int64_t *seqs, size_t count, struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	struct pal_sqlite_chain_head *head = NULL;

	pal_sqlite_overwrite(self, true);
	int rc = pal_sqlite_begin(self);
	if (rc == SQLITE_OK)
		head = pal_sqlite_chain_edit(self, tenant, &rc);
	for (size_t i = 0; i < count && rc == SQLITE_OK; i++)
		rc = erase_record(self, tenant, head, seqs[i]);
	enum pal_code code = pal_sqlite_finish(self, rc, err);
	pal_sqlite_overwrite(self, false);
	return code;
}
