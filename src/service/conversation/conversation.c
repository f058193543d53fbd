/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a message here: taken from the mailbox into `waiting`; run by a turn, which goes to
 * the store; answered when the turn comes back stored. When it comes back otherwise, see mend().
 */
#include "service/conversation/conversation.h"

#include <assert.h>
#include <stdatomic.h>

#include "service/conversation/command.h"
#include "service/conversation/counters.h"
#include "service/conversation/inbound.h"
#include "service/conversation/life.h"
#include "service/conversation/load.h"
#include "service/conversation/replay.h"
#include "service/conversation/session_gate.h"
#include "service/conversation/turn.h"
#include "service/view/answer.h"

#define UNITS_IN_FLIGHT_MAX 2u	/* one is computed while the other is being synced */
#define RETRY_AFTER_MS 1000u

/* What `turn` computed is what the next turn builds on, stored or not. */
static void move_on(struct pal_conversation_actor *c, const struct pal_turn *turn)
{
	c->record.last_sequence = turn->record.last_sequence;
	c->record.last_activity_ms = turn->record.last_activity_ms;
	c->standing = turn->standing;
	if (!pal_conversation_set_state(c, turn->record.state))
		c->broken = true;	/* the store has it: load it when it can be */
}

/* --- Turns out and back ----------------------------------------------------------------------- */

static void turn_is_back(struct pal_commit *commit)
{
	struct pal_turn *turn =
		(struct pal_turn *)((char *)commit - offsetof(struct pal_turn, commit));

	pal_actor_reply(&turn->conversation->live.actor, &turn->note.msg);
}

static void fail_turn(struct pal_turn *turn, const struct pal_error *err)
{
	for (size_t i = 0; i < turn->count; i++)
		pal_inbound_fail(turn->inbound[i], err);
}

static void commit(struct pal_conversation_actor *c, struct pal_turn *turn)
{
	struct pal_message_service *service = c->service;
	struct pal_error err;

	turn->conversation = c;
	turn->committed_ns = pal_clock_mono_ns(service->options.clock);
	turn->commit = (struct pal_commit){.unit = {.tenant = c->tenant,
						    .conversation = &turn->record,
						    .exchanges = turn->exchanges,
						    .count = turn->count,
						    .records = turn->records,
						    .record_count = turn->record_count},
					   .done = turn_is_back};
	c->in_flight++;
	if (pal_store_front_commit(service->options.front, &turn->commit) == PAL_PUT_FULL) {
		c->in_flight--;
		pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
			       "the store has more to write than it can take");
		fail_turn(turn, &err);
		pal_turn_destroy(turn);
		return;
	}
	move_on(c, turn);	/* the turn lives until its message is taken, by this worker */
}

/* The user of a conversation goes on with it; staff may join; nobody else knows that it exists. */
static bool may_continue(const struct pal_conversation_actor *c, const struct pal_inbound *inbound)
{
	const struct pal_caller *caller = inbound->caller;

	return !c->record.deleted &&
	       (pal_str_equal(c->record.user_id, inbound->request.user_id) ||
		(!caller->key_id.p && pal_caller_is_staff(caller)));
}

static bool is_command_next(const struct pal_conversation_actor *c)
{
	const struct pal_msg *msg = pal_msg_peek(&c->waiting);

	return msg && ((const struct pal_note *)msg)->kind == PAL_NOTE_COMMAND;
}

/* The next message, unless a command is before it. */
static struct pal_inbound *take_inbound(struct pal_conversation_actor *c)
{
	return is_command_next(c) ? NULL : (struct pal_inbound *)pal_conversation_take_waiting(c);
}

static void run_turn(struct pal_conversation_actor *c)
{
	struct pal_message_service *service = c->service;
	size_t max = atomic_load_explicit(&service->batch_max, memory_order_relaxed);
	struct pal_turn *turn = pal_turn_create(c->waiting_count < max ? c->waiting_count : max);
	struct pal_inbound *inbound;
	struct pal_error err;

	if (turn) {
		turn->record = c->record;
		turn->standing = c->standing;
	}
	while ((!turn || turn->count < turn->capacity) &&
	       (inbound = take_inbound(c)) != NULL) {
		if (!turn)
			pal_inbound_fail_for_now(inbound, "out of memory");
		else if (!may_continue(c, inbound))
			pal_conversation_turn_away(service, inbound);
		else if (pal_conversation_status_is_end(c->record.status))
			pal_conversation_start(service, inbound, c->record.id);
		else if (pal_turn_add(turn, service, inbound, &err) != PAL_OK)
			pal_inbound_fail(inbound, &err);
	}
	if (turn && turn->count)
		commit(c, turn);
	else
		pal_turn_destroy(turn);
}

