/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - change a conversation by other means than a message: a command to its actor. It runs
 * behind all messages taken before it and in front of those that come after, with no unit in
 * flight, so what it decides on is what is stored; and what it decides is stored before it is
 * answered.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_COMMAND_H
#define PALAVER_SERVICE_CONVERSATION_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "palaver/store.h"
#include "service/access/caller.h"
#include "service/conversation/message.h"
#include "store/front.h"

struct pal_conversation_actor;

/* One command. Keep it and all it points to until `done` is called; then free `data`. */
struct pal_command {
	struct pal_note note;		/* first; the service's */

	const struct pal_caller *caller;
	struct pal_str conversation_id;
	struct pal_str request_id, ip_address;
	/*
	 * Not NULL: the conversation is to be made, as this says: user, session, channel, times. It
	 * is PAL_E_CONFLICT when there is one of that id.
	 */
	const struct pal_conversation *creates;
	bool reaches_deleted;		/* a conversation that is deleted is not absent to it */
	bool forgets;			/* once it is stored, the actor forgets the conversation */
	/*
	 * Required. `record` is what is stored, or `creates` with its id. Fill `change`, which
	 * begins as what the record says, with texts in `arena`, and `data` with the answer; or
	 * fail. It may be called again, when the store had other things to say; nothing but the
	 * command may be changed. Runs on: worker.
	 */
	enum pal_code (*decide)(struct pal_command *command, const struct pal_conversation *record,
				struct pal_arena *arena, struct pal_change *change,
				struct pal_error *err);
	/*
	 * Required. Called exactly once, maybe before the submit returns. Runs on: worker or lane.
	 */
	void (*done)(struct pal_command *command);

	uint8_t attempts;		/* the service's */

	/* out */
	enum pal_code code;
	struct pal_error err;		/* unless PAL_OK */
	struct pal_buf data;		/* PAL_OK: what `decide` wrote; the caller's to free */
};

/*
 * Take `command` on. Its `done` tells the outcome: PAL_E_NOT_FOUND when the conversation is absent,
 * deleted, or neither the caller's own nor the caller staff; PAL_E_RATE_LIMIT and PAL_E_SERVICE as
 * pal_message_submit; what `decide` says. Runs on: any.
 */
void pal_message_command(struct pal_message_service *service, struct pal_command *command);

/* --- For the actor ---------------------------------------------------------------------------- */

/* A command at the store. */
struct pal_commanded {
	struct pal_note note;			/* first: it comes back to the actor as a message */
	struct pal_commit commit;
	struct pal_conversation_actor *conversation;
	struct pal_command *command;
	struct pal_conversation record;		/* as it will be once this is stored */
	struct pal_change change;
	struct pal_arena arena;			/* holds this too */
};

/* End `command` with a failure. Runs on: any. */
void pal_command_fail(struct pal_command *command, const struct pal_error *err);

/*
 * The next of what waits is a command, and nothing is in flight: run it. Its unit goes to the store
 * and comes back as a PAL_NOTE_COMMANDED; or it is answered. Runs on: worker, in the conversation's
 * turn.
 */
void pal_command_run_next(struct pal_conversation_actor *conversation);

/*
 * A unit is back: take over what it made of the conversation and answer; or have the command run
 * again, or fail. Takes `done`. Runs on: worker, in the conversation's turn.
 */
void pal_command_is_back(struct pal_conversation_actor *conversation, struct pal_commanded *done);

/*
 * It comes back to an actor that is going: answer it as the store said, or with `err`. Takes `done`.
 * Runs on: any.
 */
void pal_command_drop(struct pal_commanded *done, const struct pal_error *err);

#endif
