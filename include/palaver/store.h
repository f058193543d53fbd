/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - the contract between palaver and a place where conversations are kept.
 *
 * A store is a plain, possibly blocking library: it starts no threads for its callers and calls no
 * one back. The front (store/front.h) owns the waiting: its lanes call a kind that blocks. Nobody
 * calls a slot but the functions of store/store.h, which check arguments and limits and count, so a
 * kind may rely on what stands here.
 *
 * What every kind promises, and the conformance suite proves:
 *  - commit stores a unit whole, its records included, or not at all; PAL_UNIT_STORED means it survives kill -9 and a
 *    power cut (as far as the kind is durable at all);
 *  - no message id twice in a tenant, no sequence number twice in a conversation, ever;
 *  - the exchanges of a conversation continue its sequence without a gap, or the unit is stale;
 *  - a record is written against the version that was expected, or not at all;
 *  - nothing of one tenant is reachable with another tenant's key: it is as if absent;
 *  - what was stored comes back byte for byte, all fields; only an absent and an empty text need
 *    not be told apart: either may come back for the other.
 */
#ifndef PALAVER_STORE_H
#define PALAVER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "model/audit.h"
#include "model/conversation.h"
#include "model/message.h"
#include "model/record.h"
#include "model/tenant.h"

#define PAL_UNIT_EXCHANGES_MAX 256u
#define PAL_UNIT_RECORDS_MAX PAL_UNIT_EXCHANGES_MAX

/*
 * Lengths that no kind has to exceed. Ids and names: PAL_ID_POINTS_MAX code points; texts:
 * PAL_TEXT_POINTS_MAX; each JSON value (raw, analysis, processing, state, settings) in bytes:
 */
#define PAL_STORE_JSON_BYTES_MAX (1u << 20)

enum pal_unit_verdict {
	PAL_UNIT_STORED,
	/* exchanges[at].in.message_id is that of an inbound message of the tenant already, or of
	 * one earlier in the unit; `at` is the first such exchange. */
	PAL_UNIT_DUPLICATE,
	/* The first sequence is not the last one of the conversation's newest exchange + 1, or the
	 * conversation is unknown or, with key 0, its id is taken; or a record of the unit is not in
	 * the version it expects. */
	PAL_UNIT_STALE,
	/* The store could not: nothing of the unit is stored. `err` says why and when to retry. */
	PAL_UNIT_FAILED,
};
#define PAL_UNIT_VERDICT_COUNT (PAL_UNIT_FAILED + 1)

/*
 * What an operation other than a message changes of a conversation. Nothing else ever writes these
 * fields, but for the insert of the conversation.
 */
struct pal_change {
	enum pal_conversation_status status;
	int64_t ended_ms;
	bool deleted;
	struct pal_str details;			/* the whole new text */
	struct pal_audit_event audit;		/* event_type absent: there is none */
};

struct pal_record_write;

/*
 * What one turn wants stored: consecutive exchanges of one conversation, the first of a new
 * conversation numbered 1; or what an operation changes of it; or both; and records to go with it.
 * Outbound ids are the service's own, fresh UUIDs: a kind need not check them. A unit that is both
 * duplicate and stale may be told either.
 */
struct pal_unit {
	/* in; all views stay valid until the commit returns */
	struct pal_tenant_key tenant;		/* a kind need not check that it exists */
	/* key 0: insert it with this unit, and set key when it is stored. Else only key is read:
	 * the record is written behind. No other field is ever written. */
	struct pal_conversation *conversation;
	const struct pal_exchange *exchanges;
	size_t count;	/* 0..PAL_UNIT_EXCHANGES_MAX; 0 only to insert or to change */
	const struct pal_change *change;	/* NULL: none */
	/*
	 * Records of the unit's tenant to write with it, all of them or, with the unit, none: no two
	 * of one name, no removals, no audit events. A record's version is set when it is stored.
	 */
	struct pal_record_write **records;
	size_t record_count;	/* 0..PAL_UNIT_RECORDS_MAX */
	/* out */
	enum pal_unit_verdict verdict;
	size_t at;				/* PAL_UNIT_DUPLICATE: which exchange */
	struct pal_error err;			/* PAL_UNIT_FAILED */
};

/* An exchange found in the store, and its conversation as load_conversation gives it. */
struct pal_found_exchange {
	struct pal_conversation conversation;
	struct pal_exchange exchange;
};

