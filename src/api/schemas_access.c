/* SPDX-License-Identifier: Apache-2.0 */
/* API keys, tokens, tenants (domain.md section 1.4). */
#include "api/schemas.h"

#define KEY_PROPERTIES                                                                             \
	"key_id": {"type": "string"},                                                              \
	"name": {"type": "string"},                                                                \
	"key_prefix": {"type": "string", "minLength": 16, "maxLength": 16},                        \
	"status": {"type": "string", "enum": ["active", "revoked", "expired"]},                    \
	"permissions": {"type": "array", "items": {"type": "string"}},                             \
	"scopes": {"type": "array", "items": {"type": "string"}},                                  \
	"allowed_ips": {"type": "array", "items": {"type": "string"}},                             \
	"rate_limit_per_minute": {"type": ["integer", "null"]},                                    \
	"require_https": {"type": "boolean"},                                                      \
	"created_by": {"type": ["string", "null"]},                                                \
	"created_at": {"$ref": "#/components/schemas/Instant"},                                    \
	"expires_at": {"type": ["string", "null"]},                                                \
	"last_used_at": {"type": ["string", "null"]}

/* The macro is a list of members: its commas part no arguments once it stands in a text. */
#define TEXT_OF(...) PAL_JSON_TEXT(__VA_ARGS__)

const struct pal_api_schema pal_schemas_access[] = {
	{"ApiKey", TEXT_OF({
		"type": "object",
		"required": ["key_id", "name", "key_prefix", "status", "permissions", "created_at",
			     "expires_at", "last_used_at"],
		"properties": {KEY_PROPERTIES}
	})},
	{"ApiKeyWithText", TEXT_OF({
		"type": "object",
		"required": ["key_id", "name", "key_prefix", "status", "permissions", "created_at",
			     "expires_at", "key"],
		"properties": {
			KEY_PROPERTIES,
			"key": {"type": "string", "description": "The key itself, shown this once.", "pattern": "^cb_(live|test)_[0-9a-f]{64}$"},
			"replaces": {"type": "string", "description": "Id of the key it follows."}
		}
	})},
	{"ApiKeyList", PAL_JSON_TEXT({
		"type": "object",
		"required": ["api_keys", "total"],
		"properties": {
			"api_keys": {"type": "array", "items": {"$ref": "#/components/schemas/ApiKey"}},
			"total": {"type": "integer", "minimum": 0}
		}
	})},
	{"ApiKeyCreateRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["name", "permissions"],
		"properties": {
			"name": {"type": "string", "minLength": 1, "maxLength": 255},
			"permissions": {"type": "array", "minItems": 1, "maxItems": 32, "items": {"type": "string", "pattern": "^([*]|[a-z0-9_-]+:([*]|[a-z0-9_-]+))$"}},
			"scopes": {"type": ["array", "null"], "maxItems": 32, "description": "Of the permissions only these, with the same wildcards; empty: all of them.", "items": {"type": "string", "pattern": "^([*]|[a-z0-9_-]+:([*]|[a-z0-9_-]+))$"}},
			"expires_at": {"$ref": "#/components/schemas/InstantInput"},
			"allowed_ips": {"type": ["array", "null"], "maxItems": 16, "items": {"type": "string"}},
			"rate_limit_per_minute": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000},
			"require_https": {"type": ["boolean", "null"], "default": false},
			"environment": {"type": ["string", "null"], "enum": ["live", "test", null], "default": "live"}
		}
	})},
	{"ApiKeyRotateRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"grace_minutes": {"type": ["integer", "null"], "minimum": 0, "maximum": 10080, "default": 1440}
		}
	})},
	{"TokenRevokeRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["jti", "exp"],
		"properties": {
			"jti": {"type": "string", "minLength": 1, "maxLength": 255},
			"exp": {"$ref": "#/components/schemas/InstantInput"}
		}
	})},
	{"TokenRevocation", PAL_JSON_TEXT({
		"type": "object",
		"required": ["jti", "revoked", "expires_at"],
		"properties": {
			"jti": {"type": "string"},
			"revoked": {"const": true},
			"expires_at": {"$ref": "#/components/schemas/Instant"}
		}
	})},
	{"Tenant", PAL_JSON_TEXT({
		"type": "object",
		"required": ["tenant_id", "name", "status", "plan_type", "created_at", "trial_ends_at",
			     "data_residency", "compliance_level", "data_retention_days", "features",
			     "quotas", "usage", "settings"],
		"properties": {
			"tenant_id": {"type": "string"},
			"name": {"type": "string"},
			"status": {"type": "string", "enum": ["active", "suspended", "deleted", "trial", "pending"]},
			"plan_type": {"type": "string", "enum": ["free", "starter", "professional", "enterprise", "custom"]},
			"created_at": {"type": ["string", "null"]},
			"trial_ends_at": {"type": ["string", "null"]},
			"data_residency": {"type": "string", "enum": ["us", "eu", "apac", "canada", "uk"]},
			"compliance_level": {"type": "string", "enum": ["standard", "gdpr", "hipaa", "sox", "enterprise"]},
			"data_retention_days": {"type": "integer", "minimum": 0},
			"features": {"type": "object", "additionalProperties": {"type": "boolean"}},
			"quotas": {"type": "object", "description": "null: no limit.", "additionalProperties": {"type": ["integer", "null"]}},
			"usage": {
				"type": "object",
				"required": ["messages_this_month"],
				"properties": {"messages_this_month": {"type": "integer", "minimum": 0}}
			},
			"api_keys": {"type": "integer", "description": "Made so far, the revoked ones too."},
			"settings": {"type": "object"}
		}
	})},
	{"TenantSettingsRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["settings"],
		"properties": {"settings": {"type": "object"}}
	})},
	{NULL, NULL},
};
