/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/sqlite.h"

#include "store/sqlite/connection.h"

enum pal_code pal_sqlite_check(const char *path, struct pal_error *err)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	enum pal_code code = PAL_OK;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc == SQLITE_OK)
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW) {
		code = pal_sqlite_fail(db, rc, err);
	} else {
		struct pal_str said = pal_sqlite_column_str(stmt, 0);
		if (!pal_str_equal(said, PAL_STR("ok")))
			code = pal_fail(err, PAL_E_SERVICE, "store", "the database is damaged: %.*s",
					(int)said.n, said.p);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return code;
}
