/* SPDX-License-Identifier: Apache-2.0 */
#include "service/erasure/user_erasure.h"

#include "base/log.h"
#include "model/details.h"
#include "model/session.h"
#include "service/conversation/conversation.h"
#include "service/conversation/stored_message.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u

/* What the next step does. */
enum phase {
	FIND_RECORDS,	/* of the kind at hand, on a read lane */
	REMOVE,		/* those found, on the write lane */
	FIND,		/* conversations, on a read lane */
	ERASE,		/* one of those found */
	AUDIT,		/* on the write lane */
	ENDED,
};

static struct pal_str kind_of(size_t kind)
{
	return kind == 0 ? PAL_SESSION_KIND : PAL_FEEDBACK_KIND;
}
#define KINDS 2u

static struct pal_user_erasure *user_of(struct pal_query *query)
{
	return (struct pal_user_erasure *)((char *)query -
					   offsetof(struct pal_user_erasure, query));
}

static void fail(struct pal_user_erasure *u, const struct pal_error *err)
{
	u->err = *err;
	u->code = err->code;
	u->phase = ENDED;
}

/* --- Finding ---------------------------------------------------------------------------------- */

static bool take_conversation(void *arg, const struct pal_conversation *c)
{
	struct pal_user_erasure *u = arg;
	struct pal_str id = pal_arena_copy(&u->arena, c->id);
	const struct pal_details details = pal_details_read(pal_thread_json(), c->details);

	if (!id.p)
		return false;
	u->doomed[u->doomed_count++] =
		(struct pal_doomed){id, c->key, c->last_sequence,
				    c->deleted && details.value[PAL_DETAIL_ERASING].p};
	return u->doomed_count < PAL_USER_ERASURE_BATCH;
}

static void find(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = user_of(query);
	struct pal_error err;

	pal_arena_release(&u->arena);
	u->doomed_count = u->next = 0;
	if (pal_store_walk_conversations(store, reader, u->caller->tenant, u->user_id,
					 take_conversation, u, &err) != PAL_OK)
		fail(u, &err);
	else if (u->doomed_count == 0)
		u->phase = AUDIT;
	else if (!u->progressed)
		fail(u, &(struct pal_error){.code = PAL_E_SERVICE,
					    .retry_after_ms = RETRY_AFTER_MS,
					    .message = "others write into these conversations"});
	else
		u->phase = ERASE;
	u->progressed = false;
}

static bool take_record(void *arg, const struct pal_record *record)
{
	struct pal_user_erasure *u = arg;
	struct pal_str id = pal_arena_copy(&u->arena, record->id);

	if (!id.p)
		return false;
	u->removal[u->removals++] =
		(struct pal_record_write){.tenant = u->caller->tenant,
					  .record = {.kind = kind_of(u->kind), .id = id},
					  .expected = PAL_RECORD_ANY,
					  .remove = true};
	return u->removals < PAL_ERASURE_RECORDS;
}

static void find_records(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = user_of(query);
	const struct pal_str start = {NULL, 0};
	struct pal_error err;

	pal_arena_release(&u->arena);
	u->removals = 0;
	if (pal_store_walk_records(store, reader, u->caller->tenant, kind_of(u->kind), u->user_id,
				   0, start, PAL_ERASURE_RECORDS, take_record, u, &err) != PAL_OK)
		fail(u, &err);
	else if (u->removals)
		u->phase = REMOVE;
	else
		u->phase = ++u->kind < KINDS ? FIND_RECORDS : FIND;
}

static void remove_records(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = user_of(query);
	struct pal_record_write *list[PAL_ERASURE_RECORDS];

	(void)reader;
	for (size_t i = 0; i < u->removals; i++)
		list[i] = &u->removal[i];
	pal_store_write_records(store, list, u->removals);
	u->phase = FIND_RECORDS;
	for (size_t i = 0; i < u->removals; i++) {
		if (list[i]->verdict == PAL_RECORD_FAILED)
			fail(u, &list[i]->err);
		else
			u->records[u->kind]++;
	}
}

/* --- The tombstone ---------------------------------------------------------------------------- */

static void put_counts(struct pal_buf *out, const struct pal_user_erasure *u)
{
	pal_view_number(out, "conversations", u->conversations);
	pal_view_number(out, "messages", u->messages);
	pal_view_number(out, "sessions", u->records[0]);
	pal_view_number(out, "feedback", u->records[1]);
}

