/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions (domain.md sections 1.3 and 2.6). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_sessions[] = {
	{"KeptObject", PAL_JSON_TEXT({
		"type": ["object", "null"],
		"description": "Kept as it is: at most 10240 bytes as written and 16 deep; no key starts with $ or has a dot or an escape in it.",
		"propertyNames": {"pattern": "^[^$.][^.]*$|^$"}
	})},
	{"SessionCreateRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["user_id", "channel"],
		"properties": {
			"user_id": {"$ref": "#/components/schemas/Identifier"},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"conversation_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "One of the user's."},
			"initial_context": {"$ref": "#/components/schemas/KeptObject"},
			"context": {"$ref": "#/components/schemas/KeptObject"},
			"metadata": {"$ref": "#/components/schemas/KeptObject"},
			"session_config": {
				"type": ["object", "null"],
				"properties": {
					"timeout_minutes": {"type": ["integer", "null"], "minimum": 1, "maximum": 1440, "description": "At most session.max_hours."}
				}
			},
			"user_agent": {"type": ["string", "null"], "maxLength": 500},
			"device_type": {"type": ["string", "null"], "maxLength": 50},
			"country": {"type": ["string", "null"], "pattern": "^[A-Z]{2}$"},
			"timezone": {"type": ["string", "null"], "maxLength": 50},
			"referrer": {"type": ["string", "null"], "maxLength": 500},
			"language": {"type": ["string", "null"], "pattern": "^[a-z]{2}$"},
			"utm_source": {"type": ["string", "null"], "maxLength": 255},
			"utm_medium": {"type": ["string", "null"], "maxLength": 255},
			"utm_campaign": {"type": ["string", "null"], "maxLength": 255},
			"utm_term": {"type": ["string", "null"], "maxLength": 255},
			"utm_content": {"type": ["string", "null"], "maxLength": 255}
		}
	})},
	{"SessionUpdateRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"context_updates": {"$ref": "#/components/schemas/KeptObject"},
			"context": {"$ref": "#/components/schemas/KeptObject"},
			"preference_updates": {"$ref": "#/components/schemas/KeptObject"},
			"feature_updates": {
				"type": ["object", "null"],
				"additionalProperties": {"type": ["boolean", "null"]}
			},
			"metadata": {"$ref": "#/components/schemas/KeptObject"},
			"append_to_history": {
				"$ref": "#/components/schemas/KeptObject",
				"description": "Each value goes to the end of the list of that name in the context, whose newest 50 elements stay."
			},
			"extend_ttl": {"type": ["boolean", "null"], "default": false, "description": "Whether it gets its lifetime again from now on."}
		}
	})},
	{"SessionContextRequest", PAL_JSON_TEXT({
		"type": "object",
		"description": "One of the two, which mean the same.",
		"properties": {
			"context": {"$ref": "#/components/schemas/KeptObject"},
			"context_updates": {"$ref": "#/components/schemas/KeptObject"}
		}
	})},
	{"SessionExtendRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"extend_minutes": {"type": ["integer", "null"], "minimum": 1, "maximum": 1440, "default": 60},
			"hours": {"type": ["integer", "null"], "minimum": 1, "maximum": 24, "description": "Instead of extend_minutes."}
		}
	})},
	{"SessionTransferRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["target_channel"],
		"properties": {
			"target_channel": {"$ref": "#/components/schemas/ChannelType"},
			"preserve_context": {"type": ["boolean", "null"], "default": true}
		}
	})},
	{"SessionView", PAL_JSON_TEXT({
		"type": "object",
		"required": ["session_id", "user_id", "tenant_id", "channel", "conversation_id",
			     "context", "preferences", "features", "metadata", "client_info",
			     "created_at", "last_activity", "updated_at", "expires_at", "is_active"],
		"properties": {
			"session_id": {"type": "string"},
			"user_id": {"type": "string"},
			"tenant_id": {"type": "string"},
			"channel": {"$ref": "#/components/schemas/ChannelType"},
			"conversation_id": {"type": ["string", "null"]},
			"context": {"type": "object"},
			"preferences": {"type": "object"},
			"features": {"type": "object", "additionalProperties": {"type": "boolean"}},
			"metadata": {"type": "object"},
			"client_info": {"type": "object"},
			"created_at": {"$ref": "#/components/schemas/Instant"},
			"last_activity": {"$ref": "#/components/schemas/Instant"},
			"updated_at": {"$ref": "#/components/schemas/Instant"},
			"expires_at": {"$ref": "#/components/schemas/Instant"},
			"is_active": {"type": "boolean"}
		}
	})},
	{"SessionContext", PAL_JSON_TEXT({
		"type": "object",
		"required": ["session_id", "context", "last_activity", "expires_at"],
		"properties": {
			"session_id": {"type": "string"},
			"context": {"type": "object"},
			"last_activity": {"$ref": "#/components/schemas/Instant"},
			"expires_at": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"SessionList", PAL_JSON_TEXT({
		"type": "object",
		"required": ["sessions", "limit", "offset", "has_next", "next_cursor"],
		"properties": {
			"sessions": {"type": "array", "items": {"$ref": "#/components/schemas/SessionView"}},
			"limit": {"type": "integer", "minimum": 1, "maximum": 100},
			"offset": {"type": "integer", "minimum": 0},
			"has_next": {"type": "boolean"},
			"next_cursor": {"type": ["string", "null"]}
		}
	})},
	{"SessionDeleted", PAL_JSON_TEXT({
		"type": "object",
		"required": ["session_id", "deleted"],
		"properties": {"session_id": {"type": "string"}, "deleted": {"const": true}}
	})},
	{"SessionCleanup", PAL_JSON_TEXT({
		"type": "object",
		"required": ["cleaned"],
		"properties": {"cleaned": {"type": "integer", "minimum": 0}}
	})},
	{NULL, NULL},
};
