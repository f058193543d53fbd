/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conversation.h - the actor of one conversation: the only one who numbers its messages.
 *
 * It may run ahead of the store: a turn is computed on the state that the turn before it left,
 * while that one is still being committed. The store takes units of a conversation in order or not
 * at all, so when one comes back without being stored, those behind it do too; the actor then
 * forgets what it knew, loads what is stored, and runs their messages again in the old order.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_CONVERSATION_H
#define PALAVER_SERVICE_CONVERSATION_CONVERSATION_H

#include "actor/directory.h"
#include "model/state.h"
#include "service/conversation/message.h"

struct pal_behind;
struct pal_command;
struct pal_idle;
struct pal_turn;

#define PAL_ATTEMPTS_MAX 8u	/* of one message or command to get past conflicting units */

/* The service as its own files see it. */
struct pal_message_service {
	struct pal_message_options options;	/* fixed at create, but for `limits` */
	struct pal_directory *directory;	/* fixed at create */
	struct pal_behind *behind;		/* records to write behind */
	struct pal_idle *idle;			/* fixed at create */
	/* the parts of struct pal_message_limits, each set by main and read by turns */
	_Atomic uint32_t batch_max;
	_Atomic bool strict_conversation_id;
	_Atomic int language_mode;
	_Atomic uint32_t blocking_flags;
	_Atomic bool accept_executables;
};

/* How much of the conversation the actor knows. */
enum pal_conversation_phase {
	PAL_CONVERSATION_UNKNOWN,	/* only the id */
	PAL_CONVERSATION_LOADING,
	PAL_CONVERSATION_READY,
};

struct pal_conversation_actor {
	struct pal_live live;			/* first member */
	struct pal_message_service *service;	/* fixed at create, as are tenant and id */
	struct pal_tenant_key tenant;
	struct pal_str id;			/* the directory reads it beside the turn */
	/* the rest is the turn's */
	struct pal_conversation record; /* other ids view `texts`, the state views `state` */
	char *texts;				/* one block */
	char *state;				/* NULL before the first exchange */
	struct pal_state standing;		/* what `state` says */
	struct pal_msg_queue waiting;		/* messages and commands taken but not run yet */
	struct pal_msg_queue failed;		/* of units that were not stored, to run again */
	struct pal_msg_queue duplicates;	/* to be answered from the store */
	uint32_t waiting_count;
	uint8_t phase;				/* enum pal_conversation_phase */
	uint8_t in_flight;			/* units at the store */
	bool broken; /* a unit was not stored: `record` is not to be trusted */
	bool commanding;			/* the unit at the store is a command's */
	bool nascent;				/* there is none yet; a waiting command makes it */
	bool dirty;				/* the stored record lags behind `record` */
	char id_text[];
};

/* What a worker calls; see the top of conversation.c. */
extern const struct pal_actor_class pal_conversation_actor_class;

/*
 * The oldest message or command that was taken and not run yet; NULL when there is none. Runs on:
 * worker.
 */
static inline struct pal_note *pal_conversation_take_waiting(struct pal_conversation_actor *c)
{
	struct pal_msg *msg = pal_msg_shift(&c->waiting);

	if (msg)
		c->waiting_count--;
	return (struct pal_note *)msg;
}

#endif
