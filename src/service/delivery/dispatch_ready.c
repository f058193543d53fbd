/* SPDX-License-Identifier: Apache-2.0 */
/* A flight that is due: whether it may leave, and what exactly leaves. */
#include <stdio.h>

#include "channel/channel.h"
#include "service/delivery/dispatch_flight.h"

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

	f->breaker_key = pal_arena_copy(&f->arena,
					pal_flight_breaker_key(e->tenant, e->channel, text));
	return f->breaker_key.p != NULL;
}

static enum pal_code format(struct pal_flight *f, struct pal_error *err)
{
	struct pal_dispatch *d = f->track->dispatch;
	const struct pal_exchange *x = &f->exchange.exchange;
	const struct pal_channel_send send = {
		.account = &f->account.account,
		.delivery_id = f->state.message_id,
		.tenant_id = d->options.channels.tenant_id(d->options.channels.arg,
							   f->track->endpoint->tenant),
		.conversation_id = f->track->id,
		.channel = f->state.channel,
		.recipient = x->delivery.recipient,
		.reply_to = x->in.message_id,
		.message = &x->out,
		.now_ms = pal_dispatch_wall_ms(d),
	};
	enum pal_code code = pal_channel_format(f->ops, &send, &f->arena, &f->outgoing, err);

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
	const struct pal_delivery_policy policy = pal_flight_policy(f);
	struct pal_attempt lost = {.outcome = PAL_OUTCOME_UNKNOWN,
				   .started_ms = f->state.intent_ms,
				   .ended_ms = pal_dispatch_wall_ms(t->dispatch),
				   .code = "interrupted"};
	int64_t next_ms = 0;

	f->attempt = lost;
	pal_dispatch_count_attempt(&lost);
	if (!pal_delivery_judge(&f->state, &lost, &policy, &t->dispatch->chance, &f->arena,
				&next_ms)) {
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		return false;
	}
	if (next_ms)
		return true;
	t->step = PAL_TRACK_ENDS;
	if (!pal_flight_write_state(f, 0))
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
	return false;
}

static void refuse(struct pal_track *t, enum pal_channel_outcome outcome, const char *code)
{
	pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
	pal_flight_end_attempt(t, outcome, code);
}

/* All that can be known before it leaves is; write the intent. */
static void intend(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_error err;

	f->state.attempts++;
	if (!f->has_exchange) {
		refuse(t, PAL_OUTCOME_PERMANENT, "MESSAGE_ERASED");
		return;
	}
	enum pal_code code = format(f, &err);
	if (code == PAL_E_VALIDATION) {
		refuse(t, PAL_OUTCOME_PERMANENT, "INVALID_CONTENT");
	} else if (code == PAL_E_CONFIG) {
		refuse(t, PAL_OUTCOME_REAUTH, "CHANNEL_DISABLED");
	} else {
		f->state.intent_ms = f->attempt.started_ms;
		t->step = PAL_TRACK_INTENDS;
		if (code == PAL_OK && pal_flight_write_state(f, f->due_ms))
			return;
		pal_flight_tell_breaker(t, PAL_BREAKER_DROPPED);
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
	}
}

void pal_flight_make_ready(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_dispatch *d = t->dispatch;
	struct pal_endpoint *e = t->endpoint;
	int64_t now_ms = pal_dispatch_wall_ms(d);
	uint32_t wait_ms = 0;

	f->ops = pal_channel_find(f->state.channel);
	f->has_account = d->options.channels.get(d->options.channels.arg, e->tenant, e->channel,
						 now_ms, &f->account);
	if (f->state.intent_ms && !settle_intent(t))
		return;
	f->attempt = (struct pal_attempt){.started_ms = now_ms};
	if (!name_breaker(f)) {
		pal_track_rest(t, PAL_FLIGHT_TROUBLE_MS);
		return;
	}
	if (!f->ops || !f->has_account || !f->account.enabled) {
		f->state.attempts++;
		pal_flight_end_attempt(t, PAL_OUTCOME_REAUTH, "CHANNEL_DISABLED");
		return;
	}
	f->breaker = pal_breaker_ask(d->breakers, f->breaker_key, &wait_ms);
	if (f->breaker == PAL_BREAKER_STOP) {
		pal_endpoint_pause(d, e, wait_ms ? wait_ms : 1);
		pal_track_wait(t);
		return;
	}
	intend(t);
}
