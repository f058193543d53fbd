/* SPDX-License-Identifier: Apache-2.0 */
/* admin.c - tenants, API keys and the installation's secrets: few, and rarely written. */
#include <assert.h>
#include <string.h>

#include "base/id.h"
#include "store/sqlite/store.h"

static sqlite3_stmt *reader_query(struct pal_store *store, unsigned reader,
				  enum pal_sqlite_query query)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	assert(reader < self->reader_count);
	return pal_sqlite_get(&self->readers[reader], query);
}

enum pal_code pal_sqlite_put_tenant(struct pal_store *store, struct pal_tenant *tenant,
				    struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_PUT_TENANT);
	int64_t key = 0;

	if (!stmt)
		return pal_sqlite_fail(self->writer.db, sqlite3_extended_errcode(self->writer.db),
				       err);
	pal_sqlite_bind_str(stmt, 1, tenant->id);
	pal_sqlite_bind_str(stmt, 2, tenant->name);
	sqlite3_bind_int64(stmt, 3, tenant->status);
	sqlite3_bind_int64(stmt, 4, tenant->created_ms);
	sqlite3_bind_int64(stmt, 5, tenant->trial_ends_ms);
	pal_sqlite_bind_str(stmt, 6, tenant->settings);
	pal_sqlite_bind_str(stmt, 7, tenant->profile);
	/*
	 * The row comes before the commit: only the step after it says that the tenant is stored.
	 */
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		key = sqlite3_column_int64(stmt, 0);
		rc = sqlite3_step(stmt);
	}
	sqlite3_reset(stmt);
	pal_sqlite_die_if_unsynced(self, rc);
	if (rc != SQLITE_DONE)
		return pal_sqlite_fail(self->writer.db, rc, err);
	tenant->key.n = key;
	return PAL_OK;
}

enum pal_code pal_sqlite_put_api_key(struct pal_store *store, const struct pal_api_key *key,
				     struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_PUT_API_KEY);

	if (stmt) {
		pal_sqlite_bind_str(stmt, 1, key->key_id);
		sqlite3_bind_int64(stmt, 2, key->tenant.n);
		pal_sqlite_bind_str(stmt, 3, key->name);
		sqlite3_bind_blob(stmt, 4, key->prefix, PAL_API_KEY_PREFIX_SIZE, SQLITE_STATIC);
		sqlite3_bind_blob(stmt, 5, key->hash, PAL_API_KEY_HASH_SIZE, SQLITE_STATIC);
		pal_sqlite_bind_str(stmt, 6, key->permissions);
		sqlite3_bind_int64(stmt, 7, key->status);
		sqlite3_bind_int64(stmt, 8, key->created_ms);
		sqlite3_bind_int64(stmt, 9, key->expires_ms);
		pal_sqlite_bind_str(stmt, 10, key->rules);
	}
	int rc = pal_sqlite_run(&self->writer, stmt);
	pal_sqlite_die_if_unsynced(self, rc);
	if (rc == SQLITE_CONSTRAINT_UNIQUE)
		return pal_fail(err, PAL_E_CONFLICT, "api_key", "another API key has this hash");
	if (rc == SQLITE_OK && sqlite3_changes(self->writer.db) == 0)
		return pal_fail(err, PAL_E_CONFLICT, "api_key", "the key id is another tenant's");
	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(self->writer.db, rc, err);
}

static void read_tenant(sqlite3_stmt *stmt, struct pal_tenant *ret)
{
	ret->key.n = sqlite3_column_int64(stmt, 0);
	ret->id = pal_sqlite_column_str(stmt, 1);
	ret->name = pal_sqlite_column_str(stmt, 2);
	ret->status = (enum pal_tenant_status)sqlite3_column_int(stmt, 3);
	ret->created_ms = sqlite3_column_int64(stmt, 4);
	ret->trial_ends_ms = sqlite3_column_int64(stmt, 5);
	ret->settings = pal_sqlite_column_str(stmt, 6);
	ret->profile = pal_sqlite_column_str(stmt, 7);
}

