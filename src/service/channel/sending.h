/* SPDX-License-Identifier: Apache-2.0 */
/* sending.h - one message sent to where a channel goes, to see whether it arrives. */
#ifndef PALAVER_SERVICE_CHANNEL_SENDING_H
#define PALAVER_SERVICE_CHANNEL_SENDING_H

#include "service/channel/channels.h"

/*
 * Send it and end `call` by `finish`, with the outcome as its data; that it does not arrive is an
 * outcome, not a failure. PAL_E_CONFLICT for a channel that sends nothing, PAL_E_VALIDATION for a
 * recipient that it cannot have, PAL_E_SERVICE. Runs on: any.
 */
void pal_channel_sending_start(struct pal_channel_call *call, struct pal_courier *courier,
			       const struct pal_clock *clock, struct pal_channel_config *config,
			       void (*finish)(struct pal_channel_call *call, enum pal_code code));

#endif
