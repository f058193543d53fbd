/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.h - what a turn computes: from a run of inbound messages of one conversation to the
 * exchanges of one unit. It touches neither the actor nor the store.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_TURN_H
#define PALAVER_SERVICE_CONVERSATION_TURN_H

#include "base/arena.h"
#include "model/state.h"
#include "service/conversation/message.h"
#include "service/view/answer.h"
#include "store/front.h"

struct pal_conversation_actor;

struct pal_turn {
	struct pal_note note;			/* first: it comes back to the actor as a message */
	struct pal_commit commit;
	struct pal_conversation_actor *conversation;
	struct pal_conversation record;		/* what the unit's `conversation` points to */
	struct pal_state standing;		/* what record.state says */
	struct pal_arena arena;			/* holds this turn too, and all it made */
	struct pal_inbound **inbound;		/* as many as exchanges, in the same order */
	struct pal_exchange *exchanges;
	struct pal_answer_facts *facts;		/* of each exchange, for its answer */
	size_t count, capacity;
	struct pal_record_write **records;	/* of replies that are pushed; NULL: none is */
	size_t record_count;
	int64_t committed_ns;			/* monotonic: when it went to the store */
};

/* An empty turn with room for `capacity` exchanges; NULL when out of memory. The caller owns it. */
struct pal_turn *pal_turn_create(size_t capacity);
void pal_turn_destroy(struct pal_turn *turn);

/*
 * Run `inbound` as the next message of `turn`: process, respond, number, and append its exchange.
 * turn->record moves on: last sequence, state, activity. On failure nothing has moved, and inbound
 * is still the caller's: PAL_E_PROCESSING when the content is at fault, PAL_E_SERVICE. Runs on:
 * worker.
 */
enum pal_code pal_turn_add(struct pal_turn *turn, struct pal_message_service *service,
			   struct pal_inbound *inbound, struct pal_error *err) PAL_MUST_CHECK;

#endif