static void answer_turn(struct pal_turn *turn)
{
	struct pal_message_service *service = turn->conversation->service;
	const struct pal_message_options *o = &service->options;
	int64_t now_ns = pal_clock_mono_ns(o->clock);

	for (size_t i = 0; i < turn->count; i++) {
		struct pal_inbound *inbound = turn->inbound[i];
		const struct pal_exchange *x = &turn->exchanges[i];
		struct pal_answer_facts *facts = &turn->facts[i];
		facts->conversation_id = turn->record.id;
		facts->processing_time_ms = (now_ns - inbound->start_ns) / 1000000;
		facts->conversation_created = inbound->starts_conversation && x->in.sequence == 1;
		pal_answer_write(&inbound->answer, x, facts);
		if (o->stored)
			o->stored(o->stored_arg, inbound->caller->tenant_id, turn->record.id, x);
		if (turn->record_count && o->pushed)
			o->pushed(o->pushed_arg, turn->commit.unit.tenant, &turn->record, x);
		pal_count_processed(inbound, x, &turn->record, now_ns);
		if (inbound->bond)
			inbound->bond->conversation_id = turn->record.id;
		inbound->code = PAL_OK;
		if (inbound->answer.failed)
			pal_inbound_fail_for_now(inbound, "out of memory");
		else
			inbound->done(inbound);
	}
}

/*
 * The exchange at `turn->commit.unit.at` repeats a message id: answer it from the store, later. The
 * rest is to run again. Each round rids us of a repeat, or counts as an attempt of the unit that
 * failed first, so the rounds come to an end.
 */
static void set_aside(struct pal_conversation_actor *c, struct pal_turn *turn, bool is_first)
{
	bool is_attempt = is_first && turn->commit.unit.verdict == PAL_UNIT_STALE;
	size_t duplicate = turn->commit.unit.verdict == PAL_UNIT_DUPLICATE ? turn->commit.unit.at
									   : SIZE_MAX;

	for (size_t i = 0; i < turn->count; i++) {
		struct pal_inbound *inbound = turn->inbound[i];
		if (i == duplicate)
			pal_msg_push(&c->duplicates, &inbound->note.msg);
		else if (is_attempt && ++inbound->attempts > PAL_ATTEMPTS_MAX)
			pal_inbound_fail_for_now(inbound, "the conversation is busy elsewhere");
		else
			pal_msg_push(&c->failed, &inbound->note.msg);
	}
}

static void on_committed(struct pal_conversation_actor *c, struct pal_turn *turn)
{
	const struct pal_unit *unit = &turn->commit.unit;

	assert(c->in_flight > 0);
	c->in_flight--;
	if (unit->verdict == PAL_UNIT_STORED) {
		if (c->record.key == 0)
			pal_count_started();
		c->record.key = turn->record.key;
		c->dirty = true;
		answer_turn(turn);
	} else {
		bool is_first = !c->broken;
		c->broken = true;
		if (unit->verdict == PAL_UNIT_FAILED)
			fail_turn(turn, &unit->err);
		else
			set_aside(c, turn, is_first);
	}
	pal_turn_destroy(turn);
}

/* --- The turn --------------------------------------------------------------------------------- */

/*
 * All units are back and one was not stored: forget what was computed on top of it and run its
 * messages again, before those that came later.
 */
static void mend(struct pal_conversation_actor *c)
{
	for (struct pal_note *note; (note = pal_conversation_take_waiting(c)) != NULL; )
		pal_msg_push(&c->failed, &note->msg);
	for (struct pal_msg *msg; (msg = pal_msg_shift(&c->failed)) != NULL; c->waiting_count++)
		pal_msg_push(&c->waiting, msg);
	c->broken = false;
	c->dirty = false;	/* `record` holds what was not stored; a load repairs what lags */
	if (c->record.key || c->nascent) {
		c->phase = PAL_CONVERSATION_UNKNOWN;
		c->nascent = false;
	} else {
		c->record.last_sequence = 0;
		c->standing = (struct pal_state){.view = {0, 0}};
		pal_conversation_set_state(c, (struct pal_str){NULL, 0});
	}
}

