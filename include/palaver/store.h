/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - the contract between palaver and a place where conversations are kept.
 *
 * A store is a plain, possibly blocking library: it starts no threads for its callers and calls no
 * one back. Lanes (store/lane.h) own the waiting. A kind says in `ops` whether its calls block; only
 * those that never do may be called from a worker.
 *
 * What every kind promises, and the conformance suite proves:
 *  - commit stores a unit whole or not at all; PAL_UNIT_STORED means it survives kill -9 and a power
 *    cut (as far as the kind is durable at all);
 *  - no message id twice in a tenant, no sequence number twice in a conversation, ever;
 *  - the exchanges of a conversation continue its sequence without a gap, or the unit is stale;
 *  - nothing of one tenant is reachable with another tenant's key: it is as if absent.
 */
#ifndef PALAVER_STORE_H
#define PALAVER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "model/conversation.h"
#include "model/message.h"
#include "model/tenant.h"

#define PAL_UNIT_EXCHANGES_MAX 256u

enum pal_unit_verdict {
	PAL_UNIT_STORED,
	/* exchanges[at].in.message_id exists in the tenant already, or earlier in the same unit. */
	PAL_UNIT_DUPLICATE,
	/* The first sequence is not the stored last one + 1, or the conversation is unknown or, with
	 * key 0, its id is taken. */
	PAL_UNIT_STALE,
	/* The store could not: nothing of the unit is stored. `err` says why and when to retry. */
	PAL_UNIT_FAILED,
};

/* What one turn wants stored: consecutive exchanges of one conversation. */
struct pal_unit {
	/* in; all views stay valid until the commit returns */
	struct pal_tenant_key tenant;
	struct pal_conversation *conversation;	/* key 0: insert it with this unit; key is then set */
	const struct pal_exchange *exchanges;
	size_t count;				/* 0..PAL_UNIT_EXCHANGES_MAX; 0 only to insert */
	/* out */
	enum pal_unit_verdict verdict;
	size_t at;				/* PAL_UNIT_DUPLICATE: which exchange */
	struct pal_error err;			/* PAL_UNIT_FAILED */
};

/* An exchange found in the store, with the conversation it belongs to. */
struct pal_found_exchange {
	struct pal_conversation conversation;
	struct pal_exchange exchange;
};

/* Called for each record in order; false stops the walk. Views live during the call. */
typedef bool pal_exchange_visit_fn(void *arg, const struct pal_exchange *exchange);
typedef bool pal_tenant_visit_fn(void *arg, const struct pal_tenant *tenant);
typedef bool pal_api_key_visit_fn(void *arg, const struct pal_api_key *key);

struct pal_store_counts {
	int64_t conversations, exchanges, messages;
};

struct pal_store {
	const struct pal_store_ops *ops;	/* first member of every store */
};

/*
 * Every slot is required. Slots marked [write] are called by one thread at a time; the others by
 * several, each with its own `reader` number 0..readers-1 that no two threads use at once. Readers
 * and the writer may run at the same time.
 */
struct pal_store_ops {
	const char *name;	/* as written in the configuration */
	bool blocks;		/* false: calls return at once and may run on a worker */

	/*
	 * [write] Commit `count` (>= 1) units as one group; each gets its own verdict, and one that
	 * conflicts never takes another with it. Units are judged in array order, each seeing the
	 * ones before it.
	 */
	void (*commit)(struct pal_store *self, struct pal_unit **units, size_t count);

	/*
	 * [write] Write conversation records behind (key != 0): status, activity, last sequence, state.
	 * Never moves last_sequence backwards; an unknown key is passed over. PAL_E_SERVICE.
	 */
	enum pal_code (*write_behind)(struct pal_store *self, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err);

	/*
	 * Load the conversation with public id `id`, repaired from its newest exchange. Views live in
	 * `arena`. PAL_E_NOT_FOUND when the tenant has none such; PAL_E_SERVICE.
	 */
	enum pal_code (*load_conversation)(struct pal_store *self, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err);

	/*
	 * Find an exchange by the id of its inbound or (when `outbound`) its outbound message. Views
	 * live in `arena`. PAL_E_NOT_FOUND, PAL_E_SERVICE.
	 */
	enum pal_code (*find_exchange)(struct pal_store *self, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err);

	/*
	 * Visit the exchanges of conversation `key` that hold a sequence >= `from`, ascending, at most
	 * `limit`. A key of another tenant has none. PAL_E_SERVICE.
	 */
	enum pal_code (*walk_exchanges)(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err);

	/* [write] Insert or replace by public id; sets tenant->key. PAL_E_SERVICE. */
	enum pal_code (*put_tenant)(struct pal_store *self, struct pal_tenant *tenant,
				    struct pal_error *err);
	/* [write] Insert or replace by key_id. PAL_E_CONFLICT when the hash exists; PAL_E_SERVICE. */
	enum pal_code (*put_api_key)(struct pal_store *self, const struct pal_api_key *key,
				     struct pal_error *err);
	/* Visit all tenants, or all API keys of all tenants. PAL_E_SERVICE. */
	enum pal_code (*walk_tenants)(struct pal_store *self, unsigned reader,
				      pal_tenant_visit_fn *visit, void *arg, struct pal_error *err);
	enum pal_code (*walk_api_keys)(struct pal_store *self, unsigned reader,
				       pal_api_key_visit_fn *visit, void *arg,
				       struct pal_error *err);

	/*
	 * [write] A named secret of this installation (e.g. the API keys' hash key): read it, or make it
	 * of 32 random bytes on first use. PAL_E_SERVICE.
	 */
	enum pal_code (*installation_secret)(struct pal_store *self, struct pal_str name,
					     uint8_t ret[32], struct pal_error *err);

	/* Whether the store answers now. PAL_E_SERVICE when not. */
	enum pal_code (*ping)(struct pal_store *self, unsigned reader, struct pal_error *err);
	enum pal_code (*count)(struct pal_store *self, unsigned reader,
			       struct pal_store_counts *ret, struct pal_error *err);

	/*
	 * [write] Called while no unit waits: tidy up a little (checkpoint, merge an index), a few
	 * milliseconds at most. Return true while there is more to do.
	 */
	bool (*idle)(struct pal_store *self);

	/* Close; nothing runs any more. Accepts half-built. */
	void (*destroy)(struct pal_store *self);
};

#endif
