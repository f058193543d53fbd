/* SPDX-License-Identifier: Apache-2.0 */
/* Where the delivery of a stored message stands: read, moved on, written, told. */
#include "base/clock.h"
#include "base/scratch.h"
#include "model/details.h"
#include "service/conversation/stored_parts.h"
#include "service/delivery/delivery.h"
#include "service/view/answer.h"
#include "service/view/view.h"

struct pal_buf *pal_stored_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

struct pal_str pal_stored_keep(struct pal_stored_context *x, const struct pal_buf *draft)
{
	return pal_arena_copy_buf(&x->call->arena, draft);
}

enum pal_code pal_stored_load_delivery(struct pal_stored_context *x, struct pal_delivery_state *ret,
				       struct pal_record *ret_record)
{
	return pal_delivery_load(x->store, x->reader, x->call->caller->tenant,
				 x->found.conversation.id, &x->found.exchange, &x->call->arena,
				 ret, ret_record, &x->call->err);
}

void pal_stored_put_delivery(struct pal_buf *out, const struct pal_stored_context *x,
			     const struct pal_delivery_state *state)
{
	pal_view_text(out, "delivery_status", pal_str(pal_delivery_status_name(state->status)));
	pal_view_number(out, "delivery_attempts", state->attempts);
	pal_view_text(out, "channel", pal_str(pal_channel_name(x->found.conversation.channel)));
	pal_view_text(out, "recipient", x->found.exchange.delivery.recipient);
	pal_view_raw(out, "delivery_timestamps",
		     state->timestamps.n ? state->timestamps : PAL_STR("{}"));
	pal_view_raw(out, "delivery_metadata",
		     state->metadata.n ? state->metadata : PAL_STR("{}"));
}

enum pal_code pal_stored_require_reply(struct pal_stored_context *x)
{
	if (x->message->direction == PAL_OUTBOUND)
		return PAL_OK;
	return pal_fail(&x->call->err, PAL_E_CONFLICT, "message",
			"an inbound message is not delivered to anybody");
}

enum pal_code pal_stored_merge(struct pal_stored_context *x, const char *field,
			       struct pal_str fresh, struct pal_str *into)
{
	switch (pal_details_merge(*into, fresh, pal_thread_json(), &x->call->arena, into)) {
	case PAL_MERGE_DONE:
		return PAL_OK;
	case PAL_MERGE_TOO_LARGE:
		return pal_fail(&x->call->err, PAL_E_VALIDATION, field,
				"%s would have more than %u bytes or %u keys", field,
				PAL_DETAIL_BYTES_MAX, PAL_JSON_KEYS_MAX);
	case PAL_MERGE_NO_MEMORY:
		break;
	}
	return pal_fail_memory(&x->call->err, "message");
}

enum pal_code pal_stored_stamp(struct pal_stored_context *x, struct pal_delivery_state *state,
			       int64_t wall_ms)
{
	char time[PAL_TIME_TEXT_SIZE];
	struct pal_buf *draft = pal_stored_draft();

	pal_buf_addf(draft, "{\"%s\":\"%s\"}", pal_delivery_status_name(state->status),
		     pal_time_format(wall_ms, time));
	struct pal_str fresh = pal_stored_keep(x, draft);
	return fresh.p ? pal_stored_merge(x, "timestamp", fresh, &state->timestamps)
		       : pal_fail_memory(&x->call->err, "message");
}

enum pal_code pal_stored_write_delivery(struct pal_stored_context *x,
					const struct pal_delivery_state *state,
					const struct pal_record *old, int64_t due_ms)
{
	struct pal_stored_call *call = x->call;
	struct pal_str home = x->found.conversation.id;
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_buf *draft = pal_stored_draft();

	pal_delivery_write(draft, state);
	call->writes = true;
	call->write = (struct pal_record_write){
		.tenant = call->caller->tenant,
		.record = {.kind = PAL_DELIVERY_KIND,
			   .id = pal_arena_copy(&call->arena,
						pal_delivery_id(home, x->message->sequence, id)),
			   .owner = home,
			   .body = pal_stored_keep(x, draft),
			   .created_ms = old->version ? old->created_ms : call->now_ms,
			   .updated_ms = call->now_ms,
			   .expires_ms = pal_delivery_is_open(state) ? due_ms : 0},
		.expected = old->version,
	};
	const struct pal_record *r = &call->write.record;
	return r->id.p && r->body.p ? PAL_OK
						  : pal_fail_memory(&call->err, "message");
}

void pal_stored_answer_delivery(struct pal_stored_context *x,
				const struct pal_delivery_state *state)
{
	struct pal_buf *out = &x->call->data;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", x->message->message_id);
	pal_view_text(out, "conversation_id", x->found.conversation.id);
	pal_stored_put_delivery(out, x, state);
	pal_view_time(out, "updated_at", x->call->now_ms);
	pal_view_close(out, '}');
}
