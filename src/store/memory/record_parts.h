/* SPDX-License-Identifier: Apache-2.0 */
/* record_parts.h - how records are found; shared by those who write (record.c) and who read them. */
#ifndef PALAVER_STORE_MEMORY_RECORD_PARTS_H
#define PALAVER_STORE_MEMORY_RECORD_PARTS_H

#include "store/memory/state.h"

struct pal_memory_record {
	struct pal_memory_record *next;	/* in its bucket */
	struct pal_memory_name name;	/* the views are into `bytes`, as the record's */
	struct pal_record record;
	size_t size;			/* of all of it */
	char bytes[];
};

/* Under which a record is found; `id` is borrowed. Runs on: any. */
struct pal_memory_name pal_memory_record_name(struct pal_tenant_key tenant, struct pal_str kind,
					      struct pal_str id);

/* The record of that name and kind, NULL when there is none. The lock is held, as below. */
struct pal_memory_record *pal_memory_record_find_locked(const struct pal_memory_records *records,
							const struct pal_memory_name *name,
							struct pal_str kind);

/* Where `record` is in the order or, when `is_past`, the first place behind it. */
size_t pal_memory_record_seek_locked(const struct pal_memory_records *records,
				     struct pal_tenant_key tenant, const struct pal_record *record,
				     bool is_past);

#endif