/* How far a chain is proven; zeroed to begin. */
struct pal_audit_proof {
	int64_t seq;				/* up to this record, from the cut on */
	uint8_t hash[PAL_AUDIT_HASH_SIZE];	/* of that record */
	int64_t cut;				/* what was pruned, of struct pal_audit_head */
	bool is_done;				/* the head is reached, or something is broken */
	int64_t broken;				/* the first record that is; 0: none */
	const char *what;			/* what is wrong with it: a literal */
};

#define PAL_RECORD_ANY (-1)	/* whatever version there is, or none */

enum pal_record_verdict {
	PAL_RECORD_STORED,	/* written, or removed */
	PAL_RECORD_CONFLICT,	/* the store has another version, or none; nothing is changed */
	PAL_RECORD_FAILED,	/* the store could not: `err` says why and when to retry */
};

/* One write of one record. */
struct pal_record_write {
	/* in; all views stay valid until the write returns */
	struct pal_tenant_key tenant;
	/* Stored as it is, times included, but for the version, which is set when it is stored. */
	struct pal_record record;
	int64_t expected;	/* PAL_RECORD_ANY; 0: there must be none; else the version there is */
	bool remove;		/* take it out instead: only kind and id are read */
	bool only_judge;	/* change nothing, say the verdict: likewise; never in a unit */
	const struct pal_audit_event *audit;	/* to append if it is stored; NULL: none */
	/* out */
	enum pal_record_verdict verdict;
	struct pal_error err;	/* PAL_RECORD_FAILED */
};

/*
 * Called for each record in order; false stops the walk. Views live during the call, which must not
 * call the store.
 */
typedef bool pal_exchange_visit_fn(void *arg, const struct pal_exchange *exchange);
typedef bool pal_conversation_visit_fn(void *arg, const struct pal_conversation *conversation);
typedef bool pal_conversation_key_visit_fn(void *arg, int64_t conversation_key);
typedef bool pal_tenant_visit_fn(void *arg, const struct pal_tenant *tenant);
typedef bool pal_api_key_visit_fn(void *arg, const struct pal_api_key *key);
typedef bool pal_audit_visit_fn(void *arg, const struct pal_audit_entry *entry);
typedef bool pal_record_visit_fn(void *arg, const struct pal_record *record);
typedef bool pal_expired_visit_fn(void *arg, struct pal_tenant_key tenant,
				  const struct pal_record *record);

struct pal_store_counts {
	int64_t conversations, exchanges;
	int64_t messages;	/* inbound and outbound */
};

struct pal_store {
	const struct pal_store_ops *ops;	/* first member of every store */
	unsigned readers;			/* set by pal_store_open */
};

/*
 * Every slot is required. Slots marked [write] are called by one thread at a time; the others by
 * several, each with its own `reader` number 0..readers-1 that no two threads use at once. Readers
 * and the writer may run at the same time. A kind with `blocks` false locks inside instead: any
 * thread calls any slot at any time, with any reader number.
 */
struct pal_store_ops {
	const char *name;	/* as written in the configuration */
	bool blocks;		/* false: calls return at once and may run on a worker or a loop */

	/*
	 * [write] Commit units, and after them write records, as one group that becomes durable in
	 * one step; there is at least one of them. Each gets its own verdict, and one that conflicts
	 * never takes another with it. They are judged in array order, each seeing all before it.
	 * A removal of a record that is not there conflicts, unless PAL_RECORD_ANY is expected. What
	 * is written after a removal starts at version 1.
	 */
	void (*commit)(struct pal_store *self, struct pal_unit **units, size_t unit_count,
		       struct pal_record_write **writes, size_t write_count);

	/*
	 * [write] Write conversation records behind (key != 0): activity, last sequence, state,
	 * nothing else. One whose last_sequence is below that of the stored record is older than it and
	 * passed over whole, as is an unknown key. On PAL_E_SERVICE none or some are written.
	 */
	enum pal_code (*write_behind)(struct pal_store *self, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err);

	/*
	 * Load the conversation with public id `id`, repaired from its newest exchange:
	 * last_sequence is that of the exchange (0 without one) whatever the record says; state is
	 * the exchange's where the record's last_sequence is lower; last_activity_ms is not below
	 * the exchange's received_ms. Views live until `arena` is released or the store destroyed.
	 * PAL_E_NOT_FOUND when the tenant has none such; PAL_E_SERVICE.
	 */
	enum pal_code (*load_conversation)(struct pal_store *self, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err);

	/*
	 * Find an exchange by the id of its inbound or (when `outbound`) its outbound message.
	 * Views live until `arena` is released or the store destroyed. PAL_E_NOT_FOUND,
	 * PAL_E_SERVICE.
	 */
	enum pal_code (*find_exchange)(struct pal_store *self, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err);

