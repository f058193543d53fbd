/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_gate.h - the way of a message that names a session (domain.md section 2.2, steps 7 and
 * 15): the session must be there, alive and the user's before anything is stored; its context goes
 * along; it is bound to the message's conversation, and its activity moves, once the message is
 * stored. Messages that name none do not come by here.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_SESSION_GATE_H
#define PALAVER_SERVICE_CONVERSATION_SESSION_GATE_H

#include <stdbool.h>

#include "base/id.h"
#include "service/session/change.h"

struct pal_inbound;
struct pal_message_service;

/* A message and its session, from the gate until the message is done. */
struct pal_session_bond {
	struct pal_session_change change;	/* first; what was loaded, then what binds it */
	struct pal_inbound *inbound;
	struct pal_message_service *messages;
	void (*go_on)(struct pal_message_service *messages, struct pal_inbound *inbound);
	void (*done)(struct pal_inbound *inbound);	/* the inbound's own */
	bool follows;		/* it named no conversation and goes into the session's */
	/* set by the conversation when the message is stored there; good until `done` */
	struct pal_str conversation_id;
	char *kept_id;		/* a copy of it */
	char own_id[PAL_UUID_TEXT_SIZE];
};

/*
 * Take `inbound`, which names a session or for which one is to be made, through the gate: go_on()
 * is called with inbound->bond set, or inbound->done() with PAL_E_NOT_FOUND or PAL_E_SERVICE.
 * Messages for one conversation keep their order. Runs on: any.
 */
void pal_session_gate(struct pal_sessions *sessions, struct pal_inbound *inbound,
		      struct pal_message_service *messages,
		      void (*go_on)(struct pal_message_service *messages,
				    struct pal_inbound *inbound));

#endif
