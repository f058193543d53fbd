/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - the ends of the tenants' audit chains, as the writer knows them: in memory for those it
 * wrote to, and written with the transaction that moved them. What is staged belongs to the
 * transaction under way.
 */
#ifndef PALAVER_STORE_SQLITE_CHAIN_H
#define PALAVER_STORE_SQLITE_CHAIN_H

#include "store/sqlite/row.h"
#include "store/sqlite/store.h"

/* A row of audit_head. */
struct pal_sqlite_chain_head {
	struct pal_audit_head head;
	int64_t place;	/* of the last record: struct pal_sqlite_link */
};

/*
 * Read the row of `tenant`: SQLITE_OK, all zero when there is none; or the failure. Runs on: the
 * connection's user.
 */
int pal_sqlite_read_chain_head(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			       struct pal_sqlite_chain_head *ret);

/* Inside a transaction, runs on: writer, as all below. SQLITE_OK or the failure. */

/* Make the link of `event`, which is to be the next record of the tenant. */
int pal_sqlite_chain_next(struct pal_sqlite *self, struct pal_tenant_key tenant,
			  const struct pal_audit_event *event, struct pal_sqlite_link *ret);
/* It is written at `place`: it is the last one now. */
int pal_sqlite_chain_put(struct pal_sqlite *self, struct pal_tenant_key tenant,
			 const struct pal_sqlite_link *link, int64_t place);
/* The tenant's head with what is staged; what is changed in it is written. NULL: see *ret_rc. */
struct pal_sqlite_chain_head *pal_sqlite_chain_edit(struct pal_sqlite *self,
						    struct pal_tenant_key tenant, int *ret_rc);
/* Write the heads that moved. */
int pal_sqlite_chain_write(struct pal_sqlite *self);

/* The transaction is through, or undone. Runs on: writer. */
void pal_sqlite_chain_keep(struct pal_sqlite *self);
void pal_sqlite_chain_undo(struct pal_sqlite *self);

/* Forget all. Runs on: its last user. */
void pal_sqlite_chain_deinit(struct pal_sqlite *self);

#endif
