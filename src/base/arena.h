/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - memory that lives as long as one request: bump allocation, freed in one go. */
#ifndef PALAVER_BASE_ARENA_H
#define PALAVER_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct pal_arena_block;
struct pal_buf;

struct pal_arena {
	char *at, *end;			/* free room in the newest block */
	struct pal_arena_block *blocks;	/* newest first */
	size_t used, max;		/* bytes taken from the heap; ceiling, 0: none */
};

/*
 * An empty arena of at most `max` bytes (0: unlimited). Zeroed storage is valid too. Runs on: any.
 */
static inline struct pal_arena pal_arena_of(size_t max)
{
	return (struct pal_arena){.max = max};
}

/*
 * Get `size` bytes aligned for any type, not zeroed; they live until the arena is released. Return
 * NULL when out of memory or beyond the ceiling. Runs on: the arena's one user.
 */
void *pal_arena_get(struct pal_arena *arena, size_t size);

/* A NUL-terminated copy of `s`, absent gives ""; p is NULL when out of memory. */
struct pal_str pal_arena_copy(struct pal_arena *arena, struct pal_str s);

/*
 * A copy of what `buf` holds; absent when the buffer failed, or when out of memory. `take` frees the
 * buffer too, whatever comes of it.
 */
struct pal_str pal_arena_copy_buf(struct pal_arena *arena, const struct pal_buf *buf);
struct pal_str pal_arena_take_buf(struct pal_arena *arena, struct pal_buf *buf);

/*
 * Put a copy in the place of each of the `count` texts that is present; false when out of memory,
 * with some of them copied.
 */
bool pal_arena_copy_texts(struct pal_arena *arena, struct pal_str *const *texts, size_t count);

/* Forget everything but keep one block of the usual size for the next request. Runs on: the arena's
 * one user. */
void pal_arena_reset(struct pal_arena *arena);

/* Free everything; the arena is empty and usable again. Runs on: the arena's one user. */
void pal_arena_release(struct pal_arena *arena);

#endif
