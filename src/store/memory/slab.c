/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/slab.h"

#include <stdint.h>
#include <sys/mman.h>

/* Whole pages; small at first, for most shards of a small store stay small. */
#define CHUNK_BYTES_MIN ((size_t)16 << 10)
#define CHUNK_BYTES_MAX ((size_t)128 << 10)
#define ALIGN sizeof(int64_t)

struct pal_slab_chunk {
	struct pal_slab_chunk *next;
	size_t size;	/* of all of it */
	char bytes[];
};

bool pal_budget_take(struct pal_budget *budget, size_t n)
{
	size_t before = atomic_fetch_add_explicit(&budget->used_bytes, n, memory_order_relaxed);

	if (!budget->max_bytes || (before <= budget->max_bytes && n <= budget->max_bytes - before))
		return true;
	pal_budget_give(budget, n);
	return false;
}

void pal_budget_give(struct pal_budget *budget, size_t n)
{
	atomic_fetch_sub_explicit(&budget->used_bytes, n, memory_order_relaxed);
}

void pal_slab_init(struct pal_slab *slab, struct pal_budget *budget)
{
	*slab = (struct pal_slab){.budget = budget};
}

static void drop_newest(struct pal_slab *slab)
{
	struct pal_slab_chunk *chunk = slab->chunks;

	slab->chunks = chunk->next;
	pal_budget_give(slab->budget, chunk->size);
	munmap(chunk, chunk->size);
}

void pal_slab_deinit(struct pal_slab *slab)
{
	while (slab->chunks)
		drop_newest(slab);
	slab->at = slab->end = NULL;
}

/*
 * Mapped with its pages in place: to fault them in one by one, as rows come, costs up to half as
 * much again.
 */
static struct pal_slab_chunk *map_chunk(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static bool add_chunk(struct pal_slab *slab, size_t room)
{
	size_t size = slab->chunks ? 2 * slab->chunks->size : CHUNK_BYTES_MIN;
	size_t needed = sizeof(struct pal_slab_chunk) + room;

	if (size > CHUNK_BYTES_MAX)
		size = CHUNK_BYTES_MAX;
	if (size < needed)
		size = (needed + CHUNK_BYTES_MIN - 1) / CHUNK_BYTES_MIN * CHUNK_BYTES_MIN;
	if (!pal_budget_take(slab->budget, size))
		return false;
	struct pal_slab_chunk *chunk = map_chunk(size);
	if (!chunk) {
		pal_budget_give(slab->budget, size);
		return false;
	}
	chunk->next = slab->chunks;
	chunk->size = size;
	slab->chunks = chunk;
	slab->at = chunk->bytes;
	slab->end = (char *)chunk + size;
	return true;
}

void *pal_slab_get(struct pal_slab *slab, size_t size)
{
	if (size > SIZE_MAX / 4)
		return NULL;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if ((size_t)(slab->end - slab->at) < size && !add_chunk(slab, size))
		return NULL;
	void *p = slab->at;
	slab->at += size;
	return p;
}

bool pal_slab_copy(struct pal_slab *slab, struct pal_str s, struct pal_str *ret)
{
	char *p = NULL;

	if (s.n > 0) {
		p = pal_slab_get(slab, s.n);
		if (!p)
			return false;
		memcpy(p, s.p, s.n);
	}
	*ret = (struct pal_str){p, s.n};
	return true;
}

void *pal_slab_extend(struct pal_slab *slab, const void *old, size_t used, size_t size)
{
	void *p = pal_slab_get(slab, size);

	if (p && used)
		memcpy(p, old, used);
	return p;
}

struct pal_slab_mark pal_slab_mark(const struct pal_slab *slab)
{
	return (struct pal_slab_mark){slab->chunks, slab->at};
}

void pal_slab_rewind(struct pal_slab *slab, struct pal_slab_mark mark)
{
	while (slab->chunks != mark.chunks)
		drop_newest(slab);
	slab->at = mark.at;
	slab->end = mark.chunks ? (char *)mark.chunks + mark.chunks->size : NULL;
}
