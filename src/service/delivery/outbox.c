/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/outbox.h"

#include "base/scratch.h"
#include "channel/channel.h"
#include "service/delivery/delivery.h"
#include "service/view/answer.h"

static const struct pal_str none = {NULL, 0};

static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

static const struct pal_channel_ops *kind_of(enum pal_channel_type channel)
{
	return pal_channel_find(pal_str(pal_channel_name(channel)));
}

bool pal_outbox_takes(enum pal_channel_type channel)
{
	if (channel == PAL_CHANNEL_WEB)
		return false;	/* most by far */
	const struct pal_channel_ops *ops = kind_of(channel);
	return ops && ops->is_pushed;
}

/* To whom, and which field says so. */
static struct pal_str wanted_recipient(const struct pal_send_request *r, struct pal_arena *arena,
				       struct pal_str *ret_field)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	*ret_field = PAL_STR("user_id");
	if (!r->channel_metadata.n || !pal_json_scan(json, r->channel_metadata, &fault))
		return r->user_id;
	uint32_t at = pal_json_member(json, 0, PAL_STR("platform_user_id"));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING)
		return r->user_id;
	*ret_field = PAL_STR("channel_metadata.platform_user_id");
	return pal_json_string(json, at, arena);
}

static struct pal_str quote(struct pal_str text, struct pal_arena *arena)
{
	struct pal_buf *draft = thread_draft();

	pal_json_put_string(draft, text);
	return pal_arena_copy_buf(arena, draft);
}

static bool write_record(struct pal_tenant_key tenant, const struct pal_conversation *record,
			 const struct pal_exchange *x, const struct pal_delivery_state *state,
			 struct pal_arena *arena, struct pal_record_write *write)
{
	struct pal_buf *draft = thread_draft();
	char id[PAL_DELIVERY_ID_SIZE];

	pal_delivery_write(draft, state);
	*write = (struct pal_record_write){
		.tenant = tenant,
		.record = {.kind = PAL_DELIVERY_KIND,
			   .id = pal_arena_copy(arena,
						pal_delivery_id(record->id, x->out.sequence, id)),
			   .owner = record->id,
			   .body = pal_arena_copy_buf(arena, draft),
			   .created_ms = x->out.timestamp_ms,
			   .updated_ms = x->out.timestamp_ms,
			   .expires_ms = pal_delivery_is_open(state) ? x->out.timestamp_ms : 0},
	};
	return write->record.id.p && write->record.body.p;
}

/* It cannot be reached, for what the request's `field` says. */
static bool name_fault(struct pal_delivery_state *state, struct pal_str field, const char *why,
		       struct pal_arena *arena)
{
	state->error_code = PAL_STR(PAL_DELIVERY_BAD_RECIPIENT);
	state->error_field = field;
	state->error_message = quote(pal_str(why), arena);
	return state->error_message.p != NULL;
}

enum pal_code pal_outbox_add(struct pal_tenant_key tenant, const struct pal_conversation *record,
			     const struct pal_send_request *request, struct pal_exchange *x,
			     struct pal_arena *arena, struct pal_record_write **ret,
			     struct pal_error *err)
{
	const struct pal_channel_ops *ops = kind_of(record->channel);
	struct pal_str field, wanted = wanted_recipient(request, arena, &field), reached = none;
	struct pal_record_write *write = pal_arena_get(arena, sizeof(*write));
	struct pal_error fault;

	if (!write || !wanted.p)
		return pal_fail_memory(err, "turn");
	enum pal_code code = pal_channel_check_recipient(ops, wanted, arena, &reached, &fault);
	if (code != PAL_OK && code != PAL_E_VALIDATION) {
		if (err)
			*err = fault;
		return code;
	}
	x->delivery = (struct pal_delivery){
		.status = code == PAL_OK ? PAL_DELIVERY_PENDING : PAL_DELIVERY_FAILED,
		.recipient = code == PAL_OK ? reached : wanted};
	struct pal_delivery_state state = {
		.status = x->delivery.status,
		.message_id = x->out.message_id,
		.channel = pal_str(ops->name),
		.recipient = quote(x->delivery.recipient, arena),
	};
	bool is_whole = code == PAL_OK || name_fault(&state, field, fault.message, arena);
	if (!is_whole || !state.recipient.p || !write_record(tenant, record, x, &state, arena, write))
		return pal_fail_memory(err, "turn");
	*ret = write;
	return PAL_OK;
}
