/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/operation.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/scratch.h"
#include "model/details.h"
#include "service/view/answer.h"
#include "service/view/conversation.h"

static const struct {
	const char *action, *event;
	bool reaches_deleted;
	pal_verb_fn *apply;
} verbs[PAL_VERB_COUNT] = {
#define X(id, action, event, reaches_deleted, apply) [id] = {action, event, reaches_deleted, apply},
	PAL_VERBS(X)
#undef X
};

struct pal_str pal_caller_name(const struct pal_caller *caller)
{
	return caller->user_id.p ? caller->user_id : caller->key_id;
}

/* --- What is stored of it --------------------------------------------------------------------- */

static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

/*
 * The details' new text. Nothing that cannot be read again may be stored: what a client may put in
 * bit by bit has its limit here.
 */
static enum pal_code write_details(struct pal_deciding *d)
{
	struct pal_buf *draft = thread_draft();
	struct pal_json_fault fault;

	pal_details_write(draft, &d->details);
	if (draft->failed)
		return pal_fail_memory(d->err, "conversation");
	if (!pal_json_scan(pal_thread_json(), pal_buf_str(draft), &fault))
		return pal_fail(d->err, PAL_E_VALIDATION, "context",
				"context and metadata would hold too many values");
	d->change->details = pal_arena_copy(d->arena, pal_buf_str(draft));
	return d->change->details.p ? PAL_OK : pal_fail_memory(d->err, "conversation");
}

/* Which details were not the same before, as a JSON array of their names. */
static void put_changed(struct pal_buf *out, const struct pal_details *before,
			const struct pal_details *after)
{
	const char *comma = "";

	pal_buf_add_char(out, '[');
	for (size_t i = 0; i < PAL_DETAIL_COUNT; i++) {
		if (i == PAL_DETAIL_UPDATED_AT ||
		    pal_str_equal(before->value[i], after->value[i]))
			continue;
		pal_buf_addf(out, "%s\"%s\"", comma, pal_detail_name((enum pal_detail)i));
		comma = ",";
	}
	pal_buf_add_char(out, ']');
}

/*
 * The audit trail outlives the conversation, so it tells of statuses and of which details changed,
 * and not a word of what anybody wrote.
 */
static enum pal_code write_audit(struct pal_deciding *d, const struct pal_details *before)
{
	const struct pal_operation *op = d->operation;
	struct pal_buf *draft = thread_draft();

	pal_buf_add_lit(draft, "{\"old_values\":");
	if (d->record->key)
		pal_buf_addf(draft, "{\"status\":\"%s\"}",
			     pal_conversation_status_name(d->record->status));
	else
		pal_buf_add_lit(draft, "null");
	pal_buf_addf(draft, ",\"new_values\":{\"status\":\"%s\"},\"metadata\":{\"fields\":",
		     pal_conversation_status_name(d->change->status));
	put_changed(draft, before, &d->details);
	pal_buf_add_lit(draft, "}}");
	d->change->audit = (struct pal_audit_event){
		.at_ms = op->now_ms,
		.event_type = pal_str(verbs[op->verb].event),
		.user_id = pal_caller_name(op->command.caller),
		.resource_type = PAL_STR("conversation"),
		.resource_id = d->record->id,
		.action = pal_str(verbs[op->verb].action),
		.result = PAL_STR("success"),
		.request_id = op->command.request_id,
		.ip_address = op->command.ip_address,
		.data = pal_arena_copy_buf(d->arena, draft),
	};
	return d->change->audit.data.p ? PAL_OK : pal_fail_memory(d->err, "conversation");
}

static enum pal_code stamp(struct pal_deciding *d)
{
	char time[PAL_TIME_TEXT_SIZE];
	struct pal_buf *draft = thread_draft();

	pal_buf_addf(draft, "\"%s\"", pal_time_format(d->operation->now_ms, time));
	d->details.value[PAL_DETAIL_UPDATED_AT] = pal_arena_copy_buf(d->arena, draft);
	return d->details.value[PAL_DETAIL_UPDATED_AT].p ? PAL_OK
							  : pal_fail_memory(d->err, "conversation");
}

