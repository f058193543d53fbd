/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/deliveries.h"

#include "base/scratch.h"
#include "service/delivery/dispatch.h"
#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u

static struct pal_deliveries_call *call_of(struct pal_query *query)
{
	return (struct pal_deliveries_call *)((char *)query -
					      offsetof(struct pal_deliveries_call, query));
}

static void finish(struct pal_deliveries_call *call)
{
	if (call->code == PAL_OK && call->data.failed)
		call->code = pal_fail_memory(&call->err, "delivery");
	pal_arena_release(&call->arena);
	call->done(call);
}

static void finish_busy(struct pal_deliveries_call *call)
{
	call->code = pal_fail_retry(&call->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				    "the store has more to do than it can take");
	finish(call);
}

/* --- Delivering again ------------------------------------------------------------------------- */

static bool is_due(const struct pal_deliveries_retry *retry)
{
	return retry->record.version > 0;
}

static struct pal_audit_event event_of(const struct pal_deliveries_call *call,
				       const struct pal_deliveries_retry *retry)
{
	const struct pal_caller *caller = call->caller;

	return (struct pal_audit_event){
		.at_ms = call->now_ms,
		.event_type = PAL_STR("delivery.retried"),
		.user_id = caller->key_id.p ? caller->key_id : caller->user_id,
		.resource_type = PAL_STR("delivery"),
		.resource_id = retry->message_id,
		.action = PAL_STR("retry"),
		.result = PAL_STR("success"),
		.request_id = call->request_id,
		.ip_address = call->ip_address,
	};
}

static bool reopen(struct pal_deliveries_call *call, struct pal_deliveries_retry *retry)
{
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *draft = pal_scratch_get(&scratch);
	struct pal_delivery_state state = pal_delivery_read(retry->record.body);

	pal_delivery_reopen(&state);
	pal_delivery_write(draft, &state);
	struct pal_str body = pal_arena_copy_buf(&call->arena, draft);
	retry->audit = event_of(call, retry);
	retry->write = (struct pal_record_write){.tenant = call->caller->tenant,
						 .record = retry->record,
						 .expected = retry->record.version,
						 .audit = &retry->audit};
	retry->write.record.body = body;
	retry->write.record.updated_ms = retry->write.record.expires_ms = call->now_ms;
	return body.p != NULL;
}

/* All of them as one group. */
static void run_write(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_deliveries_call *call = call_of(query);
	struct pal_record_write *writes[PAL_DELIVERIES_RETRY_MAX];
	size_t count = 0;

	(void)reader;
	for (size_t i = 0; i < call->retry_count; i++) {
		if (!is_due(&call->retries[i]))
			continue;
		if (!reopen(call, &call->retries[i])) {
			call->code = pal_fail_memory(&call->err, "delivery");
			return;
		}
		writes[count++] = &call->retries[i].write;
	}
	if (count)
		pal_store_write_records(store, writes, count);
}

static size_t count_of(const struct pal_deliveries_call *call, bool due)
{
	size_t count = 0;

	for (size_t i = 0; i < call->retry_count; i++)
		count += (strcmp(call->retries[i].result, "retried") == 0) == due;
	return count;
}

static void put_results(struct pal_deliveries_call *call)
{
	struct pal_buf *out = &call->data;

	pal_buf_add_char(out, '{');
	pal_view_flag(out, "dry_run", call->dry_run);
	pal_view_number(out, "retried", (int64_t)count_of(call, true));
	pal_view_number(out, "skipped", (int64_t)count_of(call, false));
	pal_view_flag(out, "has_more", call->has_more);
	pal_buf_add_lit(out, "\"results\":[");
	for (size_t i = 0; i < call->retry_count; i++) {
		pal_buf_add(out, ",", i ? 1 : 0);
		pal_buf_add_char(out, '{');
		pal_view_text(out, "message_id", call->retries[i].message_id);
		pal_view_text(out, "result", pal_str(call->retries[i].result));
		pal_view_close(out, '}');
	}
	pal_buf_add_lit(out, "]}");
}

static void settle(struct pal_deliveries_call *call, struct pal_deliveries_retry *retry)
{
	switch (retry->write.verdict) {
	case PAL_RECORD_STORED:
		if (call->dispatch)
			pal_dispatch_feed(call->dispatch, call->caller->tenant,
					  retry->conversation_id, retry->channel,
					  pal_delivery_sequence(retry->record.id));
		break;
	case PAL_RECORD_CONFLICT:
		retry->result = "conflict";	/* somebody was faster */
		break;
	case PAL_RECORD_FAILED:
		call->code = retry->write.err.code;
		call->err = retry->write.err;
		break;
	}
}

static void is_written(struct pal_query *query)
{
	struct pal_deliveries_call *call = call_of(query);

	for (size_t i = 0; i < call->retry_count && call->code == PAL_OK; i++) {
		if (is_due(&call->retries[i]))
			settle(call, &call->retries[i]);
	}
	if (call->code == PAL_OK)
		put_results(call);
	finish(call);
}

