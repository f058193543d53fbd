/* SPDX-License-Identifier: Apache-2.0 */
/* material.h - units and records to put into a store, every field filled and recognisable. */
#ifndef PALAVER_TESTS_STORE_MATERIAL_H
#define PALAVER_TESTS_STORE_MATERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "palaver/store.h"

/* Formatted text in `arena`; the test ends when memory does, as with all below. */
struct pal_str text_of(struct pal_arena *arena, const char *fmt, ...) PAL_PRINTF(2, 3);

/* `n` bytes of `unit` over and over, cut to whole ones. */
struct pal_str repeat(struct pal_arena *arena, const char *unit, size_t times);

/*
 * Fill an exchange numbered from `sequence`, with inbound id `id` and outbound id `id`-reply; a
 * gated one has no outbound message.
 */
void fill_exchange(struct pal_arena *arena, struct pal_exchange *exchange, struct pal_str id,
		   int64_t sequence, bool gated);

/* Fill a conversation that is not stored yet. */
void fill_conversation(struct pal_arena *arena, struct pal_conversation *conversation,
		       const char *id);

struct unit_spec {
	int64_t tenant;		/* 0: 1 */
	const char *conversation;
	int64_t key;		/* 0: insert it */
	int64_t first;		/* sequence; 0: 1 */
	size_t count;
	const char *prefix;	/* message ids are prefix-0, prefix-1... */
	bool gated;		/* no outbound messages */
};

/* A unit and all it points to, in `arena`. Exchanges may be changed, hence the cast by the test. */
struct pal_unit *make_unit(struct pal_arena *arena, const struct unit_spec *spec);
struct pal_exchange *exchange_of(struct pal_unit *unit, size_t i);

/* Whether all that a store keeps is the same. */
bool is_same_exchange(const struct pal_exchange *a, const struct pal_exchange *b);
/* Whether all but key, state, activity and last sequence is the same. */
bool is_same_conversation(const struct pal_conversation *a, const struct pal_conversation *b);

/* A walk over what should be the exchanges of `unit` from `seen` on. */
struct unit_walk {
	const struct pal_unit *unit;
	size_t seen, different;
	size_t stop_after;	/* 0: never */
};
bool unit_walk_visit(void *arg, const struct pal_exchange *exchange);

/* Commit one unit. */
enum pal_unit_verdict commit_one(struct pal_store *store, struct pal_unit *unit);

#endif
