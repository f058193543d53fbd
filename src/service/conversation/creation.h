/* SPDX-License-Identifier: Apache-2.0 */
/* creation.h - create a conversation and say the first thing in it, in one request. */
#ifndef PALAVER_SERVICE_CONVERSATION_CREATION_H
#define PALAVER_SERVICE_CONVERSATION_CREATION_H

#include "service/conversation/operation.h"

/*
 * One request. The caller fills `op` as for PAL_VERB_CREATE and, when something is to be said, all
 * of `inbound` but its conversation and `done`.
 */
struct pal_creation {
	struct pal_operation op;	/* first */
	bool has_message;
	struct pal_inbound inbound;
	/* Called exactly once. Runs on: worker or lane, or within pal_conversation_create. */
	void (*done)(struct pal_creation *creation);

	struct pal_message_service *service;	/* the service's */
};

/*
 * Create the conversation, as pal_operate; when that is stored, send the message. PAL_OK: the
 * conversation is there, and op.command.data has `initial_response`, the MessageResponse, or
 * `initial_error`, why there is none; both null without a message. Runs on: any.
 */
void pal_conversation_create(struct pal_message_service *service, struct pal_creation *creation);

#endif
