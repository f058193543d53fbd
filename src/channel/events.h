/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h - reads the envelope {"type", "timestamp", "data"} of Standard Webhooks with the events
 * that clients of ours tell: message.created, message.status, message.read (channels.md 3.3).
 */
#ifndef PALAVER_CHANNEL_EVENTS_H
#define PALAVER_CHANNEL_EVENTS_H

#include "palaver/channel.h"

enum pal_envelope_takes {
	PAL_TAKES_MESSAGES = 1 << 0,	/* message.created */
	PAL_TAKES_RECEIPTS = 1 << 1,	/* message.status delivered or read, message.read */
	PAL_TAKES_SENDING = 1 << 2,	/* message.status sent or failed */
};

/*
 * Read `body` into one event; one of a type that is not in the mask `takes`, or unknown, is IGNORED.
 * Its dedupe_key is left to the caller. PAL_E_VALIDATION when it is no envelope, PAL_E_SERVICE.
 * Runs on: any.
 */
enum pal_code pal_envelope_read(struct pal_str body, unsigned takes, struct pal_json *json,
				struct pal_arena *arena, struct pal_channel_events *ret,
				struct pal_error *err) PAL_MUST_CHECK;

#endif
