/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tail.h - what the indexes on disk do not know yet: the keys of the newest exchanges, in memory.
 *
 * Exchanges are appended to their table; their index entries gather here and reach the disk later,
 * in sorted slices (merge.h), so that an index page is written once for many keys. Three stages:
 * `staged` belongs to the transaction under way, `recent` is committed, `frozen` is sorted and
 * being merged. A frozen run is dropped only once the disk has all of it.
 *
 * Access rules:
 *  1. The writer alone changes anything; what readers see it changes under the lock.
 *  2. A reader looks here first and on disk second, each look at the disk being a new snapshot:
 * what it does not find here was either never stored or is on the disk it sees afterwards.
 *  3. What is found here is committed.
 */
#ifndef PALAVER_STORE_SQLITE_TAIL_H
#define PALAVER_STORE_SQLITE_TAIL_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/sqlite/table.h"

enum pal_sqlite_list {
	PAL_SQLITE_MESSAGES,	/* key of an inbound id -> exchange */
	PAL_SQLITE_REPLIES,	/* key of an outbound id -> exchange */
	PAL_SQLITE_HEADS,	/* conversation -> newest exchange */
	PAL_SQLITE_LIST_COUNT
};

#define PAL_SQLITE_NO_TENANT 0	/* of the head of a conversation that is being erased, or was */

/* The newest exchange of a conversation; laid out as a row of PAL_SQLITE_HEADS. */
struct pal_sqlite_head {
	int64_t conversation, exchange;
	int64_t sequence;	/* the last one in use */
	int64_t tenant;
	int64_t received_ms;	/* of the exchange; 0: unknown */
};

#define PAL_SQLITE_HEAD_WIDTH 5u
static_assert(sizeof(struct pal_sqlite_head) == PAL_SQLITE_HEAD_WIDTH * sizeof(int64_t),
	      "a head is a row of its list");

/* How much is stored, and the highest rows given out. */
struct pal_sqlite_totals {
	int64_t conversations, exchanges, messages;
	int64_t last_exchange, last_conversation;
};

struct pal_sqlite_tail {
	pthread_mutex_t lock;
	/* the writer's alone */
	struct pal_sqlite_table staged[PAL_SQLITE_LIST_COUNT];
	struct pal_sqlite_totals frozen_totals;	/* when the run was frozen */
	bool is_frozen;
	/* changed by the writer under the lock */
	struct pal_sqlite_table recent[PAL_SQLITE_LIST_COUNT];
	struct pal_sqlite_run frozen[PAL_SQLITE_LIST_COUNT];
	struct pal_sqlite_totals totals;	/* of what is committed */
};

void pal_sqlite_tail_init(struct pal_sqlite_tail *tail);
void pal_sqlite_tail_deinit(struct pal_sqlite_tail *tail);

/* Stage an entry of PAL_SQLITE_MESSAGES or _REPLIES; false when out of memory. Runs on: writer. */
bool pal_sqlite_tail_stage(struct pal_sqlite_tail *tail, enum pal_sqlite_list list, int64_t key,
			   int64_t exchange);
/* Stage the newest exchange of a conversation; false when out of memory. Runs on: writer. */
bool pal_sqlite_tail_stage_head(struct pal_sqlite_tail *tail, const struct pal_sqlite_head *head);
/* Forget what is staged: the transaction was rolled back. Runs on: writer. */
void pal_sqlite_tail_unstage(struct pal_sqlite_tail *tail);
/* Make room, so that publishing cannot fail; false when out of memory. Runs on: writer. */
bool pal_sqlite_tail_reserve(struct pal_sqlite_tail *tail);
/* What is staged is committed, and these are the totals now. Runs on: writer. */
void pal_sqlite_tail_publish(struct pal_sqlite_tail *tail,
			     const struct pal_sqlite_totals *totals);

/* Turn what is recent into the frozen run, of which there is none; false when out of memory. */
bool pal_sqlite_tail_freeze(struct pal_sqlite_tail *tail);
/* The disk has the frozen run: drop it. Runs on: writer. */
void pal_sqlite_tail_thaw(struct pal_sqlite_tail *tail);

/*
 * The lowest exchange above `after` that has `key` in a list of keys, or 0. Several ids may have
 * one key, so the caller compares the id itself. Runs on: any; the second form, which sees what is
 * staged: writer.
 */
int64_t pal_sqlite_tail_next(struct pal_sqlite_tail *tail, enum pal_sqlite_list list, int64_t key,
			     int64_t after);
int64_t pal_sqlite_tail_next_staged(const struct pal_sqlite_tail *tail, enum pal_sqlite_list list,
				    int64_t key, int64_t after);
/* The newest exchange of a conversation, if it is here. Runs on: any; or, as above: writer. */
bool pal_sqlite_tail_head(struct pal_sqlite_tail *tail, int64_t conversation,
			  struct pal_sqlite_head *ret);
bool pal_sqlite_tail_head_staged(const struct pal_sqlite_tail *tail, int64_t conversation,
				 struct pal_sqlite_head *ret);
/*
 * Copy all heads that are here into `ret`, an empty table of PAL_SQLITE_HEAD_WIDTH; false when out
 * of memory. Runs on: any.
 */
bool pal_sqlite_tail_copy_heads(struct pal_sqlite_tail *tail, struct pal_sqlite_table *ret);
/* Runs on: any. */
struct pal_sqlite_totals pal_sqlite_tail_totals(struct pal_sqlite_tail *tail);

#endif
