/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of the operations on conversations and on stored messages (domain.md section 1.3). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_operations[] = {
	{"Priority", PAL_JSON_TEXT({"type": "string", "enum": ["low", "normal", "high", "urgent", "critical"]})},
	{"Tags", PAL_JSON_TEXT({
		"type": ["array", "null"],
		"maxItems": 10,
		"items": {"type": "string", "minLength": 1, "maxLength": 50}
	})},
	{"StoredObject", PAL_JSON_TEXT({
		"type": ["object", "null"],
		"description": "Kept as it is: at most 10 KiB, 16 levels deep, no key with $ in front, a dot or an escape in it."
	})},
	{"ConversationRecord", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversation_id", "user_id", "session_id", "previous_conversation_id", "channel", "status",
			     "started_at", "last_activity_at", "completed_at", "duration_seconds", "message_count", "tags",
			     "priority", "context", "metadata", "closing", "escalation", "transfer", "reopening", "deleted"],
		"properties": {
			"conversation_id": {"type": "string"},
			"user_id": {"type": "string"},
			"session_id": {"type": ["string", "null"]},
			"previous_conversation_id": {"type": ["string", "null"]},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"status": {"$ref": "#/components/schemas/ConversationStatus"},
			"started_at": {"$ref": "#/components/schemas/Instant"},
			"last_activity_at": {"$ref": "#/components/schemas/Instant"},
			"updated_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]},
			"completed_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]},
			"duration_seconds": {"type": ["integer", "null"], "minimum": 0},
			"message_count": {"type": "integer", "minimum": 0},
			"tags": {"type": "array", "items": {"type": "string"}},
			"priority": {"$ref": "#/components/schemas/Priority"},
			"category": {"type": ["string", "null"]},
			"department": {"type": ["string", "null"]},
			"assigned_agent": {"type": ["string", "null"]},
			"queue": {"type": ["string", "null"]},
			"flow_id": {"type": ["string", "null"]},
			"context": {"type": "object"},
			"metadata": {"type": "object"},
			"closing": {"anyOf": [{"$ref": "#/components/schemas/Closing"}, {"type": "null"}]},
			"escalation": {"anyOf": [{"$ref": "#/components/schemas/Escalation"}, {"type": "null"}]},
			"transfer": {"anyOf": [{"$ref": "#/components/schemas/Transfer"}, {"type": "null"}]},
			"reopening": {"anyOf": [{"$ref": "#/components/schemas/Reopening"}, {"type": "null"}]},
			"notes": {"type": ["string", "null"], "description": "As all notes, for staff alone."},
			"closing_notes": {"type": ["string", "null"]},
			"transfer_notes": {"type": ["string", "null"]},
			"deleted": {"type": "boolean"}
		}
	})},
	{"InitialError", PAL_JSON_TEXT({
		"type": ["object", "null"],
		"required": ["code", "message"],
		"properties": {
			"code": {"$ref": "#/components/schemas/ErrorCode"},
			"message": {"type": "string"}
		}
	})},
	{"ConversationCreated", PAL_JSON_TEXT({
		"allOf": [{"$ref": "#/components/schemas/ConversationRecord"}],
		"type": "object",
		"required": ["initial_response", "initial_error"],
		"properties": {
			"initial_response": {"anyOf": [{"$ref": "#/components/schemas/MessageResponse"}, {"type": "null"}]},
			"initial_error": {"$ref": "#/components/schemas/InitialError"}
		}
	})},
	{"ConversationCreateRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["user_id", "channel"],
		"properties": {
			"conversation_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Made when absent."},
			"user_id": {"type": "string", "minLength": 1, "maxLength": 255},
			"channel": {"const": "web"},
			"session_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"initial_message": {"type": ["string", "null"], "minLength": 1, "maxLength": 4096, "description": "A text, not blank."},
			"flow_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"user_context": {"$ref": "#/components/schemas/StoredObject"},
			"metadata": {"$ref": "#/components/schemas/StoredObject"},
			"priority": {"anyOf": [{"$ref": "#/components/schemas/Priority"}, {"type": "null"}]},
			"tags": {"$ref": "#/components/schemas/Tags"},
			"category": {"type": ["string", "null"], "minLength": 1, "maxLength": 100}
		}
	})},
	{"ConversationUpdateRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"status": {"anyOf": [{"$ref": "#/components/schemas/ConversationStatus"}, {"type": "null"}]},
			"tags": {"$ref": "#/components/schemas/Tags"},
			"priority": {"anyOf": [{"$ref": "#/components/schemas/Priority"}, {"type": "null"}]},
			"assigned_agent": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"department": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"category": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"notes": {"type": ["string", "null"], "minLength": 1, "maxLength": 2000},
			"metadata": {"$ref": "#/components/schemas/StoredObject"}
		}
	})},
	{"ContextUpdateRequest", PAL_JSON_TEXT({
		"type": "object",
		"description": "One of the two, which mean the same.",
		"properties": {
			"context_updates": {"$ref": "#/components/schemas/StoredObject"},
			"context": {"$ref": "#/components/schemas/StoredObject"}
		}
	})},
	{"ConversationCloseRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["reason", "resolution_type"],
		"properties": {
			"reason": {"type": "string", "minLength": 1, "maxLength": 500},
			"resolution_type": {"type": "string", "enum": ["resolved", "escalated", "abandoned", "timeout"]},
			"satisfaction_rating": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
			"agent_notes": {"type": ["string", "null"], "maxLength": 2000},
			"follow_up_required": {"type": ["boolean", "null"], "default": false},
			"follow_up_date": {"$ref": "#/components/schemas/InstantInput"}
		}
	})},
	{"ReasonRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {"reason": {"type": ["string", "null"], "minLength": 1, "maxLength": 500}}
	})},
	{"ConversationTransferRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["transfer_reason"],
		"description": "At least one target.",
		"properties": {
			"target_agent": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"target_department": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"target_queue": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"transfer_reason": {"type": "string", "minLength": 1, "maxLength": 500},
			"transfer_notes": {"type": ["string", "null"], "maxLength": 1000},
			"priority_change": {"anyOf": [{"$ref": "#/components/schemas/Priority"}, {"type": "null"}]}
		}
	})},
	{"ConversationDeleted", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversation_id", "deleted", "permanent"],
		"properties": {
			"conversation_id": {"type": "string"},
			"deleted": {"const": true},
			"permanent": {"type": "boolean", "description": "Whether nothing brings it back."}
		}
	})},
	{"UserErased", PAL_JSON_TEXT({
		"type": "object",
		"required": ["user_id", "conversations", "messages", "sessions", "feedback", "webhooks", "audit_records",
			"erased_at", "tombstone"],
		"properties": {
			"user_id": {"type": "string"},
			"conversations": {"type": "integer", "minimum": 0},
			"messages": {"type": "integer", "minimum": 0},
			"sessions": {"type": "integer", "minimum": 0},
			"feedback": {"type": "integer", "minimum": 0},
			"webhooks": {"type": "integer", "minimum": 0, "description": "Kept webhooks that lost what they told."},
			"audit_records": {"type": "integer", "minimum": 0, "description": "Records of the audit trail that lost whom they speak of."},
			"erased_at": {"$ref": "#/components/schemas/Instant"},
			"tombstone": {"type": "string", "pattern": "^user-[0-9a-f]{32}$",
				"description": "What the audit trail calls the user from now on: always the same for the same user, and made with a secret of the installation."}
		}
	})},
	{"StoredMessage", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "conversation_id", "user_id", "direction", "timestamp", "content",
			     "sequence_number", "message_type", "reply_to_message_id", "response_id", "delivery_status"],
		"properties": {
			"message_id": {"type": "string"},
			"conversation_id": {"type": "string"},
			"user_id": {"type": "string"},
			"direction": {"$ref": "#/components/schemas/Direction"},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"content": {"type": "object"},
			"sequence_number": {"type": "integer", "minimum": 1},
			"message_type": {"$ref": "#/components/schemas/MessageType"},
			"reply_to_message_id": {"type": ["string", "null"], "description": "Of a reply: what it answers."},
			"response_id": {"type": ["string", "null"], "description": "Of an inbound message: its reply."},
			"delivery_status": {"anyOf": [{"$ref": "#/components/schemas/DeliveryStatus"}, {"type": "null"}]},
			"delivery_attempts": {"type": "integer", "minimum": 0},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"recipient": {"type": ["string", "null"]},
			"delivery_timestamps": {"type": "object"},
			"delivery_metadata": {"type": "object"}
		}
	})},
	{"DeliveryState", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "conversation_id", "delivery_status", "delivery_attempts", "channel", "recipient",
			     "delivery_timestamps", "delivery_metadata", "updated_at"],
		"properties": {
			"message_id": {"type": "string"},
			"conversation_id": {"type": "string"},
			"delivery_status": {"$ref": "#/components/schemas/DeliveryStatus"},
			"delivery_attempts": {"type": "integer", "minimum": 0},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"recipient": {"type": ["string", "null"]},
			"delivery_timestamps": {"type": "object", "description": "When each status was reached."},
			"delivery_metadata": {"type": "object"},
			"updated_at": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"MessageStatusUpdate", PAL_JSON_TEXT({
		"type": "object",
		"required": ["status"],
		"properties": {
			"status": {"type": "string", "enum": ["sent", "delivered", "read", "failed"]},
			"timestamp": {"$ref": "#/components/schemas/InstantInput"},
			"metadata": {"$ref": "#/components/schemas/StoredObject"}
		}
	})},
	{"FeedbackType", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["thumbs_up", "thumbs_down", "helpful", "not_helpful", "accurate", "inaccurate"]
	})},
	{"MessageFeedbackRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["feedback_type"],
		"properties": {
			"user_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Whose it is, when a backend or staff gives it; else the conversation's user."},
			"feedback_type": {"$ref": "#/components/schemas/FeedbackType"},
			"rating": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
			"comment": {"type": ["string", "null"], "maxLength": 1000},
			"timestamp": {"$ref": "#/components/schemas/InstantInput"}
		}
	})},
	{"MessageFeedback", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "conversation_id", "user_id", "feedback_type", "rating", "comment", "timestamp",
			     "replaced"],
		"properties": {
			"message_id": {"type": "string"},
			"conversation_id": {"type": "string"},
			"user_id": {"type": "string"},
			"feedback_type": {"$ref": "#/components/schemas/FeedbackType"},
			"rating": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
			"comment": {"type": ["string", "null"]},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"replaced": {"type": "boolean", "description": "Whether there was one before."}
		}
	})},
	{"MessageAnalytics", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "conversation_id", "user_engagement_score", "response_relevance", "intent_confidence",
			     "sentiment_score", "processing_time_ms", "cost_cents"],
		"properties": {
			"message_id": {"type": "string"},
			"conversation_id": {"type": "string"},
			"user_engagement_score": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
			"response_relevance": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
			"intent_confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
			"sentiment_score": {"type": ["number", "null"], "minimum": -1, "maximum": 1},
			"processing_time_ms": {"type": ["integer", "null"], "minimum": 0},
			"cost_cents": {"type": ["number", "null"], "minimum": 0}
		}
	})},
	{"TypingRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversation_id", "user_id", "channel"],
		"properties": {
			"conversation_id": {"type": "string", "minLength": 1, "maxLength": 255},
			"user_id": {"type": "string", "minLength": 1, "maxLength": 255},
			"channel": {"const": "web"},
			"typing_duration_ms": {"type": ["integer", "null"], "minimum": 0, "maximum": 30000, "default": 3000}
		}
	})},
	{"TypingResult", PAL_JSON_TEXT({
		"type": "object",
		"required": ["typing_sent", "duration_ms"],
		"properties": {
			"typing_sent": {"type": "boolean"},
			"duration_ms": {"type": "integer", "minimum": 0, "maximum": 30000}
		}
	})},
	{"BulkMessageRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["messages"],
		"properties": {
			"batch_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Made when absent."},
			"messages": {
				"type": "array",
				"minItems": 1,
				"maxItems": 100,
				"items": {"anyOf": [{"$ref": "#/components/schemas/SendMessageRequest"}, {"description": "What is wrong with one is its own result."}]}
			}
		}
	})},
	{"BulkMessageResponse", PAL_JSON_TEXT({
		"type": "object",
		"required": ["batch_id", "total_messages", "successful_messages", "failed_messages", "results", "processing_time_ms"],
		"properties": {
			"batch_id": {"type": "string"},
			"total_messages": {"type": "integer", "minimum": 1, "maximum": 100},
			"successful_messages": {"type": "integer", "minimum": 0},
			"failed_messages": {"type": "integer", "minimum": 0},
			"results": {
				"type": "array",
				"description": "In the order of the request.",
				"items": {"$ref": "#/components/schemas/BulkResult"}
			},
			"processing_time_ms": {"type": "integer", "minimum": 0}
		}
	})},
	{"BulkResult", PAL_JSON_TEXT({
		"type": "object",
		"required": ["message_id", "status"],
		"properties": {
			"message_id": {"type": ["string", "null"]},
			"status": {"type": "string", "enum": ["success", "failed"]},
			"response": {"$ref": "#/components/schemas/MessageResponse"},
			"error": {
				"type": "object",
				"required": ["code", "message", "fields"],
				"properties": {
					"code": {"$ref": "#/components/schemas/ErrorCode"},
					"message": {"type": "string"},
					"fields": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}
				}
			}
		}
	})},
	{NULL, NULL},
};
