/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - the audit trail of a memory store: for each tenant a chain of rows and of events that
 * stand alone. Chains are spread over a few locks, so that tenants seldom meet.
 */
#ifndef PALAVER_STORE_MEMORY_AUDIT_H
#define PALAVER_STORE_MEMORY_AUDIT_H

#include <pthread.h>
#include <stdalign.h>

#include "palaver/store.h"
#include "store/memory/row.h"
#include "store/memory/slab.h"

#define PAL_MEMORY_CHAIN_SHARDS 16u

struct pal_memory_event;
struct pal_memory_chain;

struct pal_memory_chains {
	alignas(64) pthread_mutex_t lock;	/* guards everything below; taken last */
	struct pal_memory_chain *chains;
};

struct pal_memory_audit {
	struct pal_budget *budget;		/* fixed at init */
	struct pal_memory_chains shards[PAL_MEMORY_CHAIN_SHARDS];
};

/* An empty trail; storage is the caller's. Runs on: main, as the next. */
void pal_memory_audit_init(struct pal_memory_audit *audit, struct pal_budget *budget);
void pal_memory_audit_deinit(struct pal_memory_audit *audit);

/* What of a row's link can be made before its place is known. Runs on: any. */
void pal_memory_link_init(struct pal_memory_link *link, const struct pal_exchange *exchange);

/* A copy of an event, the caller's until it is put; NULL when out of memory or budget. */
struct pal_memory_event *pal_memory_event_create(struct pal_memory_audit *audit,
						 const struct pal_audit_event *event);
/* Free one that was not put; NULL is fine. */
void pal_memory_event_destroy(struct pal_memory_audit *audit, struct pal_memory_event *event);

/*
 * Append `count` rows, made of `exchanges`, and then `event`, unless NULL, which the trail then owns:
 * all, or false and none when out of memory or budget. Runs on: any.
 */
bool pal_memory_audit_append(struct pal_memory_audit *audit, struct pal_tenant_key tenant,
			     const struct pal_exchange *exchanges, struct pal_row **rows,
			     size_t count, struct pal_memory_event *event);

/* Promise room for one event; false when out of memory or budget. */
bool pal_memory_audit_reserve(struct pal_memory_audit *audit, struct pal_tenant_key tenant);
/* Put an event there, which the trail then owns; or, for NULL, give the room back. */
void pal_memory_audit_put_reserved(struct pal_memory_audit *audit, struct pal_tenant_key tenant,
				   struct pal_memory_event *event);

/* The row is about to be erased: keep the digest of whom it speaks of. Its shard's lock is held. */
void pal_memory_audit_veil(struct pal_memory_audit *audit, struct pal_row *row);

/* The slots. */
enum pal_code pal_memory_add_audit(struct pal_store *self, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err);
enum pal_code pal_memory_audit_head(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_audit_head *ret,
				    struct pal_error *err);
enum pal_code pal_memory_walk_audit(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err);
enum pal_code pal_memory_walk_audit_back(struct pal_store *self, unsigned reader,
					 struct pal_tenant_key tenant, int64_t before, size_t limit,
					 pal_audit_visit_fn *visit, void *arg,
					 struct pal_error *err);
enum pal_code pal_memory_verify_audit(struct pal_store *self, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_audit_proof *io,
				      struct pal_error *err);
enum pal_code pal_memory_prune_audit(struct pal_store *self, struct pal_tenant_key tenant,
				     int64_t before_ms, size_t limit, bool *ret_more,
				     struct pal_error *err);
enum pal_code pal_memory_erase_audit(struct pal_store *self, struct pal_tenant_key tenant,
				     const int64_t *seqs, size_t count, struct pal_error *err);

#endif
