/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/replay.h"

#include <stdlib.h>

#include "service/view/answer.h"
#include "service/conversation/conversation.h"
#include "service/conversation/inbound.h"
#include "service/conversation/counters.h"
#include "service/conversation/session_gate.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u

/*
 * A look-up of the first sending. It needs nothing of the actor, so its answer goes straight out.
 */
struct replay {
	struct pal_query query;
	struct pal_inbound *inbound;
	const struct pal_clock *clock;
	struct pal_arena arena;
	struct pal_found_exchange found;
	enum pal_code code;
	struct pal_error err;
};

static struct replay *replay_of(struct pal_query *query)
{
	return (struct replay *)((char *)query - offsetof(struct replay, query));
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct replay *r = replay_of(query);

	r->code = pal_store_find_exchange(store, reader, r->inbound->caller->tenant,
					  r->inbound->request.message_id, false, &r->arena,
					  &r->found, &r->err);
}

/* Whether what was found is what was sent now; if not, say so. */
static enum pal_code judge(struct replay *r)
{
	const struct pal_inbound *inbound = r->inbound;

	if (r->code == PAL_E_NOT_FOUND)
		return pal_fail_retry(&r->err, PAL_E_SERVICE, RETRY_AFTER_MS, "message",
				      "the first sending of this message was not stored");
	if (r->code != PAL_OK)
		return r->code;
	if (memcmp(r->found.exchange.digest, inbound->request.digest, PAL_DIGEST_SIZE) != 0)
		return pal_fail(&r->err, PAL_E_CONFLICT, "message_id",
				"this message_id was used before with another body");
	return PAL_OK;
}

static void done(struct pal_query *query)
{
	struct replay *r = replay_of(query);
	struct pal_inbound *inbound = r->inbound;

	r->code = judge(r);
	if (r->code == PAL_OK) {
		struct pal_answer_facts facts = {
			.conversation_id = r->found.conversation.id,
			.channel = r->found.conversation.channel,
			.processing_time_ms =
				(pal_clock_mono_ns(r->clock) - inbound->start_ns) / 1000000,
			.conversation_created = r->found.exchange.in.sequence == 1,
			.duplicate = true,
		};
		pal_answer_recall(&r->found.exchange, pal_thread_json(), &r->arena, &facts);
		pal_answer_write(&inbound->answer, &r->found.exchange, &facts);
		if (inbound->answer.failed) {
			pal_buf_deinit(&inbound->answer);
			r->code = pal_fail_memory(&r->err, "answer");
		}
	}
	if (r->code == PAL_OK) {
		pal_count_duplicate();
		inbound->code = PAL_OK;
		inbound->is_duplicate = true;
		if (inbound->bond)
			inbound->bond->conversation_id = r->found.conversation.id;
		inbound->done(inbound);
	} else {
		pal_inbound_fail(inbound, &r->err);
	}
	pal_arena_release(&r->arena);
	free(r);
}

void pal_replay_all(struct pal_conversation_actor *conversation, struct pal_msg_queue *duplicates)
{
	const struct pal_message_options *o = &conversation->service->options;
	struct pal_error err;

	for (struct pal_msg *msg; (msg = pal_msg_shift(duplicates)) != NULL; ) {
		struct replay *r = calloc(1, sizeof(*r));
		if (r) {
			r->inbound = (struct pal_inbound *)msg;
			r->clock = o->clock;
			r->query.run = run;
			r->query.done = done;
			if (pal_store_front_query(o->front, &r->query) != PAL_PUT_FULL)
				continue;
			free(r);
		}
		pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
			       "the store has more to read than it can take");
		pal_inbound_fail((struct pal_inbound *)msg, &err);
	}
}
