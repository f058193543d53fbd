/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of one delivery: as clients see it, and as a retry needs it. */
#include <string.h>

#include "service/delivery/deliveries.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

/* --- The view --------------------------------------------------------------------------------- */

void pal_deliveries_put(struct pal_buf *out, const struct pal_record *r,
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
	pal_view_text(out, "error_field", state->error_field);
	pal_view_raw(out, "error_message", state->error_message);
	pal_view_flag(out, "possible_duplicate", state->may_be_double);
	if (state->parts) {
		pal_view_number(out, "parts", state->parts);
		pal_view_number(out, "parts_done", state->parts_done);
	}
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
	return !c->deleted && pal_caller_reaches(caller, c->user_id);
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
	if (code != PAL_OK)
		return code;
	pal_deliveries_put(&call->data, &record, &state);
	call->is_pushed =
		record.version && pal_channel_parse(state.channel, &call->question.channel);
	return PAL_OK;
}

/* --- To be tried again ------------------------------------------------------------------------ */

bool pal_deliveries_make_room(struct pal_deliveries_call *call)
{
	size_t size = PAL_DELIVERIES_RETRY_MAX * sizeof(call->retries[0]);

	if (!call->retries)
		call->retries = pal_arena_get(&call->arena, size);
	if (call->retries && !call->retry_count)
		memset(call->retries, 0, size);
	return call->retries != NULL;
}

bool pal_deliveries_keep(struct pal_deliveries_call *call, const struct pal_record *r,
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
	    !pal_deliveries_keep(call, &record, retry))
		return pal_fail_memory(&call->err, "delivery");
	if (code == PAL_OK && (!record.version || state.status != PAL_DELIVERY_FAILED))
		retry->result = "not_failed";
	call->retry_count++;
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

enum pal_code pal_deliveries_find(struct pal_deliveries_call *call, struct pal_store *store,
				  unsigned reader)
{
	enum pal_code code = PAL_OK;

	if (!pal_deliveries_make_room(call))
		return pal_fail_memory(&call->err, "delivery");
	for (size_t i = 0; i < call->id_count && code == PAL_OK; i++)
		code = find_by_id(call, store, reader, call->ids[i]);
	return code;
}
