/* SPDX-License-Identifier: Apache-2.0 */
/* replay.h - answer a message whose id was seen before with the stored answer (domain.md F43). */
#ifndef PALAVER_SERVICE_CONVERSATION_REPLAY_H
#define PALAVER_SERVICE_CONVERSATION_REPLAY_H

#include "actor/msg.h"

struct pal_conversation_actor;

/*
 * Take every inbound message from `duplicates` and have it answered: with what its first sending
 * stored, marked duplicate; or PAL_E_CONFLICT when that had another body; or, when nothing is
 * stored after all, PAL_E_SERVICE with a time to come again. Runs on: worker, in the conversation's
 * turn.
 */
void pal_replay_all(struct pal_conversation_actor *conversation, struct pal_msg_queue *duplicates);

#endif
