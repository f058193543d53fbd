/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - where a conversation stands after an exchange, as one JSON text: the view that clients
 * see (domain.md section 1.3, ConversationStateView), the history of intents, the counters. Each
 * exchange stores the whole of it, so the newest one alone says everything about a conversation.
 */
#ifndef PALAVER_MODEL_STATE_H
#define PALAVER_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define PAL_INTENT_HISTORY_MAX 20u

/* domain.md section 1.4, metrics. */
struct pal_state_metrics {
	int64_t message_count, user_messages, bot_messages;
	int64_t intent_switches, escalation_triggers;
	int64_t response_time_total_ms, response_time_max_ms;
};

/* What one exchange brings. */
struct pal_state_change {
	struct pal_str intent;		/* absent: none was found */
	struct pal_str entities;	/* JSON object: merged into the old one, key by key */
	struct pal_str expected;	/* JSON array: what the reply asks for; absent is [] */
	bool has_reply;
	int64_t response_time_ms;
};

/*
 * Append to `out` the state that follows `before` (absent: the empty state). `scratch` is overwritten.
 * False when `before` is no state of ours; `out` is then as it was. Runs on: the owner of `scratch`.
 */
bool pal_state_next(struct pal_json *scratch, struct pal_str before,
		    const struct pal_state_change *change, struct pal_buf *out);

/* The view inside `state`, or that of the empty state. `scratch` is overwritten. */
struct pal_str pal_state_view(struct pal_json *scratch, struct pal_str state);

/* The counters inside `state`; zero for the empty state. `scratch` is overwritten. */
struct pal_state_metrics pal_state_metrics(struct pal_json *scratch, struct pal_str state);

/* The current intent inside `state`, absent when there is none; a view into it. `scratch` is overwritten. */
struct pal_str pal_state_intent(struct pal_json *scratch, struct pal_str state);

#endif
