/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - write the MessageResponse (domain.md section 1.3) of an exchange, fresh or found
 * again. */
#ifndef PALAVER_SERVICE_VIEW_ANSWER_H
#define PALAVER_SERVICE_VIEW_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "model/message.h"

struct pal_answer_facts {
	struct pal_str conversation_id;
	enum pal_channel_type channel;
	int64_t processing_time_ms;
	bool conversation_created;
	bool duplicate;			/* the stored answer, given again */
	struct pal_str view;		/* JSON: the conversation's state as clients see it */
	struct pal_str warnings;	/* JSON strings, with commas between them */
	/* how the reply came about; meaningful when there is one */
	struct pal_str model_name, model_provider;
	double confidence;
	bool fallback_used;
};

/*
 * Fill the facts that a stored exchange holds: view, warnings and generation. Views live as long as the
 * exchange, or in `arena`. `scratch` is overwritten. Runs on: the owner of `scratch`.
 */
void pal_answer_recall(const struct pal_exchange *exchange, struct pal_json *scratch,
		       struct pal_arena *arena, struct pal_answer_facts *facts);

/*
 * Append the answer that `exchange` gives. A gated exchange answers with response null. Failure
 * shows in out->failed. Runs on: any.
 */
void pal_answer_write(struct pal_buf *out, const struct pal_exchange *exchange,
		      const struct pal_answer_facts *facts);

#endif
