/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/stored_message.h"

#include "service/conversation/stored_parts.h"
#include "service/delivery/delivery.h"
#include "service/delivery/delivery_ref.h"
#include "service/delivery/dispatch.h"
#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u
#define ATTEMPTS_MAX 8u		/* to write against others who write the same record */

static pal_stored_fn *const verbs[PAL_STORED_VERB_COUNT] = {
	[PAL_STORED_GET] = pal_stored_get,
	[PAL_STORED_ANALYTICS] = pal_stored_analytics,
	[PAL_STORED_STATUS] = pal_stored_status,
	[PAL_STORED_RETRY] = pal_stored_retry,
	[PAL_STORED_FEEDBACK] = pal_stored_feedback,
	[PAL_STORED_RECEIPT] = pal_stored_receipt,
};

/* --- Finding ---------------------------------------------------------------------------------- */

static bool may_see(const struct pal_caller *caller, const struct pal_conversation *c)
{
	return !c->deleted && pal_caller_reaches(caller, c->user_id);
}

/* What a receipt tells of is looked for by the platform's id first, which is not ours to choose. */
static enum pal_code resolve(struct pal_stored_context *context)
{
	struct pal_stored_call *call = context->call;
	const struct pal_delivery_ref ref = {.tenant = call->caller->tenant,
					     .channel = pal_str(pal_channel_name(call->channel)),
					     .platform_id = call->platform_id};

	if (call->verb != PAL_STORED_RECEIPT || !call->platform_id.n)
		return PAL_OK;
	enum pal_code code = pal_delivery_ref_find(context->store, context->reader, &ref,
						   &call->arena, &context->id, &call->err);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

static enum pal_code find(struct pal_stored_context *context)
{
	struct pal_stored_call *call = context->call;
	struct pal_tenant_key tenant = call->caller->tenant;
	bool outbound = false;

	context->id = call->id;
	enum pal_code code = resolve(context);
	if (code != PAL_OK)
		return code;
	code = pal_store_find_exchange(context->store, context->reader, tenant, context->id,
				       outbound, &call->arena, &context->found, &call->err);
	if (code == PAL_E_NOT_FOUND) {
		outbound = true;
		code = pal_store_find_exchange(context->store, context->reader, tenant, context->id,
					       outbound, &call->arena, &context->found,
					       &call->err);
	}
	if (code == PAL_E_NOT_FOUND ||
	    (code == PAL_OK && !may_see(call->caller, &context->found.conversation)))
		return pal_fail(&call->err, PAL_E_NOT_FOUND, "message", "there is no such message");
	context->message = outbound ? &context->found.exchange.out : &context->found.exchange.in;
	return code;
}

/*
 * Nobody can be told yet that somebody is writing: web clients fetch, none listens. So the answer
 * is an honest no, after the same checks.
 */
static enum pal_code type(struct pal_stored_context *context)
{
	struct pal_stored_call *call = context->call;
	const struct pal_typing_request *r = &call->of.typing;
	struct pal_conversation c;
	enum pal_code code = pal_store_load_conversation(context->store, context->reader,
							 call->caller->tenant, r->conversation_id,
							 &call->arena, &c, &call->err);

	if (code == PAL_E_NOT_FOUND || (code == PAL_OK && !may_see(call->caller, &c)))
		return pal_fail(&call->err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	if (code != PAL_OK)
		return code;
	if (!pal_caller_is_staff(call->caller) &&
	    !pal_str_equal(call->caller->user_id, r->user_id))
		return pal_fail(&call->err, PAL_E_UNAUTHORIZED, "user_id",
				"user_id must be the caller's own");
	pal_buf_add_char(&call->data, '{');
	pal_view_flag(&call->data, "typing_sent", false);
	pal_view_number(&call->data, "duration_ms", r->duration_ms);
	pal_view_close(&call->data, '}');
	return PAL_OK;
}

static enum pal_code work(struct pal_stored_context *context)
{
	if (context->call->verb == PAL_STORED_TYPING)
		return type(context);
	enum pal_code code = find(context);
	return code == PAL_OK ? verbs[context->call->verb](context) : code;
}

/* --- Asking and writing ----------------------------------------------------------------------- */

static void finish(struct pal_stored_call *call)
{
	pal_arena_release(&call->arena);
	if (call->code == PAL_OK && call->data.failed)
		call->code = pal_fail_memory(&call->err, "message");
	if (call->code != PAL_OK)
		pal_buf_deinit(&call->data);
	call->done(call);
}

static void finish_busy(struct pal_stored_call *call, const char *why)
{
	call->code = pal_fail_retry(&call->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store", "%s", why);
	finish(call);
}

static void ask(struct pal_stored_call *call);

/* A reply that is pushed and has to leave again. */
static void feed(struct pal_stored_call *call, const struct pal_record *record)
{
	enum pal_channel_type channel;

	if (call->verb != PAL_STORED_RETRY || !call->dispatch || !record->expires_ms ||
	    !pal_channel_parse(pal_delivery_read(record->body).channel, &channel))
		return;
	pal_dispatch_feed(call->dispatch, call->caller->tenant, record->owner, channel,
			  pal_delivery_sequence(record->id));
}

static void is_written(struct pal_record_commit *commit)
{
	struct pal_stored_call *call =
		(struct pal_stored_call *)((char *)commit -
					   offsetof(struct pal_stored_call, commit));

	switch (commit->write.verdict) {
	case PAL_RECORD_STORED:
		feed(call, &commit->write.record);
		finish(call);
		break;
	case PAL_RECORD_CONFLICT:
		if (++call->attempts < ATTEMPTS_MAX)
			ask(call);
		else
			finish_busy(call, "others write the same at the same time");
		break;
	case PAL_RECORD_FAILED:
		call->err = commit->write.err;
		call->code = call->err.code;
		finish(call);
		break;
	}
}

static struct pal_stored_call *call_of(struct pal_query *query)
{
	return (struct pal_stored_call *)((char *)query - offsetof(struct pal_stored_call, query));
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_stored_call *call = call_of(query);
	struct pal_stored_context context = {.call = call, .store = store, .reader = reader};

	call->writes = false;
	pal_buf_clear(&call->data);
	pal_arena_release(&call->arena);
	call->code = work(&context);
}

static void is_read(struct pal_query *query)
{
	struct pal_stored_call *call = call_of(query);

	if (call->code != PAL_OK || !call->writes || call->data.failed) {
		finish(call);
		return;
	}
	call->commit = (struct pal_record_commit){.write = call->write, .done = is_written};
	if (pal_store_front_record(call->front, &call->commit) == PAL_PUT_FULL)
		finish_busy(call, "the store has more to write than it can take");
}

static void ask(struct pal_stored_call *call)
{
	call->query = (struct pal_query){.run = run, .done = is_read};
	if (pal_store_front_query(call->front, &call->query) == PAL_PUT_FULL)
		finish_busy(call, "the store has more to read than it can take");
}

void pal_stored_message_do(struct pal_store_front *front, struct pal_stored_call *call)
{
	call->front = front;
	call->arena = pal_arena_of(0);
	call->data = pal_buf_of(0);
	call->attempts = 0;
	ask(call);
}
