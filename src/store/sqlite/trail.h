/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - the records of a tenant's audit chain, found and read: each names the place of the one
 * before it, and every PAL_SQLITE_STRIDEth has a milestone, so that a search starts near.
 */
#ifndef PALAVER_STORE_SQLITE_TRAIL_H
#define PALAVER_STORE_SQLITE_TRAIL_H

#include "store/sqlite/chain.h"

/* The audit record of a row, wherever it stands. */
struct pal_sqlite_audit_row {
	struct pal_tenant_key tenant;
	struct pal_sqlite_link link;
	struct pal_audit_event event;
	bool is_whole;	/* the row says what it was sealed with */
	sqlite3_stmt *stmt;	/* which the event is viewed from; reset it */
};

/* Read the current row of a statement with the columns of `audit`; stmt is left alone. */
void pal_sqlite_read_audit(sqlite3_stmt *stmt, struct pal_sqlite_audit_row *ret);

/*
 * Read the record at `place`: SQLITE_ROW, and the views live until ret->stmt is reset; SQLITE_DONE:
 * there is no such row; or the failure. Runs on: the connection's user, as all below.
 */
int pal_sqlite_trail_read(struct pal_sqlite_conn *conn, int64_t place,
			  struct pal_sqlite_audit_row *ret);
/* The same without the event; nothing is to be reset. */
int pal_sqlite_trail_peek(struct pal_sqlite_conn *conn, int64_t place,
			  struct pal_tenant_key *ret_tenant, struct pal_sqlite_link *ret);

/*
 * Follow the links to the places of the records behind `after` as far as the next milestone or the
 * head; ret[0] is that of after + 1. SQLITE_OK; SQLITE_DONE: the links do not lead there; or the
 * failure. `after` is in the chain and not the head.
 */
int pal_sqlite_trail_places(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			    const struct pal_sqlite_chain_head *head, int64_t after,
			    int64_t ret[PAL_SQLITE_STRIDE], size_t *ret_count);

/* Which record is the last of those. */
static inline int64_t pal_sqlite_trail_stop(const struct pal_sqlite_chain_head *head, int64_t after)
{
	int64_t milestone = (after / PAL_SQLITE_STRIDE + 1) * PAL_SQLITE_STRIDE;

	return milestone < head->head.seq ? milestone : head->head.seq;
}

/* Begin to read one snapshot, and end it. */
int pal_sqlite_trail_begin(struct pal_sqlite_conn *conn);
void pal_sqlite_trail_end(struct pal_sqlite_conn *conn);

#endif
