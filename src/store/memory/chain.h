/* SPDX-License-Identifier: Apache-2.0 */
/* chain.h - the inside of the audit trail, shared by its two files. */
#ifndef PALAVER_STORE_MEMORY_CHAIN_H
#define PALAVER_STORE_MEMORY_CHAIN_H

#include "store/memory/state.h"

#include <uthash.h>

struct pal_memory_event {
	size_t size;			/* of all of it */
	struct pal_memory_link link;	/* guarded by the chain's lock */
	struct pal_audit_event event;	/* the views are into `bytes` */
	char bytes[];
};

/* A record of the chain: one of the two. */
struct pal_memory_ref {
	struct pal_row *row;
	struct pal_memory_event *event;
};

/* Guarded by the lock of its shard. */
struct pal_memory_chain {
	UT_hash_handle hh;
	int64_t tenant;
	struct pal_audit_head head;
	struct pal_memory_ref *refs;	/* refs[0] is record base + 1 */
	int64_t base;
	size_t room, promised;		/* of refs; of those, to events yet to come */
};

/* The shard of the tenant's chain. Runs on: any. */
struct pal_memory_chains *pal_memory_chains_of(struct pal_memory_audit *audit,
					       struct pal_tenant_key tenant);
/* The tenant's chain or NULL. The shard's lock is held. */
struct pal_memory_chain *pal_memory_chain_locked(struct pal_memory_chains *shard,
						 struct pal_tenant_key tenant);

/* The record `seq`, which is in the chain. The shard's lock is held, as for the next. */
struct pal_memory_ref pal_memory_ref_locked(const struct pal_memory_chain *chain, int64_t seq);
struct pal_memory_link *pal_memory_ref_link(struct pal_memory_ref ref);

#endif
