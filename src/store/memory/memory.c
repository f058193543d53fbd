/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/memory.h"

#include <stdlib.h>

#include "store/memory/state.h"

#define RETRY_MS 1000u

enum pal_code pal_memory_fail_full(struct pal_error *err)
{
	return pal_fail_retry(err, PAL_E_SERVICE, RETRY_MS, "store", "the memory store is full");
}

static bool is_named(const struct pal_memory_name *name, struct pal_tenant_key tenant,
		     struct pal_str id)
{
	return tenant.n == name->tenant.n && pal_str_equal(id, name->id);
}

bool pal_memory_is_conversation(const void *item, const void *name)
{
	const struct pal_memory_conversation *conversation = item;

	return is_named(name, conversation->tenant, conversation->id);
}

bool pal_memory_is_inbound(const void *item, const void *name)
{
	const struct pal_row *row = item;

	return is_named(name, row->conversation->tenant, pal_row_inbound_id(row));
}

bool pal_memory_is_outbound(const void *item, const void *name)
{
	const struct pal_row *row = item;

	return is_named(name, row->conversation->tenant, pal_row_outbound_id(row));
}

struct pal_memory_conversation *pal_memory_get_locked(const struct pal_memory_shard *shard,
						      struct pal_tenant_key tenant, int64_t key)
{
	uint64_t number = (uint64_t)key / PAL_MEMORY_SHARDS;	/* 1.. */

	if (key <= 0 || number < 1 || number > shard->count)
		return NULL;
	struct pal_memory_conversation *conversation = shard->by_key[number - 1];
	return conversation->tenant.n == tenant.n && conversation->erasure != PAL_MEMORY_ERASED
		       ? conversation
		       : NULL;
}

static enum pal_code memory_ping(struct pal_store *self, unsigned reader, struct pal_error *err)
{
	(void)self;
	(void)reader;
	(void)err;
	return PAL_OK;
}

static enum pal_code memory_count(struct pal_store *self, unsigned reader,
				  struct pal_store_counts *ret, struct pal_error *err)
{
	struct pal_memory *memory = (struct pal_memory *)self;
	struct pal_store_counts sum = {0};

	(void)reader;
	(void)err;
	for (size_t i = 0; i < PAL_MEMORY_SHARDS; i++) {
		struct pal_memory_shard *shard = &memory->shards[i];
		pthread_mutex_lock(&shard->lock);
		sum.conversations += shard->counts.conversations;
		sum.exchanges += shard->counts.exchanges;
		sum.messages += shard->counts.messages;
		pthread_mutex_unlock(&shard->lock);
	}
	*ret = sum;
	return PAL_OK;
}

static bool memory_idle(struct pal_store *self)
{
	(void)self;
	return false;
}

static void memory_destroy(struct pal_store *self)
{
	struct pal_memory *memory = (struct pal_memory *)self;

	for (size_t i = 0; i < PAL_MEMORY_SHARDS; i++) {
		struct pal_memory_shard *shard = &memory->shards[i];

		pal_table_deinit(&shard->by_id, &memory->budget);
		pal_slab_deinit(&shard->slab);
		pthread_mutex_destroy(&shard->lock);
	}
	for (size_t i = 0; i < PAL_MEMORY_ID_SHARDS; i++) {
		struct pal_memory_ids *ids = &memory->ids[i];

		pal_table_deinit(&ids->inbound, &memory->budget);
		pal_table_deinit(&ids->outbound, &memory->budget);
		pthread_mutex_destroy(&ids->lock);
	}
	pal_memory_admin_deinit(&memory->admin);
	pal_memory_records_deinit(&memory->records);
	pal_memory_audit_deinit(&memory->audit);
	free(memory);
}

static const struct pal_store_ops memory_ops = {
	.name = "memory",
	.blocks = false,
	.commit = pal_memory_commit,
	.write_behind = pal_memory_write_behind,
	.load_conversation = pal_memory_load_conversation,
	.find_exchange = pal_memory_find_exchange,
	.walk_exchanges = pal_memory_walk_exchanges,
	.walk_conversations = pal_memory_walk_conversations,
	.index_text = pal_memory_index_text,
	.search_text = pal_memory_search_text,
	.put_tenant = pal_memory_put_tenant,
	.put_api_key = pal_memory_put_api_key,
	.walk_tenants = pal_memory_walk_tenants,
	.walk_api_keys = pal_memory_walk_api_keys,
	.installation_secret = pal_memory_installation_secret,
	.add_audit = pal_memory_add_audit,
	.audit_head = pal_memory_audit_head,
	.walk_audit = pal_memory_walk_audit,
	.walk_audit_back = pal_memory_walk_audit_back,
	.verify_audit = pal_memory_verify_audit,
	.prune_audit = pal_memory_prune_audit,
	.erase_audit = pal_memory_erase_audit,
	.load_record = pal_memory_load_record,
	.walk_records = pal_memory_walk_records,
	.walk_expired = pal_memory_walk_expired,
	.erase_conversation = pal_memory_erase_conversation,
	.ping = memory_ping,
	.count = memory_count,
	.idle = memory_idle,
	.destroy = memory_destroy,
};

static enum pal_code memory_open(const struct pal_store_config *config, struct pal_store **ret,
				 struct pal_error *err)
{
	struct pal_memory *memory = aligned_alloc(alignof(struct pal_memory), sizeof(*memory));

	if (!memory)
		return pal_fail_memory(err, "store");
	memset(memory, 0, sizeof(*memory));
	memory->store.ops = &memory_ops;
	memory->budget.max_bytes = config->max_bytes;
	pal_memory_admin_init(&memory->admin, &memory->budget);
	pal_memory_records_init(&memory->records, &memory->budget);
	pal_memory_audit_init(&memory->audit, &memory->budget);
	for (size_t i = 0; i < PAL_MEMORY_SHARDS; i++) {
		pthread_mutex_init(&memory->shards[i].lock, NULL);
		pal_slab_init(&memory->shards[i].slab, &memory->budget);
	}
	for (size_t i = 0; i < PAL_MEMORY_ID_SHARDS; i++)
		pthread_mutex_init(&memory->ids[i].lock, NULL);
	*ret = &memory->store;
	return PAL_OK;
}

const struct pal_store_kind pal_memory_kind = {&memory_ops, memory_open};
