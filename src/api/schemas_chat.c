/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and what they hold (domain.md sections 1.1 to 1.3). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_chat[] = {
	{"ChannelType", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["web", "whatsapp", "messenger", "slack", "teams", "sms", "voice", "telegram", "webhook"]
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
			"content_type": {"type": ["string", "null"], "minLength": 1, "maxLength": 32, "default": "text"},
			"image_url": {"type": ["string", "null"], "description": "http or https, at most 2048 characters."}
		}
	})},
	{"Button", PAL_JSON_TEXT({
		"type": "object",
		"required": ["type", "title"],
		"properties": {
			"type": {"type": "string", "enum": ["postback", "url", "phone", "share"]},
			"title": {"type": "string", "minLength": 1, "maxLength": 20},
			"payload": {"type": ["string", "null"], "maxLength": 1000, "description": "Required for a postback."},
			"url": {"type": ["string", "null"], "description": "http or https, at most 2048 characters; required for a url."},
			"webview_height_ratio": {"enum": ["compact", "tall", "full", null]}
		}
	})},
	{"MediaContent", PAL_JSON_TEXT({
		"type": "object",
		"required": ["url", "type", "size_bytes"],
		"properties": {
			"url": {"type": "string", "description": "http or https, at most 2048 characters."},
			"type": {"type": "string", "minLength": 1, "maxLength": 255, "description": "A MIME type of those that media.types names, and fit for the message's type.", "examples": ["image/png"]},
			"size_bytes": {"type": "integer", "minimum": 0, "description": "At most what the configuration and the kind of media allow."},
			"alt_text": {"type": ["string", "null"], "maxLength": 500},
			"thumbnail_url": {"type": ["string", "null"]},
			"duration_ms": {"type": ["integer", "null"], "minimum": 0},
			"dimensions": {
				"type": ["object", "null"],
				"required": ["width", "height"],
				"properties": {
					"width": {"type": "integer", "minimum": 1, "maximum": 1000000},
					"height": {"type": "integer", "minimum": 1, "maximum": 1000000}
				}
			},
			"filename": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"file_extension": {"type": ["string", "null"], "minLength": 1, "maxLength": 10}
		}
	})},
	{"LocationContent", PAL_JSON_TEXT({
		"type": "object",
		"required": ["latitude", "longitude"],
		"properties": {
			"latitude": {"type": "number", "minimum": -90, "maximum": 90},
			"longitude": {"type": "number", "minimum": -180, "maximum": 180},
			"accuracy_meters": {"type": ["integer", "null"], "minimum": 0},
			"address": {"type": ["string", "null"], "maxLength": 500},
			"place_name": {"type": ["string", "null"], "maxLength": 200},
			"place_id": {"type": ["string", "null"], "maxLength": 100},
			"country": {"type": ["string", "null"], "maxLength": 100},
			"city": {"type": ["string", "null"], "maxLength": 100},
			"postal_code": {"type": ["string", "null"], "maxLength": 20}
		}
	})},
	{"CarouselItem", PAL_JSON_TEXT({
		"type": "object",
		"required": ["title"],
		"properties": {
			"title": {"type": "string", "minLength": 1, "maxLength": 80},
			"subtitle": {"type": ["string", "null"], "maxLength": 80},
			"image_url": {"type": ["string", "null"]},
			"default_action": {"type": ["object", "null"]},
			"buttons": {"type": ["array", "null"], "maxItems": 3, "items": {"$ref": "#/components/schemas/Button"}}
		}
	})},
	{"ContactContent", PAL_JSON_TEXT({
		"type": "object",
		"required": ["name"],
		"properties": {
			"name": {"type": "string", "minLength": 1, "maxLength": 200},
			"phone_number": {"type": ["string", "null"], "pattern": "^[+][1-9][0-9]{1,14}$"},
			"email": {"type": ["string", "null"], "maxLength": 500},
			"organization": {"type": ["string", "null"], "maxLength": 200},
			"formatted_address": {"type": ["string", "null"], "maxLength": 500}
		}
	})},
	{"FormField", PAL_JSON_TEXT({
		"type": "object",
		"required": ["field_id", "field_type", "label"],
		"properties": {
			"field_id": {"type": "string", "minLength": 1, "maxLength": 50},
			"field_type": {"type": "string", "enum": ["text", "email", "phone", "number", "date", "select", "textarea", "checkbox", "radio"]},
			"label": {"type": "string", "minLength": 1, "maxLength": 100},
			"required": {"type": ["boolean", "null"], "default": false},
			"placeholder": {"type": ["string", "null"], "maxLength": 100},
			"options": {"type": ["array", "null"], "maxItems": 50, "items": {"type": "string", "minLength": 1, "maxLength": 100}},
			"min_length": {"type": ["integer", "null"], "minimum": 0},
			"max_length": {"type": ["integer", "null"], "minimum": 0},
			"min_value": {"type": ["number", "null"]},
			"max_value": {"type": ["number", "null"]}
		}
	})},
	{"MessageContent", PAL_JSON_TEXT({
		"type": "object",
		"description": "What each type needs: text a text that is not blank; image, file, audio and video media; location a location; quick_reply the chosen reply; carousel elements.",
		"required": ["type"],
		"properties": {
			"type": {"$ref": "#/components/schemas/MessageType"},
			"text": {"type": ["string", "null"], "maxLength": 4096},
			"language": {"type": ["string", "null"], "pattern": "^[a-z]{2}$", "default": "en"},
			"media": {"anyOf": [{"$ref": "#/components/schemas/MediaContent"}, {"type": "null"}]},
			"location": {"anyOf": [{"$ref": "#/components/schemas/LocationContent"}, {"type": "null"}]},
			"quick_replies": {"type": ["array", "null"], "maxItems": 10, "items": {"$ref": "#/components/schemas/QuickReply"}},
			"buttons": {"type": ["array", "null"], "maxItems": 3, "items": {"$ref": "#/components/schemas/Button"}},
			"carousel": {"type": ["array", "null"], "maxItems": 10, "items": {"$ref": "#/components/schemas/CarouselItem"}},
			"contact": {"anyOf": [{"$ref": "#/components/schemas/ContactContent"}, {"type": "null"}]},
			"form_fields": {"type": ["array", "null"], "maxItems": 50, "items": {"$ref": "#/components/schemas/FormField"}},
			"form_data": {"type": ["object", "null"], "description": "At most 10 KiB, 16 levels deep. For those on the way: it is checked, but nothing here uses or keeps it; what is to be kept goes into the context of a session or of the conversation."},
			"metadata": {"type": ["object", "null"], "description": "At most 10 KiB, 16 levels deep."}
		}
	})},
	{"ChannelMetadata", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"platform_message_id": {"type": ["string", "null"], "maxLength": 255},
			"platform_user_id": {"type": ["string", "null"], "maxLength": 255},
			"thread_id": {"type": ["string", "null"], "maxLength": 255},
			"workspace_id": {"type": ["string", "null"], "maxLength": 255},
			"bot_id": {"type": ["string", "null"], "maxLength": 255},
			"team_id": {"type": ["string", "null"], "maxLength": 255},
			"delivery_status": {"enum": ["pending", "retrying", "sent", "delivered", "read", "failed", null]},
			"delivery_timestamp": {"$ref": "#/components/schemas/InstantInput"},
			"read_timestamp": {"$ref": "#/components/schemas/InstantInput"},
			"delivery_attempts": {"type": ["integer", "null"], "minimum": 0},
			"additional_data": {"type": ["object", "null"], "description": "At most 10 KiB, 16 levels deep."}
		}
	})},
	{"ProcessingHints", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"priority": {"anyOf": [{"type": ["string", "null"], "maxLength": 32}, {"type": "integer", "minimum": 1, "maximum": 5}], "description": "low, normal, high, urgent, critical, or 1 to 5; another word means normal.", "default": "normal"},
			"expected_response_type": {"anyOf": [{"$ref": "#/components/schemas/MessageType"}, {"type": "null"}]},
			"bypass_automation": {"type": ["boolean", "null"], "default": false, "description": "No reply by the bot."},
			"require_human_review": {"type": ["boolean", "null"], "default": false, "description": "No reply by the bot either."},
			"processing_timeout_ms": {"type": ["integer", "null"], "minimum": 1000, "maximum": 30000},
			"cost_limit_cents": {"type": ["integer", "null"], "minimum": 0},
			"tags": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 50}}
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
