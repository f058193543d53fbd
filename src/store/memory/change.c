/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/change.h"

/* --- by operations ---------------------------------------------------------------------------- */

bool pal_memory_change_prepare(struct pal_memory *memory, struct pal_slab *slab,
			       const struct pal_memory_conversation *conversation,
			       const struct pal_change *change,
			       struct pal_memory_change *ret)
{
	*ret = (struct pal_memory_change){.change = change};
	if (!change)
		return true;
	if (change->audit.event_type.n) {
		ret->event = pal_memory_event_create(&memory->audit, &change->audit);
		if (!ret->event)
			return false;
	}
	return change->details.n <= conversation->details_room ||
	       pal_slab_copy(slab, change->details, &ret->room);
}

void pal_memory_change_apply(struct pal_memory_conversation *conversation,
			     const struct pal_memory_change *prepared)
{
	const struct pal_change *change = prepared->change;

	if (!change)
		return;
	conversation->status = change->status;
	conversation->ended_ms = change->ended_ms;
	conversation->deleted = change->deleted;
	if (prepared->room.p) {
		conversation->details = prepared->room;
		conversation->details_room = (uint32_t)prepared->room.n;
	} else {
		if (change->details.n)
			memcpy((char *)conversation->details.p, change->details.p,
			       change->details.n);
		conversation->details.n = change->details.n;
	}
}

void pal_memory_change_drop(struct pal_memory *memory, const struct pal_memory_change *prepared)
{
	pal_memory_event_destroy(&memory->audit, prepared->event);
}

/* --- behind ----------------------------------------------------------------------------------- */

static bool put_state_locked(struct pal_slab *slab, struct pal_memory_conversation *conversation,
			     struct pal_str state)
{
	if (conversation->count > 0) {
		struct pal_str newest = pal_row_state(conversation->rows[conversation->count - 1]);
		if (pal_str_equal(newest, state)) {	/* as a rule it is: keep it once */
			conversation->state = newest;
			conversation->state_room = 0;
			return true;
		}
	}
	if (state.n > conversation->state_room) {
		struct pal_str copy;
		if (!pal_slab_copy(slab, state, &copy))
			return false;
		conversation->state = copy;
		conversation->state_room = (uint32_t)state.n;
		return true;
	}
	if (state.n)
		memcpy((char *)conversation->state.p, state.p, state.n);
	conversation->state.n = state.n;
	return true;
}

static bool write_record_locked(struct pal_slab *slab, struct pal_memory_conversation *conversation,
				const struct pal_conversation *record)
{
	if (record->last_sequence < conversation->record_sequence ||
	    conversation->erasure != PAL_MEMORY_WHOLE)
		return true;
	if (!put_state_locked(slab, conversation, record->state))
		return false;
	conversation->last_activity_ms = record->last_activity_ms;
	conversation->record_sequence = record->last_sequence;
	return true;
}

enum pal_code pal_memory_write_behind(struct pal_store *self, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err)
{
	struct pal_memory *memory = (struct pal_memory *)self;
	bool fits = true;

	for (size_t i = 0; i < count && fits; i++) {
		int64_t key = conversations[i].key;
		struct pal_memory_shard *shard = pal_memory_shard_of_key(memory, key);

		pthread_mutex_lock(&shard->lock);
		struct pal_memory_conversation *found = pal_memory_get_locked(shard, tenant, key);
		if (found)
			fits = write_record_locked(&shard->slab, found, &conversations[i]);
		pthread_mutex_unlock(&shard->lock);
	}
	return fits ? PAL_OK : pal_memory_fail_full(err);
}
