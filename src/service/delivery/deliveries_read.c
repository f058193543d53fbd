/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of the outbox. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "service/delivery/deliveries.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

#define SCANNED_MAX 10000u	/* records looked at for a page */
#define MEASURED_MAX 50000u	/* ... and for figures */

static const struct pal_str none = {NULL, 0};

/* --- The view --------------------------------------------------------------------------------- */

static void put_delivery(struct pal_buf *out, const struct pal_record *r,
			 const struct pal_delivery_state *state)
{
	pal_buf_add_char(out, '{');
	pal_view_text(out, "delivery_id", state->message_id);
	pal_view_text(out, "message_id", state->message_id);
	pal_view_text(out, "conversation_id", r->owner);
	pal_view_number(out, "sequence_number", pal_delivery_sequence(r->id));
	pal_view_text(out, "channel_type", state->channel);
	pal_view_raw(out, "recipient", state->recipient);
	pal_view_text(out, "status", pal_str(pal_delivery_status_name(state->status)));
	pal_view_number(out, "attempt_count", state->attempts);
	pal_view_raw(out, "attempts", state->log.n ? state->log : PAL_STR("[]"));
	pal_view_text(out, "error_code", state->error_code);
	pal_view_flag(out, "possible_duplicate", state->may_be_double);
	pal_view_raw(out, "platform_message_id", state->platform_id);
	pal_view_raw(out, "timestamps", state->timestamps.n ? state->timestamps : PAL_STR("{}"));
	pal_view_time_if_any(out, "next_attempt_at", r->expires_ms);
	pal_view_time(out, "created_at", r->created_ms);
	pal_view_time(out, "updated_at", r->updated_ms);
	pal_view_close(out, '}');
}

/* --- One -------------------------------------------------------------------------------------- */

static bool may_see(const struct pal_caller *caller, const struct pal_conversation *c)
{
	return !c->deleted &&
	       (pal_caller_is_staff(caller) || pal_str_equal(caller->user_id, c->user_id));
}

/* Find the reply `id`, or the one that answers it. PAL_E_NOT_FOUND, PAL_E_SERVICE. */
static enum pal_code find_reply(struct pal_deliveries_call *call, struct pal_store *store,
				unsigned reader, struct pal_str id, struct pal_found_exchange *ret)
{
	struct pal_tenant_key tenant = call->caller->tenant;
	enum pal_code code = pal_store_find_exchange(store, reader, tenant, id, true, &call->arena,
						     ret, &call->err);

	if (code == PAL_E_NOT_FOUND)
		code = pal_store_find_exchange(store, reader, tenant, id, false, &call->arena, ret,
					       &call->err);
	if (code == PAL_E_NOT_FOUND ||
	    (code == PAL_OK &&
	     (!may_see(call->caller, &ret->conversation) || !ret->exchange.out.sequence)))
		return pal_fail(&call->err, PAL_E_NOT_FOUND, "delivery",
				"there is no such delivery");
	return code;
}

/* The record of a reply; for one that is not pushed what its message says, with version 0. */
static enum pal_code load(struct pal_deliveries_call *call, struct pal_store *store,
			  unsigned reader, const struct pal_found_exchange *found,
			  struct pal_record *ret, struct pal_delivery_state *ret_state)
{
	const struct pal_exchange *x = &found->exchange;
	enum pal_code code = pal_delivery_load(store, reader, call->caller->tenant,
					       found->conversation.id, x, &call->arena, ret_state,
					       ret, &call->err);
	struct pal_buf text = {0};

