/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/admin.h"

#include "base/crypto.h"
#include "base/json.h"
#include "service/access/parts.h"
#include "store/store.h"

static const struct {
	pal_admin_fn *run;
	const char *event, *resource, *action;
} kinds[PAL_ADMIN_KIND_COUNT] = {
	[PAL_ADMIN_KEY_CREATE] = {pal_admin_create_key, "api_key.created", "api_key", "create"},
	[PAL_ADMIN_KEY_REVOKE] = {pal_admin_revoke_key, "api_key.revoked", "api_key", "delete"},
	[PAL_ADMIN_KEY_ROTATE] = {pal_admin_rotate_key, "api_key.rotated", "api_key", "update"},
	[PAL_ADMIN_TOKEN_REVOKE] = {pal_admin_revoke_token, "token.revoked", "token", "delete"},
	[PAL_ADMIN_TENANT_ADD] = {pal_admin_add_tenant, "tenant.created", "tenant", "create"},
	[PAL_ADMIN_TENANT_SET] = {pal_admin_set_tenant, "tenant.updated", "tenant", "update"},
	[PAL_ADMIN_TENANT_SETTINGS] = {pal_admin_set_settings, "tenant.settings_updated", "tenant",
				       "update"},
};

/* What was done is done, whether or not the trail can be written: a failing disk tells otherwise. */
static void audit(const struct pal_admin *admin, struct pal_store *store)
{
	const struct pal_live_tenant *tenant =
		pal_keyring_tenant(admin->access->ring, admin->tenant_id);
	const struct pal_caller *caller = &admin->caller;
	const struct pal_audit_event event = {
		.at_ms = pal_clock_wall_ms(admin->access->clock),
		.event_type = pal_str(kinds[admin->kind].event),
		.user_id = caller->key_id.p ? caller->key_id : caller->user_id,
		.resource_type = pal_str(kinds[admin->kind].resource),
		.resource_id = admin->id.p ? admin->id : admin->tenant_id,
		.action = pal_str(kinds[admin->kind].action),
		.result = admin->code == PAL_OK ? PAL_STR("success") : PAL_STR("failure"),
		.request_id = admin->request_id,
		.ip_address = admin->ip_address,
	};

	if (tenant)
		(void)!pal_store_add_audit(store, tenant->key, &event, 1, NULL);
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_admin *admin = (struct pal_admin *)query;
	struct pal_live_tenant *tenant = pal_keyring_tenant(admin->access->ring, admin->tenant_id);

	(void)reader;
	if (!tenant && admin->kind != PAL_ADMIN_TENANT_ADD) {
		admin->code = pal_fail(&admin->err, PAL_E_NOT_FOUND, "tenant",
				       "there is no such tenant");
		return;
	}
	pthread_mutex_lock(&admin->access->admin);
	admin->code = kinds[admin->kind].run(admin, store, tenant, &admin->err);
	if (admin->code == PAL_OK && admin->data.failed)
		admin->code = pal_fail_memory(&admin->err, "admin");
	pthread_mutex_unlock(&admin->access->admin);
	audit(admin, store);
}

static void done(struct pal_query *query)
{
	struct pal_admin *admin = (struct pal_admin *)query;

	admin->done(admin);
}

void pal_admin_put(struct pal_store_front *front, struct pal_admin *admin)
{
	admin->query.run = run;
	admin->query.done = done;
	admin->data = pal_buf_of(0);
	if (pal_store_front_write(front, &admin->query) != PAL_PUT_FULL)
		return;
	admin->code = pal_fail_retry(&admin->err, PAL_E_SERVICE, 1000, "store",
				     "the store is too busy");
	admin->done(admin);
}

/* --- Tokens ----------------------------------------------------------------------------------- */

static enum pal_code write_revocation(struct pal_admin *admin, struct pal_store *store,
				      struct pal_tenant_key tenant, int64_t ends_ms,
				      struct pal_error *err)
{
	uint8_t digest[PAL_SHA256_SIZE];
	struct pal_buf name = pal_buf_of(0);
	int64_t now_ms = pal_clock_wall_ms(admin->access->clock);

	pal_sha256(admin->id, digest);
	pal_hex_encode(&name, digest, sizeof(digest));
	struct pal_record_write write = {.tenant = tenant,
					 .record = {.kind = PAL_STR(PAL_REVOKED_KIND),
						    .id = pal_buf_str(&name),
						    .owner = admin->id,
						    .body = PAL_STR("{}"),
						    .created_ms = now_ms,
						    .updated_ms = now_ms,
						    .expires_ms = ends_ms},
					 .expected = PAL_RECORD_ANY};
	struct pal_record_write *writes = &write;
	pal_store_write_records(store, &writes, 1);
	pal_buf_deinit(&name);
	if (write.verdict == PAL_RECORD_STORED)
		return PAL_OK;
	*err = write.err;
	return write.err.code;
}

enum pal_code pal_admin_revoke_token(struct pal_admin *admin, struct pal_store *store,
				     struct pal_live_tenant *tenant, struct pal_error *err)
{
	struct pal_access *access = admin->access;
	int64_t ends_ms = admin->until_ms + access->leeway_ms;
	char text[PAL_TIME_TEXT_SIZE];

	if (pal_revoked_count(access->revoked) >= PAL_REVOKED_MAX)
		return pal_fail(err, PAL_E_CONFLICT, "jti",
				"%u tokens are revoked already: wait until some have expired",
				PAL_REVOKED_MAX);
	enum pal_code code = write_revocation(admin, store, tenant->key, ends_ms, err);
	if (code != PAL_OK)
		return code;
	if (!pal_revoked_add(access->revoked, tenant->key, admin->id, ends_ms))
		return pal_fail_memory(err, "access");
	pal_buf_add_lit(&admin->data, "{\"jti\":");
	pal_json_put_string(&admin->data, admin->id);
	pal_buf_addf(&admin->data, ",\"revoked\":true,\"expires_at\":\"%s\"}",
		     pal_time_format(admin->until_ms, text));
	return PAL_OK;
}