static void audit(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = user_of(query);
	struct pal_buf data = {0};
	struct pal_error err;

	(void)reader;
	pal_buf_add_lit(&data, "{\"metadata\":{");
	put_counts(&data, u);
	pal_view_close(&data, '}');
	pal_buf_add_char(&data, '}');
	const struct pal_audit_event event = {
		.at_ms = u->now_ms,
		.event_type = PAL_STR("user.erased"),
		.user_id = pal_caller_name(u->caller),
		.resource_type = PAL_STR("user"),
		.resource_id = u->user_id,
		.action = PAL_STR("erase"),
		.result = PAL_STR("success"),
		.request_id = u->request_id,
		.ip_address = u->ip_address,
		.data = pal_buf_str(&data),
	};
	u->phase = ENDED;
	if (data.failed || pal_store_add_audit(store, u->caller->tenant, &event, 1, &err) != PAL_OK)
		fail(u, data.failed ? &(struct pal_error){.code = PAL_E_SERVICE,
							  .message = "out of memory"}
				    : &err);
	pal_buf_deinit(&data);
}

/* --- One after the other ---------------------------------------------------------------------- */

static void drive(struct pal_user_erasure *u);

static void stepped(struct pal_query *query)
{
	struct pal_user_erasure *u = user_of(query);

	if (pal_baton_pass(&u->baton))
		drive(u);
}

/* One that is gone meanwhile was erased by somebody else. */
static void is_erased(struct pal_erasure *one)
{
	struct pal_user_erasure *u =
		(struct pal_user_erasure *)((char *)one - offsetof(struct pal_user_erasure, one));
	const struct pal_command *command = &one->op.command;

	if (command->code == PAL_OK) {
		u->conversations++;
		u->messages += u->doomed[u->next].messages;
		u->progressed = true;
	} else if (command->code != PAL_E_NOT_FOUND) {
		fail(u, &command->err);
	}
	pal_buf_deinit(&one->op.command.data);
	if (u->phase == ERASE && ++u->next == u->doomed_count)
		u->phase = FIND;
	if (pal_baton_pass(&u->baton))
		drive(u);
}

static void erase_next(struct pal_user_erasure *u)
{
	const struct pal_doomed *doomed = &u->doomed[u->next];

	memset(&u->one, 0, sizeof(u->one));
	u->one.op.command.caller = &u->acting;
	u->one.op.command.conversation_id = doomed->id;
	u->one.op.command.request_id = u->request_id;
	u->one.op.command.ip_address = u->ip_address;
	u->one.op.now_ms = u->now_ms;
	u->one.done = is_erased;
	if (doomed->is_marked)
		pal_erase_marked(u->service, &u->one, doomed->key);
	else
		pal_erase_conversation(u->service, &u->one);
}

static enum pal_put put_step(struct pal_user_erasure *u)
{
	struct pal_store_front *front = u->service->options.front;

	u->query = (struct pal_query){.done = stepped};
	switch (u->phase) {
	case ERASE:
		erase_next(u);
		return PAL_PUT_QUEUED;
	case FIND:
		u->query.run = find;
		return pal_store_front_query(front, &u->query);
	case FIND_RECORDS:
		u->query.run = find_records;
		return pal_store_front_query(front, &u->query);
	default:
		u->query.run = u->phase == REMOVE ? remove_records : audit;
		return pal_store_front_write(front, &u->query);
	}
}

static void finish(struct pal_user_erasure *u)
{
	pal_arena_release(&u->arena);
	PAL_LOG(PAL_LOG_INFO, PAL_STR("user"), "user erased",
		PAL_F_STR("request_id", u->request_id),
		PAL_F_STR("tenant_id", u->caller->tenant_id),
		PAL_F_I64("conversations", u->conversations), PAL_F_I64("messages", u->messages),
		PAL_F_TEXT("outcome", pal_code_name(u->code)));
	if (u->code == PAL_OK) {
		pal_buf_add_char(&u->data, '{');
		pal_view_text(&u->data, "user_id", u->user_id);
		put_counts(&u->data, u);
		pal_view_time(&u->data, "erased_at", u->now_ms);
		pal_view_close(&u->data, '}');
		if (u->data.failed)
			u->code = pal_fail_memory(&u->err, "user");
	}
	u->done(u);
}

static void drive(struct pal_user_erasure *u)
{
	struct pal_error err;

	while (u->phase != ENDED) {
		pal_baton_lay(&u->baton);
		if (put_step(u) == PAL_PUT_FULL) {
			pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				       "the store has more to do than it can take");
			fail(u, &err);
		} else if (!pal_baton_pass(&u->baton)) {
			return;
		}
	}
	finish(u);
}

void pal_erase_user(struct pal_message_service *service, struct pal_user_erasure *u)
{
	u->service = service;
	u->acting = *u->caller;
	u->acting.permissions = PAL_STR("*");
	u->arena = pal_arena_of(0);
	u->data = pal_buf_of(0);
	u->code = PAL_OK;
	u->phase = FIND_RECORDS;	/* first, to be counted: with a conversation its own go */
	u->kind = 0;
	u->progressed = true;
	u->conversations = u->messages = u->records[0] = u->records[1] = 0;
	drive(u);
}
