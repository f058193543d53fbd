/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conversation_request.h - decode and check the bodies of the operations on conversations
 * (domain.md section 1.3). What is stored as it was written is kept as raw JSON, a view of the
 * body.
 *
 * Each function reads the members of `root`; whatever is wrong stands in fields->errors, and *ret
 * is then not to be used. Views live in the text and in fields->arena. Runs on: any.
 */
#ifndef PALAVER_MODEL_CONVERSATION_REQUEST_H
#define PALAVER_MODEL_CONVERSATION_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/conversation.h"
#include "model/details.h"
#include "model/fields.h"

#define PAL_REASON_POINTS_MAX 500u
#define PAL_NOTES_POINTS_MAX 2000u

/* What an update says of the details. */
struct pal_edit {
	bool given[PAL_DETAIL_COUNT];
	struct pal_str value[PAL_DETAIL_COUNT];	/* raw JSON; absent: to be taken away */
};

/* ConversationCreateRequest. */
struct pal_create_request {
	struct pal_str conversation_id;	/* absent: the server makes one */
	struct pal_str user_id;
	struct pal_str session_id;	/* may be absent */
	struct pal_str initial_message;	/* may be absent */
	enum pal_channel_type channel;
	struct pal_edit edit;
};
void pal_create_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_create_request *ret);

/* ConversationUpdateRequest; null takes a member away. */
struct pal_update_request {
	bool has_status;
	enum pal_conversation_status status;
	struct pal_edit edit;
};
void pal_update_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_update_request *ret);

/* {"context_updates": {...}} or, the same, {"context": {...}}: the object's raw JSON. */
void pal_context_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			      struct pal_str *ret);

/* How a conversation ended, in whoever's eyes closes it (domain.md section 1.1). */
#define PAL_RESOLUTIONS(X)                                                                         \
	X(PAL_RESOLUTION_RESOLVED, "resolved")                                                     \
	X(PAL_RESOLUTION_ESCALATED, "escalated")                                                   \
	X(PAL_RESOLUTION_ABANDONED, "abandoned")                                                   \
	X(PAL_RESOLUTION_TIMEOUT, "timeout")

enum pal_resolution {
#define X(id, name) id,
	PAL_RESOLUTIONS(X)
#undef X
	PAL_RESOLUTION_COUNT
};
const char *pal_resolution_name(enum pal_resolution resolution);

/* ConversationCloseRequest. */
struct pal_close_request {
	struct pal_str reason;		/* raw JSON */
	enum pal_resolution resolution;
	int64_t rating;			/* 1..5; 0: none */
	struct pal_str agent_notes;	/* raw JSON; may be absent */
	bool follow_up_required;
	int64_t follow_up_ms;		/* meaningful when required */
};

/*
 * `now_ms`: a follow-up is later than that. An empty object is the variant without a body, resolved
 * because "completed", when `may_be_empty`.
 */
void pal_close_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			    bool may_be_empty, int64_t now_ms, struct pal_close_request *ret);

/* {"reason": "..."}, of escalate and reopen; *ret is raw JSON, absent when none is given. */
void pal_reason_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_str *ret);

/* ConversationTransferRequest; raw JSON, absent when not given. */
struct pal_transfer_request {
	struct pal_str target_agent, target_department, target_queue;
	struct pal_str reason;
	struct pal_str notes;
	struct pal_str priority;
};
void pal_transfer_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			       struct pal_transfer_request *ret);

#endif
