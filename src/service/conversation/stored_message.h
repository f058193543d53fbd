/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stored_message.h - what may be done with a message that is stored already (domain.md section
 * 2.2): look at it, say how far it has come, deliver it again, judge it. The exchange itself is
 * never written again; what is said of it later is a record beside it. Nothing here touches an
 * actor.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_STORED_MESSAGE_H
#define PALAVER_SERVICE_CONVERSATION_STORED_MESSAGE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/message_request.h"
#include "service/access/caller.h"
#include "store/front.h"

struct pal_dispatch;

#define PAL_FEEDBACK_KIND PAL_STR("feedback")

enum pal_stored_verb {
	PAL_STORED_GET,		/* MessageView and where its delivery stands */
	PAL_STORED_ANALYTICS,	/* MessageAnalytics */
	PAL_STORED_STATUS,	/* a step forward of its delivery */
	PAL_STORED_RETRY,	/* a new attempt to deliver it, after it failed */
	PAL_STORED_FEEDBACK,	/* what its reader thinks of it; said again, it replaces */
	PAL_STORED_RECEIPT,	/* how far it has come, as its channel tells: never a step back */
	PAL_STORED_TYPING,	/* somebody is writing: `id` is a conversation's */
};
#define PAL_STORED_VERB_COUNT (PAL_STORED_TYPING + 1)

/*
 * One request and its answer. The caller fills the first part, keeps it and what it points to until
 * `done`, and then frees `data`.
 */
struct pal_stored_call {
	enum pal_stored_verb verb;
	const struct pal_caller *caller;
	struct pal_str id;		/* of a message, inbound or outbound */
	int64_t now_ms;			/* wall clock */
	enum pal_channel_type channel;	/* RECEIPT: which tells; it knows its own messages only */
	struct pal_str platform_id;	/* RECEIPT: what it calls it, if not by `id`; may be absent */
	struct pal_dispatch *dispatch;	/* is told of what has to leave again; may be NULL */
	union {
		struct pal_status_request status;	/* STATUS and RECEIPT */
		struct pal_feedback_request feedback;
		struct pal_typing_request typing;
	} of;
	/* Called exactly once. Runs on: lane, or the caller's thread for a store that does not
	 * block. */
	void (*done)(struct pal_stored_call *call);

	/* the service's */
	struct pal_store_front *front;
	union {
		struct pal_query query;
		struct pal_record_commit commit;
	};
	struct pal_arena arena;
	struct pal_record_write write;
	bool writes;
	unsigned attempts;

	/* out */
	enum pal_code code;
	struct pal_error err;		/* unless PAL_OK */
	struct pal_buf data;		/* PAL_OK: a JSON object */
};

/*
 * Have it done. PAL_E_NOT_FOUND: the message is absent, or in a conversation that is neither the
 * caller's own nor the caller staff; PAL_E_CONFLICT: not by the delivery order, or nothing to be
 * retried; PAL_E_UNAUTHORIZED: for another user; PAL_E_VALIDATION: the metadata would grow too
 * large; PAL_E_SERVICE. Runs on: any.
 */
void pal_stored_message_do(struct pal_store_front *front, struct pal_stored_call *call);

#endif
