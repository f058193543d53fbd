/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit is stored in this order: take the conversation's shard; judge the sequence; copy the rows
 * behind those there are; take the shards of all message ids in ascending order; add the ids, or
 * take them back when one was there; count the rows in. A reader comes to a row by its conversation
 * or by its id, and both are locked until the unit is whole.
 */
#include "store/memory/change.h"

/* --- message ids ------------------------------------------------------------------------------ */

static void lock_ids(struct pal_memory *memory, uint32_t shards)
{
	for (; shards; shards &= shards - 1)
		pthread_mutex_lock(&memory->ids[__builtin_ctz(shards)].lock);
}

static void unlock_ids(struct pal_memory *memory, uint32_t shards)
{
	for (; shards; shards &= shards - 1)
		pthread_mutex_unlock(&memory->ids[__builtin_ctz(shards)].lock);
}

static bool is_row(const void *item, const void *row)
{
	return item == row;
}

static void take_back_id(struct pal_table *table, uint64_t hash, const struct pal_row *row)
{
	struct pal_table_slot *slot = pal_table_seek(table, hash, is_row, row);

	if (slot->item)
		pal_table_take_back(table, slot);
}

static void take_back_ids_locked(struct pal_memory *memory, struct pal_row **rows, size_t count)
{
	while (count-- > 0) {
		const struct pal_row *row = rows[count];
		unsigned in = pal_memory_ids_of_hash(row->inbound_hash);
		unsigned out = pal_memory_ids_of_hash(row->outbound_hash);

		if (row->has_out)
			take_back_id(&memory->ids[out].outbound, row->outbound_hash, row);
		take_back_id(&memory->ids[in].inbound, row->inbound_hash, row);
	}
}

/* Add the ids of one row; nothing unless PAL_UNIT_STORED. */
static enum pal_unit_verdict add_ids_locked(struct pal_memory *memory, const struct pal_row *row)
{
	struct pal_tenant_key tenant = row->conversation->tenant;
	struct pal_table *in = &memory->ids[pal_memory_ids_of_hash(row->inbound_hash)].inbound;
	struct pal_table *out = &memory->ids[pal_memory_ids_of_hash(row->outbound_hash)].outbound;
	struct pal_memory_name name = {tenant, pal_row_inbound_id(row), row->inbound_hash};

	if (!pal_table_reserve(in, 1, &memory->budget) ||
	    (row->has_out && !pal_table_reserve(out, 1, &memory->budget)))
		return PAL_UNIT_FAILED;
	struct pal_table_slot *slot = pal_table_seek(in, name.hash, pal_memory_is_inbound, &name);
	if (slot->item)
		return PAL_UNIT_DUPLICATE;
	pal_table_put(in, slot, name.hash, row);
	if (!row->has_out)
		return PAL_UNIT_STORED;
	name = (struct pal_memory_name){tenant, pal_row_outbound_id(row), row->outbound_hash};
	slot = pal_table_seek(out, name.hash, pal_memory_is_outbound, &name);
	if (!slot->item)
		pal_table_put(out, slot, name.hash, row);
	return PAL_UNIT_STORED;
}

/* Add the ids of all rows, and the unit to the audit trail: the last thing that can fail. */
static enum pal_unit_verdict add_all_ids(struct pal_memory *memory, struct pal_row **rows,
					 struct pal_unit *unit, uint32_t shards,
					 struct pal_memory_event *event)
{
	enum pal_unit_verdict verdict = PAL_UNIT_STORED;
	size_t i = 0;

