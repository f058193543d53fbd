/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a flight's record: the intent before it leaves, the result after it. */
#include <stdio.h>

#include "base/log.h"
#include "base/scratch.h"
#include "service/delivery/delivery_ref.h"
#include "service/delivery/dispatch_flight.h"

/* --- Writing ---------------------------------------------------------------------------------- */

/* Of two that are written in one go the last to be leaves the note. */
static void is_written(struct pal_record_commit *commit)
{
	struct pal_parcel *p =
		(struct pal_parcel *)((char *)commit - offsetof(struct pal_parcel, commit));
	struct pal_flight *f = p->flight;

	if (atomic_fetch_sub(&f->writes, 1) == 1)
		pal_dispatch_leave(f->track->dispatch, &f->track->back);
}

bool pal_flight_draft(struct pal_parcel *p, int64_t due_ms)
{
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *draft = pal_scratch_get(&scratch);
	struct pal_flight *f = p->flight;

	pal_delivery_write(draft, &p->state);
	struct pal_str body = pal_arena_copy_buf(&f->arena, draft);
	if (!body.p)
		return false;
	p->record.body = body;
	p->record.updated_ms = pal_dispatch_wall_ms(f->track->dispatch);
	p->record.expires_ms = due_ms;
	return true;
}

/* Write what is drafted; or, of one whose intent is elsewhere, see that nobody has written over it. */
static bool put_as(struct pal_parcel *p, bool only_judge)
{
	const struct pal_track *t = p->flight->track;

	p->commit = (struct pal_record_commit){.write = {.tenant = t->endpoint->tenant,
							 .record = p->record,
							 .expected = p->record.version,
							 .only_judge = only_judge},
					       .before = p->has_ref ? &p->ref : NULL,
					       .done = is_written};
	return pal_store_front_record(t->dispatch->options.front, &p->commit) != PAL_PUT_FULL;
}

static bool put(struct pal_parcel *p)
{
	return put_as(p, false);
}

bool pal_flight_write(struct pal_parcel *p, int64_t due_ms)
{
	atomic_store(&p->flight->writes, 1);
	return pal_flight_draft(p, due_ms) && put(p);
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

/* The result, drafted, and the intent of `next`, prepared, in one go: mostly in one commit. */
static void put_both(struct pal_track *t, struct pal_parcel *next)
{
	struct pal_flight *f = t->flight;

	atomic_store(&f->writes, 2);
	if (!put(f->parcel)) {
		pal_flight_unprepare(t, next);
		linger(t);
		return;
	}
	t->step = PAL_TRACK_PASSES;
	f->passed = f->parcel;
	f->parcel = next;
	if (put_as(next, next->begun_ms != 0))
		return;
	next->commit.write.verdict = PAL_RECORD_FAILED;
	is_written(&next->commit);
}

/* Receipts will tell of it by the name that the receiver gave it. False without memory. */
static bool make_ref(struct pal_parcel *p)
{
	const struct pal_track *t = p->flight->track;
	const struct pal_delivery_ref ref = {.tenant = t->endpoint->tenant,
					     .channel = p->state.channel,
					     .platform_id = p->attempt.platform_id};

	p->has_ref = ref.platform_id.n > 0 &&
		     pal_delivery_ref_write(&ref, t->id, p->state.message_id, p->attempt.ended_ms,
					    &p->flight->arena, &p->ref);
	return p->has_ref || ref.platform_id.n == 0;
}

/* Write down how the attempt ended, over the state as it was read last. */
static void write_result(struct pal_track *t)
{
	struct pal_parcel *p = t->flight->parcel, *next = p->next;
	const struct pal_delivery_policy policy = pal_flight_policy(t->flight);
	int64_t next_ms = 0;

	t->step = PAL_TRACK_ENDS;
	bool is_judged = pal_delivery_judge(&p->state, &p->attempt, &policy, &t->dispatch->chance,
					    &t->flight->arena, &next_ms);
	bool passes = is_judged && next_ms == 0 && next && pal_flight_may_go_on(t) &&
		      pal_flight_prepare(t, next);
	if (passes && next->begun_ms)
		p->state.next_intent_ms = next->begun_ms;
	if (!is_judged || !pal_flight_draft(p, next_ms) || !make_ref(p)) {
		if (passes)
			pal_flight_unprepare(t, next);
		linger(t);
	} else if (passes) {
		put_both(t, next);
	} else {
		atomic_store(&t->flight->writes, 1);
		if (!put(p))
			linger(t);
	}
}

void pal_flight_end_attempt(struct pal_track *t, enum pal_channel_outcome outcome, const char *code)
{
	struct pal_attempt *a = &t->flight->parcel->attempt;

	a->outcome = outcome;
	a->ended_ms = pal_dispatch_wall_ms(t->dispatch);
	snprintf(a->code, sizeof(a->code), "%s", code);
	pal_dispatch_count_attempt(a);
	write_result(t);
}

/* The result is not stored: try again, over what the record says then. */
static void write_again(struct pal_track *t, enum pal_record_verdict verdict)
{
	if (verdict == PAL_RECORD_FAILED)
		linger(t);
	else
		pal_flight_look(t);	/* a receipt came, or a client spoke */
}

static void tell_end(const struct pal_parcel *p, int64_t now_ms)
{
	pal_dispatch_count_end(&p->state, now_ms - p->record.created_ms);
	if (p->state.status == PAL_DELIVERY_FAILED)
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("delivery"), "delivery failed",
			PAL_F_STR("message_id", p->state.message_id),
			PAL_F_STR("channel", p->state.channel),
			PAL_F_STR("error_code", pal_str(p->attempt.code)));
}

void pal_flight_written(struct pal_track *t)
{
	const struct pal_parcel *p = t->flight->parcel;
	const struct pal_record_write *write = &p->commit.write;
	int64_t next_ms = write->record.expires_ms, now_ms = pal_dispatch_wall_ms(t->dispatch);

	if (write->verdict != PAL_RECORD_STORED) {
		write_again(t, write->verdict);
	} else if (next_ms) {
		pal_track_rest(t, next_ms - now_ms);
	} else {
		tell_end(p, now_ms);
		pal_flight_move_on(t);
	}
}

void pal_flight_passed(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_parcel *p = f->passed, *next = f->parcel;

	if (p->commit.write.verdict == PAL_RECORD_STORED) {
		tell_end(p, pal_dispatch_wall_ms(t->dispatch));
		pal_flight_note_left(t, p);
		pal_flight_intended(t);
		return;
	}
	/* The next has to wait; it is intended anew when its turn comes. */
	pal_flight_unprepare(t, next);
	if (next->commit.write.verdict == PAL_RECORD_STORED)
		next->record.version = next->commit.write.record.version;
	f->parcel = p;
	write_again(t, p->commit.write.verdict);
}

void pal_flight_look(struct pal_track *t)
{
	t->step = PAL_TRACK_LOOKS;
	if (!pal_flight_read_again(t->flight))
		linger(t);
}

void pal_flight_looked(struct pal_track *t)
{
	const struct pal_flight *f = t->flight;

	if (f->found == PAL_FOUND_TROUBLE)
		linger(t);
	else if (f->found == PAL_FOUND_NOTHING)
		pal_flight_move_on(t);	/* it was erased */
	else
		write_result(t);
}
