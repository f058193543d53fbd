/* SPDX-License-Identifier: Apache-2.0 */
/* A flight that is due: whether it may leave, and what exactly leaves. */
#include <stdio.h>
#include <string.h>

#include "channel/channel.h"
#include "channel/parts.h"
#include "service/delivery/dispatch_flight.h"
#include "service/view/answer.h"

struct pal_str pal_flight_breaker_key(struct pal_tenant_key tenant, enum pal_channel_type channel,
				      char *out)
{
	int n = snprintf(out, PAL_BREAKER_KEY_MAX, "%lld/%d", (long long)tenant.n, (int)channel);

	return (struct pal_str){out, (size_t)n};
}

static bool name_breaker(struct pal_flight *f)
{
	char text[PAL_BREAKER_KEY_MAX];
	const struct pal_endpoint *e = f->track->endpoint;

	if (f->breaker_key.p)
		return true;
	f->breaker_key = pal_arena_copy(&f->arena,
					pal_flight_breaker_key(e->tenant, e->channel, text));
	return f->breaker_key.p != NULL;
}

/* As it is set up now; views of the one before are no longer used. */
static void renew_account(struct pal_flight *f, int64_t now_ms)
{
	struct pal_endpoint *e = f->track->endpoint;
	const struct pal_dispatch_channels *channels = &f->track->dispatch->options.channels;

	if (f->has_account)
		channels->put(channels->arg, &f->account);
	f->has_account = channels->get(channels->arg, e->tenant, e->channel, now_ms, &f->account);
	if (f->has_account)
		pal_pace_renew(e, &f->account);
}

static bool may_send(const struct pal_flight *f)
{
	return f->ops && f->has_account && f->account.enabled;
}

/* What is next of it, number attempt.part; how it is cut is noted and stays. */
static enum pal_code cut(struct pal_parcel *p, struct pal_str *ret, struct pal_error *err)
{
	struct pal_flight *f = p->flight;
	struct pal_delivery_state *state = &p->state;
	size_t units = state->parts ? (size_t)state->part_units : f->account.text_units_max;
	struct pal_channel_parts parts;
	enum pal_code code = pal_channel_cut(f->ops, p->exchange.exchange.out.content.raw, units,
					     pal_thread_json(), &f->arena, &parts, err);

	if (code != PAL_OK)
		return code;
	size_t done = (size_t)state->parts_done;
	size_t at = done < parts.count ? done : parts.count - 1;
	state->parts = parts.count > 1 ? (int64_t)parts.count : 0;
	state->part_units = state->parts ? (int64_t)units : 0;
	p->attempt.part = state->parts ? (int64_t)at + 1 : 0;
	*ret = parts.contents[at];
	return PAL_OK;
}

static enum pal_code format(struct pal_parcel *p, struct pal_error *err)
{
	struct pal_flight *f = p->flight;
	struct pal_dispatch *d = f->track->dispatch;
	const struct pal_exchange *x = &p->exchange.exchange;
	struct pal_str content, recipient;
	enum pal_code code = cut(p, &content, err);

	if (code == PAL_OK)	/* one that was refused may be tried again all the same */
		code = pal_channel_check_recipient(f->ops, x->delivery.recipient, &f->arena,
						   &recipient, err);
	if (code != PAL_OK)
		return code;
	const unsigned part = (unsigned)p->attempt.part;
	const struct pal_channel_send send = {
		.account = &f->account.account,
		.delivery_id = pal_channel_part_key(p->state.message_id, part, &f->arena),
		.part = part,
		.parts = (unsigned)p->state.parts,
		.tenant_id = d->options.channels.tenant_id(d->options.channels.arg,
							   f->track->endpoint->tenant),
		.conversation_id = f->track->id,
		.channel = p->state.channel,
		.recipient = recipient,
		.reply_to = x->in.message_id,
		.message = &x->out,
		.content = content,
		.now_ms = pal_dispatch_wall_ms(d),
	};

	if (!send.delivery_id.p)
		return pal_fail_memory(err, "delivery");
	f->outgoing = (struct pal_outgoing){0};
	code = pal_channel_format(f->ops, &send, &f->arena, &f->outgoing, err);
	f->outgoing.total_ms = f->account.timeout_ms;
	return code;
}

/*
 * A daemon died with this one under way: it may have arrived. One more attempt, if any, is due at
 * once. True when it has to leave still.
 */