	lock_ids(memory, shards);
	while (i < unit->count && verdict == PAL_UNIT_STORED)
		verdict = add_ids_locked(memory, rows[i++]);
	if (verdict != PAL_UNIT_STORED) {
		unit->at = i - 1;
		take_back_ids_locked(memory, rows, i - 1);
	} else if (!pal_memory_audit_append(&memory->audit, unit->tenant, unit->exchanges, rows,
					    unit->count, event)) {
		take_back_ids_locked(memory, rows, unit->count);
		verdict = PAL_UNIT_FAILED;
	}
	unlock_ids(memory, shards);
	return verdict;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool reserve_rows(struct pal_slab *slab, struct pal_memory_conversation *conversation,
			 size_t more)
{
	size_t room = conversation->room ? conversation->room : 4;
	struct pal_row **rows;

	if (conversation->count + more <= conversation->room)
		return true;
	while (room < conversation->count + more)
		room *= 2;
	rows = pal_slab_extend(slab, conversation->rows,
			       conversation->count * sizeof(conversation->rows[0]),
			       room * sizeof(rows[0]));
	if (!rows)
		return false;
	conversation->rows = rows;
	conversation->room = (uint32_t)room;
	return true;
}

/* Copy the unit's exchanges to `rows`; add the shards of their ids to `shards`. */
static bool make_rows(struct pal_slab *slab, struct pal_memory_conversation *conversation,
		      const struct pal_unit *unit, struct pal_row **rows, uint32_t *shards)
{
	for (size_t i = 0; i < unit->count; i++) {
		const struct pal_exchange *exchange = &unit->exchanges[i];
		struct pal_row *row = pal_row_make(slab, exchange);

		if (!row)
			return false;
		row->conversation = conversation;
		pal_memory_link_init(&row->link, exchange);
		row->inbound_hash = pal_memory_name(unit->tenant, exchange->in.message_id).hash;
		*shards |= UINT32_C(1) << pal_memory_ids_of_hash(row->inbound_hash);
		if (row->has_out) {
			row->outbound_hash =
				pal_memory_name(unit->tenant, exchange->out.message_id).hash;
			*shards |= UINT32_C(1) << pal_memory_ids_of_hash(row->outbound_hash);
		}
		rows[i] = row;
	}
	return true;
}

/* Append the unit's exchanges; nothing unless PAL_UNIT_STORED, but the slab has to be rewound. */
static enum pal_unit_verdict append_locked(struct pal_memory *memory,
					   struct pal_memory_shard *shard,
					   struct pal_memory_conversation *conversation,
					   struct pal_unit *unit, struct pal_memory_event *event)
{
	struct pal_row **rows = conversation->rows + conversation->count;
	uint32_t shards = 0;

	if (unit->count == 0)
		return !event || pal_memory_audit_append(&memory->audit, unit->tenant, NULL, NULL, 0,
							 event)
			       ? PAL_UNIT_STORED
			       : PAL_UNIT_FAILED;
	if (!make_rows(&shard->slab, conversation, unit, rows, &shards))
		return PAL_UNIT_FAILED;
	enum pal_unit_verdict verdict = add_all_ids(memory, rows, unit, shards, event);
	if (verdict != PAL_UNIT_STORED)
		return verdict;
	int64_t last = pal_row_last_sequence(rows[unit->count - 1]);
	shard->counts.exchanges += (int64_t)unit->count;
	shard->counts.messages += last - conversation->last_sequence;
	conversation->count += (uint32_t)unit->count;
	conversation->last_sequence = last;
	return PAL_UNIT_STORED;
}

/* As append_locked, with the records that go along. */
static enum pal_unit_verdict append_with_records_locked(struct pal_memory *memory,
							struct pal_memory_shard *shard,
							struct pal_memory_conversation *conversation,
							struct pal_unit *unit,
							struct pal_memory_event *event)
{
	struct pal_memory_batch batch;
	enum pal_unit_verdict verdict = pal_memory_batch_prepare(&memory->records, unit, &batch);

	if (verdict != PAL_UNIT_STORED)
		return verdict;
	verdict = append_locked(memory, shard, conversation, unit, event);
	if (verdict == PAL_UNIT_STORED)
		pal_memory_batch_put(&memory->records, unit, &batch);
	else
		pal_memory_batch_drop(&memory->records, &batch);
	return verdict;
}

/* Append the unit's exchanges and apply its change, or leave all as it was but for the slab. */
static enum pal_unit_verdict add_unit_locked(struct pal_memory *memory,
					     struct pal_memory_shard *shard,
					     struct pal_memory_conversation *conversation,
					     struct pal_unit *unit)
{
	struct pal_memory_change change;
	enum pal_unit_verdict verdict = PAL_UNIT_FAILED;

