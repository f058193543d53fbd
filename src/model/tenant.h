/* SPDX-License-Identifier: Apache-2.0 */
/* tenant.h - tenants and the API keys that speak for them. */
#ifndef PALAVER_MODEL_TENANT_H
#define PALAVER_MODEL_TENANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* The store's number of a tenant: the typed argument without which no store call can be made. */
struct pal_tenant_key {
	int64_t n;	/* > 0 */
};

#define PAL_TENANT_STATUSES(X)                                                                     \
	X(PAL_TENANT_ACTIVE, "active")                                                             \
	X(PAL_TENANT_SUSPENDED, "suspended")                                                       \
	X(PAL_TENANT_DELETED, "deleted")                                                           \
	X(PAL_TENANT_TRIAL, "trial")                                                               \
	X(PAL_TENANT_PENDING, "pending")

enum pal_tenant_status {
#define X(id, name) id,
	PAL_TENANT_STATUSES(X)
#undef X
	PAL_TENANT_STATUS_COUNT
};

struct pal_tenant {
	struct pal_tenant_key key;
	struct pal_str id;		/* public, e.g. "demo" */
	struct pal_str name;
	enum pal_tenant_status status;
	int64_t created_ms, trial_ends_ms;	/* trial_ends_ms 0: no end */
	struct pal_str settings;	/* JSON object, the tenant's own; absent is {} */
	struct pal_str profile;		/* JSON object, the operator's; absent is {} */
};

#define PAL_API_KEY_HASH_SIZE 32
#define PAL_API_KEY_PREFIX_SIZE 16	/* characters of the key that may be shown and looked up */

enum pal_api_key_status {
	PAL_API_KEY_ACTIVE,
	PAL_API_KEY_REVOKED,
};

struct pal_api_key {
	struct pal_str key_id;
	struct pal_tenant_key tenant;
	struct pal_str name;
	char prefix[PAL_API_KEY_PREFIX_SIZE];
	uint8_t hash[PAL_API_KEY_HASH_SIZE];	/* keyed hash of the whole key */
	struct pal_str permissions;	/* blank-separated, e.g. "conversations:* analytics:read" */
	enum pal_api_key_status status;
	int64_t created_ms, expires_ms;	/* expires_ms 0: never */
	struct pal_str rules;		/* JSON object: scopes, addresses, its own limit; absent is {} */
};

/* Wire names and back. Runs on: any. */
const char *pal_tenant_status_name(enum pal_tenant_status status);
bool pal_tenant_status_parse(struct pal_str name, enum pal_tenant_status *ret);

#endif
