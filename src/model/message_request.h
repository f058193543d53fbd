/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_request.h - decode and check the bodies of the operations on messages that are stored
 * already (domain.md section 1.3). As model/conversation_request.h: wrong members stand in
 * fields->errors, what is kept as written is raw JSON. Runs on: any.
 */
#ifndef PALAVER_MODEL_MESSAGE_REQUEST_H
#define PALAVER_MODEL_MESSAGE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/fields.h"
#include "model/message.h"

/* MessageStatusUpdate. */
struct pal_status_request {
	enum pal_delivery_status status;	/* sent, delivered, read or failed */
	int64_t timestamp_ms;
	struct pal_str metadata;		/* raw JSON; may be absent */
};
void pal_status_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     int64_t now_ms, struct pal_status_request *ret);

/* domain.md section 1.1, FeedbackType, and what each says of the reply: 1 good, 0 bad. */
#define PAL_FEEDBACK_TYPES(X)                                                                      \
	X(PAL_FEEDBACK_THUMBS_UP, "thumbs_up", 1)                                                  \
	X(PAL_FEEDBACK_THUMBS_DOWN, "thumbs_down", 0)                                              \
	X(PAL_FEEDBACK_HELPFUL, "helpful", 1)                                                      \
	X(PAL_FEEDBACK_NOT_HELPFUL, "not_helpful", 0)                                              \
	X(PAL_FEEDBACK_ACCURATE, "accurate", 1)                                                    \
	X(PAL_FEEDBACK_INACCURATE, "inaccurate", 0)

enum pal_feedback_type {
#define X(id, name, good) id,
	PAL_FEEDBACK_TYPES(X)
#undef X
	PAL_FEEDBACK_TYPE_COUNT
};
const char *pal_feedback_type_name(enum pal_feedback_type type);
bool pal_feedback_type_parse(struct pal_str name, enum pal_feedback_type *ret);
bool pal_feedback_type_is_good(enum pal_feedback_type type);

/* MessageFeedback. */
struct pal_feedback_request {
	struct pal_str user_id;		/* whose it is, when a backend gives it; may be absent */
	enum pal_feedback_type type;
	int64_t rating;			/* 1..5; 0: none */
	struct pal_str comment;		/* raw JSON; may be absent */
	int64_t timestamp_ms;
};
void pal_feedback_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			       int64_t now_ms, struct pal_feedback_request *ret);

#define PAL_TYPING_MS_MAX 30000
#define PAL_TYPING_MS_DEFAULT 3000

/* POST /chat/typing. */
struct pal_typing_request {
	struct pal_str conversation_id, user_id;
	int64_t duration_ms;		/* 0..PAL_TYPING_MS_MAX */
};
void pal_typing_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_typing_request *ret);

#endif
