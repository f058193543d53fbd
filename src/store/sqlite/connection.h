/* SPDX-License-Identifier: Apache-2.0 */
/* connection.h - one SQLite connection with palaver's settings and its kept statements. */
#ifndef PALAVER_STORE_SQLITE_CONNECTION_H
#define PALAVER_STORE_SQLITE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/error.h"
#include "base/str.h"
#include "store/sqlite/query.h"

enum pal_sqlite_role {
	PAL_SQLITE_WRITER,	/* the one that writes and checkpoints */
	PAL_SQLITE_READER,
};

struct pal_sqlite_conn {
	sqlite3 *db;
	sqlite3_stmt *kept[PAL_SQLITE_QUERY_COUNT];	/* prepared on first use */
};

struct pal_sqlite_settings {
	const char *path;
	bool is_relaxed;	/* synchronous=NORMAL */
	uint32_t busy_ms;
	size_t cache_bytes;
	size_t max_bytes;	/* of the database; 0: no ceiling */
};

/*
 * Open the file with the settings of `role`; `conn` is zeroed storage of the caller's, to be
 * deinit'ed also after a failure. PAL_E_CONFIG, PAL_E_SERVICE. Runs on: any.
 */
PAL_MUST_CHECK enum pal_code pal_sqlite_conn_init(struct pal_sqlite_conn *conn,
						  const struct pal_sqlite_settings *settings,
						  enum pal_sqlite_role role, struct pal_error *err);
void pal_sqlite_conn_deinit(struct pal_sqlite_conn *conn);

/* Get the kept statement, reset; NULL when it cannot be prepared: the connection has the reason. */
sqlite3_stmt *pal_sqlite_get(struct pal_sqlite_conn *conn, enum pal_sqlite_query query);

/*
 * Step a statement that yields no rows, and reset it. SQLITE_OK or the failure; NULL: the last one.
 */
int pal_sqlite_run(struct pal_sqlite_conn *conn, sqlite3_stmt *stmt);
/* As pal_sqlite_run for a kept statement without parameters. */
int pal_sqlite_exec(struct pal_sqlite_conn *conn, enum pal_sqlite_query query);

/* Translate the failure `rc` of `db` for a client: PAL_E_SERVICE with a time to retry. */
enum pal_code pal_sqlite_fail(sqlite3 *db, int rc, struct pal_error *err);

/* Whether `rc` leaves open what is on the disk. */
bool pal_sqlite_is_unsynced(int rc);

/* `limit` as a number that SQL can have. */
static inline int64_t pal_sqlite_limit(size_t limit)
{
	return limit < INT64_MAX ? (int64_t)limit : INT64_MAX;
}

/* Bind bytes that outlive the step; absent is NULL. */
void pal_sqlite_bind_str(sqlite3_stmt *stmt, int at, struct pal_str s);
/* Column `at` as a view that lives until the next step; NULL is absent. */
struct pal_str pal_sqlite_column_str(sqlite3_stmt *stmt, int at);

#endif
