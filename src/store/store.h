/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - open a store of any kind and call it. These functions are the only callers of a kind's
 * slots: they check arguments and limits and count, once for all kinds.
 *
 * Where a contract says `Runs on: reader`, the caller holds the reader number it passes: a read
 * lane, or, for a kind that does not block, any thread. `writer` is the write lane, or any thread
 * likewise. Arguments beyond the contract's limits are PAL_E_VALIDATION naming the field.
 */
#ifndef PALAVER_STORE_STORE_H
#define PALAVER_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "palaver/store.h"

/*
 * Open a store as `config` says and register the metrics. The caller owns *ret. PAL_E_CONFIG naming
 * the option when the kind is unknown, a number out of range, or the kind cannot use it so;
 * PAL_E_SERVICE. Runs on: main.
 */
PAL_MUST_CHECK enum pal_code pal_store_open(const struct pal_store_config *config,
					    struct pal_store **ret, struct pal_error *err);

/* Close `store`; NULL is fine. Runs on: its last user. */
void pal_store_destroy(struct pal_store *store);

/*
 * Commit units and write records as the slot `commit` does. A unit that breaks a limit is
 * PAL_UNIT_FAILED with PAL_E_VALIDATION, such a record PAL_RECORD_FAILED; the others go ahead. Both
 * arrays may be empty. Runs on: writer, as the two for those who have units or records alone.
 */
void pal_store_commit_all(struct pal_store *store, struct pal_unit **units, size_t unit_count,
			  struct pal_record_write **writes, size_t write_count);
void pal_store_commit(struct pal_store *store, struct pal_unit **units, size_t count);
void pal_store_write_records(struct pal_store *store, struct pal_record_write **writes,
			     size_t count);

/* As the slots of the same names, palaver/store.h. Runs on: writer. */
PAL_MUST_CHECK enum pal_code
pal_store_write_behind(struct pal_store *store, struct pal_tenant_key tenant,
		       const struct pal_conversation *conversations, size_t count,
		       struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_put_tenant(struct pal_store *store,
						  struct pal_tenant *tenant,
						  struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_put_api_key(struct pal_store *store,
						   const struct pal_api_key *key,
						   struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_installation_secret(struct pal_store *store,
							   struct pal_str name, uint8_t ret[32],
							   struct pal_error *err);
/* As the slot; none when one is beyond a limit. Runs on: writer. */
PAL_MUST_CHECK enum pal_code pal_store_add_audit(struct pal_store *store,
						 struct pal_tenant_key tenant,
						 const struct pal_audit_event *events, size_t count,
						 struct pal_error *err);

/* As the slot; `limit` >= 1. Runs on: writer. */
PAL_MUST_CHECK enum pal_code pal_store_prune_audit(struct pal_store *store,
						   struct pal_tenant_key tenant, int64_t before_ms,
						   size_t limit, bool *ret_more,
						   struct pal_error *err);

/* As the slot; `count` >= 1. Runs on: writer. */
PAL_MUST_CHECK enum pal_code pal_store_erase_audit(struct pal_store *store,
						   struct pal_tenant_key tenant,
						   const int64_t *seqs, size_t count,
						   struct pal_error *err);

/* As the slot; `limit` >= 1. Runs on: writer. */
PAL_MUST_CHECK enum pal_code pal_store_erase_conversation(struct pal_store *store,
							  struct pal_tenant_key tenant, int64_t key,
							  size_t limit, bool *ret_more,
							  struct pal_error *err);

/* As the slots. Runs on: writer. */
PAL_MUST_CHECK enum pal_code pal_store_index_text(struct pal_store *store, bool *ret_more,
						  struct pal_error *err);
bool pal_store_idle(struct pal_store *store);

/*
 * As the slots of the same names, palaver/store.h. An id that no record can have (empty, too long)
 * is simply not found. Runs on: reader.
 */
PAL_MUST_CHECK enum pal_code
pal_store_load_conversation(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
			    struct pal_str id, struct pal_arena *arena,
			    struct pal_conversation *ret, struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_find_exchange(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
			struct pal_str message_id, bool outbound, struct pal_arena *arena,
			struct pal_found_exchange *ret, struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_walk_exchanges(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
			 int64_t key, int64_t from, size_t limit, pal_exchange_visit_fn *visit,
			 void *arg, struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_walk_conversations(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
			     struct pal_str user_id, pal_conversation_visit_fn *visit, void *arg,
			     struct pal_error *err);
/* A query that is too long or has too many words (store/words.h) is PAL_E_VALIDATION. */
PAL_MUST_CHECK enum pal_code
pal_store_search_text(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
		      struct pal_str query, size_t limit, pal_conversation_key_visit_fn *visit,
		      void *arg, struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_walk_tenants(struct pal_store *store, unsigned reader,
						    pal_tenant_visit_fn *visit, void *arg,
						    struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_walk_api_keys(struct pal_store *store, unsigned reader,
						     pal_api_key_visit_fn *visit, void *arg,
						     struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_audit_head(struct pal_store *store, unsigned reader,
						  struct pal_tenant_key tenant,
						  struct pal_audit_head *ret,
						  struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_walk_audit(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
		     int64_t after, size_t limit, pal_audit_visit_fn *visit, void *arg,
		     struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_walk_audit_back(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
			  int64_t before, size_t limit, pal_audit_visit_fn *visit, void *arg,
			  struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_verify_audit(struct pal_store *store, unsigned reader,
						    struct pal_tenant_key tenant,
						    struct pal_audit_proof *io,
						    struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_load_record(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
		      struct pal_str kind, struct pal_str id, struct pal_arena *arena,
		      struct pal_record *ret, struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_walk_records(struct pal_store *store, unsigned reader, struct pal_tenant_key tenant,
		       struct pal_str kind, struct pal_str owner, int64_t after_ms,
		       struct pal_str after_id, size_t limit, pal_record_visit_fn *visit, void *arg,
		       struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_walk_expired(struct pal_store *store, unsigned reader, struct pal_str kind,
		       int64_t after_ms, int64_t now_ms, size_t limit, pal_expired_visit_fn *visit,
		       void *arg, struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_ping(struct pal_store *store, unsigned reader,
					    struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_count(struct pal_store *store, unsigned reader,
					     struct pal_store_counts *ret, struct pal_error *err);

#endif
