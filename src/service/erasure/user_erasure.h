/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_erasure.h - the right to be forgotten (domain.md section 2.4, erase_user): a user's
 * conversations, sessions and feedback are taken out for good. The audit trail keeps that it was
 * done, on whose behalf and how much it was, and nothing of what was said.
 */
#ifndef PALAVER_SERVICE_ERASURE_USER_ERASURE_H
#define PALAVER_SERVICE_ERASURE_USER_ERASURE_H

#include "service/conversation/erasure.h"

#define PAL_USER_ERASURE_BATCH 64u	/* conversations found at once */

/* A conversation to be erased. */
struct pal_doomed {
	struct pal_str id;
	int64_t key, messages;
	bool is_marked;
};

/*
 * One erasure. The caller fills the first part and keeps it, and what it points to, until `done`;
 * then it frees `data`.
 */
struct pal_user_erasure {
	const struct pal_caller *caller;
	struct pal_str user_id;		/* whose data */
	struct pal_str request_id, ip_address;
	int64_t now_ms;			/* wall clock */
	/* Called exactly once. Runs on: worker or lane, or within the call. */
	void (*done)(struct pal_user_erasure *user);

	/* the service's */
	struct pal_message_service *service;
	struct pal_caller acting;	/* the caller, who need not be staff for this */
	struct pal_erasure one;		/* of the conversation at `next` */
	struct pal_query query;
	struct pal_arena arena;		/* of what was found */
	struct pal_doomed doomed[PAL_USER_ERASURE_BATCH];
	size_t doomed_count, next;
	struct pal_record_write removal[PAL_ERASURE_RECORDS];
	size_t removals;
	uint8_t phase, kind;
	bool progressed;		/* the batch before this one got smaller */
	struct pal_baton baton;
	int64_t conversations, messages, records[2];

	/* out */
	enum pal_code code;
	struct pal_error err;		/* unless PAL_OK */
	struct pal_buf data;		/* PAL_OK: a JSON object of counts */
};

/*
 * Have it done; PAL_OK also when there was nothing. PAL_E_SERVICE: some of it may be left; the same
 * again goes on with the rest. Runs on: any.
 */
void pal_erase_user(struct pal_message_service *service, struct pal_user_erasure *user);

#endif