	if (code != PAL_OK || ret_state->message_id.p)
		return code;
	pal_json_put_string(&text, x->delivery.recipient);
	ret_state->message_id = x->out.message_id;
	ret_state->channel = pal_str(pal_channel_name(found->conversation.channel));
	ret_state->recipient = pal_arena_copy(&call->arena, pal_buf_str(&text));
	pal_buf_deinit(&text);
	char id[PAL_DELIVERY_ID_SIZE];
	ret->id = pal_arena_copy(&call->arena, pal_delivery_id(found->conversation.id,
							       x->out.sequence, id));
	ret->owner = found->conversation.id;
	if (!ret->version)
		ret->created_ms = ret->updated_ms = x->out.timestamp_ms;
	ret->version = 0;
	return ret->id.p && ret_state->recipient.p ? PAL_OK : pal_fail_memory(&call->err, "delivery");
}

enum pal_code pal_deliveries_get(struct pal_deliveries_call *call, struct pal_store *store,
				 unsigned reader)
{
	struct pal_found_exchange found;
	struct pal_record record;
	struct pal_delivery_state state;
	enum pal_code code = find_reply(call, store, reader, call->id, &found);

	if (code == PAL_OK)
		code = load(call, store, reader, &found, &record, &state);
	if (code == PAL_OK)
		put_delivery(&call->data, &record, &state);
	return code;
}

/* --- Many ------------------------------------------------------------------------------------- */

struct scan {
	struct pal_deliveries_call *call;
	int64_t last_ms;
	char last_id[PAL_DELIVERY_ID_SIZE];
	size_t last_id_size, seen, taken, taken_max;
	bool full;
};

static bool passes(const struct pal_deliveries_filter *f, const struct pal_delivery_state *state)
{
	return state->message_id.p && (f->status < 0 || (int)state->status == f->status) &&
	       (f->channel < 0 ||
		pal_str_equal(state->channel,
			      pal_str(pal_channel_name((enum pal_channel_type)f->channel))));
}

static void note_last(struct scan *scan, const struct pal_record *r)
{
	scan->seen++;
	scan->last_ms = r->created_ms;
	scan->last_id_size = r->id.n < sizeof(scan->last_id) ? r->id.n : 0;
	memcpy(scan->last_id, r->id.p, scan->last_id_size);
}

static bool list_one(void *arg, const struct pal_record *r)
{
	struct scan *scan = arg;
	struct pal_delivery_state state = pal_delivery_read(r->body);
	bool fits = passes(&scan->call->filter, &state);

	if (fits && scan->taken == scan->taken_max) {
		scan->full = true;
		return false;
	}
	note_last(scan, r);
	if (fits) {
		pal_buf_add(&scan->call->data, ",", scan->taken++ ? 1 : 0);
		put_delivery(&scan->call->data, r, &state);
	}
	return !scan->call->data.failed;
}

/* "1790000000000 id": where a page ended. */
static bool read_cursor(struct pal_str after, int64_t *ret_ms, struct pal_str *ret_id)
{
	const char *blank = after.n ? memchr(after.p, ' ', after.n) : NULL;
	int64_t ms = 0;

	*ret_ms = 0;
	*ret_id = none;
	if (!after.n)
		return true;
	for (const char *p = after.p; blank && p < blank; p++) {
		if (*p < '0' || *p > '9' || ms > INT64_MAX / 16)
			return false;
		ms = ms * 10 + (*p - '0');
	}
	if (!blank)
		return false;
	*ret_ms = ms;
	*ret_id = (struct pal_str){blank + 1, (size_t)(after.p + after.n - blank - 1)};
	return true;
}

enum pal_code pal_deliveries_list(struct pal_deliveries_call *call, struct pal_store *store,
				  unsigned reader)
{
	struct scan scan = {.call = call, .taken_max = call->limit};
	struct pal_str after_id;
	int64_t after_ms;

	if (!read_cursor(call->after, &after_ms, &after_id))
		return pal_fail(&call->err, PAL_E_VALIDATION, "cursor",
				"is none that this list gave");
	pal_buf_add_char(&call->data, '[');
	enum pal_code code = pal_store_walk_records(
		store, reader, call->caller->tenant, PAL_DELIVERY_KIND,
		call->filter.conversation_id, after_ms, after_id, SCANNED_MAX, list_one, &scan,
		&call->err);
	pal_buf_add_char(&call->data, ']');
	if (code == PAL_OK && (scan.full || scan.seen == SCANNED_MAX))
		snprintf(call->next, sizeof(call->next), "%lld %.*s", (long long)scan.last_ms,
			 (int)scan.last_id_size, scan.last_id);
	return code;
}

