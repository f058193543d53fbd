/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_param delivery_id[] = {
	{.name = "id", .about = "Id of the reply, which is its delivery's too, or of the message it answers."},
	{.name = NULL},
};

static const struct pal_api_param list_query[] = {
	{.name = "status", .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/DeliveryStatus"}),
	 .about = "Only those that stand so; failed ones are the dead letters."},
	{.name = "channel", .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/ChannelType"}),
	 .about = "Only those of this channel."},
	{.name = "conversation_id", .about = "Only those of this conversation."},
	{.name = "limit",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
	 .about = "How many at most."},
	{.name = "cursor", .schema = PAL_JSON_TEXT({"type": "string"}),
	 .about = "Where the last page ended: its next_cursor."},
	{.name = NULL},
};

static const struct pal_api_param metrics_query[] = {
	{.name = "from", .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/InstantInput"}),
	 .about = "Of replies made since then; seven days before `to` when it is not given."},
	{.name = "to", .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/InstantInput"}),
	 .about = "Of replies made until then; now when it is not given."},
	{.name = "channel", .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/ChannelType"}),
	 .about = "Only those of this channel."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_list_deliveries = {
	.tag = "Deliveries",
	.about = "Of replies that are pushed, the oldest first; for staff. A page may have fewer than `limit` "
		 "although there are more: has_next tells.",
	.query = list_query,
	.response = "DeliveryList",
};

const struct pal_api_doc pal_doc_get_delivery = {
	.tag = "Deliveries",
	.about = "With its last ten attempts and the breaker of its channel. A reply that waits in the history is told of "
		 "by what its message says.",
	.path = delivery_id,
	.response = "Delivery",
	.failures = "404",
};

const struct pal_api_doc pal_doc_retry_deliveries = {
	.tag = "Deliveries",
	.about = "Try deliveries again that failed, under the same webhook-id, with as many attempts as new ones: "
		 "those of message_ids or, with status failed, the first hundred that pass the filter. A single id that "
		 "has not failed is a conflict; of several each has its own result. A dry run only tells.",
	.request = "DeliveryRetryRequest",
	.response = "DeliveryRetryResult",
	.failures = "404 409",
	.request_example = PAL_JSON_TEXT({"status": "failed", "channel": "webhook", "dry_run": true}),
};

const struct pal_api_doc pal_doc_get_delivery_metrics = {
	.tag = "Deliveries",
	.about = "Figures of replies that are pushed; for staff. At most 50,000 are looked at, truncated tells.",
	.query = metrics_query,
	.response = "DeliveryMetrics",
};
