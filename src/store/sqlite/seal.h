/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - a checksum stored with each record, so that a flipped bit is noticed when it is read:
 * SQLite checks the structure of its pages, not what they say. It is no defence against an author.
 */
#ifndef PALAVER_STORE_SQLITE_SEAL_H
#define PALAVER_STORE_SQLITE_SEAL_H

#include <stdint.h>

#include "model/audit.h"
#include "model/conversation.h"
#include "model/message.h"
#include "model/record.h"
#include "store/sqlite/row.h"
#include "store/sqlite/tail.h"

/* The seal of everything a row says. Absent and empty texts have one seal. Runs on: any. */
int64_t pal_sqlite_seal_exchange(const struct pal_sqlite_place *place,
				 const struct pal_exchange *exchange);
int64_t pal_sqlite_seal_conversation(int64_t key, struct pal_tenant_key tenant, int64_t erasure,
				     const struct pal_conversation *conversation);
int64_t pal_sqlite_seal_audit_event(struct pal_tenant_key tenant,
				    const struct pal_audit_event *event,
				    const struct pal_sqlite_link *link);
int64_t pal_sqlite_seal_record(struct pal_tenant_key tenant, const struct pal_record *record);
int64_t pal_sqlite_seal_head(const struct pal_sqlite_head *head);

#endif