static void read_bytes(sqlite3_stmt *stmt, int column, void *ret, size_t size)
{
	struct pal_str s = pal_sqlite_column_str(stmt, column);

	memset(ret, 0, size);
	if (s.p)
		memcpy(ret, s.p, s.n < size ? s.n : size);
}

static void read_api_key(sqlite3_stmt *stmt, struct pal_api_key *ret)
{
	ret->key_id = pal_sqlite_column_str(stmt, 0);
	ret->tenant.n = sqlite3_column_int64(stmt, 1);
	ret->name = pal_sqlite_column_str(stmt, 2);
	read_bytes(stmt, 3, ret->prefix, sizeof(ret->prefix));
	read_bytes(stmt, 4, ret->hash, sizeof(ret->hash));
	ret->permissions = pal_sqlite_column_str(stmt, 5);
	ret->status = (enum pal_api_key_status)sqlite3_column_int(stmt, 6);
	ret->created_ms = sqlite3_column_int64(stmt, 7);
	ret->expires_ms = sqlite3_column_int64(stmt, 8);
	ret->rules = pal_sqlite_column_str(stmt, 9);
}

enum pal_code pal_sqlite_walk_tenants(struct pal_store *store, unsigned reader,
				      pal_tenant_visit_fn *visit, void *arg, struct pal_error *err)
{
	sqlite3_stmt *stmt = reader_query(store, reader, PAL_SQLITE_TENANTS);
	sqlite3 *db = pal_sqlite_of(store)->readers[reader].db;
	struct pal_tenant tenant;
	int rc = stmt ? SQLITE_ROW : sqlite3_extended_errcode(db);

	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_tenant(stmt, &tenant);
		if (!visit(arg, &tenant))
			rc = SQLITE_DONE;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(db, rc, err);
}

enum pal_code pal_sqlite_walk_api_keys(struct pal_store *store, unsigned reader,
				       pal_api_key_visit_fn *visit, void *arg,
				       struct pal_error *err)
{
	sqlite3_stmt *stmt = reader_query(store, reader, PAL_SQLITE_API_KEYS);
	sqlite3 *db = pal_sqlite_of(store)->readers[reader].db;
	struct pal_api_key key;
	int rc = stmt ? SQLITE_ROW : sqlite3_extended_errcode(db);

	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_api_key(stmt, &key);
		if (!visit(arg, &key))
			rc = SQLITE_DONE;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(db, rc, err);
}

/* Read the secret: SQLITE_ROW, SQLITE_DONE when there is none, or the failure. */
static int read_secret(struct pal_sqlite *self, struct pal_str name, uint8_t ret[32])
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_SECRET);

	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	pal_sqlite_bind_str(stmt, 1, name);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		read_bytes(stmt, 0, ret, 32);
	sqlite3_reset(stmt);
	return rc;
}

enum pal_code pal_sqlite_installation_secret(struct pal_store *store, struct pal_str name,
					     uint8_t ret[32], struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	uint8_t secret[32];
	int rc = read_secret(self, name, secret);

	if (rc == SQLITE_DONE) {
		sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_SECRET);
		pal_random_bytes(secret, sizeof(secret));
		if (stmt) {
			pal_sqlite_bind_str(stmt, 1, name);
			sqlite3_bind_blob(stmt, 2, secret, sizeof(secret), SQLITE_STATIC);
		}
		rc = pal_sqlite_run(&self->writer, stmt);
		pal_sqlite_die_if_unsynced(self, rc);
		if (rc == SQLITE_OK)
			rc = SQLITE_ROW;
	}
	if (rc != SQLITE_ROW)
		return pal_sqlite_fail(self->writer.db, rc, err);
	memcpy(ret, secret, sizeof(secret));
	explicit_bzero(secret, sizeof(secret));
	return PAL_OK;
}
