/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - where a conversation stands after an exchange, as one JSON text: the view that clients
 * see (domain.md section 1.3, ConversationStateView) and the counters. Each exchange stores the
 * whole of it, so the newest one alone says everything about a conversation. What can be derived
 * from the messages (the history of intents, for one) is not repeated in it.
 *
 * The text is only ever written here, so its parts are known while it is written; it is scanned
 * only when it comes back from a store.
 */
#ifndef PALAVER_MODEL_STATE_H
#define PALAVER_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

/* domain.md section 1.4, metrics. */
struct pal_state_counts {
	int64_t messages, user_messages, bot_messages;
	int64_t intent_switches, escalations;
	int64_t response_time_total_ms, response_time_max_ms;
};

/* A part of the text. */
struct pal_state_span {
	uint32_t at, len;
};

/* What a state text says; zeroed is the empty state. The spans go with one text. */
struct pal_state {
	struct pal_state_counts counts;
	struct pal_state_span view, intent, entities, slots,
		stage; /* intent without quotes, len 0: none */
};

/* What one exchange brings. */
struct pal_state_change {
	struct pal_str intent;		/* absent: none was found; a word that needs no escaping */
	struct pal_str entities;	/* JSON object: merged into the old one, key by key */
	struct pal_str expected;	/* JSON array: what the reply asks for; absent is [] */
	struct pal_str language;	/* of the message, two letters; absent: it does not tell */
	bool has_reply;
	int64_t response_time_ms;	/* meaningful with a reply */
};

/* Read a text that comes from a store; an absent or foreign one is the empty state. `scratch` is
 * overwritten. Runs on: the owner of `scratch`. */
struct pal_state pal_state_read(struct pal_json *scratch, struct pal_str text);

/*
 * Append to `out`, which is empty, the text that follows `before` with its text `before_text`; *ret
 * is what it says. `scratch` is overwritten. Failure shows in out->failed. Runs on: the owner of
 * `scratch`.
 */
void pal_state_next(struct pal_json *scratch, const struct pal_state *before,
		    struct pal_str before_text, const struct pal_state_change *change,
		    struct pal_buf *out, struct pal_state *ret);

/* The view in `text`, or that of the empty state. Runs on: any. */
struct pal_str pal_state_view(const struct pal_state *state, struct pal_str text);

/* The language that is spoken, as a state text says; absent: none was told, or it is English. */
struct pal_str pal_state_language(struct pal_str text);

/* The current intent in `text`, absent when there is none. Runs on: any. */
struct pal_str pal_state_intent(const struct pal_state *state, struct pal_str text);

#endif
