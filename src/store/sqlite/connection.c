/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY_MS 1000u
#define RETRY_FULL_MS 2000u
#define PAGE_BYTES 8192u
#define READER_CACHE_PART 4u

/*
 * Only the owner may read conversations. SQLite gives WAL and shared memory the mode of the
 * database. The descriptor is closed before SQLite opens the file: closing one later would drop its
 * locks.
 */
static enum pal_code make_private(const char *path, struct pal_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "store.sqlite.path", "cannot open %s",
				      path);
	close(fd);
	return PAL_OK;
}

static void defend(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
}

static int configure(sqlite3 *db, const struct pal_sqlite_settings *settings,
		     enum pal_sqlite_role role)
{
	char pragmas[512];
	bool is_writer = role == PAL_SQLITE_WRITER;
	size_t cache_bytes = is_writer ? settings->cache_bytes
				       : settings->cache_bytes / READER_CACHE_PART;

	sqlite3_busy_timeout(db, (int)settings->busy_ms);
	defend(db);
	/*
	 * SQLite 3.40 can corrupt the file when two connections checkpoint: only the writer does.
	 */
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !is_writer, NULL);
	snprintf(pragmas, sizeof(pragmas),
		 "PRAGMA mmap_size=0;"
		 "PRAGMA cell_size_check=ON;"
		 "PRAGMA temp_store=MEMORY;"
		 "PRAGMA secure_delete=FAST;"
		 "PRAGMA wal_autocheckpoint=0;"
		 "PRAGMA page_size=%u;"
		 "PRAGMA synchronous=%s;"
		 "PRAGMA cache_size=-%zu;"
		 "PRAGMA query_only=%s;"
		 "%s",
		 PAGE_BYTES, settings->is_relaxed ? "NORMAL" : "FULL", cache_bytes / 1024,
		 is_writer ? "OFF" : "ON", is_writer ? "PRAGMA journal_mode=WAL;" : "");
	int rc = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
	if (rc == SQLITE_OK && is_writer && settings->max_bytes) {
		snprintf(pragmas, sizeof(pragmas), "PRAGMA max_page_count=%zu",
			 settings->max_bytes / PAGE_BYTES + 1);
		rc = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
	}
	return rc;
}

enum pal_code pal_sqlite_conn_init(struct pal_sqlite_conn *conn,
				   const struct pal_sqlite_settings *settings,
				   enum pal_sqlite_role role, struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	if (role == PAL_SQLITE_WRITER)
		code = make_private(settings->path, err);
	if (code != PAL_OK)
		return code;
	int rc = sqlite3_open_v2(
		settings->path, &conn->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK)
		rc = configure(conn->db, settings, role);
	if (rc == SQLITE_NOTADB)
		return pal_fail(err, PAL_E_CONFIG, "store.sqlite.path",
				"%s is not an SQLite database", settings->path);
	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}

void pal_sqlite_conn_deinit(struct pal_sqlite_conn *conn)
{
	for (size_t i = 0; i < PAL_SQLITE_QUERY_COUNT; i++) {
		sqlite3_finalize(conn->kept[i]);
		conn->kept[i] = NULL;
	}
	sqlite3_close(conn->db);
	conn->db = NULL;
}

sqlite3_stmt *pal_sqlite_get(struct pal_sqlite_conn *conn, enum pal_sqlite_query query)
{
	if (!conn->kept[query])
		sqlite3_prepare_v3(conn->db, pal_sqlite_query_text(query), -1,
				   SQLITE_PREPARE_PERSISTENT, &conn->kept[query], NULL);
	return conn->kept[query];
}

int pal_sqlite_run(struct pal_sqlite_conn *conn, sqlite3_stmt *stmt)
{
	if (!stmt)
		return sqlite3_extended_errcode(conn->db);
	int rc = sqlite3_step(stmt);
	int reset = sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : reset;
}

int pal_sqlite_exec(struct pal_sqlite_conn *conn, enum pal_sqlite_query query)
{
	return pal_sqlite_run(conn, pal_sqlite_get(conn, query));
}

bool pal_sqlite_is_unsynced(int rc)
{
	return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

enum pal_code pal_sqlite_fail(sqlite3 *db, int rc, struct pal_error *err)
{
	switch (rc & 0xFF) {
	case SQLITE_FULL:
		return pal_fail_retry(err, PAL_E_SERVICE, RETRY_FULL_MS, "store",
				      "the store's disk is full");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return pal_fail_retry(err, PAL_E_SERVICE, RETRY_MS, "store",
				      "the database is locked by another program");
	case SQLITE_NOMEM:
		return pal_fail_memory(err, "store");
	case SQLITE_CORRUPT:
		return pal_fail_retry(err, PAL_E_SERVICE, RETRY_MS, "store",
				      "a record of the database is damaged (SQLite error %d)", rc);
	default:
		return pal_fail_retry(err, PAL_E_SERVICE, RETRY_MS, "store", "SQLite error %d: %s",
				      rc, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
	}
}

void pal_sqlite_bind_str(sqlite3_stmt *stmt, int at, struct pal_str s)
{
	if (s.p)
		sqlite3_bind_text(stmt, at, s.p, (int)s.n, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, at);
}

struct pal_str pal_sqlite_column_str(sqlite3_stmt *stmt, int at)
{
	if (sqlite3_column_type(stmt, at) == SQLITE_NULL)
		return (struct pal_str){NULL, 0};
	/* As a blob: asking for text may have to allocate a NUL behind it. Empty gives NULL. */
	const char *p = sqlite3_column_blob(stmt, at);
	return (struct pal_str){p ? p : "", p ? (size_t)sqlite3_column_bytes(stmt, at) : 0};
}
