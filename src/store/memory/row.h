/* SPDX-License-Identifier: Apache-2.0 */
/* row.h - one exchange as kept: numbers and all its texts in one piece; only erasing changes it. */
#ifndef PALAVER_STORE_MEMORY_ROW_H
#define PALAVER_STORE_MEMORY_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/audit.h"
#include "model/message.h"
#include "store/memory/slab.h"

struct pal_memory_conversation;

#define PAL_ROW_TEXTS 20

/* The place of an audit record in its tenant's chain. */
struct pal_memory_link {
	int64_t seq;			/* 0: not there yet, or pruned */
	struct pal_audit_veil veil;
	uint8_t hash[PAL_AUDIT_HASH_SIZE];
};

struct pal_row {
	struct pal_memory_conversation *conversation;
	uint64_t inbound_hash, outbound_hash;	/* of the ids, as their tables have them */
	int64_t sequence;	/* of the inbound message */
	int64_t received_ms, in_ms, out_ms;
	uint8_t digest[PAL_DIGEST_SIZE];
	uint8_t in_type, out_type, delivery_status;
	bool has_out, is_erased;
	bool is_pruned;		/* what it had for the trail is gone */
	struct pal_memory_link link;	/* guarded by the chain's lock once it is put */
	uint32_t lengths[PAL_ROW_TEXTS];
	char bytes[];		/* the texts, one after the other */
};

/* The highest sequence that `row` holds. Runs on: any. */
static inline int64_t pal_row_last_sequence(const struct pal_row *row)
{
	return row->sequence + row->has_out;
}

/* Copy `exchange` into `slab`; NULL when out of memory or budget. Runs on: the slab's user. */
struct pal_row *pal_row_make(struct pal_slab *slab, const struct pal_exchange *exchange);

/* What was stored, viewed in `row`. Runs on: holder of the lock under which it may be erased. */
void pal_row_view(const struct pal_row *row, struct pal_exchange *ret);

/*
 * A copy of what was stored, in `arena`; false when it is out of memory. Runs on: holder of the lock
 * under which it may be erased.
 */
bool pal_row_copy(const struct pal_row *row, struct pal_arena *arena, struct pal_exchange *ret);

/*
 * Overwrite all texts but the ids. Runs on: holder of that lock, and of that of the outbound id.
 */
void pal_row_erase(struct pal_row *row);

/* Overwrite what it has for the trail. Runs on: holder of the lock under which it may be erased. */
void pal_row_prune(struct pal_row *row);

/* Single texts of it. Runs on: any. */
struct pal_str pal_row_inbound_id(const struct pal_row *row);
struct pal_str pal_row_outbound_id(const struct pal_row *row);
struct pal_str pal_row_inbound_text(const struct pal_row *row);
struct pal_str pal_row_outbound_text(const struct pal_row *row);
struct pal_str pal_row_state(const struct pal_row *row);

#endif
