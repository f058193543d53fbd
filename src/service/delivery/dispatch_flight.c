/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One delivery from the outbox to its result: read the record and its message; write the intent;
 * send; write the result. Each wait ends with a note, upon which pal_flight_back goes on.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/scratch.h"
#include "channel/channel.h"
#include "service/delivery/dispatch_parts.h"
#include "service/view/answer.h"
#include "store/store.h"

#define PAGE 64u			/* records looked at in one read */
#define FLIGHT_BYTES_MAX (4u << 20)
#define TROUBLE_MS 1000			/* until the store is asked again */
#define CONFLICTS_MAX 16u

/* --- Reading ---------------------------------------------------------------------------------- */

static struct pal_flight *flight_of_query(struct pal_query *query)
{
	return (struct pal_flight *)((char *)query - offsetof(struct pal_flight, query));
}

static bool keep_record(struct pal_flight *f, const struct pal_record *r)
{
	f->record = *r;
	f->record.kind = PAL_DELIVERY_KIND;
	f->record.id = pal_arena_copy(&f->arena, r->id);
	f->record.owner = f->track->id;
	f->record.body = pal_arena_copy(&f->arena, r->body);
	if (!f->record.id.p || !f->record.body.p)
		return false;
	f->state = pal_delivery_read(f->record.body);
	return true;
}

struct page {
	struct pal_flight *flight;
	int64_t now_ms;
	size_t seen;
	bool failed;
};

/* The first that has to leave; an attempt under way is due whenever. */
static bool visit(void *arg, const struct pal_record *record)
{
	struct page *page = arg;
	struct pal_flight *f = page->flight;

	page->seen++;
	f->place = (struct pal_track_place){record->created_ms,
					    pal_delivery_sequence(record->id)};
	if (record->expires_ms == 0)
		return true;
	page->failed = !keep_record(f, record);
	f->due_ms = record->expires_ms;
	f->found = f->due_ms <= page->now_ms ? PAL_FOUND_DUE : PAL_FOUND_LATER;
	return false;
}

static enum pal_code load_message(struct pal_flight *f, struct pal_store *store, unsigned reader)
{
	enum pal_code code = pal_store_find_exchange(
		store, reader, f->track->endpoint->tenant, f->state.message_id, true, &f->arena,
		&f->exchange, NULL);

