/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a flight's record: the intent before it leaves, the result after it. */
#include <stdio.h>

#include "base/log.h"
#include "base/scratch.h"
#include "service/delivery/dispatch_flight.h"

/* --- Writing ---------------------------------------------------------------------------------- */

static void is_written(struct pal_record_commit *commit)
{
	struct pal_flight *f =
		(struct pal_flight *)((char *)commit - offsetof(struct pal_flight, commit));

	pal_dispatch_leave(f->track->dispatch, &f->track->back);
}

bool pal_flight_write_state(struct pal_flight *f, int64_t due_ms)
{
	struct pal_dispatch *d = f->track->dispatch;
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *draft = pal_scratch_get(&scratch);

	pal_delivery_write(draft, &f->state);
	struct pal_str body = draft->failed ? (struct pal_str){NULL, 0}
					    : pal_arena_copy(&f->arena, pal_buf_str(draft));
	if (!body.p)
		return false;
	f->record.body = body;
	f->record.updated_ms = pal_dispatch_wall_ms(d);
	f->record.expires_ms = due_ms;
	f->commit = (struct pal_record_commit){.write = {.tenant = f->track->endpoint->tenant,
							 .record = f->record,
							 .expected = f->record.version},
					       .done = is_written};
	return pal_store_front_record(d->options.front, &f->commit) != PAL_PUT_FULL;
}

/* --- The result ------------------------------------------------------------------------------- */

struct pal_delivery_policy pal_flight_policy(const struct pal_flight *f)
{
	const struct pal_dispatch *d = f->track->dispatch;
	uint32_t first_ms = f->has_account ? f->account.retry_first_ms : PAL_RETRY_FIRST_MS;
	uint32_t cap_ms = d->limits.backoff_max_ms;

	return (struct pal_delivery_policy){
		.attempts_max = f->has_account ? f->account.attempts_max : 1,
		.backoff = {.first_ms = first_ms < cap_ms ? first_ms : cap_ms, .cap_ms = cap_ms},
		.repeats_unknown = f->ops && f->ops->takes_key,
	};
}

static void linger(struct pal_track *t)
{
	pal_track_linger(t, PAL_FLIGHT_TROUBLE_MS);
}

/* Write down how the attempt ended, over the state as it was read last. */
static void write_result(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	const struct pal_delivery_policy policy = pal_flight_policy(f);
	int64_t next_ms = 0;

	t->step = PAL_TRACK_ENDS;
	if (!pal_delivery_judge(&f->state, &f->attempt, &policy, &t->dispatch->chance, &f->arena,
				&next_ms) ||
	    !pal_flight_write_state(f, next_ms))
		linger(t);
}

void pal_flight_end_attempt(struct pal_track *t, enum pal_channel_outcome outcome, const char *code)
{
	struct pal_flight *f = t->flight;

	f->attempt.outcome = outcome;
	f->attempt.ended_ms = pal_dispatch_wall_ms(t->dispatch);
	snprintf(f->attempt.code, sizeof(f->attempt.code), "%s", code);
	f->has_ended = true;
	pal_dispatch_count_attempt(&f->attempt);
	write_result(t);
}

void pal_flight_written(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	const struct pal_record_write *write = &f->commit.write;

	if (write->verdict == PAL_RECORD_FAILED) {
		linger(t);
		return;
	}
	if (write->verdict == PAL_RECORD_CONFLICT) {	/* a receipt came, or a client spoke */
		pal_flight_look(t);
		return;
	}
	int64_t next_ms = write->record.expires_ms, now_ms = pal_dispatch_wall_ms(t->dispatch);
	if (next_ms) {
		pal_track_rest(t, next_ms - now_ms);
		return;
	}
	pal_dispatch_count_end(&f->state, now_ms - f->record.created_ms);
	if (f->state.status == PAL_DELIVERY_FAILED)
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("delivery"), "delivery failed",
			PAL_F_STR("message_id", f->state.message_id),
			PAL_F_STR("channel", f->state.channel),
			PAL_F_STR("error_code", pal_str(f->attempt.code)));
	pal_flight_move_on(t);
}

void pal_flight_look(struct pal_track *t)
{
	t->step = PAL_TRACK_LOOKS;
	if (!pal_flight_read_again(t->flight))
		linger(t);
}

void pal_flight_looked(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	if (f->found == PAL_FOUND_TROUBLE)
		linger(t);
	else if (f->found == PAL_FOUND_NOTHING)
		pal_flight_move_on(t);	/* it was erased */
	else
		write_result(t);
}
