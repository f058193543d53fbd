/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slab.h - memory for rows that stay until the store closes: large chunks, bump allocation. It
 * keeps long-lived rows out of the general heap, which they would fragment.
 */
#ifndef PALAVER_STORE_MEMORY_SLAB_H
#define PALAVER_STORE_MEMORY_SLAB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* What all slabs and tables of a store may take together. */
struct pal_budget {
	_Atomic size_t used_bytes;
	size_t max_bytes;	/* fixed at create; 0: no ceiling */
};

/* Reserve `n` bytes, or return false. Runs on: any. */
bool pal_budget_take(struct pal_budget *budget, size_t n);
/* Give back what was taken. Runs on: any. */
void pal_budget_give(struct pal_budget *budget, size_t n);

struct pal_slab_chunk;

struct pal_slab {
	struct pal_budget *budget;
	char *at, *end;			/* free room in the newest chunk */
	struct pal_slab_chunk *chunks;	/* newest first */
};

/* A place to come back to. */
struct pal_slab_mark {
	struct pal_slab_chunk *chunks;
	char *at;
};

/* An empty slab that takes nothing yet. Runs on: any. */
void pal_slab_init(struct pal_slab *slab, struct pal_budget *budget);
/* Free everything. Runs on: its last user. */
void pal_slab_deinit(struct pal_slab *slab);

/* Get `size` bytes aligned for pointers and int64_t; NULL when out of memory or budget.
 * Runs on: the slab's one user at a time, as all below. */
void *pal_slab_get(struct pal_slab *slab, size_t size);
/* A copy of `s`; absent and empty need nothing. False when out of memory or budget. */
bool pal_slab_copy(struct pal_slab *slab, struct pal_str s, struct pal_str *ret);

/* A larger piece that begins with the `used` bytes of `old`, which stays as it is for those who
 * still read it. NULL when out of memory or budget. */
void *pal_slab_extend(struct pal_slab *slab, const void *old, size_t used, size_t size);

/* Remember where the slab stands; take back all that was got since. */
struct pal_slab_mark pal_slab_mark(const struct pal_slab *slab);
void pal_slab_rewind(struct pal_slab *slab, struct pal_slab_mark mark);

#endif
