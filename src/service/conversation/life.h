/* SPDX-License-Identifier: Apache-2.0 */
/* life.h - how a conversation's actor comes, what it knows, and how it goes. */
#ifndef PALAVER_SERVICE_CONVERSATION_LIFE_H
#define PALAVER_SERVICE_CONVERSATION_LIFE_H

#include <stdbool.h>

#include "actor/directory.h"
#include "base/error.h"
#include "model/conversation.h"

struct pal_conversation_actor;
struct pal_inbound;
struct pal_message_service;
struct pal_note;

/* What the directory of live conversations knows of them. */
extern const struct pal_directory_class pal_conversation_class;

/* The pal_make_fn of a conversation whose id a client gave. */
struct pal_live *pal_conversation_make(void *service, const struct pal_key *key,
				       const struct pal_msg *msg);

/*
 * Begin a new conversation with `inbound` as its first message; `previous_id` names the closed one
 * it continues, if any. On failure inbound is answered. Runs on: any.
 */
void pal_conversation_start(struct pal_message_service *service, struct pal_inbound *inbound,
			    struct pal_str previous_id);

/*
 * What becomes of a message for a conversation that there is not, or not for its sender: both look
 * alike (domain.md section 2.2, step 6). Runs on: any.
 */
void pal_conversation_turn_away(struct pal_message_service *service, struct pal_inbound *inbound);

/* Answer a message or a command that waited with a failure. Runs on: any. */
void pal_conversation_fail(struct pal_note *note, const struct pal_error *err);

/*
 * Take over a copy of `record`, all but its id, or of a state alone, or of all but id and state. False when out of memory;
 * nothing has changed then. Runs on: worker, in its turn.
 */
bool pal_conversation_set_record(struct pal_conversation_actor *conversation,
				 const struct pal_conversation *record) PAL_MUST_CHECK;
bool pal_conversation_set_state(struct pal_conversation_actor *conversation, struct pal_str state);
bool pal_conversation_set_facts(struct pal_conversation_actor *conversation,
				const struct pal_conversation *record) PAL_MUST_CHECK;

#endif
