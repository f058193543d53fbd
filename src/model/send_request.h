/* SPDX-License-Identifier: Apache-2.0 */
/* send_request.h - decode and check a SendMessageRequest (domain.md sections 1.2 and 1.3). */
#ifndef PALAVER_MODEL_SEND_REQUEST_H
#define PALAVER_MODEL_SEND_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/content.h"
#include "model/fields.h"
#include "model/message.h"

/* What the client wants of the pipeline (ProcessingHints). */
struct pal_hints {
	bool bypass_automation;
	bool require_human_review;
};

struct pal_send_request {
	struct pal_str message_id;	/* absent: the server makes one */
	struct pal_str conversation_id;	/* absent: a new conversation */
	struct pal_str user_id;
	struct pal_str session_id;	/* may be absent */
	enum pal_channel_type channel;
	struct pal_content content;
	struct pal_hints hints;
	int64_t timestamp_ms; /* the client's, kept but never used for order (domain.md B30) */
	uint8_t digest[PAL_DIGEST_SIZE];
};

/*
 * Read the scanned root object into `ret`, whose views live in the text and in fields->arena.
 * `now_ms` stands in for a missing timestamp. Unknown members are ignored. PAL_E_VALIDATION with
 * every wrong field in fields->errors and the first one in `err`; PAL_E_SERVICE when out of memory.
 * Runs on: any.
 */
enum pal_code pal_send_request_read(struct pal_fields *fields, int64_t now_ms,
				    struct pal_send_request *ret, struct pal_error *err)
	PAL_MUST_CHECK;

#endif
