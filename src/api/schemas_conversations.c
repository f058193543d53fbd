/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations (domain.md section 1.3). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_conversations[] = {
	{"ConversationStatus", PAL_JSON_TEXT({
		"type": "string",
		"enum": ["active", "completed", "abandoned", "escalated", "error", "paused", "archived"]
	})},
	{"ConversationSummary", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversation_id", "user_id", "channel", "status", "started_at",
			     "last_activity_at", "message_count", "primary_intent"],
		"properties": {
			"conversation_id": {"type": "string"},
			"user_id": {"type": "string"},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"status": {"$ref": "#/components/schemas/ConversationStatus"},
			"started_at": {"$ref": "#/components/schemas/Instant"},
			"last_activity_at": {"$ref": "#/components/schemas/Instant"},
			"message_count": {"type": "integer", "minimum": 0},
			"user_messages": {"type": "integer", "minimum": 0},
			"bot_messages": {"type": "integer", "minimum": 0},
			"primary_intent": {"type": ["string", "null"]},
			"completed_at": {"type": ["string", "null"], "description": "When it was completed, abandoned or archived."},
			"duration_seconds": {"type": ["integer", "null"]},
			"user_satisfaction": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
			"priority": {"$ref": "#/components/schemas/Priority"},
			"tags": {"type": "array", "items": {"type": "string"}},
			"deleted": {"type": "boolean"}
		}
	})},
	{"Closing", PAL_JSON_TEXT({
		"type": "object",
		"required": ["reason", "resolution_type", "closed_by", "closed_at"],
		"properties": {
			"reason": {"type": ["string", "null"]},
			"resolution_type": {"type": "string", "enum": ["resolved", "escalated", "abandoned", "timeout"]},
			"satisfaction_rating": {"type": "integer", "minimum": 1, "maximum": 5},
			"follow_up_required": {"type": "boolean"},
			"follow_up_date": {"$ref": "#/components/schemas/Instant"},
			"closed_by": {"type": ["string", "null"]},
			"closed_at": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"Escalation", PAL_JSON_TEXT({
		"type": "object",
		"required": ["escalated_by", "escalated_at", "count"],
		"properties": {
			"reason": {"type": ["string", "null"]},
			"escalated_by": {"type": ["string", "null"]},
			"escalated_at": {"$ref": "#/components/schemas/Instant"},
			"count": {"type": "integer", "minimum": 1}
		}
	})},
	{"Transfer", PAL_JSON_TEXT({
		"type": "object",
		"required": ["reason", "transferred_by", "transferred_at"],
		"properties": {
			"target_agent": {"type": ["string", "null"]},
			"target_department": {"type": ["string", "null"]},
			"target_queue": {"type": ["string", "null"]},
			"reason": {"type": ["string", "null"]},
			"transferred_by": {"type": ["string", "null"]},
			"transferred_at": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"Reopening", PAL_JSON_TEXT({
		"type": "object",
		"required": ["reopened_by", "reopened_at", "count"],
		"properties": {
			"reason": {"type": ["string", "null"]},
			"reopened_by": {"type": ["string", "null"]},
			"reopened_at": {"$ref": "#/components/schemas/Instant"},
			"count": {"type": "integer", "minimum": 1}
		}
	})},
	{"Conversation", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversation_id", "session_id", "previous_conversation_id", "summary",
			     "conversation_state"],
		"properties": {
			"conversation_id": {"type": "string"},
			"session_id": {"type": ["string", "null"]},
			"previous_conversation_id": {"type": ["string", "null"], "description": "The closed one that this one goes on with."},
			"summary": {"$ref": "#/components/schemas/ConversationSummary"},
			"conversation_state": {"$ref": "#/components/schemas/ConversationStateView"},
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
			"updated_at": {"anyOf": [{"$ref": "#/components/schemas/Instant"}, {"type": "null"}]},
			"notes": {"type": ["string", "null"], "description": "Shown to staff only."},
			"closing_notes": {"type": ["string", "null"], "description": "Shown to staff only."},
			"transfer_notes": {"type": ["string", "null"], "description": "Shown to staff only."},
			"messages": {"type": "array", "items": {"$ref": "#/components/schemas/MessageView"}}
		}
	})},
	{"ConversationHistory", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversation_id", "summary", "messages", "page", "page_size",
			     "total_messages", "has_next", "has_previous"],
		"properties": {
			"conversation_id": {"type": "string"},
			"summary": {"$ref": "#/components/schemas/ConversationSummary"},
			"messages": {"type": "array", "items": {"$ref": "#/components/schemas/MessageView"}},
			"page": {"type": "integer", "minimum": 1},
			"page_size": {"type": "integer", "minimum": 1, "maximum": 100},
			"total_messages": {"type": "integer", "minimum": 0},
			"has_next": {"type": "boolean"},
			"has_previous": {"type": "boolean"}
		}
	})},
	{NULL, NULL},
};
