/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_text.h - the JSON texts that a turn stores with its messages. Each lies in the turn's arena
 * and is absent when out of memory. Runs on: worker.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_TURN_TEXT_H
#define PALAVER_SERVICE_CONVERSATION_TURN_TEXT_H

#include "respond/respond.h"
#include "service/conversation/turn.h"

/*
 * As items of a JSON array, empty when there are none. What a person has to look at is worth one to
 * the client too.
 */
struct pal_str pal_turn_write_warnings(struct pal_turn *turn,
				       const struct pal_process_result *result, bool needs_review);

/* How the message was treated; `held` says why it has no reply, NULL when it has one. */
struct pal_str pal_turn_write_processing(struct pal_turn *turn, const struct pal_send_request *r,
					 const char *held, struct pal_str warnings,
					 int64_t queue_ms, int64_t took_ms);

/* What the processor found. */
struct pal_str pal_turn_write_analysis(struct pal_turn *turn,
				       const struct pal_process_result *result);

/* Who made the reply, and how. */
struct pal_str pal_turn_write_generation(struct pal_turn *turn,
					 const struct pal_respond_result *reply, int64_t took_ns);

/* The reply's content as clients see it. */
struct pal_str pal_turn_write_content(struct pal_turn *turn, const struct pal_content *content);

/* The conversation's state after the message, and what it says in *ret. */
struct pal_str pal_turn_write_state(struct pal_turn *turn, const struct pal_process_result *result,
				    bool has_reply, int64_t response_time_ms,
				    struct pal_state *ret);

#endif
