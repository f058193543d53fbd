/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - the events that no exchange carries: appended, and left alone until they are pruned. */
#include "store/sqlite/chain.h"
#include "store/sqlite/change.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/trail.h"
#include "store/sqlite/transaction.h"

/* The columns in the order of query.c. */
enum {
	A_TENANT, A_AT_MS, A_EVENT_TYPE, A_USER_ID, A_RESOURCE_TYPE, A_RESOURCE_ID, A_ACTION,
	A_RESULT, A_REQUEST_ID, A_IP_ADDRESS, A_DATA, A_SEAL, A_LINK, A_ID = A_LINK + 4,
};

static void bind_event(sqlite3_stmt *stmt, struct pal_tenant_key tenant,
		       const struct pal_audit_event *event, const struct pal_sqlite_link *link)
{
	sqlite3_bind_int64(stmt, A_TENANT + 1, tenant.n);
	sqlite3_bind_int64(stmt, A_AT_MS + 1, event->at_ms);
	pal_sqlite_bind_str(stmt, A_EVENT_TYPE + 1, event->event_type);
	pal_sqlite_bind_str(stmt, A_USER_ID + 1, event->user_id);
	pal_sqlite_bind_str(stmt, A_RESOURCE_TYPE + 1, event->resource_type);
	pal_sqlite_bind_str(stmt, A_RESOURCE_ID + 1, event->resource_id);
	pal_sqlite_bind_str(stmt, A_ACTION + 1, event->action);
	pal_sqlite_bind_str(stmt, A_RESULT + 1, event->result);
	pal_sqlite_bind_str(stmt, A_REQUEST_ID + 1, event->request_id);
	pal_sqlite_bind_str(stmt, A_IP_ADDRESS + 1, event->ip_address);
	pal_sqlite_bind_str(stmt, A_DATA + 1, event->data);
	sqlite3_bind_int64(stmt, A_SEAL + 1, pal_sqlite_seal_audit_event(tenant, event, link));
	pal_sqlite_bind_link(stmt, A_LINK + 1, link);
}

int pal_sqlite_append_audit(struct pal_sqlite *self, struct pal_tenant_key tenant,
			    const struct pal_audit_event *event)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_AUDIT);
	struct pal_sqlite_link link;
	int rc = pal_sqlite_chain_next(self, tenant, event, &link);

	if (rc != SQLITE_OK)
		return rc;
	if (stmt)
		bind_event(stmt, tenant, event, &link);
	rc = pal_sqlite_run(&self->writer, stmt);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_chain_put(self, tenant, &link,
					  -sqlite3_last_insert_rowid(self->writer.db));
	return rc;
}

enum pal_code pal_sqlite_add_audit(struct pal_store *store, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	int rc = pal_sqlite_begin(self);

	for (size_t i = 0; i < count && rc == SQLITE_OK; i++)
		rc = pal_sqlite_append_audit(self, tenant, &events[i]);
	return pal_sqlite_finish(self, rc, err);
}

void pal_sqlite_read_audit(sqlite3_stmt *stmt, struct pal_sqlite_audit_row *ret)
{
	struct pal_audit_event *e = &ret->event;

	ret->tenant.n = sqlite3_column_int64(stmt, A_TENANT);
	e->at_ms = sqlite3_column_int64(stmt, A_AT_MS);
	e->event_type = pal_sqlite_column_str(stmt, A_EVENT_TYPE);
	e->user_id = pal_sqlite_column_str(stmt, A_USER_ID);
	e->resource_type = pal_sqlite_column_str(stmt, A_RESOURCE_TYPE);
	e->resource_id = pal_sqlite_column_str(stmt, A_RESOURCE_ID);
	e->action = pal_sqlite_column_str(stmt, A_ACTION);
	e->result = pal_sqlite_column_str(stmt, A_RESULT);
	e->request_id = pal_sqlite_column_str(stmt, A_REQUEST_ID);
	e->ip_address = pal_sqlite_column_str(stmt, A_IP_ADDRESS);
	e->data = pal_sqlite_column_str(stmt, A_DATA);
	pal_sqlite_read_link(stmt, A_LINK, &ret->link);
	ret->is_whole = sqlite3_column_int64(stmt, A_SEAL) ==
			pal_sqlite_seal_audit_event(ret->tenant, e, &ret->link);
}

bool pal_sqlite_is_audit_whole(sqlite3_stmt *stmt, int64_t *ret_id)
{
	struct pal_sqlite_audit_row row;

	pal_sqlite_read_audit(stmt, &row);
	*ret_id = sqlite3_column_int64(stmt, A_ID);
	return row.is_whole;
}
