/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h - changes of tenants, API keys and tokens while the daemon serves: asked for on a loop or
 * the control socket, done on the store's write lane, in the store first and then in what requests
 * see, each with its line in the audit trail.
 */
#ifndef PALAVER_SERVICE_ACCESS_ADMIN_H
#define PALAVER_SERVICE_ACCESS_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "model/tenant.h"
#include "service/access/access.h"
#include "service/access/live.h"
#include "store/front.h"

#define PAL_TENANT_KEYS_MAX 10000	/* API keys a tenant may ever make, revoked ones counted */
#define PAL_KEY_PERMISSIONS_MAX 32u
#define PAL_KEY_GRACE_MINUTES_MAX 10080	/* a week */
#define PAL_TENANT_SETTINGS_BYTES_MAX 10240u
#define PAL_ADMIN_SETTINGS_DEPTH_MAX 16u

/* A new key as it is asked for. Texts live in the operation's arena, or longer. */
struct pal_key_wish {
	struct pal_str name;		/* 1..255 characters */
	struct pal_str permissions;	/* blank-separated; pal_permissions_are_formed */
	struct pal_str rules;		/* pal_key_rules_write */
	int64_t expires_ms;		/* 0: never */
	bool live;			/* cb_live_ rather than cb_test_ */
};

enum pal_admin_kind {
	PAL_ADMIN_KEY_CREATE,		/* wish; data: the key, with its text */
	PAL_ADMIN_KEY_REVOKE,		/* id; data: the key */
	PAL_ADMIN_KEY_ROTATE,		/* id, grace_minutes; data: the new key, with its text */
	PAL_ADMIN_TOKEN_REVOKE,		/* id: the jti, until_ms; data: what was revoked */
	PAL_ADMIN_TENANT_ADD,		/* id, settings_set; data: the tenant */
	PAL_ADMIN_TENANT_SET,		/* settings_set; data: the tenant */
	PAL_ADMIN_TENANT_SETTINGS,	/* wish.rules: a patch of the tenant's own settings, members set
				 * to null go; data: the tenant */
	PAL_ADMIN_KIND_COUNT
};

/* One change: in, out, and the storage of its way; the sender's until done. */
struct pal_admin {
	struct pal_query query;		/* first member */
	struct pal_access *access;
	enum pal_admin_kind kind;
	struct pal_str tenant_id;	/* whose */
	struct pal_str id;
	struct pal_key_wish wish;
	int64_t grace_minutes, until_ms;
	/* NAME=VALUE texts for a tenant: name, status, trial_days, and those of
	 * pal_tenant_profile_set */
	const struct pal_str *settings_set;
	size_t settings_count;
	struct pal_caller caller;	/* who asks; no permission beyond its own is given away */
	struct pal_str request_id, ip_address;	/* for the audit trail */
	/* Required: exactly once. Runs on: the write lane, or who put it. */
	void (*done)(struct pal_admin *admin);
	struct pal_arena arena;		/* the change's own; released by the sender */
	/* out */
	enum pal_code code;
	struct pal_error err;
	struct pal_buf data;		/* JSON object; the sender's to free */
};

/*
 * Do it. PAL_E_VALIDATION (a setting), PAL_E_NOT_FOUND (tenant, key), PAL_E_CONFLICT (a tenant that
 * exists, a key that is revoked or expired, too many), PAL_E_UNAUTHORIZED (a permission the caller
 * has not), PAL_E_SERVICE, with a retry time when the lane is full. Runs on: any.
 */
void pal_admin_put(struct pal_store_front *front, struct pal_admin *admin);

/*
 * Whether `text` is blank-separated permissions, 1 to PAL_KEY_PERMISSIONS_MAX of them, each
 * `category:action`, `category:*` or `*`. Runs on: any.
 */
bool pal_permissions_are_formed(struct pal_str text);

/* Append the JSON of a key, without its text; of all of a tenant as an array. Runs on: any. */
void pal_admin_put_key(struct pal_buf *out, const struct pal_live_key *key, int64_t now_ms);
enum pal_code pal_admin_list_keys(struct pal_access *access, struct pal_tenant_key tenant,
				  struct pal_arena *arena, struct pal_buf *out,
				  struct pal_error *err) PAL_MUST_CHECK;

/* Append the JSON of key `id`. PAL_E_NOT_FOUND. Runs on: any. */
enum pal_code pal_admin_get_key(struct pal_access *access, struct pal_tenant_key tenant,
				struct pal_str id, struct pal_buf *out,
				struct pal_error *err) PAL_MUST_CHECK;

/* Append the JSON of tenant `id`; of all tenants as an array. PAL_E_NOT_FOUND, PAL_E_SERVICE. Runs
 * on: any. */
enum pal_code pal_admin_get_tenant(struct pal_access *access, struct pal_str id,
				   struct pal_arena *arena, struct pal_buf *out,
				   struct pal_error *err) PAL_MUST_CHECK;
enum pal_code pal_admin_list_tenants(struct pal_access *access, struct pal_arena *arena,
				     struct pal_buf *out, struct pal_error *err) PAL_MUST_CHECK;

/* A kind's part of pal_admin_put. Called with the admin lock held. Runs on: writer. */
typedef enum pal_code pal_admin_fn(struct pal_admin *admin, struct pal_store *store,
				   struct pal_live_tenant *tenant, struct pal_error *err);
pal_admin_fn pal_admin_create_key, pal_admin_revoke_key, pal_admin_rotate_key;
pal_admin_fn pal_admin_revoke_token;
pal_admin_fn pal_admin_add_tenant, pal_admin_set_tenant, pal_admin_set_settings;

#endif
