/* SPDX-License-Identifier: Apache-2.0 */
/* proof_file.c - proving all audit chains of a file, whether or not a daemon has it open. */
#include <string.h>

#include "store/sqlite/proof.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

struct proving {
	struct pal_sqlite_conn conn;
	pal_sqlite_proof_fn *tell;
	void *arg;
	struct pal_error *err;
};

static enum pal_code check_version(struct proving *p, const char *path)
{
	sqlite3_stmt *stmt = NULL;
	int64_t version = 0;
	int rc = sqlite3_prepare_v2(p->conn.db, "PRAGMA user_version", -1, &stmt, NULL);

	if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int64(stmt, 0);
	int done = sqlite3_finalize(stmt);
	if (rc != SQLITE_OK || done != SQLITE_OK)
		return pal_sqlite_fail(p->conn.db, rc != SQLITE_OK ? rc : done, p->err);
	if (version == (int64_t)pal_sqlite_schema_version)
		return PAL_OK;
	return pal_fail(p->err, PAL_E_CONFIG, "store.sqlite.path",
			"%s is laid out as in version %lld, and this program proves version %zu: "
			"palaverd brings an older one up to date when it starts", path,
			(long long)version, pal_sqlite_schema_version);
}

/* The first record of the tenant that is there twice, or in no chain: SQLITE_OK or the failure. */
static int find_stray(struct proving *p, struct pal_tenant_key tenant, int64_t *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&p->conn, PAL_SQLITE_AUDIT_STRAY);

	struct pal_sqlite_chain_head end;
	int rc = stmt ? pal_sqlite_trail_begin(&p->conn) : sqlite3_extended_errcode(p->conn.db);

	*ret = 0;
	if (rc == SQLITE_OK)
		rc = pal_sqlite_read_chain_head(&p->conn, tenant, &end);
	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		sqlite3_bind_int64(stmt, 2, end.head.seq);
		sqlite3_bind_int64(stmt, 3, end.head.cut);
		rc = sqlite3_step(stmt);
	}
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	pal_sqlite_trail_end(&p->conn);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum pal_code prove(struct proving *p, struct pal_tenant_key tenant, struct pal_str name)
{
	struct pal_audit_proof proof = {.seq = 0};
	int64_t stray = 0;
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && !proof.is_done)
		rc = pal_sqlite_prove_step(&p->conn, tenant, &proof);
	if (rc == SQLITE_OK)
		rc = find_stray(p, tenant, &stray);
	if (rc != SQLITE_OK)
		return pal_sqlite_fail(p->conn.db, rc, p->err);
	if (stray && (!proof.broken || stray < proof.broken)) {
		proof.broken = stray;
		proof.what = "it is there twice, or in no chain";
	}
	p->tell(p->arg, name, &proof);
	return PAL_OK;
}

static enum pal_code prove_tenants(struct proving *p, struct pal_str only)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&p->conn, PAL_SQLITE_TENANTS);
	int rc = stmt ? sqlite3_step(stmt) : sqlite3_extended_errcode(p->conn.db);
	enum pal_code code = PAL_OK;
	bool found = !only.p;

	for (; rc == SQLITE_ROW && code == PAL_OK; rc = sqlite3_step(stmt)) {
		struct pal_tenant_key tenant = {sqlite3_column_int64(stmt, 0)};
		struct pal_str name = pal_sqlite_column_str(stmt, 1);
		if (only.p && !pal_str_equal(only, name))
			continue;
		found = true;
		code = prove(p, tenant, name);
	}
	sqlite3_reset(stmt);
	if (code == PAL_OK && rc != SQLITE_DONE)
		code = pal_sqlite_fail(p->conn.db, rc, p->err);
	if (code == PAL_OK && !found)
		code = pal_fail(p->err, PAL_E_NOT_FOUND, "tenant", "there is no tenant %.*s",
				(int)only.n, only.p);
	return code;
}

enum pal_code pal_sqlite_prove_file(const char *path, struct pal_str tenant,
				    pal_sqlite_proof_fn *tell, void *arg, struct pal_error *err)
{
	const struct pal_sqlite_settings settings = {.path = path,
						     .busy_ms = PAL_SQLITE_BUSY_MS_DEFAULT,
						     .cache_bytes = PAL_SQLITE_CACHE_BYTES_DEFAULT};
	struct proving p = {.tell = tell, .arg = arg, .err = err};
	enum pal_code code = pal_sqlite_conn_init(&p.conn, &settings, PAL_SQLITE_READER, err);

	if (code == PAL_OK)
		code = check_version(&p, path);
	if (code == PAL_OK)
		code = prove_tenants(&p, tenant);
	pal_sqlite_conn_deinit(&p.conn);
	return code;
}
