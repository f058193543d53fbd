/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - from a 64-bit hash to an item: open addressing, linear probing, no removal but of what
 * was added last. The hash is seeded (base/hash.h), so a client cannot make slots collide.
 */
#ifndef PALAVER_STORE_MEMORY_TABLE_H
#define PALAVER_STORE_MEMORY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/memory/slab.h"

struct pal_table_slot {
	uint64_t hash;
	const void *item;	/* NULL: free */
};

/* Zeroed is empty. */
struct pal_table {
	struct pal_table_slot *slots;
	size_t count, size;	/* size: 0 or a power of two */
};

/* Whether `item`, whose hash is that of `key`, is the one meant. */
typedef bool pal_table_equal_fn(const void *item, const void *key);

/* Free the slots. Runs on: the table's one user at a time, as all below. */
void pal_table_deinit(struct pal_table *table, struct pal_budget *budget);

/* Make sure that `more` items can be put; false when out of memory or budget. */
bool pal_table_reserve(struct pal_table *table, size_t more, struct pal_budget *budget);

/* The slot of the item with `hash` that is `equal` to `key`, or the free one it would take. The
 * table has room. */
struct pal_table_slot *pal_table_seek(const struct pal_table *table, uint64_t hash,
				      pal_table_equal_fn *equal, const void *key);

/* The item with `hash` that is `equal` to `key`, NULL when there is none. */
const void *pal_table_get(const struct pal_table *table, uint64_t hash, pal_table_equal_fn *equal,
			  const void *key);

/* Fill `slot`, found free since the last reserve; and free it again, the newest first. */
static inline void pal_table_put(struct pal_table *table, struct pal_table_slot *slot,
				 uint64_t hash, const void *item)
{
	*slot = (struct pal_table_slot){hash, item};
	table->count++;
}

static inline void pal_table_take_back(struct pal_table *table, struct pal_table_slot *slot)
{
	slot->item = NULL;
	table->count--;
}

#endif
