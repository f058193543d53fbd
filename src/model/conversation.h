/* SPDX-License-Identifier: Apache-2.0 */
/* conversation.h - a conversation as stored: who, where, since when, and how far it has come. */
#ifndef PALAVER_MODEL_CONVERSATION_H
#define PALAVER_MODEL_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/message.h"

#define PAL_CONVERSATION_STATUSES(X)                                                               \
	X(PAL_CONVERSATION_ACTIVE, "active")                                                       \
	X(PAL_CONVERSATION_COMPLETED, "completed")                                                 \
	X(PAL_CONVERSATION_ABANDONED, "abandoned")                                                 \
	X(PAL_CONVERSATION_ESCALATED, "escalated")                                                 \
	X(PAL_CONVERSATION_ERROR, "error")                                                         \
	X(PAL_CONVERSATION_PAUSED, "paused")                                                       \
	X(PAL_CONVERSATION_ARCHIVED, "archived")

enum pal_conversation_status {
#define X(id, name) id,
	PAL_CONVERSATION_STATUSES(X)
#undef X
	PAL_CONVERSATION_STATUS_COUNT
};

/*
 * A conversation's record. `key` is the store's own number for it (0: not stored yet). The record
 * may lag behind its messages: `last_sequence` and `state` are repaired from the newest exchange
 * when it is loaded.
 */
struct pal_conversation {
	int64_t key;
	struct pal_str id;		/* public, opaque, at most PAL_ID_POINTS_MAX code points */
	struct pal_str user_id;
	struct pal_str session_id;	/* absent when there is none */
	struct pal_str
		previous_id; /* the closed conversation that this one continues; may be absent */
	enum pal_channel_type channel;
	enum pal_conversation_status status;
	int64_t started_ms, last_activity_ms;
	int64_t ended_ms;	/* when it was completed, abandoned or archived; 0: it goes on */
	int64_t last_sequence;
	struct pal_str state; /* JSON, as in struct pal_exchange; absent before the first */
	struct pal_str details;	/* JSON object that operations write; absent is {} */
	bool deleted;		/* softly: as if absent, but that it can be restored */
};

/* Wire names and back. Runs on: any. */
const char *pal_conversation_status_name(enum pal_conversation_status status);
bool pal_conversation_status_parse(struct pal_str name, enum pal_conversation_status *ret);

/*
 * Whether an update may take a conversation from one status to the other (domain.md section 1.1);
 * to the one it has is no change and may be. Coming back from completed or abandoned is not among
 * them: that is to reopen. Runs on: any.
 */
bool pal_conversation_may_become(enum pal_conversation_status from,
				 enum pal_conversation_status to);

/* Whether it is over: completed, abandoned or archived. Runs on: any. */
bool pal_conversation_status_is_end(enum pal_conversation_status status);

#endif
