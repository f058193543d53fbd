/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - the index of the messages' words, filled behind. */
#ifndef PALAVER_STORE_SQLITE_TEXT_H
#define PALAVER_STORE_SQLITE_TEXT_H

#include "store/sqlite/row.h"
#include "store/sqlite/store.h"

#define PAL_SQLITE_TENANT_TEXT_SIZE 24

/* Whether the library has the virtual table `name`: PAL_E_CONFIG when not; PAL_E_SERVICE. */
PAL_MUST_CHECK enum pal_code pal_sqlite_need_module(sqlite3 *db, const char *name,
						    struct pal_error *err);

/* Learn from the file how far the index is. PAL_E_SERVICE. Runs on: writer, at open. */
PAL_MUST_CHECK enum pal_code pal_sqlite_learn_behind(struct pal_sqlite *self,
						     struct pal_error *err);

/* Inside a transaction: remember how far the index is. SQLITE_OK or the failure. Runs on: writer. */
int pal_sqlite_move_behind(struct pal_sqlite *self, const struct pal_sqlite_behind *behind);

/*
 * Index the conversations of users that are too far behind, by a few milliseconds; return true while
 * there is more to do. Runs on: writer.
 */
bool pal_sqlite_catch_up_users(struct pal_sqlite *self);

/*
 * Rid the index of words of what was erased, by a few milliseconds; return true while there is more
 * to do. Runs on: writer.
 */
bool pal_sqlite_purge_words(struct pal_sqlite *self);

/*
 * Inside a transaction: PAL_SQLITE_ADD_WORDS or PAL_SQLITE_REMOVE_WORDS of an exchange; what is
 * removed must be what was added. SQLITE_OK or the failure. Runs on: writer.
 */
int pal_sqlite_write_words(struct pal_sqlite *self, enum pal_sqlite_query query,
			   const struct pal_sqlite_place *place,
			   const struct pal_exchange *exchange);

#endif
