/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - rows of a few integers in memory, by their first: a hash table that grows, and a sorted
 * run made of one. The second integer of a row is an exchange, never 0.
 */
#ifndef PALAVER_STORE_SQLITE_TABLE_H
#define PALAVER_STORE_SQLITE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed but for `width`, at least 2, it is a valid empty table. */
struct pal_sqlite_table {
	int64_t *slots;		/* open addressing; a slot whose exchange is 0 is free */
	size_t width, slot_count, count;
};

struct pal_sqlite_run {
	int64_t *rows;		/* by key, then exchange */
	size_t width, count;
};

/* Make room for `extra` more rows, so that adding them cannot fail; false when out of memory. */
bool pal_sqlite_table_reserve(struct pal_sqlite_table *table, size_t extra);
/* Add a row beside others of the same key. There is room. */
void pal_sqlite_table_add(struct pal_sqlite_table *table, const int64_t *row);
/* Add a row in place of the one of the same key. There is room. */
void pal_sqlite_table_put(struct pal_sqlite_table *table, const int64_t *row);
/* Get the row of `key`, or NULL. */
const int64_t *pal_sqlite_table_get(const struct pal_sqlite_table *table, int64_t key);
/* The lowest exchange above `after` among the rows of `key`, or 0. */
int64_t pal_sqlite_table_next(const struct pal_sqlite_table *table, int64_t key, int64_t after);
/* Move all rows of `source`, put or added, to `target`, which has room; `source` is empty then. */
void pal_sqlite_table_move(struct pal_sqlite_table *target, struct pal_sqlite_table *source,
			   bool is_put);
/* Put all rows of `source` into `target`, which has room. */
void pal_sqlite_table_copy(struct pal_sqlite_table *target, const struct pal_sqlite_table *source);
/* Forget the rows, keep the memory. */
void pal_sqlite_table_clear(struct pal_sqlite_table *table);
void pal_sqlite_table_deinit(struct pal_sqlite_table *table);

/* Make the sorted run of the rows of `table`, which stays; false when out of memory. */
bool pal_sqlite_run_init(struct pal_sqlite_run *run, const struct pal_sqlite_table *table);
const int64_t *pal_sqlite_run_get(const struct pal_sqlite_run *run, int64_t key);
int64_t pal_sqlite_run_next(const struct pal_sqlite_run *run, int64_t key, int64_t after);
void pal_sqlite_run_deinit(struct pal_sqlite_run *run);

#endif
