/* SPDX-License-Identifier: Apache-2.0 */
/* record.c - records: rows that come, change and go, found by their names. */
#include <assert.h>

#include "store/sqlite/change.h"
#include "store/sqlite/row.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/transaction.h"

/* The columns in the order of query.c. */
enum {
	R_TENANT, R_KIND, R_ID, R_OWNER, R_BODY, R_VERSION, R_CREATED_MS, R_UPDATED_MS,
	R_EXPIRES_MS, R_SEAL,
};

/* --- writing ---------------------------------------------------------------------------------- */

static void bind_name(sqlite3_stmt *stmt, const struct pal_record_write *write)
{
	sqlite3_bind_int64(stmt, 1, write->tenant.n);
	pal_sqlite_bind_str(stmt, 2, write->record.kind);
	pal_sqlite_bind_str(stmt, 3, write->record.id);
}

/* The record there is, and what of it a write leaves as it is. */
struct standing {
	int64_t version, row;		/* 0: there is none */
	bool has_same_keys, has_same_expiry;
};

/* SQLITE_OK or the failure. */
static int find_standing(struct pal_sqlite *self, const struct pal_record_write *write,
			 struct standing *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_RECORD_VERSION);

	*ret = (struct standing){0};
	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	bind_name(stmt, write);
	pal_sqlite_bind_str(stmt, 4, write->record.owner);
	sqlite3_bind_int64(stmt, 5, write->record.created_ms);
	sqlite3_bind_int64(stmt, 6, write->record.expires_ms);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = (struct standing){.version = sqlite3_column_int64(stmt, 0),
					 .row = sqlite3_column_int64(stmt, 1),
					 .has_same_keys = sqlite3_column_int(stmt, 2),
					 .has_same_expiry = sqlite3_column_int(stmt, 3)};
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put(struct pal_sqlite *self, struct pal_record_write *write)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_PUT_RECORD);
	const struct pal_record *r = &write->record;

	if (stmt) {
		bind_name(stmt, write);
		pal_sqlite_bind_str(stmt, R_OWNER + 1, r->owner);
		pal_sqlite_bind_str(stmt, R_BODY + 1, r->body);
		sqlite3_bind_int64(stmt, R_VERSION + 1, r->version);
		sqlite3_bind_int64(stmt, R_CREATED_MS + 1, r->created_ms);
		sqlite3_bind_int64(stmt, R_UPDATED_MS + 1, r->updated_ms);
		sqlite3_bind_int64(stmt, R_EXPIRES_MS + 1, r->expires_ms);
		sqlite3_bind_int64(stmt, R_SEAL + 1, pal_sqlite_seal_record(write->tenant, r));
	}
	return pal_sqlite_run(&self->writer, stmt);
}

/* Write over a record that keeps its keys: of the indexes, that of the expiry changes at most. */
static int renew(struct pal_sqlite *self, struct pal_record_write *write, const struct standing *old)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer,
					    old->has_same_expiry ? PAL_SQLITE_RENEW_RECORD
								 : PAL_SQLITE_RENEW_RECORD_AND_EXPIRY);
	const struct pal_record *r = &write->record;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, old->row);
		pal_sqlite_bind_str(stmt, 2, r->body);
		sqlite3_bind_int64(stmt, 3, r->version);
		sqlite3_bind_int64(stmt, 4, r->updated_ms);
		sqlite3_bind_int64(stmt, 5, pal_sqlite_seal_record(write->tenant, r));
		if (!old->has_same_expiry)
			sqlite3_bind_int64(stmt, 6, r->expires_ms);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

static int take_out(struct pal_sqlite *self, const struct pal_record_write *write)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_REMOVE_RECORD);

	if (stmt)
		bind_name(stmt, write);
	return pal_sqlite_run(&self->writer, stmt);
}

static int judge(struct pal_sqlite *self, struct pal_record_write *write, struct standing *ret)
{
	int rc = find_standing(self, write, ret);

	if (rc != SQLITE_OK)
		return rc;
	write->record.version = ret->version;
	write->verdict = write->expected == PAL_RECORD_ANY || write->expected == ret->version
				 ? PAL_RECORD_STORED
				 : PAL_RECORD_CONFLICT;
	return SQLITE_OK;
}

static int do_over(struct pal_sqlite *self, struct pal_record_write *write,
		   const struct standing *old)
{
	int rc;

	if (write->remove) {
		rc = take_out(self, write);
	} else {
		write->record.version++;
		rc = old->has_same_keys ? renew(self, write, old) : put(self, write);
	}
	if (rc == SQLITE_OK && write->audit)
		rc = pal_sqlite_append_audit(self, write->tenant, write->audit);
	return rc;
}

int pal_sqlite_judge_record(struct pal_sqlite *self, struct pal_record_write *write)
{
	struct standing old;

	return judge(self, write, &old);
}

int pal_sqlite_do_record(struct pal_sqlite *self, struct pal_record_write *write)
{
	return do_over(self, write, &(struct standing){0});
}

