/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - the records of a memory store: a chained hash table by name, and all of them in the
 * order in which they are walked. Unlike rows they come and go, so each has memory of its own.
 */
#ifndef PALAVER_STORE_MEMORY_RECORD_H
#define PALAVER_STORE_MEMORY_RECORD_H

#include <pthread.h>
#include <stddef.h>

#include "palaver/store.h"
#include "store/memory/slab.h"

struct pal_memory_record;

struct pal_memory_records {
	struct pal_budget *budget;		/* fixed at init */
	pthread_mutex_t lock;			/* guards everything below; taken with no other */
	struct pal_memory_record **buckets;	/* by hash */
	struct pal_memory_record **ordered;	/* by tenant, kind, created_ms, id */
	size_t bucket_count, count, room;	/* room: of `ordered` */
};

/* None; storage is the caller's. Runs on: main, as the next. */
void pal_memory_records_init(struct pal_memory_records *records, struct pal_budget *budget);
void pal_memory_records_deinit(struct pal_memory_records *records);

/* The slots. */
void pal_memory_write_records(struct pal_store *self, struct pal_record_write **writes,
			      size_t count);
enum pal_code pal_memory_load_record(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str id, struct pal_arena *arena,
				     struct pal_record *ret, struct pal_error *err);
enum pal_code pal_memory_walk_records(struct pal_store *self, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str kind,
				      struct pal_str owner, int64_t after_ms,
				      struct pal_str after_id, size_t limit,
				      pal_record_visit_fn *visit, void *arg, struct pal_error *err);
enum pal_code pal_memory_walk_expired(struct pal_store *self, unsigned reader, struct pal_str kind,
				      int64_t now_ms, size_t limit, pal_expired_visit_fn *visit,
				      void *arg, struct pal_error *err);

#endif
