/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/inbound.h"

#include "service/conversation/counters.h"
#include "service/conversation/message.h"

#define RETRY_AFTER_MS 1000u

void pal_inbound_fail(struct pal_inbound *inbound, const struct pal_error *err)
{
	inbound->code = err->code;
	inbound->err = *err;
	pal_count_error(err->code);
	inbound->done(inbound);
}

void pal_inbound_fail_for_now(struct pal_inbound *inbound, const char *why)
{
	struct pal_error err;

	pal_buf_deinit(&inbound->answer);
	pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "conversation", "%s", why);
	pal_inbound_fail(inbound, &err);
}

void pal_inbound_refusal(struct pal_error *err, enum pal_put why)
{
	if (why == PAL_PUT_FULL)
		pal_fail_retry(err, PAL_E_RATE_LIMIT, RETRY_AFTER_MS, "conversation",
			       "this conversation has as many messages waiting as it may");
	else
		pal_fail_retry(err, PAL_E_SERVICE, RETRY_AFTER_MS, "conversation",
			       "no more conversations can be held now");
}
