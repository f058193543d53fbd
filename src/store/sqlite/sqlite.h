/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite.h - the embedded store: one SQLite database file in WAL mode, durable by group commit. */
#ifndef PALAVER_STORE_SQLITE_SQLITE_H
#define PALAVER_STORE_SQLITE_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "palaver/store.h"

#define PAL_SQLITE_BUSY_MS_DEFAULT 500u
#define PAL_SQLITE_RUN_EXCHANGES_DEFAULT 16384u
#define PAL_SQLITE_CHECKPOINT_PAGES_DEFAULT 250u
#define PAL_SQLITE_CACHE_BYTES_DEFAULT (4u << 20)

/* The line of this kind for the table of kinds. */
extern const struct pal_store_kind pal_sqlite_kind;

/*
 * Told once when a sync failed: what was written may or may not be there, and only a restart can
 * find out. Whatever this does, the process aborts when it returns. Runs on: the writer's thread.
 */
typedef void pal_sqlite_fatal_fn(void *arg, const struct pal_error *why);

/* The version of the library underneath. Runs on: any. */
const char *pal_sqlite_library_version(void);

struct pal_sqlite_options {
	struct pal_store_config config;	/* kind does not matter */
	size_t run_exchanges;		/* indexed in runs; 0: PAL_SQLITE_RUN_EXCHANGES_DEFAULT */
	uint32_t busy_ms;		/* wait for a foreign lock; 0: PAL_SQLITE_BUSY_MS_DEFAULT */
	pal_sqlite_fatal_fn *fatal;	/* NULL: the reason goes to standard error */
	void *fatal_arg;
};

/*
 * Open the database, making it or bringing its schema up to date first. The caller owns `*ret` and
 * ends it with its `destroy`. PAL_E_CONFIG: the file is no database of ours, or newer than this
 * program, or in use by another process; PAL_E_SERVICE: it cannot be opened or read. Runs on: any.
 */
PAL_MUST_CHECK enum pal_code pal_sqlite_open(const struct pal_sqlite_options *options,
					     struct pal_store **ret, struct pal_error *err);

/*
 * Check the whole file at rest: its pages, the seal of every record, that every conversation is
 * linked without a gap and that the indexes have all they must. PAL_E_SERVICE names the first
 * fault. Takes time in proportion to the file. Runs on: any, while the store is not open.
 */
PAL_MUST_CHECK enum pal_code pal_sqlite_check(const char *path, struct pal_error *err);

/* Told of each tenant what was found; views live during the call. */
typedef void pal_sqlite_proof_fn(void *arg, struct pal_str tenant,
				 const struct pal_audit_proof *proof);

/*
 * Prove the audit chains in a file, all of them or, when `tenant` is not absent, that of the tenant
 * with this public id. Beside what the slot verify_audit sees, a record that is there twice or
 * belongs to no chain is found. PAL_E_NOT_FOUND: there is no such tenant; PAL_E_CONFIG: no database
 * of ours, or one older than the chain; PAL_E_SERVICE. Takes time in proportion to the file. Runs
 * on: any, also while another process has the store open.
 */
PAL_MUST_CHECK enum pal_code pal_sqlite_prove_file(const char *path, struct pal_str tenant,
						   pal_sqlite_proof_fn *tell, void *arg,
						   struct pal_error *err);

#endif
