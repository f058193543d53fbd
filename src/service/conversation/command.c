/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/command.h"

#include <assert.h>

#include "service/conversation/conversation.h"
#include "service/conversation/counters.h"
#include "service/conversation/inbound.h"
#include "service/conversation/life.h"

#define RETRY_AFTER_MS 1000u
#define COMMAND_BYTES_MAX (4u << 20)	/* of the texts that one decision makes */

void pal_command_fail(struct pal_command *command, const struct pal_error *err)
{
	pal_buf_deinit(&command->data);
	command->code = err->code;
	command->err = *err;
	command->done(command);
}

static void answer(struct pal_command *command)
{
	command->code = PAL_OK;
	command->done(command);
}

void pal_message_command(struct pal_message_service *service, struct pal_command *command)
{
	const struct pal_key key = {.tenant = command->caller->tenant.n,
				    .id = command->conversation_id};
	struct pal_error err;

	command->note.kind = PAL_NOTE_COMMAND;
	command->attempts = 0;
	enum pal_put put = pal_directory_send(service->directory, &key, &command->note.msg,
					      pal_conversation_make);
	if (put == PAL_PUT_QUEUED)
		return;
	pal_inbound_refusal(&err, put);
	pal_command_fail(command, &err);
}

/* --- Deciding --------------------------------------------------------------------------------- */

static enum pal_code check(const struct pal_command *command, const struct pal_conversation *record,
			   struct pal_error *err)
{
	if (command->creates)
		return record->key == 0 ? PAL_OK
					: pal_fail(err, PAL_E_CONFLICT, "conversation_id",
						   "there is a conversation of this id already");
	/* nobody else is to know that it exists */
	if (record->key == 0 || !pal_caller_reaches(command->caller, record->user_id) ||
	    (record->deleted && !command->reaches_deleted))
		return pal_fail(err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	return PAL_OK;
}

static struct pal_commanded *prepare(struct pal_conversation_actor *c, struct pal_command *command)
{
	struct pal_arena arena = pal_arena_of(COMMAND_BYTES_MAX);
	struct pal_commanded *k = pal_arena_get(&arena, sizeof(*k));

	if (!k)
		return NULL;
	*k = (struct pal_commanded){.note = {.kind = PAL_NOTE_COMMANDED},
				    .conversation = c,
				    .command = command,
				    .record = command->creates ? *command->creates : c->record};
	k->record.id = c->record.id;
	k->change = (struct pal_change){.status = k->record.status,
					.ended_ms = k->record.ended_ms,
					.deleted = k->record.deleted,
					.details = k->record.details};
	k->arena = arena;
	return k;
}

static void destroy(struct pal_commanded *commanded)
{
	struct pal_arena arena = commanded->arena;	/* it lies in it */

	pal_arena_release(&arena);
}

static enum pal_code decide(struct pal_commanded *k, struct pal_error *err)
{
	struct pal_command *command = k->command;

	pal_buf_deinit(&command->data);
	enum pal_code code = check(command, &k->conversation->record, err);
	if (code == PAL_OK)
		code = command->decide(command, &k->record, &k->arena, &k->change, err);
	if (code == PAL_OK && command->data.failed)
		code = pal_fail_memory(err, "conversation");
	k->record.status = k->change.status;
	k->record.ended_ms = k->change.ended_ms;
	k->record.deleted = k->change.deleted;
	k->record.details = k->change.details;
	return code;
}

/* --- To the store and back -------------------------------------------------------------------- */

static void is_back(struct pal_commit *commit)
{
	struct pal_commanded *k =
		(struct pal_commanded *)((char *)commit - offsetof(struct pal_commanded, commit));

	pal_actor_reply(&k->conversation->live.actor, &k->note.msg);
}

/* Decide, and send the unit to the store; false: it is answered. */
static bool run(struct pal_conversation_actor *c, struct pal_command *command)
{
	struct pal_commanded *k = prepare(c, command);
	struct pal_error err;

	if (!k) {
		pal_fail_memory(&err, "conversation");
		pal_command_fail(command, &err);
		return false;
	}
	if (decide(k, &err) == PAL_OK) {
		k->commit = (struct pal_commit){.unit = {.tenant = c->tenant,
							 .conversation = &k->record,
							 .change = &k->change},
						.done = is_back};
		if (pal_store_front_commit(c->service->options.front, &k->commit) != PAL_PUT_FULL)
			return true;
		pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
			       "the store has more to write than it can take");
	}
	destroy(k);
	pal_command_fail(command, &err);
	return false;
}

/* --- In the actor ----------------------------------------------------------------------------- */

void pal_command_run_next(struct pal_conversation_actor *c)
{
	struct pal_command *command = (struct pal_command *)pal_conversation_take_waiting(c);

	c->in_flight++;	/* before: a store that does not block is done within the call */
	c->commanding = true;
	if (run(c, command))
		return;
	c->in_flight--;
	c->commanding = false;
	if (c->nascent)
		c->phase = PAL_CONVERSATION_UNKNOWN;	/* not made: ask again for the rest */
	c->nascent = false;
}

/* What the command made of the conversation is what is stored. */
static void take_over(struct pal_conversation_actor *c, const struct pal_commanded *done)
{
	if (c->record.key == 0)
		pal_count_started();
	if (!c->record.ended_ms && done->record.ended_ms)
		pal_count_ended();
	c->record.key = done->record.key;
	c->nascent = false;
	if (!pal_conversation_set_facts(c, &done->record))
		c->broken = true;	/* the store has it: load it when it can be */
	if (done->command->forgets) {
		pal_conversation_set_state(c, (struct pal_str){NULL, 0});
		c->phase = PAL_CONVERSATION_UNKNOWN;
		c->dirty = false;
		pal_directory_retire(c->service->directory, &c->live);
	}
}

/* Once more, or the id is taken by what cannot be loaded, or is given up. */
static void retry_command(struct pal_conversation_actor *c, struct pal_command *command)
{
	struct pal_error err;

	if (++command->attempts <= (command->creates ? 1 : PAL_ATTEMPTS_MAX)) {
		pal_msg_push(&c->failed, &command->note.msg);
		return;
	}
	if (command->creates)
		pal_fail(&err, PAL_E_CONFLICT, "conversation_id",
			 "there was a conversation of this id already");
	else
		pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "conversation",
			       "the conversation is busy elsewhere");
	pal_command_fail(command, &err);
}

void pal_command_is_back(struct pal_conversation_actor *c, struct pal_commanded *done)
{
	const struct pal_unit *unit = &done->commit.unit;

	assert(c->in_flight == 1 && c->commanding);
	c->in_flight--;
	c->commanding = false;
	if (unit->verdict == PAL_UNIT_STORED) {
		take_over(c, done);
		answer(done->command);
	} else {
		c->broken = true;	/* whether it is stored after all, only the store knows */
		if (unit->verdict == PAL_UNIT_FAILED)
			pal_command_fail(done->command, &unit->err);
		else
			retry_command(c, done->command);
	}
	destroy(done);
}

void pal_command_drop(struct pal_commanded *done, const struct pal_error *err)
{
	if (done->commit.unit.verdict == PAL_UNIT_STORED)
		answer(done->command);
	else
		pal_command_fail(done->command, err);
	destroy(done);
}