int pal_sqlite_write_record(struct pal_sqlite *self, struct pal_record_write *write)
{
	struct standing old;
	int rc = judge(self, write, &old);

	if (rc == SQLITE_OK && write->verdict == PAL_RECORD_STORED && !write->only_judge)
		rc = do_over(self, write, &old);
	return rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Read the current row; the views live until the next step. False: the row is damaged. */
static bool read_row(sqlite3_stmt *stmt, struct pal_tenant_key *ret_tenant, struct pal_record *ret)
{
	ret_tenant->n = sqlite3_column_int64(stmt, R_TENANT);
	ret->kind = pal_sqlite_column_str(stmt, R_KIND);
	ret->id = pal_sqlite_column_str(stmt, R_ID);
	ret->owner = pal_sqlite_column_str(stmt, R_OWNER);
	ret->body = pal_sqlite_column_str(stmt, R_BODY);
	ret->version = sqlite3_column_int64(stmt, R_VERSION);
	ret->created_ms = sqlite3_column_int64(stmt, R_CREATED_MS);
	ret->updated_ms = sqlite3_column_int64(stmt, R_UPDATED_MS);
	ret->expires_ms = sqlite3_column_int64(stmt, R_EXPIRES_MS);
	return sqlite3_column_int64(stmt, R_SEAL) == pal_sqlite_seal_record(*ret_tenant, ret);
}

bool pal_sqlite_is_record_whole(sqlite3_stmt *stmt)
{
	struct pal_tenant_key tenant;
	struct pal_record record;

	return read_row(stmt, &tenant, &record);
}

static struct pal_sqlite_conn *conn_of(struct pal_store *store, unsigned reader)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	assert(reader < self->reader_count);
	return &self->readers[reader];
}

static bool keep(struct pal_arena *arena, struct pal_record *record)
{
	struct pal_str *texts[] = {&record->kind, &record->id, &record->owner, &record->body};

	return pal_sqlite_keep(arena, texts, sizeof(texts) / sizeof(texts[0]));
}

enum pal_code pal_sqlite_load_record(struct pal_store *store, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str id, struct pal_arena *arena,
				     struct pal_record *ret, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = conn_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_RECORD);
	struct pal_record record;

	if (!stmt)
		return pal_sqlite_fail(conn->db, sqlite3_extended_errcode(conn->db), err);
	sqlite3_bind_int64(stmt, 1, tenant.n);
	pal_sqlite_bind_str(stmt, 2, kind);
	pal_sqlite_bind_str(stmt, 3, id);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !read_row(stmt, &tenant, &record))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && !keep(arena, &record))
		rc = SQLITE_NOMEM;
	sqlite3_reset(stmt);
	if (rc == SQLITE_DONE)
		return pal_fail(err, PAL_E_NOT_FOUND, "record", "there is no such record");
	if (rc != SQLITE_ROW)
		return pal_sqlite_fail(conn->db, rc, err);
	*ret = record;
	return PAL_OK;
}

/* One of the two is called. */
struct visitor {
	pal_record_visit_fn *visit;
	pal_expired_visit_fn *visit_expired;
	void *arg;
};

/* Visit the rows of `stmt`, bound, and reset it. */
static enum pal_code visit_all(struct pal_sqlite_conn *conn, sqlite3_stmt *stmt,
			       const struct visitor *v, struct pal_error *err)
{
	struct pal_tenant_key tenant;
	struct pal_record r;
	int rc = stmt ? SQLITE_ROW : sqlite3_extended_errcode(conn->db);

	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!read_row(stmt, &tenant, &r))
			rc = SQLITE_CORRUPT;
		else if (!(v->visit ? v->visit(v->arg, &r) : v->visit_expired(v->arg, tenant, &r)))
			rc = SQLITE_DONE;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}

enum pal_code pal_sqlite_walk_records(struct pal_store *store, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str kind,
				      struct pal_str owner, int64_t after_ms,
				      struct pal_str after_id, size_t limit,
				      pal_record_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = conn_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, owner.p ? PAL_SQLITE_RECORDS_OF_OWNER
							  : PAL_SQLITE_RECORDS);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		pal_sqlite_bind_str(stmt, 2, kind);
		sqlite3_bind_int64(stmt, 3, after_ms);
		pal_sqlite_bind_str(stmt, 4, after_id.p ? after_id : PAL_STR(""));
		sqlite3_bind_int64(stmt, 5, pal_sqlite_limit(limit));
		if (owner.p)
			pal_sqlite_bind_str(stmt, 6, owner);
	}
	return visit_all(conn, stmt, &(struct visitor){.visit = visit, .arg = arg}, err);
}

enum pal_code pal_sqlite_walk_expired(struct pal_store *store, unsigned reader, struct pal_str kind,
				      int64_t after_ms, int64_t now_ms, size_t limit,
				      pal_expired_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_sqlite_conn *conn = conn_of(store, reader);
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_EXPIRED_RECORDS);

	if (stmt) {
		pal_sqlite_bind_str(stmt, 1, kind);
		sqlite3_bind_int64(stmt, 2, now_ms);
		sqlite3_bind_int64(stmt, 3, pal_sqlite_limit(limit));
		sqlite3_bind_int64(stmt, 4, after_ms);
	}
	return visit_all(conn, stmt, &(struct visitor){.visit_expired = visit, .arg = arg}, err);
}
