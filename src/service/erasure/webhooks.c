/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept webhooks that hold their event still, since they are to be acted on or came to nothing. What
 * is the user's loses it and counts as acted on: the answer stays, so that a repeat is still told.
 */
#include <string.h>

#include "service/erasure/steps.h"
#include "service/webhook/forget.h"

#define OWNERS 2u

static struct pal_str owner_of(size_t owner)
{
	return owner == 0 ? PAL_WEBHOOK_OPEN : PAL_WEBHOOK_FAILED_OWNER;
}

static void set_place(struct pal_user_erasure *u, int64_t created_ms, struct pal_str id)
{
	u->webhook_ms = created_ms;
	u->webhook_id_size = id.n < sizeof(u->webhook_id) ? id.n : 0;
	if (u->webhook_id_size)
		memcpy(u->webhook_id, id.p, id.n);
}

static bool take(void *arg, const struct pal_record *record)
{
	struct pal_user_erasure *u = arg;
	struct pal_record *kept = &u->seen[u->seen_count];

	*kept = *record;
	kept->kind = PAL_WEBHOOK_SEEN_KIND;
	kept->owner = (struct pal_str){NULL, 0};
	kept->id = pal_arena_copy(&u->arena, record->id);
	kept->body = pal_arena_copy(&u->arena, record->body);
	u->lacks_memory = !kept->id.p || !kept->body.p;
	if (u->lacks_memory)
		return false;
	set_place(u, record->created_ms, record->id);
	return ++u->seen_count < PAL_USER_ERASURE_WEBHOOKS;
}

static bool prepare(struct pal_user_erasure *u, const struct pal_record *record)
{
	struct pal_record_write *write = &u->removal[u->removals];
	struct pal_buf body = pal_buf_of(0);

	*write = (struct pal_record_write){.tenant = u->caller->tenant,
					   .record = *record,
					   .expected = record->version};
	pal_webhook_forget(record->body, &body);
	write->record.body = body.failed ? (struct pal_str){NULL, 0}
					 : pal_arena_copy(&u->arena, pal_buf_str(&body));
	write->record.updated_ms = u->now_ms;
	write->record.expires_ms = record->created_ms + PAL_WEBHOOK_KEEP_MS;
	pal_buf_deinit(&body);
	u->removals += write->record.body.p != NULL;
	return write->record.body.p != NULL;
}

/* Prepare the writes of those that are the user's. */
static enum pal_code judge(struct pal_user_erasure *u, struct pal_store *store, unsigned reader,
			   struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	for (size_t i = 0; i < u->seen_count && code == PAL_OK; i++) {
		bool is_theirs = false;
		code = pal_webhook_is_of(store, reader, u->caller->tenant, &u->seen[i], u->user_id,
					 &u->arena, &is_theirs, err);
		if (code == PAL_OK && is_theirs && !prepare(u, &u->seen[i]))
			code = pal_fail_memory(err, "user");
	}
	return code;
}

static enum pal_code look(struct pal_user_erasure *u, struct pal_store *store, unsigned reader,
			  struct pal_error *err)
{
	u->seen = pal_arena_get(&u->arena, PAL_USER_ERASURE_WEBHOOKS * sizeof(u->seen[0]));
	if (!u->seen)
		return pal_fail_memory(err, "user");
	enum pal_code code = pal_store_walk_records(
		store, reader, u->caller->tenant, PAL_WEBHOOK_SEEN_KIND, owner_of(u->owner),
		u->webhook_ms, (struct pal_str){u->webhook_id, u->webhook_id_size},
		PAL_USER_ERASURE_WEBHOOKS, take, u, err);
	if (code == PAL_OK && u->lacks_memory)
		code = pal_fail_memory(err, "user");
	return code == PAL_OK ? judge(u, store, reader, err) : code;
}

static void next_owner(struct pal_user_erasure *u)
{
	set_place(u, 0, (struct pal_str){NULL, 0});
	u->phase = ++u->owner < OWNERS ? PAL_ERASE_FIND_WEBHOOKS : PAL_ERASE_FIND_RECORDS;
}

void pal_user_erasure_find_webhooks(struct pal_query *query, struct pal_store *store,
				    unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_error err;

	pal_arena_release(&u->arena);
	u->removals = u->seen_count = 0;
	u->lacks_memory = false;
	if (look(u, store, reader, &err) != PAL_OK)
		pal_user_erasure_fail(u, &err);
	else if (u->removals)
		u->phase = PAL_ERASE_WRITE_WEBHOOKS;
	else if (u->seen_count < PAL_USER_ERASURE_WEBHOOKS)
		next_owner(u);
}

void pal_user_erasure_write_webhooks(struct pal_query *query, struct pal_store *store,
				     unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_record_write *list[PAL_USER_ERASURE_WEBHOOKS];

	(void)reader;
	for (size_t i = 0; i < u->removals; i++)
		list[i] = &u->removal[i];
	pal_store_write_records(store, list, u->removals);
	u->phase = PAL_ERASE_FIND_WEBHOOKS;
	for (size_t i = 0; i < u->removals; i++) {
		if (list[i]->verdict == PAL_RECORD_FAILED)
			pal_user_erasure_fail(u, &list[i]->err);
		else if (list[i]->verdict == PAL_RECORD_STORED)
			u->webhooks++;
		else	/* it was acted on meanwhile: look at what it is now */
			set_place(u, 0, (struct pal_str){NULL, 0});
	}
}
