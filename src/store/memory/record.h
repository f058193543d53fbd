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

struct pal_memory;
struct pal_memory_record;

struct pal_memory_records {
	struct pal_budget *budget;		/* fixed at init */
	pthread_mutex_t lock;			/* guards everything below; see README.md */
	struct pal_memory_record **buckets;	/* by hash */
	struct pal_memory_record **ordered;	/* by tenant, kind, created_ms, id */
	size_t bucket_count, count, room;	/* room: of `ordered` */
};

/* None; storage is the caller's. Runs on: main, as the next. */
void pal_memory_records_init(struct pal_memory_records *records, struct pal_budget *budget);
void pal_memory_records_deinit(struct pal_memory_records *records);

/* What a unit writes: copies of its records, to be put in when all of it may be stored. */
struct pal_memory_batch {
	struct pal_memory_record *made[PAL_UNIT_RECORDS_MAX];
	size_t count;
};

/*
 * Copy the unit's records and judge them against those there are. PAL_UNIT_STORED: the records'
 * lock is held until the next call, which cannot fail. Else nothing is kept: PAL_UNIT_STALE,
 * PAL_UNIT_FAILED when out of memory or budget. Runs on: any.
 */
enum pal_unit_verdict pal_memory_batch_prepare(struct pal_memory_records *records,
					       const struct pal_unit *unit,
					       struct pal_memory_batch *batch);
/* The unit is stored: put them in. Runs on: who prepared it, as the next. */
void pal_memory_batch_put(struct pal_memory_records *records, const struct pal_unit *unit,
			  struct pal_memory_batch *batch);
/* It is not: forget them. */
void pal_memory_batch_drop(struct pal_memory_records *records, struct pal_memory_batch *batch);

/* Judge and do one write, which gets its verdict. */
void pal_memory_write_record(struct pal_memory *memory, struct pal_record_write *write);

/* The slots. */
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
				      int64_t after_ms, int64_t now_ms, size_t limit,
				      pal_expired_visit_fn *visit, void *arg, struct pal_error *err);

#endif