/* --- Those that failed ------------------------------------------------------------------------ */

static bool keep_record(struct pal_deliveries_call *call, const struct pal_record *r,
			struct pal_deliveries_retry *retry)
{
	retry->record = *r;
	retry->record.kind = PAL_DELIVERY_KIND;
	retry->record.id = pal_arena_copy(&call->arena, r->id);
	retry->record.owner = retry->conversation_id = pal_arena_copy(&call->arena, r->owner);
	retry->record.body = pal_arena_copy(&call->arena, r->body);
	if (!retry->record.id.p || !retry->conversation_id.p || !retry->record.body.p)
		return false;
	struct pal_delivery_state state = pal_delivery_read(retry->record.body);
	retry->message_id = state.message_id;
	retry->result = pal_channel_parse(state.channel, &retry->channel) ? "retried" : "not_found";
	return true;
}

static bool take_failed(void *arg, const struct pal_record *r)
{
	struct scan *scan = arg;
	struct pal_deliveries_call *call = scan->call;
	struct pal_delivery_state state = pal_delivery_read(r->body);

	scan->seen++;
	if (!passes(&call->filter, &state))
		return true;
	if (call->retry_count == PAL_DELIVERIES_RETRY_MAX) {
		scan->full = true;
		return false;
	}
	if (keep_record(call, r, &call->retries[call->retry_count]))
		call->retry_count++;
	else
		scan->full = true;
	return !scan->full;
}

static enum pal_code find_by_filter(struct pal_deliveries_call *call, struct pal_store *store,
				    unsigned reader)
{
	struct scan scan = {.call = call};

	call->filter.status = PAL_DELIVERY_FAILED;
	enum pal_code code = pal_store_walk_records(
		store, reader, call->caller->tenant, PAL_DELIVERY_KIND,
		call->filter.conversation_id, 0, none, SIZE_MAX, take_failed, &scan, &call->err);
	call->has_more = scan.full;
	return code;
}

static enum pal_code find_by_id(struct pal_deliveries_call *call, struct pal_store *store,
				unsigned reader, struct pal_str id)
{
	struct pal_deliveries_retry *retry = &call->retries[call->retry_count];
	struct pal_found_exchange found;
	struct pal_delivery_state state;
	struct pal_record record;
	enum pal_code code = find_reply(call, store, reader, id, &found);

	*retry = (struct pal_deliveries_retry){.message_id = id, .result = "not_found"};
	if (code == PAL_OK)
		code = load(call, store, reader, &found, &record, &state);
	if (code == PAL_OK && record.version && state.status == PAL_DELIVERY_FAILED &&
	    !keep_record(call, &record, retry))
		return pal_fail_memory(&call->err, "delivery");
	if (code == PAL_OK && (!record.version || state.status != PAL_DELIVERY_FAILED))
		retry->result = "not_failed";
	call->retry_count++;
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

enum pal_code pal_deliveries_find_failed(struct pal_deliveries_call *call, struct pal_store *store,
					 unsigned reader)
{
	enum pal_code code = PAL_OK;

	call->retries = pal_arena_get(&call->arena,
				      PAL_DELIVERIES_RETRY_MAX * sizeof(call->retries[0]));
	if (!call->retries)
		return pal_fail_memory(&call->err, "delivery");
	memset(call->retries, 0, PAL_DELIVERIES_RETRY_MAX * sizeof(call->retries[0]));
	if (!call->id_count)
		return find_by_filter(call, store, reader);
	for (size_t i = 0; i < call->id_count && code == PAL_OK; i++)
		code = find_by_id(call, store, reader, call->ids[i]);
	return code;
}

/* --- Figures ---------------------------------------------------------------------------------- */

struct figures {
	struct pal_deliveries_call *call;
	size_t seen;
	int64_t total, attempts, doubles, took_ms, arrived;
	int64_t by_status[PAL_DELIVERY_STATUS_COUNT], by_channel[PAL_CHANNEL_COUNT];
};

/* When a status was reached, of {"sent":"2026-..."}; 0 when it was not. */
static int64_t reached_ms(struct pal_str timestamps, const char *status)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	int64_t ms = 0;

	if (!timestamps.n || !pal_json_scan(json, timestamps, &fault))
		return 0;
	uint32_t at = pal_json_member(json, 0, pal_str(status));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING ||
	    !pal_time_parse((struct pal_str){json->text + json->node[at].at, json->node[at].len},
			    &ms))
		return 0;
	return ms;
}

