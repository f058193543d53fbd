/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behind.h - write conversation records behind, many in one go. The messages are the truth; a
 * record that lags is repaired when it is loaded, so losing one here costs nothing but that repair.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_BEHIND_H
#define PALAVER_SERVICE_CONVERSATION_BEHIND_H

#include <stdbool.h>

#include "model/conversation.h"
#include "model/tenant.h"

struct pal_behind;
struct pal_store_front;

/* Create an empty collection for `front`, which must outlive it. NULL when out of memory. */
struct pal_behind *pal_behind_create(struct pal_store_front *front);

/* Free it and what was not flushed; NULL is fine. Runs on: main. */
void pal_behind_destroy(struct pal_behind *behind);

/*
 * Copy `record` in; a full batch, or one of another tenant, goes to the store first. False when
 * there is no memory or the store takes no more now: try at a later sweep. Runs on: any, who sends
 * included: a full directory lets go at once.
 */
bool pal_behind_add(struct pal_behind *behind, struct pal_tenant_key tenant,
		    const struct pal_conversation *record);

/* Send what was collected to the store; false as above. Runs on: any. */
bool pal_behind_flush(struct pal_behind *behind);

#endif
