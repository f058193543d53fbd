/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: whatever comes, in any order and any number of times, comes to the same. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "service/conversation/stored_parts.h"
#include "service/delivery/delivery.h"
#include "service/view/answer.h"
#include "service/view/view.h"


static const struct pal_str none = {NULL, 0};

/* That it arrived outweighs that it was given up: it did arrive. */
static int rank_of(enum pal_delivery_status status)
{
	static const int ranks[PAL_DELIVERY_STATUS_COUNT] = {
		[PAL_DELIVERY_RETRYING] = 1, [PAL_DELIVERY_SENT] = 2, [PAL_DELIVERY_FAILED] = 3,
		[PAL_DELIVERY_DELIVERED] = 4, [PAL_DELIVERY_READ] = 5};

	return ranks[status];
}

/* When `status` was reached, by {"read":"2026-..."}; 0 when it was not. */
static int64_t reached_ms(struct pal_str timestamps, enum pal_delivery_status status)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	int64_t ms = 0;

	if (!timestamps.n || !pal_json_scan(json, timestamps, &fault))
		return 0;
	uint32_t at = pal_json_member(json, 0, pal_str(pal_delivery_status_name(status)));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING ||
	    !pal_time_parse((struct pal_str){json->text + json->node[at].at, json->node[at].len},
			    &ms))
		return 0;
	return ms;
}

/* Of several times the earliest is kept; they stand in the order of the statuses. */
static enum pal_code stamp_earliest(struct pal_stored_context *x, struct pal_delivery_state *state,
				    enum pal_delivery_status status, int64_t at_ms, bool *ret_moves)
{
	struct pal_buf *draft = pal_stored_draft();
	char time[PAL_TIME_TEXT_SIZE];
	int64_t known_ms = reached_ms(state->timestamps, status);

	if (known_ms && known_ms <= at_ms)
		return PAL_OK;
	pal_buf_add_char(draft, '{');
	for (int s = 0; s < PAL_DELIVERY_STATUS_COUNT; s++) {
		int64_t ms = s == (int)status
				     ? at_ms
				     : reached_ms(state->timestamps, (enum pal_delivery_status)s);
		if (ms)
			pal_buf_addf(draft, "\"%s\":\"%s\",",
				     pal_delivery_status_name((enum pal_delivery_status)s),
				     pal_time_format(ms, time));
	}
	pal_view_close(draft, '}');
	state->timestamps = pal_stored_keep(x, draft);
	*ret_moves = true;
	return state->timestamps.p ? PAL_OK : pal_fail_memory(&x->call->err, "message");
}

/* Of several reasons the lesser text is kept, whichever came first. */
static enum pal_code note_reason(struct pal_stored_context *x, struct pal_delivery_state *state,
				 bool *ret_moves)
{
	const struct pal_status_request *r = &x->call->of.status;
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	struct pal_str old = none;

	if (!r->metadata.n)
		return PAL_OK;
	if (state->metadata.n && pal_json_scan(json, state->metadata, &fault)) {
		uint32_t at = pal_json_member(json, 0, PAL_STR("failure_reason"));
		old = at == PAL_JSON_NONE ? none : pal_json_raw(json, at);
	}
	struct pal_str fresh = {r->metadata.p + sizeof("{\"failure_reason\":") - 1,
				r->metadata.n - sizeof("{\"failure_reason\":}") + 1};
	size_t n = old.n < fresh.n ? old.n : fresh.n;
	int order = old.n ? memcmp(fresh.p, old.p, n) : -1;
	if (order > 0 || (order == 0 && fresh.n >= old.n))
		return PAL_OK;
	*ret_moves = true;
	return pal_stored_merge(x, "metadata", r->metadata, &state->metadata);
}

static enum pal_code join_receipt(struct pal_stored_context *x, struct pal_delivery_state *state,
				  bool *ret_moves)
{
	const struct pal_status_request *r = &x->call->of.status;
	enum pal_code code = stamp_earliest(x, state, r->status, r->timestamp_ms, ret_moves);

	if (code == PAL_OK && r->status == PAL_DELIVERY_READ)	/* what is read was delivered */
		code = stamp_earliest(x, state, PAL_DELIVERY_DELIVERED, r->timestamp_ms, ret_moves);
	if (code == PAL_OK && r->status == PAL_DELIVERY_FAILED)
		code = note_reason(x, state, ret_moves);
	/* While parts have not left, what is heard of one is kept for the whole. */
	bool is_early = pal_delivery_is_partial(state) && r->status != PAL_DELIVERY_FAILED;
	enum pal_delivery_status *status = is_early ? &state->heard : &state->status;
	if (rank_of(r->status) > rank_of(*status)) {
		*status = r->status;
		*ret_moves = true;
		if (r->status == PAL_DELIVERY_FAILED && state->parts) {
			state->parts_done = 0;	/* whichever part it was: all leave again */
			state->may_be_double = true;
		}
	}
	return code;
}

enum pal_code pal_stored_receipt(struct pal_stored_context *x)
{
	struct pal_delivery_state state;
	struct pal_record record;
	bool moves = false;
	enum pal_code code = pal_stored_require_reply(x);

	if (x->found.conversation.channel != x->call->channel)
		return pal_fail(&x->call->err, PAL_E_NOT_FOUND, "message",
				"there is no such message");
	if (code == PAL_OK)
		code = pal_stored_load_delivery(x, &state, &record);
	if (code == PAL_OK)
		code = join_receipt(x, &state, &moves);
	if (code == PAL_OK && moves)
		code = pal_stored_write_delivery(x, &state, &record, record.expires_ms);
	if (code == PAL_OK)
		pal_stored_answer_delivery(x, &state);
	return code;
}