static bool measure(void *arg, const struct pal_record *r)
{
	struct figures *f = arg;
	struct pal_delivery_state state = pal_delivery_read(r->body);
	enum pal_channel_type channel;

	f->seen++;
	if (r->created_ms > f->call->to_ms)
		return false;
	if (!state.message_id.p || !passes(&f->call->filter, &state))
		return true;
	f->total++;
	f->attempts += state.attempts;
	f->doubles += state.may_be_double;
	f->by_status[state.status]++;
	if (pal_channel_parse(state.channel, &channel))
		f->by_channel[channel]++;
	int64_t sent_ms = reached_ms(state.timestamps, "sent");
	if (sent_ms >= r->created_ms) {
		f->arrived++;
		f->took_ms += sent_ms - r->created_ms;
	}
	return true;
}

static void put_figures(struct pal_buf *out, const struct figures *f)
{
	int64_t good = f->by_status[PAL_DELIVERY_SENT] + f->by_status[PAL_DELIVERY_DELIVERED] +
		       f->by_status[PAL_DELIVERY_READ];
	int64_t ended = good + f->by_status[PAL_DELIVERY_FAILED];

	pal_buf_add_char(out, '{');
	pal_view_time(out, "from", f->call->from_ms);
	pal_view_time(out, "to", f->call->to_ms);
	pal_view_number(out, "total", f->total);
	pal_view_key(out, "by_status");
	pal_buf_add_char(out, '{');
	for (int i = 0; i < PAL_DELIVERY_STATUS_COUNT; i++)
		pal_view_number(out, pal_delivery_status_name((enum pal_delivery_status)i),
				f->by_status[i]);
	pal_view_close(out, '}');
	pal_buf_add_lit(out, ",\"by_channel\":{");
	for (int i = 0; i < PAL_CHANNEL_COUNT; i++)
		if (f->by_channel[i] || i == PAL_CHANNEL_WEBHOOK)
			pal_view_number(out, pal_channel_name((enum pal_channel_type)i),
					f->by_channel[i]);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
	pal_view_number(out, "attempts", f->attempts);
	pal_view_number(out, "possible_duplicates", f->doubles);
	pal_view_key(out, "success_rate");
	if (ended)
		pal_json_put_double(out, (double)good / (double)ended);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_lit(out, ",\"average_delivery_ms\":");
	if (f->arrived)
		pal_buf_add_i64(out, f->took_ms / f->arrived);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, ',');
	pal_view_flag(out, "truncated", f->seen == MEASURED_MAX);
	pal_view_close(out, '}');
}

enum pal_code pal_deliveries_metrics(struct pal_deliveries_call *call, struct pal_store *store,
				     unsigned reader)
{
	struct figures f = {.call = call};
	enum pal_code code = pal_store_walk_records(
		store, reader, call->caller->tenant, PAL_DELIVERY_KIND, none, call->from_ms - 1,
		PAL_STR("\x7f\x7f"), MEASURED_MAX, measure, &f, &call->err);

	if (code == PAL_OK)
		put_figures(&call->data, &f);
	return code;
}
