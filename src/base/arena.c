/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"

#define ARENA_BLOCK_BYTES 4096u

struct pal_arena_block {
	struct pal_arena_block *next;
	char *end;
	alignas(max_align_t) char bytes[];
};

static void *get_from_new_block(struct pal_arena *arena, size_t size)
{
	size_t room = ARENA_BLOCK_BYTES - sizeof(struct pal_arena_block);
	if (size > room)
		room = size;

	size_t total = sizeof(struct pal_arena_block) + room;
	if (arena->max && (total > arena->max || arena->used > arena->max - total))
		return NULL;
	struct pal_arena_block *block = malloc(total);
	if (!block)
		return NULL;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->used += total;
	arena->at = block->bytes + size;
	block->end = block->bytes + room;
	arena->end = block->end;
	return block->bytes;
}

void *pal_arena_get(struct pal_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + align - 1) / align * align;
	if (!arena->at || (size_t)(arena->end - arena->at) < size)
		return get_from_new_block(arena, size);
	void *p = arena->at;
	arena->at += size;
	return p;
}

struct pal_str pal_arena_copy(struct pal_arena *arena, struct pal_str s)
{
	char *p = pal_arena_get(arena, s.n + 1);

	if (!p)
		return (struct pal_str){NULL, 0};
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct pal_str){p, s.n};
}

struct pal_str pal_arena_copy_buf(struct pal_arena *arena, const struct pal_buf *buf)
{
	return buf->failed ? (struct pal_str){NULL, 0} : pal_arena_copy(arena, pal_buf_str(buf));
}

struct pal_str pal_arena_take_buf(struct pal_arena *arena, struct pal_buf *buf)
{
	struct pal_str copy = pal_arena_copy_buf(arena, buf);

	pal_buf_deinit(buf);
	return copy;
}

bool pal_arena_copy_texts(struct pal_arena *arena, struct pal_str *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!texts[i]->p)
			continue;
		*texts[i] = pal_arena_copy(arena, *texts[i]);
		if (!texts[i]->p)
			return false;
	}
	return true;
}

static bool is_usual(const struct pal_arena_block *block)
{
	return (size_t)(block->end - block->bytes) == ARENA_BLOCK_BYTES - sizeof(*block);
}

void pal_arena_reset(struct pal_arena *arena)
{
	struct pal_arena_block *block = arena->blocks;

	if (!block || block->next || !is_usual(block)) {
		pal_arena_release(arena);
		return;
	}
	arena->at = block->bytes;
	arena->end = block->end;
}

void pal_arena_release(struct pal_arena *arena)
{
	while (arena->blocks) {
		struct pal_arena_block *next = arena->blocks->next;
		free(arena->blocks);
		arena->blocks = next;
	}
	*arena = pal_arena_of(arena->max);
}