	/*
	 * Visit the exchanges of conversation `key` that hold a sequence >= `from`, ascending, at
	 * most `limit`. A key that is unknown or another tenant's has none. PAL_E_SERVICE.
	 */
	enum pal_code (*walk_exchanges)(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err);

	/*
	 * Visit all conversations of the tenant, those of `user_id` only unless absent, in no
	 * order; deleted ones are among them. Each is as load_conversation gives it, but that
	 * `state` is absent. One made or moved on meanwhile may be given as it was. PAL_E_SERVICE.
	 */
	enum pal_code (*walk_conversations)(struct pal_store *self, unsigned reader,
					    struct pal_tenant_key tenant, struct pal_str user_id,
					    pal_conversation_visit_fn *visit, void *arg,
					    struct pal_error *err);

	/*
	 * [write] Bring the index of the messages' texts up to date by one bounded step of a few
	 * milliseconds; *ret_more says whether there is more to do. Called when the store has been
	 * quiet for a while, and before a search. PAL_E_SERVICE.
	 */
	enum pal_code (*index_text)(struct pal_store *self, bool *ret_more, struct pal_error *err);

	/*
	 * Visit the keys of the tenant's conversations in which the text of one message has all
	 * words of `query`, each key once, at most `limit`, in no promised order. Letters and
	 * digits make words, case and diacritics of Latin letters do not count, all else separates,
	 * and nothing in a query has another meaning. Of the last word the beginning is enough.
	 * Finds what index_text has seen to. PAL_E_SERVICE.
	 */
	enum pal_code (*search_text)(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str query,
				     size_t limit, pal_conversation_key_visit_fn *visit, void *arg,
				     struct pal_error *err);

	/*
	 * [write] Insert or replace by public id (the key stays); sets tenant->key. PAL_E_SERVICE.
	 */
	enum pal_code (*put_tenant)(struct pal_store *self, struct pal_tenant *tenant,
				    struct pal_error *err);
	/* [write] Insert or replace by key_id. PAL_E_CONFLICT when another key has the hash, or the
	 * key_id is another tenant's; PAL_E_SERVICE. */
	enum pal_code (*put_api_key)(struct pal_store *self, const struct pal_api_key *key,
				     struct pal_error *err);
	/* Visit all tenants, or all API keys of all tenants, in the order of first insertion.
	 * PAL_E_SERVICE. */
	enum pal_code (*walk_tenants)(struct pal_store *self, unsigned reader,
				      pal_tenant_visit_fn *visit, void *arg, struct pal_error *err);
	enum pal_code (*walk_api_keys)(struct pal_store *self, unsigned reader,
				       pal_api_key_visit_fn *visit, void *arg,
				       struct pal_error *err);

	/*
	 * [write] A named secret of this installation (e.g. the API keys' hash key): read it, or
	 * make it of 32 random bytes on first use. PAL_E_SERVICE.
	 */
	enum pal_code (*installation_secret)(struct pal_store *self, struct pal_str name,
					     uint8_t ret[32], struct pal_error *err);

	/*
	 * [write] Append `count` (>= 1) audit events, in this order. PAL_E_SERVICE: none is.
	 *
	 * All that is audited, here or with a unit or a record, is one chain for each tenant
	 * (model/audit.h): numbered without a gap in the order in which it is stored, one record for
	 * each exchange before that of the unit's change, and stored or not with what it tells of.
	 */
	enum pal_code (*add_audit)(struct pal_store *self, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err);

	/* Where the tenant's chain begins and ends; all zero without one. PAL_E_SERVICE. */
	enum pal_code (*audit_head)(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_audit_head *ret,
				    struct pal_error *err);

	/*
	 * Visit the tenant's audit records whose number is above `after`, ascending, at most
	 * `limit`; those of exchanges included. PAL_E_SERVICE, also when one is missing or damaged.
	 */
	enum pal_code (*walk_audit)(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err);
	/* The same for those below `before`, or all of them for 0, descending. */
	enum pal_code (*walk_audit_back)(struct pal_store *self, unsigned reader,
					 struct pal_tenant_key tenant, int64_t before, size_t limit,
					 pal_audit_visit_fn *visit, void *arg,
					 struct pal_error *err);

	/*
	 * Take the proof of the tenant's chain on by one bounded step: every record is there once,
	 * where the next one says, and says what its hash says. PAL_E_SERVICE when the store cannot
	 * tell: what is broken is no error but io->broken.
	 */
	enum pal_code (*verify_audit)(struct pal_store *self, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_audit_proof *io,
				      struct pal_error *err);

