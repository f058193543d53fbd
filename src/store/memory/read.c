/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/state.h"

bool pal_memory_copy_locked(const struct pal_memory_conversation *conversation,
			    struct pal_arena *arena, struct pal_conversation *ret)
{
	*ret = (struct pal_conversation){
		.key = conversation->key,
		.id = conversation->id,
		.user_id = conversation->user_id,
		.session_id = conversation->session_id,
		.previous_id = conversation->previous_id,
		.channel = conversation->channel,
		.status = conversation->status,
		.started_ms = conversation->started_ms,
		.last_activity_ms = conversation->last_activity_ms,
		.last_sequence = conversation->last_sequence,
		.state = conversation->state,
		.details = conversation->details,
		.ended_ms = conversation->ended_ms,
		.deleted = conversation->deleted,
	};
	if (conversation->count > 0) {
		const struct pal_row *newest = conversation->rows[conversation->count - 1];
		if (conversation->record_sequence < ret->last_sequence)
			ret->state = pal_row_state(newest);
		if (ret->last_activity_ms < newest->received_ms)
			ret->last_activity_ms = newest->received_ms;
	}
	struct pal_str *texts[] = {&ret->id, &ret->user_id, &ret->session_id, &ret->previous_id,
				   &ret->state, &ret->details};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i]->n == 0)
			continue;
		*texts[i] = pal_arena_copy(arena, *texts[i]);
		if (!texts[i]->p)
			return false;
	}
	return true;
}

enum pal_code pal_memory_load_conversation(struct pal_store *self, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err)
{
	struct pal_memory *memory = (struct pal_memory *)self;
	struct pal_memory_name name = pal_memory_name(tenant, id);
	struct pal_memory_shard *shard = pal_memory_shard_of_hash(memory, name.hash);
	struct pal_conversation loaded;
	bool copied = false;

	(void)reader;
	pthread_mutex_lock(&shard->lock);
	const struct pal_memory_conversation *found =
		pal_table_get(&shard->by_id, name.hash, pal_memory_is_conversation, &name);
	if (found && found->erasure == PAL_MEMORY_ERASED)
		found = NULL;
	if (found)
		copied = pal_memory_copy_locked(found, arena, &loaded);
	pthread_mutex_unlock(&shard->lock);
	if (!found)
		return pal_fail(err, PAL_E_NOT_FOUND, "conversation_id", "no such conversation");
	if (!copied)
		return pal_fail_memory(err, "store");
	*ret = loaded;
	return PAL_OK;
}

enum pal_code pal_memory_find_exchange(struct pal_store *self, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err)
{
	struct pal_memory *memory = (struct pal_memory *)self;
	struct pal_memory_name name = pal_memory_name(tenant, message_id);
	struct pal_memory_ids *ids = &memory->ids[pal_memory_ids_of_hash(name.hash)];
	struct pal_found_exchange found;

	(void)reader;
	pthread_mutex_lock(&ids->lock);
	const struct pal_row *row =
		outbound ? pal_table_get(&ids->outbound, name.hash, pal_memory_is_outbound, &name)
			 : pal_table_get(&ids->inbound, name.hash, pal_memory_is_inbound, &name);
	pthread_mutex_unlock(&ids->lock);
	if (!row)
		return pal_fail(err, PAL_E_NOT_FOUND, "message_id", "no such message");

	/* Its shard is locked until the unit that brought the row is whole: rule 2. */
	struct pal_memory_conversation *conversation = row->conversation;
	struct pal_memory_shard *shard = pal_memory_shard_of_key(memory, conversation->key);
	pthread_mutex_lock(&shard->lock);
	bool is_erased = row->is_erased;
	bool copied = !is_erased &&
		      pal_memory_copy_locked(conversation, arena, &found.conversation) &&
		      pal_row_copy(row, arena, &found.exchange);
	pthread_mutex_unlock(&shard->lock);
	if (is_erased)
		return pal_fail(err, PAL_E_NOT_FOUND, "message_id", "no such message");
	if (!copied)
		return pal_fail_memory(err, "store");
	*ret = found;
	return PAL_OK;
}

/* The first of `count` rows that holds a sequence >= `from`. */
static size_t first_at(struct pal_row *const *rows, size_t count, int64_t from)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (pal_row_last_sequence(rows[middle]) < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Copy the `i`th row, unless the conversation is being erased, meanwhile or from the start. */
static bool copy_row(struct pal_memory_shard *shard, const struct pal_memory_conversation *c,
		     size_t i, struct pal_arena *arena, struct pal_exchange *ret, bool *ret_copied)
{
	pthread_mutex_lock(&shard->lock);
	bool is_there = c->erasure == PAL_MEMORY_WHOLE;
	if (is_there)
		*ret_copied = pal_row_copy(c->rows[i], arena, ret);
	pthread_mutex_unlock(&shard->lock);
	return is_there && *ret_copied;
}

enum pal_code pal_memory_walk_exchanges(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err)
{
	struct pal_memory_shard *shard = pal_memory_shard_of_key((struct pal_memory *)self, key);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_exchange exchange;
	size_t i = 0, count = 0;
	bool copied = true;

	(void)reader;
	pthread_mutex_lock(&shard->lock);
	const struct pal_memory_conversation *found = pal_memory_get_locked(shard, tenant, key);
	if (found) {
		count = found->count;
		i = first_at(found->rows, count, from);
	}
	pthread_mutex_unlock(&shard->lock);

	for (; i < count && limit > 0 && copy_row(shard, found, i, &arena, &exchange, &copied);
	     i++, limit--) {
		if (!visit(arg, &exchange))
			break;
		pal_arena_reset(&arena);
	}
	pal_arena_release(&arena);
	return copied ? PAL_OK : pal_fail_memory(err, "store");
}
