/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/judge.h"

#include <string.h>

#include "base/clock.h"
#include "base/scratch.h"
#include "channel/outcome.h"
#include "model/details.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define QUARTERS 4

static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

/* --- The log ---------------------------------------------------------------------------------- */

/* The elements of the log without its brackets, the oldest taken out when there are most. */
static struct pal_str kept_log(struct pal_str log)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	if (log.n <= 2 || !pal_json_scan(json, log, &fault))
		return (struct pal_str){NULL, 0};
	uint32_t first = pal_json_first(json, 0);
	if (json->node[0].count >= PAL_DELIVERY_LOG_MAX) {
		struct pal_str from = pal_json_raw(json, json->node[first].next);
		return (struct pal_str){from.p, (size_t)(log.p + log.n - 1 - from.p)};
	}
	return (struct pal_str){log.p + 1, log.n - 2};
}

static bool is_success(enum pal_channel_outcome outcome)
{
	return outcome == PAL_OUTCOME_OK || outcome == PAL_OUTCOME_ACCEPTED;
}

static bool log_attempt(struct pal_delivery_state *state, const struct pal_attempt *a,
			struct pal_arena *arena)
{
	struct pal_buf *out = thread_draft();
	struct pal_str kept = kept_log(state->log);

	pal_buf_add_char(out, '[');
	pal_buf_add_str(out, kept);
	pal_buf_add(out, ",", kept.n ? 1 : 0);
	pal_buf_add_char(out, '{');
	pal_view_number(out, "attempt_number", state->attempts);
	if (a->part)
		pal_view_number(out, "part", a->part);
	pal_view_time(out, "started_at", a->started_ms);
	pal_view_time(out, "completed_at", a->ended_ms);
	pal_view_flag(out, "success", is_success(a->outcome));
	pal_view_text(out, "outcome", pal_str(pal_channel_outcome_name(a->outcome)));
	if (a->platform_id.n)
		pal_view_text(out, "channel_message_id", a->platform_id);
	if (a->code[0])
		pal_view_text(out, "error_code", pal_str(a->code));
	pal_view_close(out, '}');
	pal_buf_add_char(out, ']');
	state->log = pal_arena_copy_buf(arena, out);
	return state->log.p != NULL;
}

bool pal_delivery_stamp(struct pal_delivery_state *state, int64_t wall_ms, struct pal_arena *arena)
{
	char time[PAL_TIME_TEXT_SIZE];
	struct pal_buf *draft = thread_draft();

	pal_buf_add_lit(draft, "{\"");
	pal_buf_add_str(draft, pal_str(pal_delivery_status_name(state->status)));
	pal_buf_add_lit(draft, "\":\"");
	pal_buf_add_str(draft, pal_str(pal_time_format(wall_ms, time)));
	pal_buf_add_lit(draft, "\"}");
	struct pal_str fresh = pal_arena_copy_buf(arena, draft);
	return fresh.p && pal_details_merge(state->timestamps, fresh, pal_thread_json(), arena,
					    &state->timestamps) != PAL_MERGE_NO_MEMORY;
}

/* --- The verdict ------------------------------------------------------------------------------ */

/* Forward only: a receipt may have come before the answer did. */
static bool move(struct pal_delivery_state *state, enum pal_delivery_status to, int64_t now_ms,
		 struct pal_arena *arena)
{
	if (!pal_delivery_may_become(state->status, to))
		return true;
	state->status = to;
	return pal_delivery_stamp(state, now_ms, arena);
}

/* Whether it is worth another attempt; counts this one. */
static bool is_worth_another(struct pal_delivery_state *state, const struct pal_attempt *a,
			     const struct pal_delivery_policy *policy)
{
	switch (a->outcome) {
	case PAL_OUTCOME_RATE:
		state->quarters += a->is_free ? 0 : 1;
		break;
	case PAL_OUTCOME_RETRY:
		state->quarters += a->is_free ? 0 : QUARTERS;
		break;
	case PAL_OUTCOME_UNKNOWN:
		state->may_be_double = true;
		state->unknowns++;
		state->quarters += QUARTERS;
		if (!policy->repeats_unknown && state->unknowns > 1)
			return false;
		break;
	default:
		return false;
	}
	return state->quarters < (int64_t)policy->attempts_max * QUARTERS;
}

static int64_t next_try_ms(const struct pal_delivery_state *state, const struct pal_attempt *a,
			   const struct pal_delivery_policy *policy, struct pal_chance *chance)
{
	int64_t failures = (state->quarters + QUARTERS - 1) / QUARTERS;
	int64_t wait_ms = pal_backoff_ms(&policy->backoff, failures < 1 ? 1 : (unsigned)failures,
					 chance);
	int64_t asked_ms = a->asked_ms ? pal_retry_after_spread(a->asked_ms, chance) : 0;

	return a->ended_ms + (asked_ms > wait_ms ? asked_ms : wait_ms);
}

static bool note_error(struct pal_delivery_state *state, const struct pal_attempt *a,
		       struct pal_arena *arena)
{
	if (strcmp(a->code, PAL_DELIVERY_BAD_RECIPIENT) != 0)
		state->error_field = state->error_message = (struct pal_str){NULL, 0};
	if (!a->code[0])
		return true;
	state->error_code = pal_arena_copy(arena, pal_str(a->code));
	return state->error_code.p != NULL;
}

static bool succeed(struct pal_delivery_state *state, const struct pal_attempt *a,
		    struct pal_arena *arena, int64_t *ret_next_ms)
{
	if (a->platform_id.n) {
		struct pal_buf *draft = thread_draft();
		pal_json_put_string(draft, a->platform_id);
		state->platform_id = pal_arena_copy(arena, pal_buf_str(draft));
		if (draft->failed || !state->platform_id.p)
			return false;
	}
	state->error_code = (struct pal_str){NULL, 0};
	if (state->status == PAL_DELIVERY_FAILED)	/* a receipt said so of an earlier part */
		return true;
	if (a->part)
		state->parts_done = a->part;
	if (pal_delivery_is_partial(state)) {	/* the next one has as many attempts */
		state->quarters = state->unknowns = 0;
		*ret_next_ms = a->ended_ms;
		return true;
	}
	if (!move(state, PAL_DELIVERY_SENT, a->ended_ms, arena))
		return false;
	if (state->heard && pal_delivery_may_become(state->status, state->heard))
		state->status = state->heard;	/* its time is told already */
	state->heard = PAL_DELIVERY_PENDING;
	return true;
}

bool pal_delivery_judge(struct pal_delivery_state *state, const struct pal_attempt *attempt,
			const struct pal_delivery_policy *policy, struct pal_chance *chance,
			struct pal_arena *arena, int64_t *ret_next_ms)
{
	const struct pal_attempt *a = attempt;

	*ret_next_ms = 0;
	state->intent_ms = 0;
	if (!log_attempt(state, a, arena) || !note_error(state, a, arena))
		return false;
	if (is_success(a->outcome))
		return succeed(state, a, arena, ret_next_ms);
	if (!is_worth_another(state, a, policy))
		return move(state, PAL_DELIVERY_FAILED, a->ended_ms, arena);
	if (!move(state, PAL_DELIVERY_RETRYING, a->ended_ms, arena))
		return false;
	if (state->status == PAL_DELIVERY_RETRYING)
		*ret_next_ms = next_try_ms(state, a, policy, chance);
	return true;
}
