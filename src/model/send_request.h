/* SPDX-License-Identifier: Apache-2.0 */
/* send_request.h - decode and check a SendMessageRequest (domain.md sections 1.2 and 1.3). */
#ifndef PALAVER_MODEL_SEND_REQUEST_H
#define PALAVER_MODEL_SEND_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/content_read.h"
#include "model/details.h"
#include "model/fields.h"
#include "model/message.h"

/* What the client wants of the pipeline (ProcessingHints). */
struct pal_hints {
	bool bypass_automation;
	bool require_human_review;
	enum pal_priority priority;
	uint32_t processing_timeout_ms;	/* from the request's begin to its turn; 0: none */
	struct pal_str raw;		/* all of them as JSON; absent when none were given */
};

struct pal_send_request {
	struct pal_str message_id;	/* absent: the server makes one */
	struct pal_str conversation_id;	/* absent: a new conversation */
	struct pal_str user_id;
	struct pal_str session_id;	/* may be absent */
	enum pal_channel_type channel;
	struct pal_str channel_metadata;	/* JSON; absent when none was given */
	struct pal_content content;
	struct pal_hints hints;
	int64_t timestamp_ms; /* the client's, kept but never used for order (domain.md B30) */
	uint8_t digest[PAL_DIGEST_SIZE];
};

/* What an operator may set. */
struct pal_request_rules {
	struct pal_content_rules content;
	bool reject_skewed_timestamps;	/* more than 24 hours off; else they are kept */
	uint32_t channels;		/* bits 1 << enum pal_channel_type: those enabled */
};

/* The rules of a configuration that sets nothing. Runs on: any. */
struct pal_request_rules pal_request_rules_default(void);

/* Whether the client's clock is so far from ours that it is worth a warning. Runs on: any. */
bool pal_timestamp_is_skewed(int64_t timestamp_ms, int64_t now_ms);

/*
 * Read the scanned root object by `rules` into `ret`, whose views live in the text and in
 * fields->arena. `now_ms` stands in for a missing timestamp. Unknown members are ignored.
 * PAL_E_VALIDATION with every wrong field in fields->errors and the first one in `err`;
 * PAL_E_SERVICE when out of memory. Runs on: any.
 */
enum pal_code pal_send_request_read(struct pal_fields *fields, int64_t now_ms,
				    const struct pal_request_rules *rules,
				    struct pal_send_request *ret, struct pal_error *err)
	PAL_MUST_CHECK;

#endif
