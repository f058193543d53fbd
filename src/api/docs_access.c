/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_param key_id[] = {
	{.name = "id", .about = "Id of the API key."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_list_api_keys = {
	.tag = "Access",
	.about = "The newest first, the revoked ones too. The texts of keys are kept nowhere.",
	.response = "ApiKeyList",
};

const struct pal_api_doc pal_doc_create_api_key = {
	.tag = "Access",
	.about = "The answer is the only place where the key's text ever stands. No permission may "
		 "go beyond the caller's own. A tenant may make 10000 keys in all.",
	.request = "ApiKeyCreateRequest",
	.response = "ApiKeyWithText",
	.status = 201,
	.failures = "409",
	.request_example = PAL_JSON_TEXT({
		"name": "shop backend",
		"permissions": ["conversations:read", "conversations:write"],
		"allowed_ips": ["10.0.0.0/8"]
	}),
};

const struct pal_api_doc pal_doc_get_api_key = {
	.tag = "Access",
	.about = "last_used_at is a minute late at most.",
	.path = key_id,
	.response = "ApiKey",
	.failures = "404",
};

const struct pal_api_doc pal_doc_revoke_api_key = {
	.tag = "Access",
	.about = "It is refused with the next request. It stays in the list; revoking it again "
		 "changes nothing.",
	.path = key_id,
	.response = "ApiKey",
	.failures = "404",
};

const struct pal_api_doc pal_doc_rotate_api_key = {
	.tag = "Access",
	.about = "The new key has the name, permissions and rules of the old one, which lives on for "
		 "grace_minutes, so that both work while clients are changed over.",
	.path = key_id,
	.request = "ApiKeyRotateRequest",
	.request_is_optional = true,
	.response = "ApiKeyWithText",
	.status = 201,
	.failures = "404 409",
};

const struct pal_api_doc pal_doc_revoke_token = {
	.tag = "Access",
	.about = "A token of one's own tenant, by its claim jti; one without cannot be revoked. It "
		 "stays refused until `exp`, also over a restart.",
	.request = "TokenRevokeRequest",
	.response = "TokenRevocation",
	.failures = "409",
	.request_example = PAL_JSON_TEXT({"jti": "5b1f", "exp": 4102444800}),
};

const struct pal_api_doc pal_doc_get_tenant = {
	.tag = "Access",
	.about = "Plan, features, quotas and what was used of them. Only the operator changes these.",
	.response = "Tenant",
};

const struct pal_api_doc pal_doc_patch_tenant_settings = {
	.tag = "Access",
	.about = "Members given are replaced, those given as null removed, others left alone. At "
		 "most 10 KiB in all.",
	.request = "TenantSettingsRequest",
	.response = "Tenant",
	.request_example = PAL_JSON_TEXT({"settings": {"greeting": "Hello!"}}),
};
