/* SPDX-License-Identifier: Apache-2.0 */
/* inbound.h - end an inbound message that cannot be answered. */
#ifndef PALAVER_SERVICE_CONVERSATION_INBOUND_H
#define PALAVER_SERVICE_CONVERSATION_INBOUND_H

#include "actor/mailbox.h"
#include "base/error.h"

struct pal_inbound;

/* Answer `inbound` with a failure, and count it. Runs on: any. */
void pal_inbound_fail(struct pal_inbound *inbound, const struct pal_error *err);

/* As pal_inbound_fail: PAL_E_SERVICE because of `why`, worth another try soon. Runs on: any. */
void pal_inbound_fail_for_now(struct pal_inbound *inbound, const char *why);

/* Why a conversation takes no more, in words. Runs on: any. */
void pal_inbound_refusal(struct pal_error *err, enum pal_put why);

#endif
