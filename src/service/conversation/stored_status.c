/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of a delivery that are asked for: on to a status, or once more after it failed. */
#include "service/conversation/stored_parts.h"
#include "service/delivery/delivery.h"

enum pal_code pal_stored_status(struct pal_stored_context *x)
{
	const struct pal_status_request *r = &x->call->of.status;
	struct pal_delivery_state state;
	struct pal_record record;
	enum pal_code code = pal_stored_require_reply(x);

	if (code == PAL_OK)
		code = pal_stored_load_delivery(x, &state, &record);
	if (code != PAL_OK)
		return code;
	if (r->status != state.status && !pal_delivery_may_become(state.status, r->status))
		return pal_fail(&x->call->err, PAL_E_CONFLICT, "status",
				"a message that is %s cannot become %s",
				pal_delivery_status_name(state.status),
				pal_delivery_status_name(r->status));
	if (pal_delivery_is_partial(&state) && r->status > PAL_DELIVERY_RETRYING &&
	    r->status != PAL_DELIVERY_FAILED)
		return pal_fail(&x->call->err, PAL_E_CONFLICT, "status",
				"parts of the message have not left yet");
	bool moves = r->status != state.status;
	state.status = r->status;
	if (moves)
		code = pal_stored_stamp(x, &state, r->timestamp_ms);
	if (code == PAL_OK && r->metadata.n)
		code = pal_stored_merge(x, "metadata", r->metadata, &state.metadata);
	if (code == PAL_OK && (moves || r->metadata.n))
		code = pal_stored_write_delivery(x, &state, &record, record.expires_ms);
	if (code == PAL_OK)
		pal_stored_answer_delivery(x, &state);
	return code;
}

/*
 * On web a reply that is stored is sent: the new attempt succeeds with the record of it. One that is
 * pushed has to leave again, with as many attempts as a new one.
 */
enum pal_code pal_stored_retry(struct pal_stored_context *x)
{
	struct pal_delivery_state state;
	struct pal_record record;

	if (x->message->direction == PAL_INBOUND && x->found.exchange.out.sequence)
		x->message = &x->found.exchange.out;	/* its reply is what is delivered */
	enum pal_code code = pal_stored_require_reply(x);
	if (code == PAL_OK)
		code = pal_stored_load_delivery(x, &state, &record);
	if (code != PAL_OK)
		return code;
	if (state.status != PAL_DELIVERY_FAILED)
		return pal_fail(&x->call->err, PAL_E_CONFLICT, "status",
				"the message is %s; only one that failed is delivered again",
				pal_delivery_status_name(state.status));
	if (state.message_id.p)
		pal_delivery_reopen(&state);
	else
		state = (struct pal_delivery_state){.status = PAL_DELIVERY_SENT,
						    .attempts = state.attempts + 1,
						    .timestamps = state.timestamps,
						    .metadata = state.metadata};
	code = pal_stored_stamp(x, &state, x->call->now_ms);
	if (code == PAL_OK)
		code = pal_stored_write_delivery(x, &state, &record, x->call->now_ms);
	if (code == PAL_OK)
		pal_stored_answer_delivery(x, &state);
	return code;
}
