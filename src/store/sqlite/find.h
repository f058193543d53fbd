/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.h - from an id or a conversation to the row of an exchange: the tail first, then the disk.
 */
#ifndef PALAVER_STORE_SQLITE_FIND_H
#define PALAVER_STORE_SQLITE_FIND_H

#include <stdint.h>

#include "base/str.h"
#include "model/tenant.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/tail.h"

#define PAL_SQLITE_HASH_KEY_SIZE 16u

/* Where a lookup looks, and with what eyes. */
struct pal_sqlite_view {
	struct pal_sqlite_conn *conn;
	struct pal_sqlite_tail *tail;
	const uint8_t *hash_key;	/* PAL_SQLITE_HASH_KEY_SIZE bytes of this database's */
	bool sees_staged;		/* the writer's, inside its transaction */
};

/*
 * The key under which a message id is indexed. Inbound ids are the client's: hashed with a secret,
 * so that none can be made to collide. Outbound ids are ours, UUIDs of version 7: their keys rise
 * with time, so that the index grows at its end. Runs on: any.
 */
int64_t pal_sqlite_key_of(const uint8_t *hash_key, enum pal_sqlite_list list,
			  struct pal_tenant_key tenant, struct pal_str id);

/*
 * Find the exchange that holds the message: SQLITE_ROW and it, SQLITE_DONE when the tenant has
 * none, or the failure. Runs on: the user of view->conn.
 */
int pal_sqlite_find_message(const struct pal_sqlite_view *view, enum pal_sqlite_list list,
			    struct pal_tenant_key tenant, struct pal_str id, int64_t *ret);
/* As above for a key computed before. */
int pal_sqlite_find_keyed(const struct pal_sqlite_view *view, enum pal_sqlite_list list,
			  int64_t key, struct pal_tenant_key tenant, struct pal_str id,
			  int64_t *ret);

/*
 * Find the newest exchange of a conversation: SQLITE_ROW, SQLITE_DONE without one, or the failure.
 */
int pal_sqlite_find_head(const struct pal_sqlite_view *view, int64_t conversation,
			 struct pal_sqlite_head *ret);

#endif
