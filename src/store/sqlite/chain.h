/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - the ends of the tenants' audit chains, as the writer knows them: in memory for those it
 * wrote to. What is staged belongs to the transaction under way.
 *
 * An exchange carries its number and hash in its own row, so the end that it moves is not written
 * with it: `behind.head` is the exchange up to which the rows of audit_head are complete, and what
 * came later is found in the exchanges beyond. The rows follow when so many exchanges are beyond,
 * when the store is quiet, and when it is closed. All other ways to move an end write it at once.
 */
#ifndef PALAVER_STORE_SQLITE_CHAIN_H
#define PALAVER_STORE_SQLITE_CHAIN_H

#include "store/sqlite/row.h"
#include "store/sqlite/store.h"

/* So many exchanges at most are looked at to find where a chain ends. */
#define PAL_SQLITE_HEADS_BEHIND_MAX 1024

/* Where a chain ends. */
struct pal_sqlite_chain_head {
	struct pal_audit_head head;
	int64_t place;	/* of the last record: struct pal_sqlite_link */
};

/*
 * Find the end of the chain of `tenant`, inside a transaction: SQLITE_OK, all zero when there is no
 * chain; or the failure. Runs on: the connection's user.
 */
int pal_sqlite_read_chain_head(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			       struct pal_sqlite_chain_head *ret);

/* Learn which ends are behind. SQLITE_OK or the failure. Runs on: writer, at open. */
int pal_sqlite_chain_recover(struct pal_sqlite *self);

/* Inside a transaction, runs on: writer, as all below. SQLITE_OK or the failure. */

/* Make the link of `event`, which is to be the next record of the tenant. */
int pal_sqlite_chain_next(struct pal_sqlite *self, struct pal_tenant_key tenant,
			  const struct pal_audit_event *event, struct pal_sqlite_link *ret);
/* It is written at `place`: it is the last one now. */
int pal_sqlite_chain_put(struct pal_sqlite *self, struct pal_tenant_key tenant,
			 const struct pal_sqlite_link *link, int64_t place);
/* The tenant's head with what is staged; it is written with the transaction. NULL: see *ret_rc. */
struct pal_sqlite_chain_head *pal_sqlite_chain_edit(struct pal_sqlite *self,
						    struct pal_tenant_key tenant, int *ret_rc);
/* All heads that are behind go with this transaction. */
void pal_sqlite_chain_flush(struct pal_sqlite *self);
/* Before the commit: write the heads that must go with it. */
int pal_sqlite_chain_write(struct pal_sqlite *self);

/* The transaction is through, or undone. Runs on: writer. */
void pal_sqlite_chain_keep(struct pal_sqlite *self);
void pal_sqlite_chain_undo(struct pal_sqlite *self);

/* Whether the rows of audit_head are incomplete. Runs on: writer. */
bool pal_sqlite_chain_is_behind(const struct pal_sqlite *self);
/* Forget all. Runs on: its last user. */
void pal_sqlite_chain_deinit(struct pal_sqlite *self);

#endif
