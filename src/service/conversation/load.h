/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - fetch what is stored of a conversation, for its actor. */
#ifndef PALAVER_SERVICE_CONVERSATION_LOAD_H
#define PALAVER_SERVICE_CONVERSATION_LOAD_H

struct pal_conversation_actor;
struct pal_conversation_load;

/*
 * Ask the store for the conversation; the answer is a PAL_NOTE_LOADED in its mailbox. When the
 * store cannot be asked, the waiting messages are failed. Runs on: worker, in its turn.
 */
void pal_conversation_load(struct pal_conversation_actor *conversation);

/*
 * Take the answer in: the conversation is READY, or, when there is none, its waiting messages go
 * elsewhere and it goes too; or they fail. Takes `load`. Runs on: worker, in its turn.
 */
void pal_conversation_loaded(struct pal_conversation_actor *conversation,
			     struct pal_conversation_load *load);

/* Free an answer that nobody takes in. Runs on: any. */
void pal_conversation_load_drop(struct pal_conversation_load *load);

#endif
