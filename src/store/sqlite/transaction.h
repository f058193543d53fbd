/* SPDX-License-Identifier: Apache-2.0 */
/* transaction.h - the writer's transactions, and the log that each makes longer. */
#ifndef PALAVER_STORE_SQLITE_TRANSACTION_H
#define PALAVER_STORE_SQLITE_TRANSACTION_H

#include "store/sqlite/store.h"

/* Begin a transaction: SQLITE_OK or the failure. Runs on: writer, as all below. */
int pal_sqlite_begin(struct pal_sqlite *self);

/* Commit it: SQLITE_OK or the failure, after which it is to be rolled back. A failed sync ends the
 * process. */
int pal_sqlite_end(struct pal_sqlite *self);

/* Undo it, and what was staged and merged with it; without one do nothing. */
void pal_sqlite_roll_back(struct pal_sqlite *self);

/*
 * What ends each transaction but a group's: commit it when `rc` is SQLITE_OK, else undo it; then see
 * to the log. PAL_E_SERVICE.
 */
PAL_MUST_CHECK enum pal_code pal_sqlite_finish(struct pal_sqlite *self, int rc,
					       struct pal_error *err);

/* While it is on, bytes that are given up are overwritten. Each commit of a group sets it anew. */
void pal_sqlite_overwrite(struct pal_sqlite *self, bool on);

/* Copy the log into the database when it is `part`th as long as it may be. */
void pal_sqlite_checkpoint_if_long(struct pal_sqlite *self, int part);

#endif
