/* SPDX-License-Identifier: Apache-2.0 */
/* erase.c - a conversation is emptied from its newest row to its oldest, some at a time. */
#include <string.h>

#include "store/memory/state.h"

/* The outbound id is compared under the lock of its shard alone, and moves. */
static void erase_row_locked(struct pal_memory *memory, struct pal_row *row)
{
	struct pal_memory_ids *ids = &memory->ids[pal_memory_ids_of_hash(row->outbound_hash)];

	pal_memory_audit_veil(&memory->audit, row);
	pthread_mutex_lock(&ids->lock);
	pal_row_erase(row);
	pthread_mutex_unlock(&ids->lock);
}

static void wipe(struct pal_str *s, size_t room)
{
	if (room)
		explicit_bzero((char *)s->p, room);
	*s = (struct pal_str){NULL, 0};
}

static void erase_record_locked(struct pal_memory_conversation *c)
{
	wipe(&c->user_id, c->user_id.n);
	wipe(&c->session_id, c->session_id.n);
	wipe(&c->previous_id, c->previous_id.n);
	wipe(&c->details, c->details_room);
	c->details_room = 0;
	c->deleted = true;
	c->erasure = PAL_MEMORY_ERASED;
}

enum pal_code pal_memory_erase_conversation(struct pal_store *self, struct pal_tenant_key tenant,
					    int64_t key, size_t limit, bool *ret_more,
					    struct pal_error *err)
{
	struct pal_memory *memory = (struct pal_memory *)self;
	struct pal_memory_shard *shard = pal_memory_shard_of_key(memory, key);

	pthread_mutex_lock(&shard->lock);
	struct pal_memory_conversation *c = pal_memory_get_locked(shard, tenant, key);
	if (c) {
		c->erasure = PAL_MEMORY_ERASING;
		wipe(&c->state, c->state_room);
		c->state_room = 0;
		for (; c->erased < c->count && limit > 0; c->erased++, limit--)
			erase_row_locked(memory, c->rows[c->count - 1 - c->erased]);
		*ret_more = c->erased < c->count;
		if (!*ret_more)
			erase_record_locked(c);
	}
	pthread_mutex_unlock(&shard->lock);
	return c ? PAL_OK
		 : pal_fail(err, PAL_E_NOT_FOUND, "conversation", "there is no such conversation");
}
