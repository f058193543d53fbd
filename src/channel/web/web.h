/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web.h - the channel of our own clients: a reply waits in the history, is `sent` once stored, and
 * delivered and read when the client says so. Live sockets will push through the same contract.
 */
#ifndef PALAVER_CHANNEL_WEB_WEB_H
#define PALAVER_CHANNEL_WEB_WEB_H

#include "palaver/channel.h"

extern const struct pal_channel_ops pal_channel_web;

#endif