	/*
	 * [write] Take the oldest records out of the chain, at most `limit`, as long as they are of
	 * before `before_ms` and not the last. The chain keeps the hash of the last one taken
	 * (struct pal_audit_head) and begins behind it. An exchange stays, without what it carried
	 * for the trail. *ret_more says whether there are more. PAL_E_SERVICE.
	 */
	enum pal_code (*prune_audit)(struct pal_store *self, struct pal_tenant_key tenant,
				     int64_t before_ms, size_t limit, bool *ret_more,
				     struct pal_error *err);

	/*
	 * [write] Take out of the tenant's audit records `seqs`, `count` (>= 1) of them, whom they
	 * speak of: user, resource, request, address and data go, and the chain proves the rest
	 * still. A number that is not in the chain, and a record that an exchange carries, which
	 * loses them with it, are passed over. PAL_E_SERVICE: none is.
	 */
	enum pal_code (*erase_audit)(struct pal_store *self, struct pal_tenant_key tenant,
				     const int64_t *seqs, size_t count, struct pal_error *err);

	/*
	 * Load a record, one that expired included: what that means is the service's business.
	 * Views live until `arena` is released. PAL_E_NOT_FOUND, PAL_E_SERVICE.
	 */
	enum pal_code (*load_record)(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str id, struct pal_arena *arena,
				     struct pal_record *ret, struct pal_error *err);

	/*
	 * Visit the tenant's records of `kind`, of `owner` only unless absent, ascending by
	 * (created_ms, id, byte for byte) and after (after_ms, after_id), at most `limit`.
	 * PAL_E_SERVICE.
	 */
	enum pal_code (*walk_records)(struct pal_store *self, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str kind,
				      struct pal_str owner, int64_t after_ms,
				      struct pal_str after_id, size_t limit,
				      pal_record_visit_fn *visit, void *arg, struct pal_error *err);

	/*
	 * Visit the records of `kind`, of all tenants, with after_ms < expires_ms <= now_ms, those
	 * that expired first before others, at most `limit`; after_ms >= 0. Those before it cost
	 * nothing. PAL_E_SERVICE.
	 */
	enum pal_code (*walk_expired)(struct pal_store *self, unsigned reader, struct pal_str kind,
				      int64_t after_ms, int64_t now_ms, size_t limit,
				      pal_expired_visit_fn *visit, void *arg,
				      struct pal_error *err);

	/*
	 * [write] Take out, for good, what at most `limit` exchanges of the conversation say and
	 * whose they are: texts, contents, users, analysis, state, the audit's subjects; and their
	 * words from the index. *ret_more says whether there are more. From the first step on the
	 * conversation takes no unit and walks over it visit nothing; what was erased is not found.
	 * After the last it is as if absent everywhere, but that its id, its sequence numbers and
	 * its message ids stay taken, and that `count` counts it. A step may follow a restart.
	 * The audit records of its exchanges stay in the chain, which still proves the others and
	 * that these were there.
	 * PAL_E_NOT_FOUND when the tenant has none such; PAL_E_SERVICE.
	 */
	enum pal_code (*erase_conversation)(struct pal_store *self, struct pal_tenant_key tenant,
					    int64_t key, size_t limit, bool *ret_more,
					    struct pal_error *err);

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

enum pal_store_synchronous {
	PAL_STORE_SYNC_FULL,	/* a stored unit survives a power cut */
	PAL_STORE_SYNC_NORMAL,	/* ... kill -9 only; for measurements */
};

/* How to open a store. A kind ignores what does not concern it; 0 asks for its own default. */
struct pal_store_config {
	const char *kind;
	const char *path;	/* of the database file; its folder exists */
	enum pal_store_synchronous synchronous;
	unsigned readers;	/* 1..PAL_STORE_READERS_MAX */
	size_t cache_bytes;	/* of the connection that writes; one that reads may take less */
	unsigned checkpoint_pages;
	size_t max_bytes;	/* beyond it, units fail; 0: no ceiling */
};

#define PAL_STORE_READERS_MAX 16u

/* One line of the table of kinds (store/store.c). */
struct pal_store_kind {
	const struct pal_store_ops *ops;
	/*
	 * Open the store that `config` describes, or make it; views are valid during the call. On
	 * PAL_OK the caller owns *ret. PAL_E_CONFIG when it cannot be used as configured (no such
	 * folder, newer schema, another process has it), PAL_E_SERVICE. Runs on: main.
	 */
	enum pal_code (*open)(const struct pal_store_config *config, struct pal_store **ret,
			      struct pal_error *err);
};

#endif
