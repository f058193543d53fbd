/* SPDX-License-Identifier: Apache-2.0 */
/* steps.h - the steps of an erasure, one question to the store each; each says what comes next. */
#ifndef PALAVER_SERVICE_ERASURE_STEPS_H
#define PALAVER_SERVICE_ERASURE_STEPS_H

#include "service/erasure/user_erasure.h"
#include "store/store.h"

/* What the next step does; in this order, so that what tells of others is there while it is asked. */
enum pal_user_erasure_phase {
	PAL_ERASE_FIND_WEBHOOKS,	/* of the owner at hand */
	PAL_ERASE_WRITE_WEBHOOKS,	/* those found, without what they told */
	PAL_ERASE_FIND_RECORDS,		/* of the kind at hand */
	PAL_ERASE_REMOVE_RECORDS,
	PAL_ERASE_FIND_CONVERSATIONS,
	PAL_ERASE_CONVERSATION,		/* one of those found */
	PAL_ERASE_FIND_TRAIL,		/* records that speak of the user */
	PAL_ERASE_WRITE_TRAIL,
	PAL_ERASE_TOMBSTONE,
	PAL_ERASE_ENDED,
};

static inline struct pal_user_erasure *pal_user_erasure_of(struct pal_query *query)
{
	return (struct pal_user_erasure *)((char *)query -
					   offsetof(struct pal_user_erasure, query));
}

/* End it so. Runs on: whoever runs the step. */
void pal_user_erasure_fail(struct pal_user_erasure *user, const struct pal_error *err);
void pal_user_erasure_fail_memory(struct pal_user_erasure *user);

/* Runs on: reader, or writer for those that write. */
typedef void pal_user_erasure_step(struct pal_query *query, struct pal_store *store,
				   unsigned reader);

pal_user_erasure_step pal_user_erasure_find_webhooks, pal_user_erasure_write_webhooks;
pal_user_erasure_step pal_user_erasure_find_records, pal_user_erasure_remove_records;
pal_user_erasure_step pal_user_erasure_find_trail, pal_user_erasure_write_trail,
	pal_user_erasure_put_tombstone;

/* Append what was counted, each with a comma behind it. Runs on: any. */
void pal_user_erasure_put_counts(struct pal_buf *out, const struct pal_user_erasure *user);

#endif
