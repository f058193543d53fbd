/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries (domain.md sections 1.4 and 2.7). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_deliveries[] = {
	{"DeliveryAttempt", PAL_JSON_TEXT({
		"type": "object",
		"required": ["attempt_number", "started_at", "completed_at", "success", "outcome"],
		"properties": {
			"attempt_number": {"type": "integer", "minimum": 0},
			"started_at": {"$ref": "#/components/schemas/Instant"},
			"completed_at": {"$ref": "#/components/schemas/Instant"},
			"part": {"type": "integer", "minimum": 1, "description": "Which of its parts; absent: the whole."},
			"success": {"type": "boolean"},
			"outcome": {"enum": ["ok", "accepted", "rate", "retry", "unknown", "reauth", "recipient", "window", "permanent"], "description": "unknown: it may have arrived."},
			"channel_message_id": {"type": ["string", "null"]},
			"error_code": {"type": "string"}
		}
	})},
	{"Delivery", PAL_JSON_TEXT({
		"type": "object",
		"required": ["delivery_id", "message_id", "conversation_id", "sequence_number", "channel_type", "recipient",
			     "status", "attempt_count", "attempts", "error_code", "possible_duplicate", "next_attempt_at",
			     "created_at", "updated_at"],
		"properties": {
			"delivery_id": {"type": "string", "description": "The reply's id; msg_ and this is the webhook-id of every attempt. Of one in parts, _1, _2 ... stand behind it."},
			"message_id": {"type": "string"},
			"conversation_id": {"type": "string"},
			"sequence_number": {"type": "integer", "minimum": 1},
			"channel_type": {"$ref": "#/components/schemas/ChannelType"},
			"recipient": {"type": ["string", "null"]},
			"status": {"$ref": "#/components/schemas/DeliveryStatus"},
			"attempt_count": {"type": "integer", "minimum": 0, "description": "Attempts that began; one that is the first of its reply may count when it ends."},
			"attempts": {"type": "array", "maxItems": 10, "items": {"$ref": "#/components/schemas/DeliveryAttempt"}},
			"error_code": {"type": ["string", "null"]},
			"parts": {"type": "integer", "minimum": 2, "description": "In how many requests it leaves; absent: in one. It is sent when all have arrived."},
			"parts_done": {"type": "integer", "minimum": 0, "description": "How many have arrived, the first ones."},
			"error_field": {"type": ["string", "null"], "description": "What of the message's request was wrong; of INVALID_RECIPIENT."},
			"error_message": {"type": ["string", "null"]},
			"possible_duplicate": {"type": "boolean", "description": "The receiver may get it more than once, under one webhook-id."},
			"platform_message_id": {"type": ["string", "null"]},
			"timestamps": {"type": "object", "description": "When each status was reached."},
			"breaker": {"type": "object", "required": ["state", "wait_ms"], "description": "Of its channel; of a single delivery that is pushed only.", "properties": {
				"state": {"enum": ["closed", "open", "half_open"], "description": "open: nothing is sent for wait_ms still; half_open: one attempt decides."},
				"wait_ms": {"type": "integer", "minimum": 0}
			}},
			"next_attempt_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]},
			"created_at": {"$ref": "#/components/schemas/Instant"},
			"updated_at": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"DeliveryList", PAL_JSON_TEXT({
		"type": "object",
		"required": ["deliveries", "limit", "has_next", "next_cursor"],
		"properties": {
			"deliveries": {"type": "array", "items": {"$ref": "#/components/schemas/Delivery"}},
			"limit": {"type": "integer"},
			"has_next": {"type": "boolean"},
			"next_cursor": {"type": ["string", "null"]}
		}
	})},
	{"DeliveryRetryRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"message_ids": {"type": ["array", "null"], "minItems": 1, "maxItems": 100, "items": {"type": "string", "minLength": 1, "maxLength": 255}},
			"status": {"enum": ["pending", "retrying", "sent", "delivered", "read", "failed", null], "description": "failed, when there are no message_ids."},
			"channel": {"anyOf": [{"$ref": "#/components/schemas/ChannelType"}, {"type": "null"}]},
			"conversation_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"dry_run": {"type": ["boolean", "null"], "default": false}
		}
	})},
	{"DeliveryRetryResult", PAL_JSON_TEXT({
		"type": "object",
		"required": ["dry_run", "retried", "skipped", "has_more", "results"],
		"properties": {
			"dry_run": {"type": "boolean"},
			"retried": {"type": "integer", "minimum": 0, "description": "In a dry run: that would be."},
			"skipped": {"type": "integer", "minimum": 0},
			"has_more": {"type": "boolean"},
			"results": {"type": "array", "items": {
				"type": "object",
				"required": ["message_id", "result"],
				"properties": {
					"message_id": {"type": "string"},
					"result": {"enum": ["retried", "not_found", "not_failed", "conflict"]}
				}
			}}
		}
	})},
	{"DeliveryMetrics", PAL_JSON_TEXT({
		"type": "object",
		"required": ["from", "to", "total", "by_status", "by_channel", "attempts", "possible_duplicates",
			     "success_rate", "average_delivery_ms", "truncated"],
		"properties": {
			"from": {"$ref": "#/components/schemas/Instant"},
			"to": {"$ref": "#/components/schemas/Instant"},
			"total": {"type": "integer", "minimum": 0},
			"by_status": {"type": "object"},
			"by_channel": {"type": "object"},
			"attempts": {"type": "integer", "minimum": 0},
			"possible_duplicates": {"type": "integer", "minimum": 0},
			"success_rate": {"type": ["number", "null"], "description": "Of those that ended."},
			"average_delivery_ms": {"type": ["integer", "null"]},
			"truncated": {"type": "boolean"}
		}
	})},
	{.name = NULL},
};
