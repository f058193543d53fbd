/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h - a stored message, its delivery, the audit record, and the exchange that binds them.
 */
#ifndef PALAVER_MODEL_MESSAGE_H
#define PALAVER_MODEL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/content.h"

#define PAL_ID_POINTS_MAX 255u	/* message, conversation, user, session ids; domain.md section 0 */

/* domain.md section 1.1; web and webhook are served so far, the rest are names a tenant may meet. */
#define PAL_CHANNELS(X)                                                                            \
	X(PAL_CHANNEL_WEB, "web")                                                                  \
	X(PAL_CHANNEL_WHATSAPP, "whatsapp")                                                        \
	X(PAL_CHANNEL_MESSENGER, "messenger")                                                      \
	X(PAL_CHANNEL_SLACK, "slack")                                                              \
	X(PAL_CHANNEL_TEAMS, "teams")                                                              \
	X(PAL_CHANNEL_SMS, "sms")                                                                  \
	X(PAL_CHANNEL_VOICE, "voice")                                                              \
	X(PAL_CHANNEL_TELEGRAM, "telegram")                                                        \
	X(PAL_CHANNEL_WEBHOOK, "webhook")

enum pal_channel_type {
#define X(id, name) id,
	PAL_CHANNELS(X)
#undef X
	PAL_CHANNEL_COUNT
};

/*
 * In delivery order (domain.md section 1.1): a status never moves backwards; failed stands apart.
 */
#define PAL_DELIVERY_STATUSES(X)                                                                   \
	X(PAL_DELIVERY_PENDING, "pending")                                                         \
	X(PAL_DELIVERY_RETRYING, "retrying")                                                       \
	X(PAL_DELIVERY_SENT, "sent")                                                               \
	X(PAL_DELIVERY_DELIVERED, "delivered")                                                     \
	X(PAL_DELIVERY_READ, "read")                                                               \
	X(PAL_DELIVERY_FAILED, "failed")

enum pal_delivery_status {
#define X(id, name) id,
	PAL_DELIVERY_STATUSES(X)
#undef X
	PAL_DELIVERY_STATUS_COUNT
};

enum pal_direction {
	PAL_INBOUND,
	PAL_OUTBOUND,
};

/*
 * One message as stored (domain.md section 1.4). All views are borrowed from the exchange's owner.
 */
struct pal_message {
	struct pal_str message_id;
	struct pal_str user_id;		/* "bot" for outbound */
	int64_t sequence; /* 1, 2, 3... within the conversation; 0: there is no message */
	enum pal_direction direction;
	int64_t timestamp_ms;		/* the client's time for inbound, ours for outbound */
	struct pal_content content;
	struct pal_str analysis; /* JSON: ai_analysis inbound, generation_metadata outbound */
	struct pal_str processing;	/* JSON: processing record, inbound only */
};

/* What has to leave because of an exchange; its identity is the outbound message's id. */
struct pal_delivery {
	enum pal_delivery_status status;
	struct pal_str recipient;
};

/* One line of the audit trail (domain.md section 1.4), written in the unit that it tells of. */
struct pal_audit {
	struct pal_str event_type;	/* dotted: "message.processed" */
	struct pal_str user_id;
	struct pal_str resource_id;
	struct pal_str request_id;
	struct pal_str ip_address;
};

#define PAL_DIGEST_SIZE 16

/*
 * One inbound message and all that its turn made of it: stored whole or not at all. `in.sequence`
 * is n, `out.sequence` is n+1, or 0 when the automation gate held the reply back.
 */
struct pal_exchange {
	struct pal_message in, out;
	int64_t received_ms;		/* our wall clock when the request was accepted */
	uint8_t digest[PAL_DIGEST_SIZE]; /* of the request's meaning: same id, other digest =
					    conflict */
	struct pal_str state; /* JSON: the conversation after this exchange, counters included */
	struct pal_delivery delivery;	/* meaningful when there is an outbound message */
	struct pal_audit audit;
};

/* Wire names and back. Runs on: any. */
const char *pal_channel_name(enum pal_channel_type channel);
bool pal_channel_parse(struct pal_str name, enum pal_channel_type *ret);
const char *pal_delivery_status_name(enum pal_delivery_status status);
bool pal_delivery_status_parse(struct pal_str name, enum pal_delivery_status *ret);

#endif
