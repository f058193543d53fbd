/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64u

static int64_t *slot_at(const struct pal_sqlite_table *table, size_t i)
{
	return table->slots + i * table->width;
}

/* Keys may be dense or ordered: a multiplication spreads them (Knuth, 6.4). */
static size_t home_of(const struct pal_sqlite_table *table, int64_t key)
{
	return (size_t)(((uint64_t)key * 0x9E3779B97F4A7C15u) >> 32) & (table->slot_count - 1);
}

static void insert(struct pal_sqlite_table *table, const int64_t *row)
{
	size_t i = home_of(table, row[0]);

	while (slot_at(table, i)[1] != 0)
		i = (i + 1) & (table->slot_count - 1);
	memcpy(slot_at(table, i), row, table->width * sizeof(*row));
	table->count++;
}

static bool resize(struct pal_sqlite_table *table, size_t slot_count)
{
	struct pal_sqlite_table bigger = {.width = table->width, .slot_count = slot_count};

	bigger.slots = calloc(slot_count, table->width * sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < table->slot_count; i++) {
		if (slot_at(table, i)[1] != 0)
			insert(&bigger, slot_at(table, i));
	}
	free(table->slots);
	*table = bigger;
	return true;
}

bool pal_sqlite_table_reserve(struct pal_sqlite_table *table, size_t extra)
{
	size_t slot_count = table->slot_count ? table->slot_count : SLOTS_MIN;

	/* Half empty at least: probing stays short, and always ends. */
	while ((table->count + extra) * 2 > slot_count)
		slot_count *= 2;
	return slot_count == table->slot_count || resize(table, slot_count);
}

void pal_sqlite_table_add(struct pal_sqlite_table *table, const int64_t *row)
{
	assert(row[1] != 0 && table->count * 2 < table->slot_count);
	insert(table, row);
}

static int64_t *find(const struct pal_sqlite_table *table, int64_t key)
{
	if (table->count == 0)
		return NULL;
	for (size_t i = home_of(table, key);; i = (i + 1) & (table->slot_count - 1)) {
		int64_t *slot = slot_at(table, i);
		if (slot[1] == 0)
			return NULL;
		if (slot[0] == key)
			return slot;
	}
}

void pal_sqlite_table_put(struct pal_sqlite_table *table, const int64_t *row)
{
	int64_t *slot = find(table, row[0]);

	if (slot)
		memcpy(slot, row, table->width * sizeof(*row));
	else
		pal_sqlite_table_add(table, row);
}

const int64_t *pal_sqlite_table_get(const struct pal_sqlite_table *table, int64_t key)
{
	return find(table, key);
}

int64_t pal_sqlite_table_next(const struct pal_sqlite_table *table, int64_t key, int64_t after)
{
	int64_t next = 0;

	if (table->count == 0)
		return 0;
	for (size_t i = home_of(table, key);; i = (i + 1) & (table->slot_count - 1)) {
		const int64_t *slot = slot_at(table, i);
		if (slot[1] == 0)
			return next;
		if (slot[0] == key && slot[1] > after && (next == 0 || slot[1] < next))
			next = slot[1];
	}
}

void pal_sqlite_table_move(struct pal_sqlite_table *target, struct pal_sqlite_table *source,
			   bool is_put)
{
	for (size_t i = 0; i < source->slot_count && source->count; i++) {
		const int64_t *slot = slot_at(source, i);
		if (slot[1] == 0)
			continue;
		if (is_put)
			pal_sqlite_table_put(target, slot);
		else
			pal_sqlite_table_add(target, slot);
	}
	pal_sqlite_table_clear(source);
}

void pal_sqlite_table_copy(struct pal_sqlite_table *target, const struct pal_sqlite_table *source)
{
	for (size_t i = 0; i < source->slot_count && source->count; i++) {
		const int64_t *slot = slot_at(source, i);
		if (slot[1] != 0)
			pal_sqlite_table_put(target, slot);
	}
}

void pal_sqlite_table_clear(struct pal_sqlite_table *table)
{
	if (table->count)
		memset(table->slots, 0, table->slot_count * table->width * sizeof(*table->slots));
	table->count = 0;
}

void pal_sqlite_table_deinit(struct pal_sqlite_table *table)
{
	free(table->slots);
	*table = (struct pal_sqlite_table){.width = table->width};
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	if (x[0] != y[0])
		return x[0] < y[0] ? -1 : 1;
	return x[1] < y[1] ? -1 : x[1] > y[1];
}

bool pal_sqlite_run_init(struct pal_sqlite_run *run, const struct pal_sqlite_table *table)
{
	size_t row_bytes = table->width * sizeof(int64_t), at = 0;

	*run = (struct pal_sqlite_run){.width = table->width, .count = table->count};
	run->rows = malloc(table->count ? table->count * row_bytes : 1);
	if (!run->rows)
		return false;
	for (size_t i = 0; i < table->slot_count && table->count; i++) {
		if (slot_at(table, i)[1] != 0)
			memcpy(run->rows + at++ * table->width, slot_at(table, i), row_bytes);
	}
	qsort(run->rows, run->count, row_bytes, compare);
	return true;
}

/* Index of the first row not before (key, exchange). */
static size_t lower_bound(const struct pal_sqlite_run *run, int64_t key, int64_t exchange)
{
	const int64_t wanted[2] = {key, exchange};
	size_t low = 0, high = run->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(run->rows + middle * run->width, wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const int64_t *pal_sqlite_run_get(const struct pal_sqlite_run *run, int64_t key)
{
	size_t at = lower_bound(run, key, INT64_MIN);

	if (at == run->count)
		return NULL;
	const int64_t *row = run->rows + at * run->width;
	return row[0] == key ? row : NULL;
}

int64_t pal_sqlite_run_next(const struct pal_sqlite_run *run, int64_t key, int64_t after)
{
	size_t at = lower_bound(run, key, after + 1);

	if (at == run->count)
		return 0;
	const int64_t *row = run->rows + at * run->width;
	return row[0] == key ? row[1] : 0;
}

void pal_sqlite_run_deinit(struct pal_sqlite_run *run)
{
	free(run->rows);
	*run = (struct pal_sqlite_run){.width = run->width};
}
