/* SPDX-License-Identifier: Apache-2.0 */
/* The records that the user owns: found and removed, some at a time. */
#include "model/session.h"
#include "service/conversation/stored_message.h"
#include "service/erasure/steps.h"

#define KINDS 2u

static struct pal_str kind_of(size_t kind)
{
	return kind == 0 ? PAL_SESSION_KIND : PAL_FEEDBACK_KIND;
}

static bool take_record(void *arg, const struct pal_record *record)
{
	struct pal_user_erasure *u = arg;
	struct pal_str id = pal_arena_copy(&u->arena, record->id);

	u->lacks_memory = !id.p;
	if (!id.p)
		return false;
	u->removal[u->removals++] =
		(struct pal_record_write){.tenant = u->caller->tenant,
					  .record = {.kind = kind_of(u->kind), .id = id},
					  .expected = PAL_RECORD_ANY,
					  .remove = true};
	return u->removals < PAL_ERASURE_RECORDS;
}

void pal_user_erasure_find_records(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	const struct pal_str start = {NULL, 0};
	struct pal_error err;

	pal_arena_release(&u->arena);
	u->removals = 0;
	u->lacks_memory = false;
	if (pal_store_walk_records(store, reader, u->caller->tenant, kind_of(u->kind), u->user_id,
				   0, start, PAL_ERASURE_RECORDS, take_record, u, &err) != PAL_OK)
		pal_user_erasure_fail(u, &err);
	else if (u->lacks_memory)
		pal_user_erasure_fail_memory(u);
	else if (u->removals)
		u->phase = PAL_ERASE_REMOVE_RECORDS;
	else
		u->phase = ++u->kind < KINDS ? PAL_ERASE_FIND_RECORDS
					     : PAL_ERASE_FIND_CONVERSATIONS;
}

void pal_user_erasure_remove_records(struct pal_query *query, struct pal_store *store,
				     unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_record_write *list[PAL_ERASURE_RECORDS];

	(void)reader;
	for (size_t i = 0; i < u->removals; i++)
		list[i] = &u->removal[i];
	pal_store_write_records(store, list, u->removals);
	u->phase = PAL_ERASE_FIND_RECORDS;
	for (size_t i = 0; i < u->removals; i++) {
		if (list[i]->verdict == PAL_RECORD_FAILED)
			pal_user_erasure_fail(u, &list[i]->err);
		else
			u->records[u->kind]++;
	}
}
