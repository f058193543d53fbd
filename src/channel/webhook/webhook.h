/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook.h - the generic channel: messages are posted to a URL of the tenant's and come back to one
 * of ours, both signed by Standard Webhooks 1.0.0 (channels.md section 3).
 */
#ifndef PALAVER_CHANNEL_WEBHOOK_WEBHOOK_H
#define PALAVER_CHANNEL_WEBHOOK_WEBHOOK_H

#include "palaver/channel.h"

extern const struct pal_channel_ops pal_channel_webhook;

#endif
