/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what a memory store holds, and under which lock. The rules are numbered in README.md.
 */
#ifndef PALAVER_STORE_MEMORY_STATE_H
#define PALAVER_STORE_MEMORY_STATE_H

#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "palaver/store.h"
#include "store/memory/audit.h"
#include "store/memory/record.h"
#include "store/memory/row.h"
#include "store/memory/slab.h"
#include "store/memory/table.h"

#define PAL_MEMORY_SHARD_BITS 6u
#define PAL_MEMORY_SHARDS (1u << PAL_MEMORY_SHARD_BITS)
/* A great unit locks all of these: thread sanitizer knows at most 64 locks held at once. */
#define PAL_MEMORY_ID_SHARD_BITS 5u
#define PAL_MEMORY_ID_SHARDS (1u << PAL_MEMORY_ID_SHARD_BITS)

enum pal_memory_erasure {
	PAL_MEMORY_WHOLE,
	PAL_MEMORY_ERASING,	/* takes no unit, shows no exchange */
	PAL_MEMORY_ERASED,	/* as if absent */
};

/* What a commit touches comes first, for it is then in one or two cache lines. */
struct pal_memory_conversation {
	struct pal_tenant_key tenant;	/* fixed at insert */

	/* guarded by the shard's lock */
	int64_t last_sequence;		/* that its rows hold, 0 without any */
	struct pal_row **rows;		/* ascending; outgrown arrays live on: rule 3 */
	uint32_t count, room;		/* of rows */
	int64_t last_activity_ms;
	int64_t record_sequence;	/* the record's, as written behind */
	struct pal_str state;		/* the record's: own room, or a row's text with no room */
	struct pal_str details;		/* has room of its own */
	uint32_t state_room, details_room;
	enum pal_conversation_status status;
	bool deleted;
	enum pal_memory_erasure erasure;
	uint32_t erased;		/* rows from the newest on */
	int64_t ended_ms;

	/* fixed at insert; the texts but for the id go when it is erased */
	enum pal_channel_type channel;
	int64_t key;
	int64_t started_ms;
	struct pal_str id, user_id, session_id, previous_id;
};

/* Conversations whose key ends in this shard's number, and their rows. */
struct pal_memory_shard {
	alignas(64) pthread_mutex_t lock;	/* guards everything below */
	struct pal_slab slab;
	struct pal_table by_id;
	struct pal_memory_conversation **by_key;
	size_t count, room;			/* of by_key */
	struct pal_store_counts counts;
};

/* Message ids whose hash begins with this shard's number. */
struct pal_memory_ids {
	alignas(64) pthread_mutex_t lock;	/* guards everything below */
	struct pal_table inbound, outbound;
};

/* In order of first insertion; records are replaced, never changed or removed. */
struct pal_memory_entry {
	struct pal_memory_entry *next;
	const void *record;	/* of the list's type */
};

struct pal_memory_list {
	struct pal_memory_entry *first, **end;
};

struct pal_memory_secret {
	struct pal_str name;
	uint8_t bytes[32];
};

/* The few records that administration writes: lists, searched from end to end. */
struct pal_memory_admin {
	pthread_mutex_t lock;			/* guards everything below */
	struct pal_slab slab;
	struct pal_memory_list tenants;		/* struct pal_tenant */
	struct pal_memory_list api_keys;	/* struct pal_api_key */
	struct pal_memory_list secrets;		/* struct pal_memory_secret */
	int64_t tenants_made;
};

struct pal_memory {
	struct pal_store store;			/* first member */
	struct pal_budget budget;
	struct pal_memory_admin admin;
	struct pal_memory_records records;
	struct pal_memory_audit audit;
	struct pal_memory_shard shards[PAL_MEMORY_SHARDS];
	struct pal_memory_ids ids[PAL_MEMORY_ID_SHARDS];
};

/* A public id together with its tenant, and their hash. */
struct pal_memory_name {
	struct pal_tenant_key tenant;
	struct pal_str id;
	uint64_t hash;
};

