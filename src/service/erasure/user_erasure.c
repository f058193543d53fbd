/* SPDX-License-Identifier: Apache-2.0 */
#include "service/erasure/user_erasure.h"

#include "base/log.h"
#include "model/details.h"
#include "service/conversation/conversation.h"
#include "service/erasure/steps.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define RETRY_AFTER_MS 1000u

void pal_user_erasure_fail(struct pal_user_erasure *u, const struct pal_error *err)
{
	u->err = *err;
	u->code = err->code;
	u->phase = PAL_ERASE_ENDED;
}

void pal_user_erasure_fail_memory(struct pal_user_erasure *u)
{
	struct pal_error err;

	pal_fail_memory(&err, "user");
	pal_user_erasure_fail(u, &err);
}

/* --- Conversations ---------------------------------------------------------------------------- */

static bool take_conversation(void *arg, const struct pal_conversation *c)
{
	struct pal_user_erasure *u = arg;
	struct pal_str id = pal_arena_copy(&u->arena, c->id);
	const struct pal_details details = pal_details_read(pal_thread_json(), c->details);

	u->lacks_memory = !id.p;
	if (!id.p)
		return false;
	u->doomed[u->doomed_count++] =
		(struct pal_doomed){id, c->key, c->last_sequence,
				    c->deleted && details.value[PAL_DETAIL_ERASING].p};
	return u->doomed_count < PAL_USER_ERASURE_BATCH;
}

static void find_conversations(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_error err;

	pal_arena_release(&u->arena);
	u->doomed_count = u->next = 0;
	u->lacks_memory = false;
	if (pal_store_walk_conversations(store, reader, u->caller->tenant, u->user_id,
					 take_conversation, u, &err) != PAL_OK)
		pal_user_erasure_fail(u, &err);
	else if (u->lacks_memory)
		pal_user_erasure_fail_memory(u);
	else if (u->doomed_count == 0)
		u->phase = PAL_ERASE_FIND_TRAIL;
	else if (!u->progressed)
		pal_user_erasure_fail(
			u, &(struct pal_error){.code = PAL_E_SERVICE,
					       .retry_after_ms = RETRY_AFTER_MS,
					       .message = "others write into these conversations"});
	else
		u->phase = PAL_ERASE_CONVERSATION;
	u->progressed = false;
}

/* --- One after the other ---------------------------------------------------------------------- */

static void drive(struct pal_user_erasure *u);

static void stepped(struct pal_query *query)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);

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
		pal_user_erasure_fail(u, &command->err);
	}
	pal_buf_deinit(&one->op.command.data);
	if (u->phase == PAL_ERASE_CONVERSATION && ++u->next == u->doomed_count)
		u->phase = PAL_ERASE_FIND_CONVERSATIONS;
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

static const struct {
	pal_user_erasure_step *run;
	bool writes;
} steps[] = {
	[PAL_ERASE_FIND_WEBHOOKS] = {pal_user_erasure_find_webhooks, false},
	[PAL_ERASE_WRITE_WEBHOOKS] = {pal_user_erasure_write_webhooks, true},
	[PAL_ERASE_FIND_RECORDS] = {pal_user_erasure_find_records, false},
	[PAL_ERASE_REMOVE_RECORDS] = {pal_user_erasure_remove_records, true},
	[PAL_ERASE_FIND_CONVERSATIONS] = {find_conversations, false},
	[PAL_ERASE_FIND_TRAIL] = {pal_user_erasure_find_trail, false},
	[PAL_ERASE_WRITE_TRAIL] = {pal_user_erasure_write_trail, true},
	[PAL_ERASE_TOMBSTONE] = {pal_user_erasure_put_tombstone, true},
};

static enum pal_put put_step(struct pal_user_erasure *u)
{
	struct pal_store_front *front = u->service->options.front;

	if (u->phase == PAL_ERASE_CONVERSATION) {
		erase_next(u);
		return PAL_PUT_QUEUED;
	}
	u->query = (struct pal_query){.run = steps[u->phase].run, .done = stepped};
	return steps[u->phase].writes ? pal_store_front_write(front, &u->query)
				      : pal_store_front_query(front, &u->query);
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
		pal_user_erasure_put_counts(&u->data, u);
		pal_view_text(&u->data, "tombstone", pal_str(u->tombstone));
		pal_view_time(&u->data, "erased_at", u->now_ms);
		pal_view_close(&u->data, '}');
		if (u->data.failed)
			u->code = pal_fail_memory(&u->err, "user");
	}
	if (u->code != PAL_OK)
		pal_buf_deinit(&u->data);
	u->done(u);
}

static void drive(struct pal_user_erasure *u)
{
	struct pal_error err;

	while (u->phase != PAL_ERASE_ENDED) {
		pal_baton_lay(&u->baton);
		if (put_step(u) == PAL_PUT_FULL) {
			pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				       "the store has more to do than it can take");
			pal_user_erasure_fail(u, &err);
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
	u->phase = PAL_ERASE_FIND_WEBHOOKS;
	u->kind = u->owner = 0;
	u->webhook_ms = u->trail_at = 0;
	u->webhook_id_size = 0;
	u->progressed = true;
	u->conversations = u->messages = u->records[0] = u->records[1] = 0;
	u->webhooks = u->audit_records = 0;
	drive(u);
}