static bool settle_intent(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_parcel *p = f->parcel;
	const struct pal_delivery_policy policy = pal_flight_policy(f);
	struct pal_attempt lost = {.outcome = PAL_OUTCOME_UNKNOWN,
				   .started_ms = p->state.intent_ms,
				   .ended_ms = pal_dispatch_wall_ms(t->dispatch),
				   .code = "interrupted",
				   .part = p->state.parts ? p->state.parts_done + 1 : 0};
	int64_t next_ms = 0;

	p->attempt = lost;
	pal_dispatch_count_attempt(&lost);
	if (!pal_delivery_judge(&p->state, &lost, &policy, &t->dispatch->chance, &f->arena,
				&next_ms)) {
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		return false;
	}
	if (next_ms)
		return true;
	t->step = PAL_TRACK_ENDS;
	if (!pal_flight_write(p, 0))
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
	return false;
}

static void refuse(struct pal_track *t, enum pal_channel_outcome outcome, const char *code)
{
	pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
	pal_flight_end_attempt(t, outcome, code);
}

void pal_flight_mark_begun(struct pal_parcel *p)
{
	if (!p->begun_ms || p->state.attempts > 0 || p->state.intent_ms)
		return;
	p->state.attempts = 1;
	p->state.intent_ms = p->begun_ms;
}

static void put_down_intent(struct pal_parcel *p)
{
	p->state.attempts++;
	p->state.intent_ms = p->attempt.started_ms;
}

/* All that can be known before it leaves is; write the intent. */
static void intend(struct pal_track *t)
{
	struct pal_parcel *p = t->flight->parcel;
	struct pal_error err;

	put_down_intent(p);
	if (!p->has_exchange) {
		refuse(t, PAL_OUTCOME_PERMANENT, "MESSAGE_ERASED");
		return;
	}
	enum pal_code code = format(p, &err);
	if (code == PAL_E_VALIDATION) {
		bool is_recipient = strcmp(err.subject, "recipient") == 0;
		refuse(t, PAL_OUTCOME_PERMANENT,
		       is_recipient ? PAL_DELIVERY_BAD_RECIPIENT : "INVALID_CONTENT");
	} else if (code == PAL_E_CONFIG) {
		refuse(t, PAL_OUTCOME_REAUTH, "CHANNEL_DISABLED");
	} else {
		t->step = PAL_TRACK_INTENDS;
		if (code == PAL_OK && pal_flight_write(p, p->due_ms))
			return;
		pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
	}
}

void pal_flight_make_ready(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_parcel *p = f->parcel;
	struct pal_dispatch *d = t->dispatch;
	int64_t now_ms = pal_dispatch_wall_ms(d);
	uint32_t wait_ms = 0;

	f->ops = pal_channel_find(p->state.channel);
	renew_account(f, now_ms);
	if (p->state.intent_ms && !settle_intent(t))
		return;
	p->attempt = (struct pal_attempt){.started_ms = now_ms};
	if (!name_breaker(f)) {
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		return;
	}
	if (!may_send(f)) {
		p->state.attempts++;
		pal_flight_end_attempt(t, PAL_OUTCOME_REAUTH, "CHANNEL_DISABLED");
		return;
	}
	if (!pal_track_take_place(t)) {
		pal_track_wait(t);
		return;
	}
	f->breaker = pal_breaker_ask(d->breakers, f->breaker_key, &wait_ms);
	if (f->breaker == PAL_BREAKER_STOP) {
		pal_endpoint_pause(d, t->endpoint, wait_ms ? wait_ms : 1);
		pal_track_wait(t);
		return;
	}
	intend(t);
}

bool pal_flight_prepare(struct pal_track *t, struct pal_parcel *next)
{
	struct pal_flight *f = t->flight;
	struct pal_dispatch *d = t->dispatch;
	int64_t now_ms = pal_dispatch_wall_ms(d);
	struct pal_error err;
	uint32_t wait_ms;

	if (!next->has_exchange || next->state.intent_ms ||
	    pal_breaker_state_of(d->breakers, f->breaker_key) != PAL_BREAKER_CLOSED)
		return false;
	renew_account(f, now_ms);
	next->attempt = (struct pal_attempt){.started_ms = now_ms};
	if (!may_send(f) || !pal_track_take_place(t) || format(next, &err) != PAL_OK)
		return false;
	bool is_first = next->state.attempts == 0 && next->state.parts == 0;
	put_down_intent(next);
	next->begun_ms = is_first ? now_ms : 0;
	f->breaker = pal_breaker_ask(d->breakers, f->breaker_key, &wait_ms);
	if (is_first || pal_flight_draft(next, next->due_ms))
		return true;
	pal_flight_unprepare(t, next);
	return false;
}

void pal_flight_unprepare(struct pal_track *t, struct pal_parcel *next)
{
	pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
	next->state.attempts--;
	next->state.intent_ms = next->begun_ms = 0;
}
