/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - the inside of the kind sqlite, shared by its files.
 *
 * The writer's part is touched by the one thread that calls the [write] slots; each reader's by the
 * one thread that uses its number.
 */
#ifndef PALAVER_STORE_SQLITE_STORE_H
#define PALAVER_STORE_SQLITE_STORE_H

#include "store/sqlite/connection.h"
#include "store/sqlite/merge.h"
#include "store/sqlite/sqlite.h"
#include "store/sqlite/tail.h"

/*
 * The first exchange of a conversation past each multiple of so many sequence numbers is a
 * milestone: a walk starts there instead of at the newest one. It bounds the steps from one to the
 * next.
 */
#define PAL_SQLITE_STRIDE 128

struct pal_sqlite_chain;

/* The audit chains that were written to since the store was opened, or that reach beyond `mark`. */
struct pal_sqlite_chains {
	struct pal_sqlite_chain *all;		/* by tenant */
	struct pal_sqlite_chain *last;		/* used, or NULL */
	struct pal_sqlite_chain *moved;		/* by the transaction under way */
	struct pal_sqlite_chain *behind;	/* their rows of audit_head are not up to date */
	int64_t mark;				/* the rows are complete up to this exchange */
	bool is_flushing;			/* with the transaction under way */
};

enum pal_sqlite_purge {
	PAL_SQLITE_CLEAN,
	PAL_SQLITE_TO_PURGE,	/* the index may hold words of what was erased */
	PAL_SQLITE_PURGING,	/* it is being merged into one piece without them */
};

/* Up to which exchange the words are indexed, and up to which conversation the users'. */
struct pal_sqlite_behind {
	int64_t exchange, conversation;
	enum pal_sqlite_purge purge;
};

struct pal_sqlite {
	struct pal_store store;		/* first member */
	/* fixed at open */
	pal_sqlite_fatal_fn *fatal;
	void *fatal_arg;
	unsigned reader_count;
	int checkpoint_pages;
	size_t run_exchanges;
	int lock_fd;			/* held for as long as the store is open */
	struct pal_sqlite_conn *readers;
	uint8_t hash_key[PAL_SQLITE_HASH_KEY_SIZE];
	struct pal_sqlite_tail tail;	/* has its own lock */
	/* the writer's */
	struct pal_sqlite_conn writer;
	int wal_pages;			/* in the log as of the last commit */
	bool overwrites;		/* pal_sqlite_overwrite is on */
	struct pal_sqlite_totals totals; /* those of the tail, and of the transaction under way */
	struct pal_sqlite_merge merge;
	struct pal_sqlite_behind behind;
	struct pal_sqlite_chains chains;	/* chain.h */
};

static inline struct pal_sqlite *pal_sqlite_of(struct pal_store *store)
{
	return (struct pal_sqlite *)store;
}

/* End the process when `rc` is a failed sync; else do nothing. Runs on: writer. */
void pal_sqlite_die_if_unsynced(struct pal_sqlite *self, int rc);

/* The slots of the same names, by file: write.c */
void pal_sqlite_commit(struct pal_store *store, struct pal_unit **units, size_t unit_count,
		       struct pal_record_write **writes, size_t write_count);
bool pal_sqlite_idle(struct pal_store *store);
/* Learn from the file what the writer must know. PAL_E_SERVICE. Runs on: writer, at open. */
enum pal_code pal_sqlite_prepare_writer(struct pal_sqlite *self, struct pal_error *err);

/* change.c */
enum pal_code pal_sqlite_write_behind(struct pal_store *store, struct pal_tenant_key tenant,
				      const struct pal_conversation *conversations, size_t count,
				      struct pal_error *err);

/* audit.c */
enum pal_code pal_sqlite_add_audit(struct pal_store *store, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err);
/* Whether the current row of PAL_SQLITE_ALL_AUDIT says what it was sealed with. */
bool pal_sqlite_is_audit_whole(sqlite3_stmt *stmt, int64_t *ret_id);

/* trail.c */
enum pal_code pal_sqlite_audit_head(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_audit_head *ret,
				    struct pal_error *err);
