/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/load.h"

#include <stdlib.h>

#include "service/conversation/command.h"
#include "service/conversation/conversation.h"
#include "service/conversation/inbound.h"
#include "service/conversation/life.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u

/* A load of the record on its way to the store and back. */
struct pal_conversation_load {
	struct pal_note note;		/* first: it comes back to the actor as a message */
	struct pal_query query;
	struct pal_conversation_actor *conversation;
	struct pal_arena arena;
	struct pal_conversation record;
	enum pal_code code;
	struct pal_error err;
};

static struct pal_conversation_load *load_of(struct pal_query *query)
{
	return (struct pal_conversation_load *)((char *)query -
						offsetof(struct pal_conversation_load, query));
}

static void run_load(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_conversation_load *l = load_of(query);
	const struct pal_conversation_actor *c = l->conversation;

	l->code = pal_store_load_conversation(store, reader, c->tenant, c->id, &l->arena,
					      &l->record, &l->err);
}

static void load_is_done(struct pal_query *query)
{
	struct pal_conversation_load *l = load_of(query);

	pal_actor_reply(&l->conversation->live.actor, &l->note.msg);
}

static void fail_waiting(struct pal_conversation_actor *c, const struct pal_error *err)
{
	for (struct pal_note *note; (note = pal_conversation_take_waiting(c)) != NULL; )
		pal_conversation_fail(note, err);
}

void pal_conversation_load(struct pal_conversation_actor *c)
{
	struct pal_conversation_load *l = calloc(1, sizeof(*l));
	struct pal_error err;

	if (l) {
		l->note.kind = PAL_NOTE_LOADED;
		l->conversation = c;
		l->query.run = run_load;
		l->query.done = load_is_done;
		c->phase = PAL_CONVERSATION_LOADING;
		if (pal_store_front_query(c->service->options.front, &l->query) != PAL_PUT_FULL)
			return;
		c->phase = PAL_CONVERSATION_UNKNOWN;
		free(l);
	}
	pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
		       "the store has more to read than it can take");
	fail_waiting(c, &err);
}

void pal_conversation_load_drop(struct pal_conversation_load *load)
{
	pal_arena_release(&load->arena);
	free(load);
}

/*
 * There is no such conversation: messages and commands go elsewhere, up to the command, if any,
 * that is to make it.
 */
static void turn_away(struct pal_conversation_actor *c)
{
	struct pal_error err;

	pal_fail(&err, PAL_E_NOT_FOUND, "conversation", "there is no such conversation");
	for (struct pal_msg *msg; (msg = pal_msg_peek(&c->waiting)) != NULL; ) {
		bool is_command = ((struct pal_note *)msg)->kind == PAL_NOTE_COMMAND;
		if (is_command && ((struct pal_command *)msg)->creates) {
			c->nascent = true;
			c->phase = PAL_CONVERSATION_READY;
			return;
		}
		struct pal_note *note = pal_conversation_take_waiting(c);
		if (is_command)
			pal_conversation_fail(note, &err);
		else
			pal_conversation_turn_away(c->service, (struct pal_inbound *)note);
	}
	pal_directory_retire(c->service->directory, &c->live);
}

void pal_conversation_loaded(struct pal_conversation_actor *c,
			     struct pal_conversation_load *l)
{
	c->phase = PAL_CONVERSATION_UNKNOWN;
	if (l->code == PAL_OK && pal_conversation_set_record(c, &l->record)) {
		c->phase = PAL_CONVERSATION_READY;
	} else if (l->code == PAL_E_NOT_FOUND) {
		turn_away(c);
	} else {
		if (l->code == PAL_OK)
			pal_fail_memory(&l->err, "conversation");
		fail_waiting(c, &l->err);
	}
	pal_conversation_load_drop(l);
}