	f->has_exchange = code == PAL_OK;
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

static void run_read(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_flight *f = flight_of_query(query);
	struct pal_track *t = f->track;
	struct page page = {.flight = f, .now_ms = pal_dispatch_wall_ms(t->dispatch)};
	char id[PAL_DELIVERY_ID_SIZE];

	f->found = PAL_FOUND_NOTHING;
	enum pal_code code = pal_store_walk_records(
		store, reader, t->endpoint->tenant, PAL_DELIVERY_KIND, t->id,
		f->begun_after.created_ms, pal_delivery_id(t->id, f->begun_after.sequence, id),
		PAGE, visit, &page, NULL);
	if (code == PAL_OK && f->found == PAL_FOUND_NOTHING && page.seen == PAGE)
		f->found = PAL_FOUND_MORE;
	if (code == PAL_OK && f->found == PAL_FOUND_DUE && !page.failed)
		code = load_message(f, store, reader);
	if (code != PAL_OK || page.failed)
		f->found = PAL_FOUND_TROUBLE;
}

static void run_look(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_flight *f = flight_of_query(query);
	struct pal_record record;
	enum pal_code code = pal_store_load_record(store, reader, f->track->endpoint->tenant,
						   PAL_DELIVERY_KIND, f->record.id, &f->arena,
						   &record, NULL);

	f->found = code == PAL_OK	   ? PAL_FOUND_DUE
		   : code == PAL_E_NOT_FOUND ? PAL_FOUND_NOTHING
					     : PAL_FOUND_TROUBLE;
	if (code == PAL_OK && !keep_record(f, &record))
		f->found = PAL_FOUND_TROUBLE;
}

static void is_read(struct pal_query *query)
{
	struct pal_track *t = flight_of_query(query)->track;

	pal_dispatch_leave(t->dispatch, &t->back);
}

static bool ask(struct pal_flight *f,
		void (*run)(struct pal_query *, struct pal_store *, unsigned))
{
	f->query = (struct pal_query){.run = run, .done = is_read};
	return pal_store_front_query(f->track->dispatch->options.front, &f->query) != PAL_PUT_FULL;
}

/* --- Beginning and ending --------------------------------------------------------------------- */

void pal_flight_begin(struct pal_track *t)
{
	struct pal_arena arena = pal_arena_of(FLIGHT_BYTES_MAX);
	struct pal_flight *f = pal_arena_get(&arena, sizeof(*f));

	if (!f) {
		pal_arena_release(&arena);
		t->endpoint->in_flight--;
		atomic_fetch_sub(&t->dispatch->in_flight, 1);
		pal_track_rest(t, TROUBLE_MS);
		return;
	}
	memset(f, 0, sizeof(*f));
	f->arena = arena;
	f->track = t;
	f->begun_after = t->after;
	f->begun_last = t->last;
	t->flight = f;
	t->step = PAL_TRACK_READS;
	if (!ask(f, run_read))
		pal_track_rest(t, TROUBLE_MS);
}

void pal_flight_drop(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	if (!f)
		return;
	if (f->has_account)
		t->dispatch->options.channels.put(t->dispatch->options.channels.arg, &f->account);
	t->flight = NULL;
	struct pal_arena arena = f->arena;	/* the flight lies in it */
	pal_arena_release(&arena);
}

/* What is up to `place` has left. */
static void move_on(struct pal_track *t, struct pal_track_place place)
{
	if (pal_place_compare(t->after, t->flight->begun_after) == 0)
		t->after = place;
	if (pal_place_compare(t->after, t->last) >= 0)
		pal_track_end(t);
	else
		pal_track_wait(t);
}

static void found_nothing(struct pal_track *t)
{
	const struct pal_flight *f = t->flight;

	if (pal_place_compare(t->after, f->begun_after) == 0 &&
	    pal_place_compare(t->last, f->begun_last) == 0)
		pal_track_end(t);
	else
		pal_track_wait(t);	/* it was fed meanwhile */
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void is_written(struct pal_record_commit *commit)
{
	struct pal_flight *f =
		(struct pal_flight *)((char *)commit - offsetof(struct pal_flight, commit));

	pal_dispatch_leave(f->track->dispatch, &f->track->back);
}

/* Write the state over the record; it is due at `due_ms`, 0: never. */
static bool write_state(struct pal_flight *f, int64_t due_ms)
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

static struct pal_delivery_policy policy_of(const struct pal_flight *f)
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
	pal_track_linger(t, TROUBLE_MS);
}

/* Write down how the attempt ended, over the state as it was read last. */
static void write_result(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	const struct pal_delivery_policy policy = policy_of(f);
	int64_t next_ms = 0;

	t->step = PAL_TRACK_ENDS;
	if (!pal_delivery_judge(&f->state, &f->attempt, &policy, &t->dispatch->chance, &f->arena,
				&next_ms) ||
	    !write_state(f, next_ms))
		linger(t);
}

static void end_attempt(struct pal_track *t, enum pal_channel_outcome outcome, const char *code)
{
	struct pal_flight *f = t->flight;

	f->attempt.outcome = outcome;
	f->attempt.ended_ms = pal_dispatch_wall_ms(t->dispatch);
	snprintf(f->attempt.code, sizeof(f->attempt.code), "%s", code);
	f->has_ended = true;
	pal_dispatch_count_attempt(&f->attempt);
	write_result(t);
}

static void result_is_back(struct pal_track *t)
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
	struct pal_track_place place = f->place;
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
	move_on(t, place);
}

void pal_flight_look(struct pal_track *t)
{
	t->step = PAL_TRACK_LOOKS;
	if (!ask(t->flight, run_look))
		linger(t);
}

