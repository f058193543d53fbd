/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/table.h"

#include <assert.h>
#include <stdlib.h>

#define SLOTS_MIN 16u

void pal_table_deinit(struct pal_table *table, struct pal_budget *budget)
{
	pal_budget_give(budget, table->size * sizeof(table->slots[0]));
	free(table->slots);
	*table = (struct pal_table){0};
}

struct pal_table_slot *pal_table_seek(const struct pal_table *table, uint64_t hash,
				      pal_table_equal_fn *equal, const void *key)
{
	size_t mask = table->size - 1;

	assert(table->count < table->size);
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct pal_table_slot *slot = &table->slots[i];
		if (!slot->item || (slot->hash == hash && equal(slot->item, key)))
			return slot;
	}
}

const void *pal_table_get(const struct pal_table *table, uint64_t hash, pal_table_equal_fn *equal,
			  const void *key)
{
	return table->size ? pal_table_seek(table, hash, equal, key)->item : NULL;
}

static bool grow(struct pal_table *table, size_t size, struct pal_budget *budget)
{
	if (!pal_budget_take(budget, size * sizeof(table->slots[0])))
		return false;
	struct pal_table_slot *slots = calloc(size, sizeof(slots[0]));
	if (!slots) {
		pal_budget_give(budget, size * sizeof(slots[0]));
		return false;
	}
	for (size_t i = 0; i < table->size; i++) {
		if (!table->slots[i].item)
			continue;
		size_t j = table->slots[i].hash & (size - 1);
		while (slots[j].item)
			j = (j + 1) & (size - 1);
		slots[j] = table->slots[i];
	}
	size_t count = table->count;
	pal_table_deinit(table, budget);
	*table = (struct pal_table){slots, count, size};
	return true;
}

bool pal_table_reserve(struct pal_table *table, size_t more, struct pal_budget *budget)
{
	size_t size = table->size ? table->size : SLOTS_MIN;

	/* At most three quarters full, where linear probing is still short. */
	while (table->count + more > size / 4 * 3)
		size *= 2;
	return size == table->size || grow(table, size, budget);
}
