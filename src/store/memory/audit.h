/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h - the audit trail of a memory store: a list that only grows. */
#ifndef PALAVER_STORE_MEMORY_AUDIT_H
#define PALAVER_STORE_MEMORY_AUDIT_H

#include <pthread.h>

#include "palaver/store.h"
#include "store/memory/slab.h"

struct pal_memory_event;

struct pal_memory_audit {
	struct pal_budget *budget;	/* fixed at init */
	pthread_mutex_t lock;		/* guards everything below; taken last */
	struct pal_memory_event *first, **end;
	int64_t last_id;
};

/* An empty trail; storage is the caller's. Runs on: main, as the next. */
void pal_memory_audit_init(struct pal_memory_audit *audit, struct pal_budget *budget);
void pal_memory_audit_deinit(struct pal_memory_audit *audit);

/* A copy of an event, the caller's until it is put; NULL when out of memory or budget. */
struct pal_memory_event *pal_memory_event_create(struct pal_memory_audit *audit,
						 struct pal_tenant_key tenant,
						 const struct pal_audit_event *event);
/* Free one that was not put; NULL is fine. */
void pal_memory_event_destroy(struct pal_memory_audit *audit, struct pal_memory_event *event);
/* Append an event, which the trail then owns. */
void pal_memory_audit_put(struct pal_memory_audit *audit, struct pal_memory_event *event);

/* The slots. */
enum pal_code pal_memory_add_audit(struct pal_store *self, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err);
enum pal_code pal_memory_walk_audit(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err);

#endif