static void is_looked(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	if (f->found == PAL_FOUND_TROUBLE)
		linger(t);
	else if (f->found == PAL_FOUND_NOTHING)
		move_on(t, f->place);	/* it was erased */
	else
		write_result(t);
}

/* --- Sending ---------------------------------------------------------------------------------- */

static enum pal_breaker_report report_of(const struct pal_attempt *a)
{
	if (a->is_free || a->outcome == PAL_OUTCOME_RATE)
		return PAL_BREAKER_DROPPED;
	return a->outcome == PAL_OUTCOME_RETRY || a->outcome == PAL_OUTCOME_UNKNOWN
		       ? PAL_BREAKER_FAILED
		       : PAL_BREAKER_SUCCEEDED;
}

static void tell_breaker(struct pal_track *t, enum pal_breaker_report report)
{
	struct pal_flight *f = t->flight;
	struct pal_breakers *breakers = t->dispatch->breakers;
	enum pal_breaker_state before = pal_breaker_state_of(breakers, f->breaker_key);

	pal_breaker_report(breakers, f->breaker_key, f->breaker, report);
	if (before == PAL_BREAKER_CLOSED &&
	    pal_breaker_state_of(breakers, f->breaker_key) == PAL_BREAKER_OPEN) {
		pal_dispatch_count_open();
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("delivery"), "circuit opened",
			PAL_F_STR("channel", f->state.channel),
			PAL_F_STR("conversation_id", t->id));
	}
}

/* The courier gave it up for reasons of our own: not one byte left. */
static bool is_ours(enum pal_transport transport)
{
	return transport == PAL_TRANSPORT_BUSY || transport == PAL_TRANSPORT_CANCELLED_BEFORE ||
	       transport == PAL_TRANSPORT_FAILED;
}

static void answered(struct pal_track *t)
{
	struct pal_flight *f = t->flight;
	struct pal_dispatch *d = t->dispatch;
	struct pal_channel_result result = {.outcome = PAL_OUTCOME_RETRY};
	struct pal_answer *answer = &f->request.answer;
	struct pal_endpoint *e = t->endpoint;

	f->ops->classify(answer, &result);
	int64_t now_ms = pal_dispatch_wall_ms(d);
	f->attempt.outcome = result.outcome;
	f->attempt.is_free = is_ours(answer->transport);
	f->attempt.platform_id = result.platform_id.n
					 ? pal_arena_copy(&f->arena, result.platform_id)
					 : (struct pal_str){NULL, 0};
	if (!pal_retry_after_read(result.retry_after, now_ms, &f->attempt.asked_ms))
		f->attempt.asked_ms = 0;
	tell_breaker(t, report_of(&f->attempt));
	if (result.outcome == PAL_OUTCOME_RATE && f->attempt.asked_ms)
		pal_endpoint_pause(d, e, f->attempt.asked_ms);
	d->options.channels.note(d->options.channels.arg, e->tenant, e->channel, result.outcome,
				 result.code, answer->total_ms);
	if (result.disable)
		d->options.channels.stop(d->options.channels.arg, e->tenant, e->channel,
					 result.code);
	pal_buf_deinit(&answer->body);
	bool failed = result.outcome != PAL_OUTCOME_OK && result.outcome != PAL_OUTCOME_ACCEPTED;
	end_attempt(t, result.outcome, failed ? result.code : "");
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

	f->record.version = f->commit.write.record.version;
	memset(&f->request, 0, sizeof(f->request));
	f->request.tenant = t->endpoint->tenant;
	f->request.outgoing = f->outgoing;
	f->request.done = request_done;
	t->step = PAL_TRACK_SENDS;
	if (d->options.send(d->options.send_arg, &f->request))
		return;
	tell_breaker(t, PAL_BREAKER_DROPPED);
	f->attempt.is_free = true;
	end_attempt(t, PAL_OUTCOME_RETRY, "busy");
}

