/* SPDX-License-Identifier: Apache-2.0 */
/* A flight on the wire: from the intent that was written to how the receiver answered. */
#include <string.h>

#include "base/log.h"
#include "courier/schedule.h"
#include "service/delivery/dispatch_flight.h"

static enum pal_breaker_report report_of(const struct pal_attempt *a)
{
	if (a->is_free || a->outcome == PAL_OUTCOME_RATE)
		return PAL_BREAKER_DROPPED;
	return a->outcome == PAL_OUTCOME_RETRY || a->outcome == PAL_OUTCOME_UNKNOWN
		       ? PAL_BREAKER_FAILED
		       : PAL_BREAKER_SUCCEEDED;
}

void pal_flight_tell_breaker(struct pal_track *t, enum pal_breaker_report report)
{
	struct pal_flight *f = t->flight;
	struct pal_breakers *breakers = t->dispatch->breakers;
	enum pal_breaker_state before = pal_breaker_state_of(breakers, f->breaker_key);

	pal_breaker_report(breakers, f->breaker_key, f->breaker, report);
	if (before == PAL_BREAKER_CLOSED &&
	    pal_breaker_state_of(breakers, f->breaker_key) == PAL_BREAKER_OPEN) {
		pal_dispatch_count_open();
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("delivery"), "circuit opened",
			PAL_F_STR("channel", f->parcel->state.channel),
			PAL_F_STR("conversation_id", t->id));
	}
}

/* The courier gave it up for reasons of our own: not one byte left. */
static bool is_ours(enum pal_transport transport)
{
	return transport == PAL_TRANSPORT_BUSY || transport == PAL_TRANSPORT_CANCELLED_BEFORE ||
	       transport == PAL_TRANSPORT_FAILED;
}

void pal_flight_answered(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_attempt *a = &f->parcel->attempt;
	struct pal_dispatch *d = t->dispatch;
	struct pal_channel_result result = {.outcome = PAL_OUTCOME_RETRY};
	struct pal_answer *answer = &f->request.answer;
	struct pal_endpoint *e = t->endpoint;

	f->ops->classify(answer, &result);
	int64_t now_ms = pal_dispatch_wall_ms(d);
	a->outcome = result.outcome;
	a->is_free = is_ours(answer->transport);
	a->platform_id = result.platform_id.n ? pal_arena_copy(&f->arena, result.platform_id)
					      : (struct pal_str){NULL, 0};
	if (!pal_retry_after_read(result.retry_after, now_ms, &a->asked_ms))
		a->asked_ms = 0;
	pal_flight_tell_breaker(t, report_of(a));
	if (result.outcome == PAL_OUTCOME_RATE && a->asked_ms)
		pal_endpoint_pause(d, e, a->asked_ms);
	d->options.channels.note(d->options.channels.arg, e->tenant, e->channel, result.outcome,
				 result.code, answer->total_ms);
	if (result.disable)
		d->options.channels.stop(d->options.channels.arg, e->tenant, e->channel,
					 result.code);
	pal_buf_deinit(&answer->body);
	bool failed = result.outcome != PAL_OUTCOME_OK && result.outcome != PAL_OUTCOME_ACCEPTED;
	pal_flight_end_attempt(t, result.outcome, failed ? result.code : "");
}

static void request_done(struct pal_courier_request *request)
{
	struct pal_flight *f =
		(struct pal_flight *)((char *)request - offsetof(struct pal_flight, request));

	pal_dispatch_leave(f->track->dispatch, &f->track->back);
}

/* The intent is stored: from now on nobody knows whether it left, until the result is. */
static void launch(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_dispatch *d = t->dispatch;

	f->parcel->record.version = f->parcel->commit.write.record.version;
	memset(&f->request, 0, sizeof(f->request));
	f->request.tenant = t->endpoint->tenant;
	f->request.outgoing = f->outgoing;
	f->request.done = request_done;
	t->step = PAL_TRACK_SENDS;
	if (d->options.send(d->options.send_arg, &f->request)) {
		pal_track_use_place(t);
		return;
	}
	pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
	f->parcel->attempt.is_free = true;
	pal_flight_end_attempt(t, PAL_OUTCOME_RETRY, "busy");
}

void pal_flight_intended(struct pal_track *t)
{
	switch (t->flight->parcel->commit.write.verdict) {
	case PAL_RECORD_STORED:
		launch(t);
		return;
	case PAL_RECORD_CONFLICT:
		pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
		pal_track_wait(t);
		return;
	case PAL_RECORD_FAILED:
		break;
	}
	pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
	pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
}
