/* SPDX-License-Identifier: Apache-2.0 */
/* stored_parts.h - what the verbs of stored_message.h share. For the files stored_*.c alone. */
#ifndef PALAVER_SERVICE_CONVERSATION_STORED_PARTS_H
#define PALAVER_SERVICE_CONVERSATION_STORED_PARTS_H

#include "service/conversation/stored_message.h"
#include "store/store.h"

struct pal_delivery_state;

struct pal_stored_context {
	struct pal_stored_call *call;
	struct pal_store *store;
	unsigned reader;
	struct pal_str id;	/* of the message: the call's, or what a platform's id led to */
	struct pal_found_exchange found;
	const struct pal_message *message;	/* the one that was asked for, within `found` */
};

/*
 * Write call->data, and call->write with call->writes when something is to be stored, by what is
 * stored now. Texts in call->arena. Runs on: reader, as does all below.
 */
typedef enum pal_code pal_stored_fn(struct pal_stored_context *context);
pal_stored_fn pal_stored_get, pal_stored_analytics, pal_stored_status, pal_stored_retry,
	pal_stored_feedback, pal_stored_receipt;

/* An empty buffer of this thread, to be used up before it is asked for again. */
struct pal_buf *pal_stored_draft(void);

/* What `draft` holds, in call->arena; absent when out of memory. */
struct pal_str pal_stored_keep(struct pal_stored_context *x, const struct pal_buf *draft);

/* --- The delivery of a reply ------------------------------------------------------------------ */

/* Where a reply stands is known of replies alone: PAL_E_CONFLICT for an inbound message. */
enum pal_code pal_stored_require_reply(struct pal_stored_context *x) PAL_MUST_CHECK;

/* Where it stands, and the record that says so: version 0 when none was written yet. */
enum pal_code pal_stored_load_delivery(struct pal_stored_context *x, struct pal_delivery_state *ret,
				       struct pal_record *ret_record) PAL_MUST_CHECK;

/*
 * Merge the members of `fresh`, a JSON object, into *into. PAL_E_VALIDATION, subject `field`, when
 * it would grow too large; PAL_E_SERVICE.
 */
enum pal_code pal_stored_merge(struct pal_stored_context *x, const char *field,
			       struct pal_str fresh, struct pal_str *into) PAL_MUST_CHECK;

/* Note when the state's status was reached; refusals as of pal_stored_merge. */
enum pal_code pal_stored_stamp(struct pal_stored_context *x, struct pal_delivery_state *state,
			       int64_t wall_ms) PAL_MUST_CHECK;

/* Have `state` written over `old`, to be tried at `due_ms` if it still has to leave. */
enum pal_code pal_stored_write_delivery(struct pal_stored_context *x,
					const struct pal_delivery_state *state,
					const struct pal_record *old,
					int64_t due_ms) PAL_MUST_CHECK;

/* The members of `state` in an object that is open, each with a comma behind it. */
void pal_stored_put_delivery(struct pal_buf *out, const struct pal_stored_context *x,
			     const struct pal_delivery_state *state);

/* The whole answer of the verbs that move a delivery on. */
void pal_stored_answer_delivery(struct pal_stored_context *x,
				const struct pal_delivery_state *state);

/* --- Feedback --------------------------------------------------------------------------------- */

/* The id of what `user_id` said of the message; absent when out of memory. */
struct pal_str pal_stored_feedback_id(struct pal_stored_context *x, struct pal_str user_id);

/* The record `id`, of version 0 when there is none. */
enum pal_code pal_stored_load_feedback(struct pal_stored_context *x, struct pal_str id,
				       struct pal_record *ret) PAL_MUST_CHECK;

#endif
