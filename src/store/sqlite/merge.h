/* SPDX-License-Identifier: Apache-2.0 */
/* merge.h - how what the tail holds reaches the indexes on disk, and how it is rebuilt at open. */
#ifndef PALAVER_STORE_SQLITE_MERGE_H
#define PALAVER_STORE_SQLITE_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "store/sqlite/find.h"

/* How far the frozen run is on the disk: as committed, and in the transaction under way. */
struct pal_sqlite_merge {
	size_t done[PAL_SQLITE_LIST_COUNT], doing[PAL_SQLITE_LIST_COUNT];
};

/*
 * Fill the tail from the exchanges that the indexes on disk do not have, and read the hash key and
 * the totals. SQLITE_OK or the failure. Runs on: writer, at open.
 */
int pal_sqlite_merge_rebuild(struct pal_sqlite_view *view,
			     uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE]);

/*
 * Read the mark: the totals up to which the indexes on disk are complete, and the hash key.
 * SQLITE_OK or the failure. Runs on: the user of `conn`.
 */
int pal_sqlite_merge_read_mark(struct pal_sqlite_conn *conn, struct pal_sqlite_totals *ret,
			       uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE]);

/*
 * Inside a transaction: write a head to the disk, unless the one there has lost its tenant.
 * SQLITE_OK or the failure. Runs on: writer.
 */
int pal_sqlite_put_head(struct pal_sqlite_conn *conn, const struct pal_sqlite_head *head);

/*
 * Inside a transaction: write the next `keys` entries of each list of the frozen run, if there is
 * one; with its last entry, move the mark up to which exchanges are merged. SQLITE_OK or the
 * failure.
 */
int pal_sqlite_merge_slice(struct pal_sqlite_merge *merge, const struct pal_sqlite_view *view,
			   size_t keys);
/*
 * The transaction was committed: a run that is on the disk is dropped, and the next one frozen when
 * `run_exchanges` are recent.
 */
void pal_sqlite_merge_keep(struct pal_sqlite_merge *merge, struct pal_sqlite_tail *tail,
			   size_t run_exchanges);
/* The transaction was rolled back. */
void pal_sqlite_merge_undo(struct pal_sqlite_merge *merge);

#endif
