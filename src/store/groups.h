/* SPDX-License-Identifier: Apache-2.0 */
/* groups.h - what waits on the write lane: units and records as one group, then the rest. */
#ifndef PALAVER_STORE_GROUPS_H
#define PALAVER_STORE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/front.h"
#include "store/health.h"

/* The write lane's own; zeroed is valid to deinit. */
struct pal_store_groups {
	/* fixed at init, borrowed */
	struct pal_store *store;
	struct pal_store_health *health;	/* is told of groups that fail */
	const struct pal_clock *clock;
	/* of the batch under way */
	struct pal_commit **commits;
	struct pal_unit **units;
	struct pal_record_commit **records;
	struct pal_record_write **writes;
};

/*
 * Room for batches of `batch_max` requests, 0 when there is no lane; false when out of memory: it is
 * to be deinit'ed all the same. Runs on: main, as the next.
 */
bool pal_store_groups_init(struct pal_store_groups *groups, struct pal_store *store,
			   struct pal_store_health *health, const struct pal_clock *clock,
			   size_t batch_max);
void pal_store_groups_deinit(struct pal_store_groups *groups);

/* Do a batch of requests, linked by `next`, each `done` afterwards. Runs on: the write lane. */
void pal_store_groups_run(struct pal_store_groups *groups, struct pal_msg *batch);

/* Do one group, and tell the health. Runs on: writer. */
void pal_store_groups_commit(const struct pal_store_groups *groups, struct pal_unit **units,
			     size_t unit_count, struct pal_record_write **writes,
			     size_t write_count);

#endif
