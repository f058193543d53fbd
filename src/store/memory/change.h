/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.h - what is written of a conversation that is stored, by operations and behind. A change is
 * prepared before its unit is stored, so that to apply it cannot fail.
 */
#ifndef PALAVER_STORE_MEMORY_CHANGE_H
#define PALAVER_STORE_MEMORY_CHANGE_H

#include "store/memory/state.h"

/* Zeroed: there is none. */
struct pal_memory_change {
	const struct pal_change *change;
	struct pal_str room;	/* for its details; absent: those that it replaces have enough */
	struct pal_memory_event *event;
};

/*
 * Take what `change`, or NULL, will need; false when out of memory or budget. The shard's lock is
 * held, as for all below.
 */
bool pal_memory_change_prepare(struct pal_memory *memory, struct pal_slab *slab,
			       const struct pal_memory_conversation *conversation,
			       const struct pal_change *change,
			       struct pal_memory_change *ret);
/* The unit is stored, its event in the trail: do it. */
void pal_memory_change_apply(struct pal_memory_conversation *conversation,
			     const struct pal_memory_change *prepared);
/* The unit is not stored; the slab is rewound by the caller. */
void pal_memory_change_drop(struct pal_memory *memory, const struct pal_memory_change *prepared);

#endif
