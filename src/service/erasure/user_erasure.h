/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_erasure.h - the right to be forgotten (domain.md section 2.4, erase_user): a user's
 * conversations with their deliveries, sessions and feedback are taken out for good, kept webhooks
 * lose what they told, and records of the audit trail whom they speak of. The trail keeps that it
 * was done, on whose behalf and how much it was: of whom it says a name that is made of the user's
 * id and a secret of the installation, so that who knows the id can be told, and nobody else.
 */
#ifndef PALAVER_SERVICE_ERASURE_USER_ERASURE_H
#define PALAVER_SERVICE_ERASURE_USER_ERASURE_H

#include "service/conversation/erasure.h"
#include "service/webhook/webhooks.h"

#define PAL_USER_ERASURE_BATCH 64u	/* conversations found at once */

#define PAL_USER_ERASURE_TRAIL 256u	/* records of the trail that lose their names at once */
#define PAL_USER_ERASURE_WEBHOOKS 16u	/* kept webhooks looked at, or rewritten, at once */
#define PAL_TOMBSTONE_SIZE 38		/* "user-", 32 hex digits and NUL */

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
	struct pal_record *seen;	/* kept webhooks, in the arena */
	size_t seen_count;
	int64_t webhook_ms;		/* the one looked at last: kept then, */
	char webhook_id[PAL_WEBHOOK_ID_SIZE];	/* under this id */
	size_t webhook_id_size;
	int64_t trail[PAL_USER_ERASURE_TRAIL];	/* numbers of records */
	size_t trail_count;
	int64_t trail_at;		/* looked at up to this one */
	uint8_t phase, kind, owner;
	bool progressed;		/* the batch before this one got smaller */
	bool lacks_memory;		/* for what is visited */
	struct pal_baton baton;
	int64_t conversations, messages, records[2], webhooks, audit_records;

	/* out */
	char tombstone[PAL_TOMBSTONE_SIZE];	/* the user's name in the trail */
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