static void intent_is_back(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	switch (f->commit.write.verdict) {
	case PAL_RECORD_STORED:
		launch(t);
		return;
	case PAL_RECORD_CONFLICT:
		tell_breaker(t, PAL_BREAKER_DROPPED);
		pal_track_wait(t);
		return;
	case PAL_RECORD_FAILED:
		break;
	}
	tell_breaker(t, PAL_BREAKER_DROPPED);
	pal_track_rest(t, TROUBLE_MS);
}

/* --- Making ready ----------------------------------------------------------------------------- */

static bool name_breaker(struct pal_flight *f)
{
	char text[PAL_BREAKER_KEY_MAX];
	const struct pal_endpoint *e = f->track->endpoint;
	int n = snprintf(text, sizeof(text), "%lld/%d", (long long)e->tenant.n, (int)e->channel);

	f->breaker_key = pal_arena_copy(&f->arena, (struct pal_str){text, (size_t)n});
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
	const struct pal_delivery_policy policy = policy_of(f);
	struct pal_attempt lost = {.outcome = PAL_OUTCOME_UNKNOWN,
				   .started_ms = f->state.intent_ms,
				   .ended_ms = pal_dispatch_wall_ms(t->dispatch),
				   .code = "interrupted"};
	int64_t next_ms = 0;

	f->attempt = lost;
	pal_dispatch_count_attempt(&lost);
	if (!pal_delivery_judge(&f->state, &lost, &policy, &t->dispatch->chance, &f->arena,
				&next_ms)) {
		pal_track_rest(t, TROUBLE_MS);
		return false;
	}
	if (next_ms)
		return true;
	t->step = PAL_TRACK_ENDS;
	if (!write_state(f, 0))
		pal_track_rest(t, TROUBLE_MS);
	return false;
}

static void refuse(struct pal_track *t, enum pal_channel_outcome outcome, const char *code)
{
	tell_breaker(t, PAL_BREAKER_DROPPED);
	end_attempt(t, outcome, code);
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
		if (code == PAL_OK && write_state(f, f->due_ms))
			return;
		tell_breaker(t, PAL_BREAKER_DROPPED);
		pal_track_rest(t, TROUBLE_MS);
	}
}

static void make_ready(struct pal_track *t)
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
		pal_track_rest(t, TROUBLE_MS);
		return;
	}
	if (!f->ops || !f->has_account || !f->account.enabled) {
		f->state.attempts++;
		end_attempt(t, PAL_OUTCOME_REAUTH, "CHANNEL_DISABLED");
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

/* --- On ---------------------------------------------------------------------------------------- */

static void is_found(struct pal_track *t)
{
	struct pal_flight *f = t->flight;

	switch (f->found) {
	case PAL_FOUND_NOTHING:
		found_nothing(t);
		break;
	case PAL_FOUND_MORE:
		move_on(t, f->place);
		break;
	case PAL_FOUND_LATER:
		pal_track_rest(t, f->due_ms - pal_dispatch_wall_ms(t->dispatch));
		break;
	case PAL_FOUND_TROUBLE:
		pal_track_rest(t, TROUBLE_MS);
		break;
	case PAL_FOUND_DUE:
		if (atomic_load(&t->dispatch->closed))
			pal_track_rest(t, TROUBLE_MS);
		else
			make_ready(t);
		break;
	}
}

void pal_flight_back(struct pal_track *t)
{
	switch (t->step) {
	case PAL_TRACK_READS:
		is_found(t);
		break;
	case PAL_TRACK_INTENDS:
		intent_is_back(t);
		break;
	case PAL_TRACK_SENDS:
		answered(t);
		break;
	case PAL_TRACK_ENDS:
		result_is_back(t);
		break;
	case PAL_TRACK_LOOKS:
		is_looked(t);
		break;
	case PAL_TRACK_RESTS:
	case PAL_TRACK_WAITS:
	case PAL_TRACK_LINGERS:
		assert(!"a note of a track that waits for none");
		break;
	}
}
