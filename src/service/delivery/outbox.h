/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h - the delivery of a reply that is pushed, as its turn writes it: pending, in the unit
 * that stores the reply.
 */
#ifndef PALAVER_SERVICE_DELIVERY_OUTBOX_H
#define PALAVER_SERVICE_DELIVERY_OUTBOX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/conversation.h"
#include "model/send_request.h"
#include "palaver/store.h"

/* Whether replies of `channel` are pushed; else they wait in the history. Runs on: any. */
bool pal_outbox_takes(enum pal_channel_type channel);

/*
 * Give x->delivery its recipient and status, and write its record in `arena`, which takes all texts:
 * to whom is said by the request's channel_metadata.platform_user_id, else it is the user. One whom
 * the channel cannot reach makes the delivery a failed one that names the field (B8). PAL_E_SERVICE without memory. Uses the
 * thread's JSON scratch. Runs on: worker.
 */
enum pal_code pal_outbox_add(struct pal_tenant_key tenant, const struct pal_conversation *record,
			     const struct pal_send_request *request, struct pal_exchange *x,
			     struct pal_arena *arena, struct pal_record_write **ret,
			     struct pal_error *err) PAL_MUST_CHECK;

#endif
