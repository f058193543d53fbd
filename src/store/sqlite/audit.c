/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - the events that no exchange carries: appended and left alone. */
#include <assert.h>

#include "store/sqlite/change.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/transaction.h"

/* The columns in the order of query.c. */
enum {
	A_TENANT, A_AT_MS, A_EVENT_TYPE, A_USER_ID, A_RESOURCE_TYPE, A_RESOURCE_ID, A_ACTION,
	A_RESULT, A_REQUEST_ID, A_IP_ADDRESS, A_DATA, A_SEAL, A_ID,
};

int pal_sqlite_append_audit(struct pal_sqlite *self, struct pal_tenant_key tenant,
			    const struct pal_audit_event *event)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_AUDIT);

	if (stmt) {
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
		sqlite3_bind_int64(stmt, A_SEAL + 1, pal_sqlite_seal_audit_event(tenant, event));
	}
	return pal_sqlite_run(&self->writer, stmt);
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

/* Read the current row; the views live until the next step. False: the row is damaged. */
static bool read_row(sqlite3_stmt *stmt, int64_t *ret_id, struct pal_audit_event *ret)
{
	struct pal_tenant_key tenant = {sqlite3_column_int64(stmt, A_TENANT)};

	*ret_id = sqlite3_column_int64(stmt, A_ID);
	ret->at_ms = sqlite3_column_int64(stmt, A_AT_MS);
	ret->event_type = pal_sqlite_column_str(stmt, A_EVENT_TYPE);
	ret->user_id = pal_sqlite_column_str(stmt, A_USER_ID);
	ret->resource_type = pal_sqlite_column_str(stmt, A_RESOURCE_TYPE);
	ret->resource_id = pal_sqlite_column_str(stmt, A_RESOURCE_ID);
	ret->action = pal_sqlite_column_str(stmt, A_ACTION);
	ret->result = pal_sqlite_column_str(stmt, A_RESULT);
	ret->request_id = pal_sqlite_column_str(stmt, A_REQUEST_ID);
	ret->ip_address = pal_sqlite_column_str(stmt, A_IP_ADDRESS);
	ret->data = pal_sqlite_column_str(stmt, A_DATA);
	return sqlite3_column_int64(stmt, A_SEAL) == pal_sqlite_seal_audit_event(tenant, ret);
}

bool pal_sqlite_is_audit_whole(sqlite3_stmt *stmt, int64_t *ret_id)
{
	struct pal_audit_event event;

	return read_row(stmt, ret_id, &event);
}

enum pal_code pal_sqlite_walk_audit(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	assert(reader < self->reader_count);
	struct pal_sqlite_conn *conn = &self->readers[reader];
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_AUDIT_SINCE);
	int rc = stmt ? SQLITE_ROW : sqlite3_extended_errcode(conn->db);
	struct pal_audit_event event;
	int64_t id;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		sqlite3_bind_int64(stmt, 2, after);
		sqlite3_bind_int64(stmt, 3, pal_sqlite_limit(limit));
	}
	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!read_row(stmt, &id, &event))
			rc = SQLITE_CORRUPT;
		else if (!visit(arg, id, &event))
			rc = SQLITE_DONE;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}