/* One that was asked for by its id is an error when it cannot be. */
static enum pal_code judge_single(struct pal_deliveries_call *call)
{
	if (call->id_count != 1 || is_due(&call->retries[0]))
		return PAL_OK;
	if (strcmp(call->retries[0].result, "not_found") == 0)
		return pal_fail(&call->err, PAL_E_NOT_FOUND, "delivery",
				"there is no such delivery");
	return pal_fail(&call->err, PAL_E_CONFLICT, "status",
			"only a delivery that failed is tried again");
}

static void are_found(struct pal_deliveries_call *call)
{
	if (call->code == PAL_OK)
		call->code = judge_single(call);
	if (call->code != PAL_OK) {
		finish(call);
	} else if (call->dry_run) {
		put_results(call);
		finish(call);
	} else {
		call->query = (struct pal_query){.run = run_write, .done = is_written};
		if (pal_store_front_write(call->front, &call->query) == PAL_PUT_FULL)
			finish_busy(call);
	}
}

/* --- The channel of one ----------------------------------------------------------------------- */

/* The delivery's object gets a member more. */
static void is_answered(struct pal_dispatch_question *question)
{
	static const char *const names[] = {[PAL_BREAKER_CLOSED] = "closed",
					    [PAL_BREAKER_OPEN] = "open",
					    [PAL_BREAKER_HALF_OPEN] = "half_open"};
	struct pal_deliveries_call *call =
		(struct pal_deliveries_call *)((char *)question -
					       offsetof(struct pal_deliveries_call, question));
	struct pal_buf *out = &call->data;

	if (!out->failed && out->len) {
		out->len--;
		pal_buf_add_lit(out, ",\"breaker\":{");
		pal_view_text(out, "state", pal_str(names[question->breaker]));
		pal_view_number(out, "wait_ms", question->wait_ms);
		pal_view_close(out, '}');
		pal_buf_add_char(out, '}');
	}
	finish(call);
}

static void ask_dispatch(struct pal_deliveries_call *call)
{
	call->question.tenant = call->caller->tenant;
	call->question.done = is_answered;
	if (!call->dispatch || !pal_dispatch_ask(call->dispatch, &call->question))
		finish(call);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	static pal_deliveries_fn *const verbs[] = {
		[PAL_DELIVERIES_GET] = pal_deliveries_get,
		[PAL_DELIVERIES_LIST] = pal_deliveries_list,
		[PAL_DELIVERIES_RETRY] = pal_deliveries_find_failed,
		[PAL_DELIVERIES_METRICS] = pal_deliveries_metrics,
	};
	struct pal_deliveries_call *call = call_of(query);
	pal_deliveries_fn *read = call->id_count ? pal_deliveries_find : verbs[call->verb];

	call->code = read(call, store, reader);
}

static void ask(struct pal_deliveries_call *call);

static void is_read(struct pal_query *query)
{
	struct pal_deliveries_call *call = call_of(query);

	if (call->code == PAL_OK && call->walk.goes_on)
		ask(call);
	else if (call->verb == PAL_DELIVERIES_RETRY)
		are_found(call);
	else if (call->code == PAL_OK && call->is_pushed)
		ask_dispatch(call);
	else
		finish(call);
}

/* What waits in the lane has its turn before the next step has. */
static void ask(struct pal_deliveries_call *call)
{
	call->query = (struct pal_query){.run = run, .done = is_read};
	if (pal_store_front_query(call->front, &call->query) == PAL_PUT_FULL)
		finish_busy(call);
}

/* Of one delivery its conversation's user may know; the rest is for staff. */
static bool is_for_staff(const struct pal_deliveries_call *call)
{
	return call->verb == PAL_DELIVERIES_LIST || call->verb == PAL_DELIVERIES_METRICS ||
	       (call->verb == PAL_DELIVERIES_RETRY && call->id_count == 0);
}

void pal_deliveries_do(struct pal_store_front *front, struct pal_dispatch *dispatch,
		       struct pal_deliveries_call *call)
{
	call->front = front;
	call->dispatch = dispatch;
	call->arena = pal_arena_of(0);
	call->data = pal_buf_of(0);
	call->walk = (struct pal_deliveries_walk){.seen = 0};
	call->retries = NULL;
	call->retry_count = 0;
	call->figures = NULL;
	call->has_more = call->is_pushed = false;
	call->next[0] = '\0';
	call->code = PAL_OK;
	if (!call->limit)
		call->limit = PAL_DELIVERIES_RETRY_MAX;
	if (is_for_staff(call) && !pal_caller_is_staff(call->caller)) {
		call->code = pal_fail(&call->err, PAL_E_UNAUTHORIZED, "conversations:staff",
				      "deliveries of all conversations are for staff");
		finish(call);
		return;
	}
	ask(call);
}
