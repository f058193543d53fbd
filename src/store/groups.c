/* SPDX-License-Identifier: Apache-2.0 */
#include "store/groups.h"

#include <stdlib.h>

#include "store/store.h"

bool pal_store_groups_init(struct pal_store_groups *groups, struct pal_store *store,
			   struct pal_store_health *health, const struct pal_clock *clock,
			   size_t batch_max)
{
	*groups = (struct pal_store_groups){.store = store, .health = health, .clock = clock};
	if (batch_max == 0)
		return true;
	groups->commits = calloc(batch_max, sizeof(groups->commits[0]));
	groups->units = calloc(batch_max, sizeof(groups->units[0]));
	groups->records = calloc(batch_max, sizeof(groups->records[0]));
	groups->writes = calloc(2 * batch_max, sizeof(groups->writes[0]));
	return groups->commits && groups->units && groups->records && groups->writes;
}

void pal_store_groups_deinit(struct pal_store_groups *groups)
{
	free(groups->commits);
	free(groups->units);
	free(groups->records);
	free(groups->writes);
}

/* A group is in trouble when none of it was stored or judged, but for what is unfit in itself. */
static const struct pal_error *failure_of(struct pal_unit **units, size_t unit_count,
					  struct pal_record_write **writes, size_t write_count)
{
	const struct pal_error *failure = NULL;

	for (size_t i = 0; i < unit_count; i++) {
		if (units[i]->verdict != PAL_UNIT_FAILED)
			return NULL;
		if (units[i]->err.code != PAL_E_VALIDATION)
			failure = &units[i]->err;
	}
	for (size_t i = 0; i < write_count; i++) {
		if (writes[i]->verdict != PAL_RECORD_FAILED)
			return NULL;
		if (writes[i]->err.code != PAL_E_VALIDATION)
			failure = &writes[i]->err;
	}
	return failure;
}

void pal_store_groups_commit(const struct pal_store_groups *groups, struct pal_unit **units,
			     size_t unit_count, struct pal_record_write **writes,
			     size_t write_count)
{
	pal_store_commit_all(groups->store, units, unit_count, writes, write_count);
	const struct pal_error *failure = failure_of(units, unit_count, writes, write_count);
	if (failure || pal_store_health_has_failure(groups->health))
		pal_store_health_group(groups->health, pal_clock_mono_ms(groups->clock), failure);
}

/* How many there are of each in a batch. */
struct sorted {
	size_t units, records, writes;
};

/* Sort a batch; what is neither unit nor record goes to `rest`. */
static struct sorted sort(struct pal_store_groups *groups, struct pal_msg *batch,
			  struct pal_msg_queue *rest)
{
	struct sorted n = {0, 0, 0};

	for (struct pal_msg *msg = batch, *next; msg; msg = next) {
		next = msg->next;
		switch (((struct pal_request *)msg)->kind) {
		case PAL_REQUEST_COMMIT:
			groups->commits[n.units] = (struct pal_commit *)msg;
			groups->units[n.units] = &groups->commits[n.units]->unit;
			n.units++;
			break;
		case PAL_REQUEST_RECORD:
			groups->records[n.records] = (struct pal_record_commit *)msg;
			if (groups->records[n.records]->before)
				groups->writes[n.writes++] = groups->records[n.records]->before;
			groups->writes[n.writes++] = &groups->records[n.records]->write;
			n.records++;
			break;
		case PAL_REQUEST_QUERY:
			pal_msg_push(rest, msg);
			break;
		}
	}
	return n;
}

void pal_store_groups_run(struct pal_store_groups *groups, struct pal_msg *batch)
{
	struct pal_msg_queue queries = {0};
	struct sorted n = sort(groups, batch, &queries);

	if (n.units + n.records > 0)
		pal_store_groups_commit(groups, groups->units, n.units, groups->writes, n.writes);
	for (size_t i = 0; i < n.units; i++)
		groups->commits[i]->done(groups->commits[i]);
	for (size_t i = 0; i < n.records; i++)
		groups->records[i]->done(groups->records[i]);
	for (struct pal_msg *msg; (msg = pal_msg_shift(&queries)) != NULL;) {
		struct pal_query *query = (struct pal_query *)msg;
		query->run(query, groups->store, 0);
		query->done(query);
	}
}