/*
 * A unit can follow the one in flight, except one that makes the conversation itself, and a
 * command's.
 */
static bool can_commit(const struct pal_conversation_actor *c)
{
	return !c->broken && !c->commanding &&
	       c->in_flight < (c->record.key ? UNITS_IN_FLIGHT_MAX : 1);
}

static void run_waiting(struct pal_conversation_actor *c)
{
	while (c->phase == PAL_CONVERSATION_READY && c->waiting_count && can_commit(c)) {
		if (!is_command_next(c))
			run_turn(c);
		else if (c->in_flight == 0)
			pal_command_run_next(c);
		else
			break;	/* it decides on what is stored: when all is back */
	}
}

static void proceed(struct pal_conversation_actor *c)
{
	if (c->broken && c->in_flight == 0)
		mend(c);
	run_waiting(c);
	if (c->phase == PAL_CONVERSATION_UNKNOWN && c->waiting_count)
		pal_conversation_load(c);
	if (c->in_flight == 0 && c->waiting_count == 0) {
		pal_replay_all(c, &c->duplicates);
		if (c->record.key == 0 && c->phase == PAL_CONVERSATION_READY)
			pal_directory_retire(c->service->directory, &c->live);
	}
	/* what is already taken, and repeats that wait for it, go before the mailbox */
	if (c->phase == PAL_CONVERSATION_LOADING || !can_commit(c) || c->waiting_count ||
	    c->duplicates.tail)
		pal_actor_park(&c->live.actor);
	else
		pal_actor_unpark(&c->live.actor);
}

/* The next message; with a whole batch waiting already, only answers to what we asked ourselves. */
static struct pal_msg *next_note(struct pal_conversation_actor *c)
{
	uint32_t max = atomic_load_explicit(&c->service->batch_max, memory_order_relaxed);

	return c->waiting_count < max ? pal_actor_take(&c->live.actor)
				      : pal_actor_take_reply(&c->live.actor);
}

static void take_notes(struct pal_conversation_actor *c)
{
	struct pal_msg *msg;

	while ((msg = next_note(c)) != NULL) {
		switch (((struct pal_note *)msg)->kind) {
		case PAL_NOTE_INBOUND:
		case PAL_NOTE_COMMAND:
			pal_msg_push(&c->waiting, msg);
			c->waiting_count++;
			break;
		case PAL_NOTE_COMMITTED:
			on_committed(c, (struct pal_turn *)msg);
			break;
		case PAL_NOTE_COMMANDED:
			pal_command_is_back(c, (struct pal_commanded *)msg);
			break;
		case PAL_NOTE_LOADED:
			pal_conversation_loaded(c, (struct pal_conversation_load *)msg);
			break;
		}
	}
}

static void turn(struct pal_actor *actor)
{
	struct pal_conversation_actor *c = (struct pal_conversation_actor *)actor;

	/* A store that does not block answers within the turn: take its answers in the same one. */
	for (unsigned round = 0; round < 2; round++) {
		take_notes(c);
		proceed(c);
	}
}

/* Only a daemon that stops has messages nobody took. */
static void drop(struct pal_actor *actor, struct pal_msg *msg)
{
	struct pal_error err;

	(void)actor;
	pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "conversation",
		       "the daemon is stopping");
	switch (((struct pal_note *)msg)->kind) {
	case PAL_NOTE_INBOUND:
	case PAL_NOTE_COMMAND:
		pal_conversation_fail((struct pal_note *)msg, &err);
		break;
	case PAL_NOTE_COMMITTED:
		if (((struct pal_turn *)msg)->commit.unit.verdict == PAL_UNIT_STORED)
			answer_turn((struct pal_turn *)msg);
		else
			fail_turn((struct pal_turn *)msg, &err);
		pal_turn_destroy((struct pal_turn *)msg);
		break;
	case PAL_NOTE_COMMANDED:
		pal_command_drop((struct pal_commanded *)msg, &err);
		break;
	case PAL_NOTE_LOADED:
		pal_conversation_load_drop((struct pal_conversation_load *)msg);
		break;
	}
}

const struct pal_actor_class pal_conversation_actor_class = {"conversation", turn, drop};
