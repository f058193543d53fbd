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
	if (ret->state.n > 0 && ret->state.p == conversation->state.p)
		ret->state = pal_arena_copy(arena, ret->state);
	if (ret->details.n > 0)
		ret->details = pal_arena_copy(arena, ret->details);
	return (ret->state.n == 0 || ret->state.p) && (ret->details.n == 0 || ret->details.p);
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
	struct pal_conversation loaded;

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
	bool copied = pal_memory_copy_locked(conversation, arena, &loaded);
	pthread_mutex_unlock(&shard->lock);
	if (!copied)
		return pal_fail_memory(err, "store");
	ret->conversation = loaded;
	pal_row_read(row, &ret->exchange);
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

enum pal_code pal_memory_walk_exchanges(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err)
{
	struct pal_memory_shard *shard = pal_memory_shard_of_key((struct pal_memory *)self, key);
	struct pal_row *const *rows = NULL;
	size_t count = 0;

	(void)reader;
	(void)err;
	pthread_mutex_lock(&shard->lock);
	const struct pal_memory_conversation *found = pal_memory_get_locked(shard, tenant, key);
	if (found) {
		rows = found->rows;
		count = found->count;
	}
	pthread_mutex_unlock(&shard->lock);

	/* Rows and outgrown arrays of them never change or go: rule 3. */
	for (size_t i = first_at(rows, count, from); i < count && limit > 0; i++, limit--) {
		struct pal_exchange exchange;
		pal_row_read(rows[i], &exchange);
		if (!visit(arg, &exchange))
			break;
	}
	return PAL_OK;
}
