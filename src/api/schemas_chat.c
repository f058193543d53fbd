/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and what they hold (domain.md sections 1.1 to 1.3). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_chat[] = {
	{"ChannelType", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["web", "whatsapp", "messenger", "slack", "teams", "sms", "voice", "telegram"]
	})},
	{"MessageType", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["text", "image", "file", "audio", "video", "location", "quick_reply", "carousel"]
	})},
	{"Direction", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["inbound", "outbound"]
	})},
	{"DeliveryStatus", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["pending", "retrying", "sent", "delivered", "read", "failed", "rejected",
			 "expired", "cancelled"]
	})},
	{"QuickReply", PAL_JSON_TEXT({
		"type": "object",
		"required": ["title", "payload"],
		"properties": {
			"title": {"type": "string", "minLength": 1, "maxLength": 20},
			"payload": {"type": "string", "maxLength": 1000},
			"content_type": {"type": ["string", "null"], "default": "text"}
		}
	})},
	{"Button", PAL_JSON_TEXT({
		"type": "object",
		"required": ["type", "title"],
		"properties": {
			"type": {"type": "string", "enum": ["postback", "url", "phone", "share"]},
			"title": {"type": "string", "minLength": 1, "maxLength": 20},
			"payload": {"type": ["string", "null"], "maxLength": 1000, "description": "Required for a postback."},
			"url": {"type": ["string", "null"], "maxLength": 2048, "description": "http or https; required for a url."}
		}
	})},
	{"MessageContent", PAL_JSON_TEXT({
		"type": "object",
		"required": ["type"],
		"properties": {
			"type": {"$ref": "#/components/schemas/MessageType"},
			"text": {"type": ["string", "null"], "minLength": 1, "maxLength": 4096, "description": "Required for a text, and not blank."},
			"language": {"type": ["string", "null"], "pattern": "^[a-z]{2}$", "default": "en"},
			"quick_replies": {
				"type": ["array", "null"],
				"maxItems": 10,
				"items": {"$ref": "#/components/schemas/QuickReply"}
			},
			"buttons": {
				"type": ["array", "null"],
				"maxItems": 3,
				"items": {"$ref": "#/components/schemas/Button"}
			}
		}
	})},
	{"ChannelMetadata", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"platform_message_id": {"type": ["string", "null"], "maxLength": 255},
			"platform_user_id": {"type": ["string", "null"], "maxLength": 255},
			"thread_id": {"type": ["string", "null"], "maxLength": 255},
			"workspace_id": {"type": ["string", "null"], "maxLength": 255},
			"additional_data": {"type": ["object", "null"], "description": "At most 10 KiB, 16 levels deep."}
		}
	})},
	{"ProcessingHints", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"priority": {"type": ["string", "null"], "description": "low, normal, high, urgent or critical; another word means normal.", "default": "normal"},
			"expected_response_type": {"anyOf": [{"$ref": "#/components/schemas/MessageType"}, {"type": "null"}]},
			"bypass_automation": {"type": ["boolean", "null"], "default": false, "description": "No reply by the bot."},
			"require_human_review": {"type": ["boolean", "null"], "default": false, "description": "No reply by the bot either."},
			"processing_timeout_ms": {"type": ["integer", "null"], "minimum": 1000, "maximum": 30000},
			"cost_limit_cents": {"type": ["integer", "null"], "minimum": 0},
			"tags": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "string"}}
		}
	})},
	{"SendMessageRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["user_id", "channel", "content"],
		"properties": {
			"message_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Made up when absent. The same id again gives the first answer again, with duplicate true."},
			"conversation_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Absent: the user's open conversation of this channel, or a new one."},
			"user_id": {"type": "string", "minLength": 1, "maxLength": 255},
			"session_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"channel_metadata": {"anyOf": [{"$ref": "#/components/schemas/ChannelMetadata"}, {"type": "null"}]},
			"content": {"$ref": "#/components/schemas/MessageContent"},
			"processing_hints": {"anyOf": [{"$ref": "#/components/schemas/ProcessingHints"}, {"type": "null"}]},
			"request_context": {"type": ["object", "null"], "description": "At most 10 KiB, 16 levels deep."},
			"timestamp": {"$ref": "#/components/schemas/InstantInput"}
		}
	})},
	{"ConversationStateView", PAL_JSON_TEXT({
		"type": "object",
		"required": ["current_intent", "entities", "slots", "conversation_stage", "next_expected_inputs"],
		"properties": {
			"current_intent": {"type": ["string", "null"]},
			"entities": {"type": "object"},
			"slots": {"type": "object"},
			"conversation_stage": {"type": ["string", "null"]},
			"next_expected_inputs": {"type": "array", "items": {"type": "string"}}
		}
	})},
	{"ChannelResponse", PAL_JSON_TEXT({
		"type": "object",
		"required": ["success", "channel_type", "message_id", "delivery_status", "timestamp"],
		"properties": {
			"success": {"type": "boolean"},
			"channel_type": {"$ref": "#/components/schemas/ChannelType"},
			"message_id": {"type": "string"},
			"delivery_status": {"$ref": "#/components/schemas/DeliveryStatus"},
			"timestamp": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"ProcessingMetadata", PAL_JSON_TEXT({
		"type": "object",
		"required": ["processing_time_ms", "delivery_status", "fallback_applied",
			     "conversation_created", "duplicate", "warnings"],
		"properties": {
			"processing_time_ms": {"type": "integer", "minimum": 0},
			"delivery_status": {"anyOf": [{"$ref": "#/components/schemas/DeliveryStatus"}, {"type": "null"}]},
			"channel_response": {"$ref": "#/components/schemas/ChannelResponse"},
			"model_used": {"type": "string"},
			"model_provider": {"type": "string"},
			"fallback_applied": {"type": "boolean"},
			"confidence_score": {"type": "number"},
			"conversation_created": {"type": "boolean"},
			"duplicate": {"type": "boolean"},
			"warnings": {"type": "array", "items": {"type": "string"}}
		}
	})},
	{"MessageResponse", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "conversation_id", "response", "conversation_state",
			     "processing_metadata", "timestamp", "response_id"],
		"properties": {
			"message_id": {"type": "string", "description": "Of the message that was sent."},
			"conversation_id": {"type": "string"},
			"response": {"anyOf": [{"$ref": "#/components/schemas/MessageContent"}, {"type": "null"}], "description": "null when people answer instead of the bot."},
			"conversation_state": {"$ref": "#/components/schemas/ConversationStateView"},
			"processing_metadata": {"$ref": "#/components/schemas/ProcessingMetadata"},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"response_id": {"type": ["string", "null"], "description": "The reply's own message id."}
		}
	})},
	{"MessageView", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "direction", "timestamp", "content", "sequence_number",
			     "message_type", "delivery_status"],
		"properties": {
			"message_id": {"type": "string"},
			"direction": {"$ref": "#/components/schemas/Direction"},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"content": {"$ref": "#/components/schemas/MessageContent"},
			"sequence_number": {"type": "integer", "minimum": 1},
			"message_type": {"$ref": "#/components/schemas/MessageType"},
			"delivery_status": {"anyOf": [{"$ref": "#/components/schemas/DeliveryStatus"}, {"type": "null"}]}
		}
	})},
	{NULL, NULL},
};
