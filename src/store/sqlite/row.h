/* SPDX-License-Identifier: Apache-2.0 */
/* row.h - exchanges and conversations as rows, and rows as exchanges and conversations. */
#ifndef PALAVER_STORE_SQLITE_ROW_H
#define PALAVER_STORE_SQLITE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "model/audit.h"
#include "model/conversation.h"
#include "model/message.h"
#include "model/tenant.h"

/*
 * The audit record of a row; all zero when it has none: it is older than the chain, or was pruned. A
 * place is the number of an exchange, or that of a row of `audit` below zero; 0 is none.
 */
struct pal_sqlite_link {
	int64_t seq, previous;		/* previous: the place of seq - 1 */
	struct pal_audit_veil veil;
	uint8_t hash[PAL_AUDIT_HASH_SIZE];
};

/* Bind a link as four parameters from `at` on, and read it from four columns from `at` on. */
void pal_sqlite_bind_link(sqlite3_stmt *stmt, int at, const struct pal_sqlite_link *link);
void pal_sqlite_read_link(sqlite3_stmt *stmt, int at, struct pal_sqlite_link *ret);

/* The place of an exchange: its own row, and those it belongs to. */
struct pal_sqlite_place {
	int64_t exchange, previous;	/* previous: of the same conversation, 0 for its first */
	int64_t conversation;
	struct pal_tenant_key tenant;
	struct pal_sqlite_link link;
};

/* Bind an exchange; its views must outlive the step. */
void pal_sqlite_bind_exchange(sqlite3_stmt *stmt, const struct pal_sqlite_place *place,
			      const struct pal_exchange *exchange);
/*
 * Read the current row and its place; the views live until the next step. False: the row is
 * damaged.
 */
bool pal_sqlite_read_exchange(sqlite3_stmt *stmt, struct pal_sqlite_place *ret_place,
			      struct pal_exchange *ret);

/*
 * Bind a new conversation as row `id`; its views must outlive the step. The state is left out when
 * it `is_outdated`: an exchange that goes beyond the record has a newer one.
 */
void pal_sqlite_bind_conversation(sqlite3_stmt *stmt, int64_t id, struct pal_tenant_key tenant,
				  const struct pal_conversation *conversation, bool is_outdated);
#define PAL_SQLITE_ERASED (-1)
/*
 * Read the current row; the views live until the next step. `ret_erasure` is 0, or the exchange that
 * is to be emptied next, or PAL_SQLITE_ERASED. False: the row is damaged.
 */
bool pal_sqlite_read_conversation(sqlite3_stmt *stmt, struct pal_conversation *ret,
				  int64_t *ret_erasure);
#define PAL_SQLITE_CONVERSATION_WIDTH 17	/* the columns of one */

/* Whether an exchange as read was erased: no other is without a user. */
static inline bool pal_sqlite_is_emptied(const struct pal_exchange *exchange)
{
	return exchange->in.user_id.n == 0;
}

/* Move those of `count` views that are present into `arena`; false when it is out of memory. */
bool pal_sqlite_keep(struct pal_arena *arena, struct pal_str *const *strs, size_t count);
/* Move the views of a record into `arena`; false when it is out of memory. */
bool pal_sqlite_keep_exchange(struct pal_arena *arena, struct pal_exchange *exchange);
bool pal_sqlite_keep_conversation(struct pal_arena *arena, struct pal_conversation *conversation);

#endif
