/* SPDX-License-Identifier: Apache-2.0 */
/* change.h - what is written of a conversation that is stored: by operations, and behind. */
#ifndef PALAVER_STORE_SQLITE_CHANGE_H
#define PALAVER_STORE_SQLITE_CHANGE_H

#include "store/sqlite/store.h"

/*
 * Inside a transaction: change the tenant's conversation `key`, which there is, and append the audit
 * event. SQLITE_OK or the failure. Runs on: writer.
 */
int pal_sqlite_change(struct pal_sqlite *self, struct pal_tenant_key tenant, int64_t key,
		      const struct pal_change *change);

/* Inside a transaction: append an event. SQLITE_OK or the failure. Runs on: writer. */
int pal_sqlite_append_audit(struct pal_sqlite *self, struct pal_tenant_key tenant,
			    const struct pal_audit_event *event);

/*
 * Inside a transaction: judge a write by the version there is, which record.version tells then.
 * SQLITE_OK, with write->verdict, or the failure. Runs on: writer.
 */
int pal_sqlite_judge_record(struct pal_sqlite *self, struct pal_record_write *write);

/* Inside a transaction: do a write that was judged to be stored. As above. */
int pal_sqlite_do_record(struct pal_sqlite *self, struct pal_record_write *write);
/* Both, one after the other. */
int pal_sqlite_write_record(struct pal_sqlite *self, struct pal_record_write *write);

#endif