/* Decided here, with nothing in flight, so that nobody changes it between the look and the deed. */
static enum pal_code check_version(const struct pal_operation *op,
				   const struct pal_conversation *record, struct pal_error *err)
{
	char version[PAL_CONVERSATION_VERSION_SIZE];
	struct pal_str rest = op->versions, one;

	if (!op->versions.p || op->command.creates)
		return PAL_OK;
	pal_conversation_version(record, version);
	while ((one = pal_str_take_word(&rest)).n)
		if (pal_str_equal(one, pal_str(version)) || pal_str_equal(one, PAL_STR("*")))
			return PAL_OK;
	return pal_fail(err, PAL_E_PRECONDITION, "If-Match",
			"the conversation is at another version than If-Match names");
}

static enum pal_code decide(struct pal_command *command, const struct pal_conversation *record,
			    struct pal_arena *arena, struct pal_change *change,
			    struct pal_error *err)
{
	struct pal_operation *op = (struct pal_operation *)command;
	const struct pal_details before = pal_details_read(pal_thread_json(), record->details);
	struct pal_deciding d = {op, record, arena, change, before, err};
	enum pal_code code = check_version(op, record, err);

	if (code == PAL_OK)
		code = verbs[op->verb].apply(&d);
	if (code == PAL_OK)
		code = stamp(&d);
	if (code == PAL_OK)
		code = write_details(&d);
	if (code == PAL_OK)
		code = write_audit(&d, &before);
	if (code != PAL_OK)
		return code;
	struct pal_conversation after = *record;
	after.status = change->status;
	after.ended_ms = change->ended_ms;
	after.deleted = change->deleted;
	after.details = change->details;
	pal_conversation_view_write(&command->data, &after, &d.details,
				    pal_caller_is_staff(command->caller));
	pal_conversation_version(&after, op->version);
	op->key = record->key;
	return PAL_OK;
}

/* --- Taking it on ----------------------------------------------------------------------------- */

static void is_done(struct pal_command *command)
{
	struct pal_operation *op = (struct pal_operation *)command;

	PAL_LOG(PAL_LOG_INFO, PAL_STR("conversation"), "conversation_operation",
		PAL_F_STR("request_id", command->request_id),
		PAL_F_STR("tenant_id", command->caller->tenant_id),
		PAL_F_STR("user_id", pal_caller_name(command->caller)),
		PAL_F_STR("conversation_id", command->conversation_id),
		PAL_F_TEXT("action", verbs[op->verb].action),
		PAL_F_TEXT("outcome", pal_code_name(command->code)));
	op->done(op);
}

/* A person begins conversations of its own only; a backend's key and staff, of others too. */
static enum pal_code prepare_create(struct pal_operation *op, struct pal_error *err)
{
	const struct pal_create_request *r = &op->of.create;
	const struct pal_caller *caller = op->command.caller;

	if (!pal_caller_is_staff(caller) && !pal_str_equal(caller->user_id, r->user_id))
		return pal_fail(err, PAL_E_UNAUTHORIZED, "user_id",
				"user_id must be the caller's own");
	op->command.conversation_id = r->conversation_id;
	if (!r->conversation_id.p) {
		struct pal_uuid id = pal_uuid_v7(op->now_ms);
		op->command.conversation_id = pal_str(pal_uuid_format(&id, op->own_id));
	}
	op->fresh = (struct pal_conversation){
		.user_id = r->user_id,
		.session_id = r->session_id,
		.channel = r->channel,
		.status = PAL_CONVERSATION_ACTIVE,
		.started_ms = op->now_ms,
		.last_activity_ms = op->now_ms,
	};
	op->command.creates = &op->fresh;
	return PAL_OK;
}

void pal_operate(struct pal_message_service *service, struct pal_operation *op)
{
	struct pal_error err;

	op->command.decide = decide;
	op->command.done = is_done;
	op->command.reaches_deleted = verbs[op->verb].reaches_deleted;
	op->command.forgets = op->verb == PAL_VERB_ERASE;
	if (op->verb == PAL_VERB_CREATE && prepare_create(op, &err) != PAL_OK)
		pal_command_fail(&op->command, &err);
	else
		pal_message_command(service, &op->command);
}