	if (pal_memory_change_prepare(memory, &shard->slab, conversation, unit->change, &change))
		verdict = unit->record_count
				  ? append_with_records_locked(memory, shard, conversation, unit,
							       change.event)
				  : append_locked(memory, shard, conversation, unit, change.event);
	if (verdict == PAL_UNIT_STORED)
		pal_memory_change_apply(conversation, &change);
	else
		pal_memory_change_drop(memory, &change);
	return verdict;
}

/* --- conversations ---------------------------------------------------------------------------- */

static bool reserve_conversation(struct pal_memory *memory, struct pal_memory_shard *shard)
{
	size_t room = shard->room ? 2 * shard->room : 16;

	if (!pal_table_reserve(&shard->by_id, 1, &memory->budget))
		return false;
	if (shard->count < shard->room)
		return true;
	struct pal_memory_conversation **by_key =
		pal_slab_extend(&shard->slab, shard->by_key,
				shard->count * sizeof(by_key[0]), room * sizeof(by_key[0]));
	if (!by_key)
		return false;
	shard->by_key = by_key;
	shard->room = room;
	return true;
}

static struct pal_memory_conversation *make_conversation(struct pal_slab *slab,
							 const struct pal_unit *unit, int64_t key)
{
	const struct pal_conversation *from = unit->conversation;
	struct pal_memory_conversation *made = pal_slab_get(slab, sizeof(*made));

	if (!made)
		return NULL;
	*made = (struct pal_memory_conversation){
		.tenant = unit->tenant,
		.started_ms = from->started_ms,
		.channel = from->channel,
		.key = key,
		.status = from->status,
		.last_activity_ms = from->last_activity_ms,
		.ended_ms = from->ended_ms,
		.deleted = from->deleted,
	};
	if (!pal_slab_copy(slab, from->id, &made->id) ||
	    !pal_slab_copy(slab, from->user_id, &made->user_id) ||
	    !pal_slab_copy(slab, from->session_id, &made->session_id) ||
	    !pal_slab_copy(slab, from->previous_id, &made->previous_id) ||
	    !pal_slab_copy(slab, from->state, &made->state) ||
	    !pal_slab_copy(slab, from->details, &made->details) ||
	    !reserve_rows(slab, made, unit->count))
		return NULL;
	made->state_room = (uint32_t)from->state.n;
	made->details_room = (uint32_t)from->details.n;
	return made;
}

static enum pal_unit_verdict insert_locked(struct pal_memory *memory,
					   struct pal_memory_shard *shard, struct pal_unit *unit,
					   const struct pal_memory_name *name)
{
	if (pal_table_get(&shard->by_id, name->hash, pal_memory_is_conversation, name) ||
	    (unit->count && unit->exchanges[0].in.sequence != 1))
		return PAL_UNIT_STALE;
	if (!reserve_conversation(memory, shard))
		return PAL_UNIT_FAILED;

	struct pal_slab_mark mark = pal_slab_mark(&shard->slab);
	int64_t key = (int64_t)((shard->count + 1) * PAL_MEMORY_SHARDS) + (shard - memory->shards);
	struct pal_memory_conversation *made = make_conversation(&shard->slab, unit, key);
	enum pal_unit_verdict verdict =
		made ? add_unit_locked(memory, shard, made, unit) : PAL_UNIT_FAILED;
	if (verdict != PAL_UNIT_STORED) {
		pal_slab_rewind(&shard->slab, mark);
		return verdict;
	}
	shard->by_key[shard->count++] = made;
	pal_table_put(&shard->by_id,
		      pal_table_seek(&shard->by_id, name->hash, pal_memory_is_conversation, name),
		      name->hash, made);
	shard->counts.conversations++;
	unit->conversation->key = key;
	return PAL_UNIT_STORED;
}

static enum pal_unit_verdict extend_locked(struct pal_memory *memory,
					   struct pal_memory_shard *shard, struct pal_unit *unit)
{
	struct pal_memory_conversation *conversation =
		pal_memory_get_locked(shard, unit->tenant, unit->conversation->key);

	if (!conversation || conversation->erasure != PAL_MEMORY_WHOLE)
		return PAL_UNIT_STALE;
	if (unit->count && unit->exchanges[0].in.sequence != conversation->last_sequence + 1)
		return PAL_UNIT_STALE;
	if (!reserve_rows(&shard->slab, conversation, unit->count))
		return PAL_UNIT_FAILED;

	struct pal_slab_mark mark = pal_slab_mark(&shard->slab);
	enum pal_unit_verdict verdict = add_unit_locked(memory, shard, conversation, unit);
	if (verdict != PAL_UNIT_STORED)
		pal_slab_rewind(&shard->slab, mark);
	return verdict;
}

static void commit_unit(struct pal_memory *memory, struct pal_unit *unit)
{
	const struct pal_conversation *conversation = unit->conversation;
	struct pal_memory_shard *shard;

	if (conversation->key != 0) {
		shard = pal_memory_shard_of_key(memory, conversation->key);
		pthread_mutex_lock(&shard->lock);
		unit->verdict = extend_locked(memory, shard, unit);
	} else {
		struct pal_memory_name name = pal_memory_name(unit->tenant, conversation->id);
		shard = pal_memory_shard_of_hash(memory, name.hash);
		pthread_mutex_lock(&shard->lock);
		unit->verdict = insert_locked(memory, shard, unit, &name);
	}
	pthread_mutex_unlock(&shard->lock);
	if (unit->verdict == PAL_UNIT_FAILED)
		(void)pal_memory_fail_full(&unit->err);
}

void pal_memory_commit(struct pal_store *self, struct pal_unit **units, size_t unit_count,
		       struct pal_record_write **writes, size_t write_count)
{
	for (size_t i = 0; i < unit_count; i++)
		commit_unit((struct pal_memory *)self, units[i]);
	for (size_t i = 0; i < write_count; i++)
		pal_memory_write_record((struct pal_memory *)self, writes[i]);
}
