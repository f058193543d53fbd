/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erasure.h - take a conversation out for good. First it is marked, by an operation: from then on
 * nobody reaches it and nothing goes into it. Then what is said of its messages beside them, how far
 * they came and what its user thought of them, is removed, and the messages slice by slice on the
 * write lane, so that nobody waits long behind it. Whoever finds the mark of an erasure that a dying
 * daemon left goes on with it.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_ERASURE_H
#define PALAVER_SERVICE_CONVERSATION_ERASURE_H

#include "base/baton.h"
#include "service/conversation/operation.h"

#define PAL_ERASURE_RECORDS 64u		/* looked at, or removed, in one step */
#define PAL_FEEDBACK_ID_SIZE 64u	/* bytes: hex of a SHA-256 */

/*
 * One erasure. The caller fills `op` as for PAL_VERB_ERASE, keeps it until `done`, and finds the
 * outcome in op.command.
 */
struct pal_erasure {
	struct pal_operation op;	/* first */
	/* Called exactly once. Runs on: worker or lane, or within the call. */
	void (*done)(struct pal_erasure *erasure);

	/* the service's */
	struct pal_message_service *service;
	struct pal_query query;
	struct pal_arena arena;		/* of one step */
	struct pal_record_write *removal;	/* PAL_ERASURE_RECORDS of them, in the arena */
	size_t removals, looked_at;
	bool lacks_memory;		/* for what is visited */
	int64_t feedback_ms;		/* the feedback looked at last: created then, */
	char feedback_id[PAL_FEEDBACK_ID_SIZE];	/* with this id */
	size_t feedback_id_len;
	uint8_t phase;
	struct pal_baton baton;
};

/*
 * Mark and erase. PAL_OK: nothing of it is left, and command.data says so. PAL_E_NOT_FOUND, also
 * when it is being erased already; PAL_E_SERVICE: when it was marked before the trouble, the rest
 * goes at a later sweep. Runs on: any.
 */
void pal_erase_conversation(struct pal_message_service *service, struct pal_erasure *erasure);

/*
 * Go on with conversation `key`, which bears the mark; of `op` only the caller is looked at. Runs
 * on: any.
 */
void pal_erase_marked(struct pal_message_service *service, struct pal_erasure *erasure,
		      int64_t key);

#endif
