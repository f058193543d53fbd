/* SPDX-License-Identifier: Apache-2.0 */
/* Channels and webhooks (domain.md sections 1.6, 2.5 and 5.3). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_channels[] = {
	{"ChannelConfig", PAL_JSON_TEXT({
		"type": "object",
		"additionalProperties": false,
		"description": "url, webhook_secret, secret_overlap_hours and integration_id are settings of webhook alone, which needs the first two; the secret only the first time.",
		"properties": {
			"enabled": {"type": ["boolean", "null"], "default": true},
			"url": {"type": ["string", "null"], "minLength": 1, "maxLength": 2048},
			"webhook_secret": {"type": ["string", "null"], "minLength": 1, "maxLength": 160, "description": "whsec_ and the base64 of 24 to 64 random bytes."},
			"secret_overlap_hours": {"type": ["integer", "null"], "minimum": 0, "maximum": 168, "default": 24},
			"integration_id": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9_-]{1,64}$", "default": "default"},
			"requests_per_minute": {"type": ["integer", "null"], "minimum": 1, "maximum": 100000, "default": 60, "description": "What is sent in any 60 seconds, attempts that fail and parts of long messages too. What is more waits."},
			"requests_per_day": {"type": ["integer", "null"], "minimum": 1, "maximum": 100000000, "default": 10000, "description": "Likewise in any 24 hours, over restarts."},
			"max_message_length": {"type": ["integer", "null"], "minimum": 1, "maximum": 100000, "default": 4096, "description": "Of one request, in UTF-16 units. A longer text leaves in several, cut at the end of a paragraph, a line, a sentence or a word, and never inside a character as a reader sees it."},
			"retry_attempts": {"type": ["integer", "null"], "minimum": 0, "maximum": 20, "default": 3},
			"retry_delay_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 3600, "default": 5},
			"timeout_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 60, "default": 30},
			"supported_message_types": {"type": ["array", "null"], "minItems": 1, "maxItems": 32, "items": {"$ref": "#/components/schemas/MessageType"}},
			"features": {"type": ["object", "null"], "description": "The tenant's own; kept as it is, at most 4096 bytes and 8 deep."}
		}
	})},
	{"ChannelView", PAL_JSON_TEXT({
		"type": "object",
		"required": ["channel_type", "enabled", "url", "integration_id", "secrets", "version"],
		"properties": {
			"channel_type": {"$ref": "#/components/schemas/ChannelType"},
			"enabled": {"type": "boolean"},
			"url": {"type": ["string", "null"]},
			"integration_id": {"type": ["string", "null"]},
			"webhook_path": {"type": "string", "description": "Where webhooks to us are posted."},
			"secrets": {
				"type": "array",
				"items": {
					"type": "object",
					"required": ["id", "created_at", "expires_at"],
					"properties": {
						"id": {"type": "string"},
						"created_at": {"$ref": "#/components/schemas/Instant"},
						"expires_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]}
					}
				}
			},
			"requests_per_minute": {"type": "integer"},
			"requests_per_day": {"type": "integer"},
			"max_message_length": {"type": "integer"},
			"retry_attempts": {"type": "integer"},
			"retry_delay_seconds": {"type": "integer"},
			"timeout_seconds": {"type": "integer"},
			"supported_message_types": {"type": "array", "items": {"$ref": "#/components/schemas/MessageType"}},
			"features": {"type": "object"},
			"supports_rich_media": {"type": "boolean"},
			"supports_buttons": {"type": "boolean"},
			"supports_quick_replies": {"type": "boolean"},
			"supports_carousel": {"type": "boolean"},
			"version": {"type": "integer", "minimum": 0},
			"created_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]},
			"updated_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]}
		}
	})},
	{"ChannelFigures", PAL_JSON_TEXT({
		"type": "object",
		"required": ["health", "last_check", "sent", "failed", "success_rate"],
		"properties": {
			"health": {"enum": ["healthy", "degraded", "unhealthy", "unknown"]},
			"last_check": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]},
			"sent": {"type": "integer"},
			"failed": {"type": "integer"},
			"success_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
			"average_response_ms": {"type": "number"},
			"rate_limit_hits": {"type": "integer"},
			"consecutive_failures": {"type": "integer"},
			"common_errors": {"type": "object", "additionalProperties": {"type": "integer"}},
			"webhooks_received": {"type": "integer"},
			"webhooks_repeated": {"type": "integer"},
			"webhooks_refused": {"type": "integer"},
			"webhooks_faulty": {"type": "integer"}
		}
	})},
	{"ChannelSummary", PAL_JSON_TEXT({
		"allOf": [{"$ref": "#/components/schemas/ChannelFigures"}],
		"type": "object",
		"required": ["channel_type", "configured", "enabled", "version"],
		"properties": {
			"channel_type": {"$ref": "#/components/schemas/ChannelType"},
			"configured": {"type": "boolean"},
			"enabled": {"type": "boolean"},
			"version": {"type": "integer", "minimum": 0}
		}
	})},
	{"ChannelList", PAL_JSON_TEXT({
		"type": "object",
		"required": ["channels"],
		"properties": {"channels": {"type": "array", "items": {"$ref": "#/components/schemas/ChannelSummary"}}}
	})},
	{"ChannelDeleted", PAL_JSON_TEXT({
		"type": "object",
		"required": ["channel_type", "deleted"],
		"properties": {"channel_type": {"$ref": "#/components/schemas/ChannelType"}, "deleted": {"const": true}}
	})},
	{"ChannelTestRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {"recipient": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Whom the message is for; test when absent."}}
	})},
	{"ChannelTest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["channel_type", "success", "outcome", "http_status"],
		"properties": {
			"channel_type": {"$ref": "#/components/schemas/ChannelType"},
			"success": {"type": "boolean"},
			"outcome": {"enum": ["ok", "accepted", "rate", "retry", "unknown", "reauth", "recipient", "window", "permanent"]},
			"error_code": {"type": ["string", "null"]},
			"refused_by": {"type": ["string", "null"], "description": "The rule by which nothing was sent."},
			"http_status": {"type": "integer", "description": "0: no answer came."},
			"processing_time_ms": {"type": "integer"},
			"message_id": {"type": "string"}
		}
	})},
	{"WebhookEvent", PAL_JSON_TEXT({
		"type": "object",
		"required": ["type", "data"],
		"properties": {
			"type": {"type": "string", "maxLength": 128, "description": "message.created, message.status or message.read; any other is of no concern."},
			"timestamp": {"type": "string", "description": "When it happened, ISO 8601."},
			"data": {"type": "object", "description": "Of message.created: id, user_id, content, and as may be conversation_id, metadata. Of the others: message_id, and of message.status the status sent, delivered, read or failed, with a reason."}
		}
	})},
	{"WebhookAck", PAL_JSON_TEXT({
		"type": "object",
		"required": ["status", "events_count", "events"],
		"properties": {
			"status": {"enum": ["received", "faulty"]},
			"webhook_id": {"type": "string"},
			"received_at": {"$ref": "#/components/schemas/Instant"},
			"field": {"type": ["string", "null"]},
			"error": {"type": ["string", "null"]},
			"events_count": {"type": "integer", "minimum": 0},
			"events": {
				"type": "array",
				"items": {
					"type": "object",
					"required": ["type"],
					"properties": {
						"type": {"enum": ["message_received", "delivery_status", "read_receipt", "ignored", "faulty"]},
						"message_id": {"type": ["string", "null"], "description": "Under which a received message is stored, or the one a receipt is about."},
						"field": {"type": ["string", "null"]},
						"note": {"type": ["string", "null"]}
					}
				}
			}
		}
	})},
	{"WebhookStatus", PAL_JSON_TEXT({
		"type": "object",
		"required": ["tenant_id", "channels", "failed"],
		"properties": {
			"tenant_id": {"type": "string"},
			"channels": {
				"type": "array",
				"items": {
					"allOf": [{"$ref": "#/components/schemas/ChannelFigures"}],
					"type": "object",
					"required": ["channel_type", "configured", "enabled", "integration_id"],
					"properties": {
						"channel_type": {"$ref": "#/components/schemas/ChannelType"},
						"configured": {"type": "boolean"},
						"enabled": {"type": "boolean"},
						"integration_id": {"type": ["string", "null"]}
					}
				}
			},
			"failed": {
				"type": "array",
				"items": {
					"type": "object",
					"required": ["webhook_id", "received_at", "events"],
					"properties": {
						"webhook_id": {"type": "string"},
						"received_at": {"$ref": "#/components/schemas/Instant"},
						"events": {"type": "array", "items": {"type": "object"}}
					}
				}
			}
		}
	})},
	{"WebhookTest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["channel_type", "success", "signature", "answer"],
		"properties": {
			"channel_type": {"$ref": "#/components/schemas/ChannelType"},
			"success": {"type": "boolean"},
			"signature": {"enum": ["ok", "signature_missing", "signature_repeated", "signature_malformed", "signature_stale", "signature_wrong", "signature_unconfigured"]},
			"answer": {"anyOf": [{"$ref": "#/components/schemas/WebhookAck"}, {"type": "null"}]}
		}
	})},
	{NULL, NULL},
};
