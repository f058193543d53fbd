/* SPDX-License-Identifier: Apache-2.0 */
/* proof.h - proving a tenant's audit chain on any connection. */
#ifndef PALAVER_STORE_SQLITE_PROOF_H
#define PALAVER_STORE_SQLITE_PROOF_H

#include "store/sqlite/trail.h"

/* One step, as the slot verify_audit: SQLITE_OK or the failure. Runs on: the connection's user. */
int pal_sqlite_prove_step(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			  struct pal_audit_proof *io);

#endif