enum pal_code pal_sqlite_walk_audit(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err);
enum pal_code pal_sqlite_walk_audit_back(struct pal_store *store, unsigned reader,
					 struct pal_tenant_key tenant, int64_t before, size_t limit,
					 pal_audit_visit_fn *visit, void *arg,
					 struct pal_error *err);

/* proof.c */
enum pal_code pal_sqlite_verify_audit(struct pal_store *store, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_audit_proof *io,
				      struct pal_error *err);

/* prune.c */
enum pal_code pal_sqlite_prune_audit(struct pal_store *store, struct pal_tenant_key tenant,
				     int64_t before_ms, size_t limit, bool *ret_more,
				     struct pal_error *err);

/* erase_audit.c */
enum pal_code pal_sqlite_erase_audit(struct pal_store *store, struct pal_tenant_key tenant,
				     const int64_t *seqs, size_t count, struct pal_error *err);

/* read.c */
enum pal_code pal_sqlite_load_conversation(struct pal_store *store, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str id,
					   struct pal_arena *arena, struct pal_conversation *ret,
					   struct pal_error *err);
enum pal_code pal_sqlite_find_exchange(struct pal_store *store, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_str message_id,
				       bool outbound, struct pal_arena *arena,
				       struct pal_found_exchange *ret, struct pal_error *err);
enum pal_code pal_sqlite_walk_exchanges(struct pal_store *store, unsigned reader,
					struct pal_tenant_key tenant, int64_t key, int64_t from,
					size_t limit, pal_exchange_visit_fn *visit, void *arg,
					struct pal_error *err);
enum pal_code pal_sqlite_ping(struct pal_store *store, unsigned reader, struct pal_error *err);
enum pal_code pal_sqlite_count(struct pal_store *store, unsigned reader,
			       struct pal_store_counts *ret, struct pal_error *err);

/* list.c */
enum pal_code pal_sqlite_walk_conversations(struct pal_store *store, unsigned reader,
					    struct pal_tenant_key tenant, struct pal_str user_id,
					    pal_conversation_visit_fn *visit, void *arg,
					    struct pal_error *err);

/* text.c */
enum pal_code pal_sqlite_index_text(struct pal_store *store, bool *ret_more, struct pal_error *err);
enum pal_code pal_sqlite_search_text(struct pal_store *store, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str query,
				     size_t limit, pal_conversation_key_visit_fn *visit, void *arg,
				     struct pal_error *err);

/* erase.c */
enum pal_code pal_sqlite_erase_conversation(struct pal_store *store, struct pal_tenant_key tenant,
					    int64_t key, size_t limit, bool *ret_more,
					    struct pal_error *err);

/* admin.c */
enum pal_code pal_sqlite_put_tenant(struct pal_store *store, struct pal_tenant *tenant,
				    struct pal_error *err);
enum pal_code pal_sqlite_put_api_key(struct pal_store *store, const struct pal_api_key *key,
				     struct pal_error *err);
enum pal_code pal_sqlite_walk_tenants(struct pal_store *store, unsigned reader,
				      pal_tenant_visit_fn *visit, void *arg, struct pal_error *err);
enum pal_code pal_sqlite_walk_api_keys(struct pal_store *store, unsigned reader,
				       pal_api_key_visit_fn *visit, void *arg,
				       struct pal_error *err);
enum pal_code pal_sqlite_installation_secret(struct pal_store *store, struct pal_str name,
					     uint8_t ret[32], struct pal_error *err);

/* record.c */
enum pal_code pal_sqlite_load_record(struct pal_store *store, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str id, struct pal_arena *arena,
				     struct pal_record *ret, struct pal_error *err);
enum pal_code pal_sqlite_walk_records(struct pal_store *store, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str kind,
				      struct pal_str owner, int64_t after_ms,
				      struct pal_str after_id, size_t limit,
				      pal_record_visit_fn *visit, void *arg, struct pal_error *err);
enum pal_code pal_sqlite_walk_expired(struct pal_store *store, unsigned reader, struct pal_str kind,
				      int64_t after_ms, int64_t now_ms, size_t limit,
				      pal_expired_visit_fn *visit, void *arg, struct pal_error *err);
/* Whether the current row of PAL_SQLITE_ALL_RECORDS says what it was sealed with. */
bool pal_sqlite_is_record_whole(sqlite3_stmt *stmt);

#endif
