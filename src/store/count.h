/* SPDX-License-Identifier: Apache-2.0 */
/* count.h - what the callers of the slots count and time, the same for all kinds. */
#ifndef PALAVER_STORE_COUNT_H
#define PALAVER_STORE_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "palaver/store.h"

#define PAL_STORE_OPS(X)                                                                           \
	X(PAL_OP_COMMIT, "commit")                                                                 \
	X(PAL_OP_WRITE_BEHIND, "write_behind")                                                     \
	X(PAL_OP_LOAD_CONVERSATION, "load_conversation")                                           \
	X(PAL_OP_FIND_EXCHANGE, "find_exchange")                                                   \
	X(PAL_OP_WALK_EXCHANGES, "walk_exchanges")                                                 \
	X(PAL_OP_WALK_CONVERSATIONS, "walk_conversations")                                         \
	X(PAL_OP_INDEX_TEXT, "index_text")                                                         \
	X(PAL_OP_SEARCH_TEXT, "search_text")                                                       \
	X(PAL_OP_PUT_TENANT, "put_tenant")                                                         \
	X(PAL_OP_PUT_API_KEY, "put_api_key")                                                       \
	X(PAL_OP_WALK_TENANTS, "walk_tenants")                                                     \
	X(PAL_OP_WALK_API_KEYS, "walk_api_keys")                                                   \
	X(PAL_OP_INSTALLATION_SECRET, "installation_secret")                                       \
	X(PAL_OP_ADD_AUDIT, "add_audit")                                                           \
	X(PAL_OP_WALK_AUDIT, "walk_audit")                                                         \
	X(PAL_OP_VERIFY_AUDIT, "verify_audit")                                                     \
	X(PAL_OP_PRUNE_AUDIT, "prune_audit")                                                       \
	X(PAL_OP_ERASE_AUDIT, "erase_audit")                                                       \
	X(PAL_OP_WRITE_RECORDS, "write_records")                                                   \
	X(PAL_OP_LOAD_RECORD, "load_record")                                                       \
	X(PAL_OP_WALK_RECORDS, "walk_records")                                                     \
	X(PAL_OP_WALK_EXPIRED, "walk_expired")                                                     \
	X(PAL_OP_ERASE_CONVERSATION, "erase_conversation")                                         \
	X(PAL_OP_PING, "ping")                                                                     \
	X(PAL_OP_COUNT, "count")

enum pal_store_op {
#define X(id, name) id,
	PAL_STORE_OPS(X)
#undef X
	PAL_OP_MAX
};

/* Register the metrics, before the threads that count exist; again is fine. Runs on: main. */
void pal_store_count_register(void);

int64_t pal_store_now_ns(void);

/* Pass `code` on and note how long `op`, begun at `start_ns`, took. Runs on: any. */
enum pal_code pal_store_timed(enum pal_store_op op, int64_t start_ns, enum pal_code code);

/* Note a group of units committed, begun at `start_ns`. Runs on: any. */
void pal_store_count_group(int64_t start_ns, size_t count);
/* Note what became of units. Runs on: any. */
void pal_store_count_verdicts(struct pal_unit *const *units, size_t count);

#endif
