/* SPDX-License-Identifier: Apache-2.0 */
/* What the events of webhooks do, each by its kind. */
#include <stdio.h>

#include "base/crypto.h"
#include "service/webhook/parts.h"

char *pal_webhook_message_id(enum pal_channel_type type, struct pal_str platform_id,
			     char out[PAL_UUID_TEXT_SIZE])
{
	uint8_t digest[PAL_SHA256_SIZE];
	char channel[32];
	struct pal_uuid id;

	snprintf(channel, sizeof(channel), "%s/", pal_channel_name(type));
	pal_sha256_pair(pal_str(channel), platform_id, digest);
	memcpy(id.b, digest, sizeof(id.b));
	id.b[6] = (uint8_t)(0x80 | (id.b[6] & 0x0f));	/* RFC 9562 section 5.8 */
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return pal_uuid_format(&id, out);
}

bool pal_webhook_may_pass_later(enum pal_code code)
{
	return code == PAL_E_SERVICE || code == PAL_E_RATE_LIMIT || code == PAL_E_EXTERNAL;
}

const char *pal_webhook_event_name(enum pal_channel_event_kind kind)
{
	static const char *const names[] = {
		[PAL_EVENT_MESSAGE_RECEIVED] = "message_received",
		[PAL_EVENT_DELIVERY_STATUS] = "delivery_status",
		[PAL_EVENT_READ_RECEIPT] = "read_receipt",
		[PAL_EVENT_IGNORED] = "ignored",
		[PAL_EVENT_FAULTY] = "faulty",
	};

	return names[kind];
}

void pal_webhook_event_start(struct pal_webhook_job *job)
{
	const struct pal_channel_event *event = pal_webhook_event_of(job);
	struct pal_error err;

	switch (event->kind) {
	case PAL_EVENT_MESSAGE_RECEIVED:
		pal_webhook_message_start(job);
		break;
	case PAL_EVENT_DELIVERY_STATUS:
	case PAL_EVENT_READ_RECEIPT:
		pal_webhook_receipt_start(job);
		break;
	case PAL_EVENT_IGNORED:
		pal_webhook_event_ended(job, PAL_WEBHOOK_DONE, "ignored", NULL);
		break;
	case PAL_EVENT_FAULTY:
		pal_fail(&err, PAL_E_VALIDATION, event->field, "%s", event->fault);
		pal_webhook_event_ended(job, PAL_WEBHOOK_FAILED, "failed", &err);
		break;
	}
}