static inline struct pal_memory_name pal_memory_name(struct pal_tenant_key tenant,
						     struct pal_str id)
{
	/* The text's hash is secret and uniform; the tenant only has to make it another one. */
	uint64_t hash = pal_hash(id.p, id.n) ^ (uint64_t)tenant.n * UINT64_C(0x9E3779B97F4A7C15);

	return (struct pal_memory_name){tenant, id, hash};
}

static inline struct pal_memory_shard *pal_memory_shard_of_hash(struct pal_memory *memory,
								uint64_t hash)
{
	return &memory->shards[hash >> (64 - PAL_MEMORY_SHARD_BITS)];
}

/* The number of the shard of ids where `hash` belongs. */
static inline unsigned pal_memory_ids_of_hash(uint64_t hash)
{
	return (unsigned)(hash >> (64 - PAL_MEMORY_ID_SHARD_BITS));
}

static inline struct pal_memory_shard *pal_memory_shard_of_key(struct pal_memory *memory,
							       int64_t key)
{
	return &memory->shards[(uint64_t)key % PAL_MEMORY_SHARDS];
}

/* Whether an item is the one named; for pal_table_seek. Runs on: any. */
bool pal_memory_is_conversation(const void *item, const void *name);
bool pal_memory_is_inbound(const void *item, const void *name);
bool pal_memory_is_outbound(const void *item, const void *name);

/* The tenant's conversation with `key`, NULL when there is none or it is erased. The shard's lock is
 * held. */
struct pal_memory_conversation *pal_memory_get_locked(const struct pal_memory_shard *shard,
						      struct pal_tenant_key tenant, int64_t key);

/*
 * Copy the record, repaired from its newest row, with all its texts: erasing may take them away.
 * False when out of memory. The shard's lock is held.
 */
bool pal_memory_copy_locked(const struct pal_memory_conversation *conversation,
			    struct pal_arena *arena, struct pal_conversation *ret);

/* PAL_E_SERVICE: neither memory nor budget is left. Runs on: any. */
enum pal_code pal_memory_fail_full(struct pal_error *err);

/* An empty administration; storage is the caller's. Runs on: main. */
void pal_memory_admin_init(struct pal_memory_admin *admin, struct pal_budget *budget);
void pal_memory_admin_deinit(struct pal_memory_admin *admin);

/* The slots, by file: commit.c, change.c, read.c, list.c, erase.c, admin.c. */
void pal_memory_commit(struct pal_store *self, struct pal_unit **units, size_t unit_count,
		       struct pal_record_write **writes, size_t write_count);
enum pal_code pal_memory_write_behind(struct pal_store *self, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err);

enum pal_code pal_memory_load_conversation(struct pal_store *self, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err);
enum pal_code pal_memory_find_exchange(struct pal_store *self, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err);
enum pal_code pal_memory_walk_exchanges(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err);

enum pal_code pal_memory_walk_conversations(struct pal_store *self, unsigned reader,
					    struct pal_tenant_key tenant, struct pal_str user_id,
					    pal_conversation_visit_fn *visit, void *arg,
					    struct pal_error *err);

enum pal_code pal_memory_index_text(struct pal_store *self, bool *ret_more, struct pal_error *err);
enum pal_code pal_memory_search_text(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str query,
				     size_t limit, pal_conversation_key_visit_fn *visit, void *arg,
				     struct pal_error *err);

enum pal_code pal_memory_erase_conversation(struct pal_store *self, struct pal_tenant_key tenant,
					    int64_t key, size_t limit, bool *ret_more,
					    struct pal_error *err);

enum pal_code pal_memory_put_tenant(struct pal_store *self, struct pal_tenant *tenant,
				    struct pal_error *err);
enum pal_code pal_memory_put_api_key(struct pal_store *self, const struct pal_api_key *key,
				     struct pal_error *err);
enum pal_code pal_memory_walk_tenants(struct pal_store *self, unsigned reader,
				      pal_tenant_visit_fn *visit, void *arg, struct pal_error *err);
enum pal_code pal_memory_walk_api_keys(struct pal_store *self, unsigned reader,
				       pal_api_key_visit_fn *visit, void *arg,
				       struct pal_error *err);
enum pal_code pal_memory_installation_secret(struct pal_store *self, struct pal_str name,
					     uint8_t ret[32], struct pal_error *err);

#endif
