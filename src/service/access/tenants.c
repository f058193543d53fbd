/* SPDX-License-Identifier: Apache-2.0 */
/* tenants.c - the tenants' part of admin.h. */
#include <stdlib.h>

#include "base/json.h"
#include "model/patch.h"
#include "service/access/admin.h"
#include "service/access/parts.h"
#include "service/access/tenant_settings.h"
#include "service/access/usage.h"
#include "service/view/view.h"
#include "store/store.h"

#define ID_BYTES_MAX 100u	/* domain.md section 1.4: subdomain */
#define NAME_POINTS_MAX 255u
#define MS_PER_DAY INT64_C(86400000)
#define TRIAL_DAYS_MAX 3650

/* --- Showing ---------------------------------------------------------------------------------- */

static void put_plan(struct pal_buf *out, const struct pal_tenant_profile *profile)
{
	uint32_t features = pal_tenant_profile_features(profile);

	pal_buf_add_lit(out, "\"features\":{");
	for (int f = 0; f < PAL_FEATURE_COUNT; f++)
		pal_view_flag(out, pal_feature_name((enum pal_feature)f), features & 1u << f);
	pal_view_close(out, '}');
	pal_buf_add_lit(out, ",\"quotas\":{");
	for (int q = 0; q < PAL_QUOTA_COUNT; q++) {
		int64_t n = pal_tenant_profile_quota(profile, (enum pal_quota)q);
		if (n == PAL_QUOTA_NONE)
			pal_view_raw(out, pal_quota_name((enum pal_quota)q), PAL_STR("null"));
		else
			pal_view_number(out, pal_quota_name((enum pal_quota)q), n);
	}
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

static enum pal_code put_tenant(struct pal_access *access, struct pal_live_tenant *live,
				struct pal_arena *arena, struct pal_buf *out,
				struct pal_error *err)
{
	int64_t now_ms = pal_clock_wall_ms(access->clock);
	struct pal_tenant_profile profile;
	struct pal_tenant record;

	if (!pal_keyring_copy_tenant(access->ring, live, arena, &record))
		return pal_fail_memory(err, "access");
	(void)!pal_tenant_profile_read(record.profile, &profile, NULL);
	pal_buf_add_char(out, '{');
	pal_view_text(out, "tenant_id", record.id);
	pal_view_text(out, "name", record.name);
	pal_view_text(out, "status", pal_str(pal_tenant_status_name(record.status)));
	pal_view_text(out, "plan_type", pal_str(pal_plan_name(profile.plan)));
	pal_view_time_if_any(out, "created_at", record.created_ms);
	pal_view_time_if_any(out, "trial_ends_at", record.trial_ends_ms);
	pal_view_text(out, "data_residency", pal_str(pal_residency_name(profile.residency)));
	pal_view_text(out, "compliance_level", pal_str(pal_compliance_name(profile.compliance)));
	pal_view_number(out, "data_retention_days", profile.retention_days);
	put_plan(out, &profile);
	pal_buf_addf(out, "\"usage\":{\"messages_this_month\":%lld},",
		     (long long)pal_usage_messages(live, now_ms));
	pal_view_number(out, "api_keys", (int64_t)atomic_load(&live->keys_count));
	pal_view_raw(out, "settings", record.settings.n ? record.settings : PAL_STR("{}"));
	pal_view_close(out, '}');
	return PAL_OK;
}

enum pal_code pal_admin_get_tenant(struct pal_access *access, struct pal_str id,
				   struct pal_arena *arena, struct pal_buf *out,
				   struct pal_error *err)
{
	struct pal_live_tenant *live = pal_keyring_tenant(access->ring, id);

	if (!live)
		return pal_fail(err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	return put_tenant(access, live, arena, out, err);
}

enum pal_code pal_admin_list_tenants(struct pal_access *access, struct pal_arena *arena,
				     struct pal_buf *out, struct pal_error *err)
{
	struct pal_live_tenant *live = pal_keyring_next(access->ring, (struct pal_tenant_key){0});
	enum pal_code code = PAL_OK;

	pal_buf_add_lit(out, "{\"tenants\":[");
	for (bool first = true; live && code == PAL_OK; first = false) {
		pal_buf_add(out, ",", first ? 0 : 1);
		code = put_tenant(access, live, arena, out, err);
		live = pal_keyring_next(access->ring, live->key);
	}
	pal_buf_add_lit(out, "]}");
	return code;
}

/* --- Changing --------------------------------------------------------------------------------- */

static enum pal_code set_name(struct pal_tenant *tenant, struct pal_str value,
			      struct pal_error *err)
{
	size_t points = 0;

	if (!pal_utf8_count(value, &points) || points == 0 || points > NAME_POINTS_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "name", "name must have 1 to %u characters",
				NAME_POINTS_MAX);
	tenant->name = value;
	return PAL_OK;
}

static enum pal_code set_status(struct pal_tenant *tenant, struct pal_str value,
				struct pal_error *err)
{
	if (!pal_tenant_status_parse(value, &tenant->status))
		return pal_fail(err, PAL_E_VALIDATION, "status",
				"status must be active, suspended, deleted, trial or pending");
	return PAL_OK;
}

/* A trial of so many days from now. */
static enum pal_code set_trial(struct pal_tenant *tenant, struct pal_str value, int64_t now_ms,
			       struct pal_error *err)
{
	int64_t days = 0;

	for (size_t i = 0; i < value.n && days <= TRIAL_DAYS_MAX; i++)
		days = value.p[i] >= '0' && value.p[i] <= '9' ? days * 10 + (value.p[i] - '0')
							      : TRIAL_DAYS_MAX + 1;
	if (value.n == 0 || days > TRIAL_DAYS_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "trial_days",
				"trial_days must be a whole number up to %d", TRIAL_DAYS_MAX);
	tenant->status = PAL_TENANT_TRIAL;
	tenant->trial_ends_ms = now_ms + days * MS_PER_DAY;
	return PAL_OK;
}

static enum pal_code set_one(struct pal_tenant *tenant, struct pal_tenant_profile *profile,
			     struct pal_str text, int64_t now_ms, struct pal_error *err)
{
	const char *sign = text.n ? memchr(text.p, '=', text.n) : NULL;

	if (!sign)
		return pal_fail(err, PAL_E_VALIDATION, "setting", "a setting is NAME=VALUE");
	struct pal_str name = {text.p, (size_t)(sign - text.p)};
	struct pal_str value = {sign + 1, text.n - name.n - 1};
	if (pal_str_equal(name, PAL_STR("name")))
		return set_name(tenant, value, err);
	if (pal_str_equal(name, PAL_STR("status")))
		return set_status(tenant, value, err);
	if (pal_str_equal(name, PAL_STR("trial_days")))
		return set_trial(tenant, value, now_ms, err);
	return pal_tenant_profile_set(profile, name, value, err);
}

/* Store `tenant`, publish it and show it. */
static enum pal_code put(struct pal_admin *admin, struct pal_store *store,
			 struct pal_tenant *tenant, struct pal_error *err)
{
	struct pal_access *access = admin->access;
	enum pal_code code = pal_store_put_tenant(store, tenant, err);

	if (code == PAL_OK && !pal_keyring_put_tenant(access->ring, tenant))
		code = pal_fail_memory(err, "access");
	return code == PAL_OK ? pal_admin_get_tenant(access, tenant->id, &admin->arena,
						     &admin->data, err)
			      : code;
}

/* Apply all settings, or none. */
static enum pal_code set_all(struct pal_admin *admin, struct pal_store *store,
			     struct pal_tenant *tenant, struct pal_tenant_profile *profile,
			     struct pal_error *err)
{
	int64_t now_ms = pal_clock_wall_ms(admin->access->clock);
	struct pal_buf text = pal_buf_of(0);
	enum pal_code code = PAL_OK;

	for (size_t i = 0; code == PAL_OK && i < admin->settings_count; i++)
		code = set_one(tenant, profile, admin->settings_set[i], now_ms, err);
	if (code == PAL_OK) {
		pal_tenant_profile_write(profile, &text);
		tenant->profile = pal_buf_str(&text);
		code = text.failed ? pal_fail_memory(err, "access")
				   : put(admin, store, tenant, err);
	}
	pal_buf_deinit(&text);
	return code;
}

static bool is_tenant_id(struct pal_str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!memchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", id.p[i], 39))
			return false;
	return id.n > 0 && id.n <= ID_BYTES_MAX && id.p[0] != '-' && id.p[0] != '.';
}

enum pal_code pal_admin_add_tenant(struct pal_admin *admin, struct pal_store *store,
				   struct pal_live_tenant *live, struct pal_error *err)
{
	struct pal_tenant_profile profile = {.plan = PAL_PLAN_STARTER,
					     .retention_days = PAL_RETENTION_DAYS_DEFAULT};
	struct pal_tenant tenant = {.id = admin->tenant_id,
				    .name = admin->tenant_id,
				    .status = PAL_TENANT_ACTIVE,
				    .created_ms = pal_clock_wall_ms(admin->access->clock)};

	if (live)
		return pal_fail(err, PAL_E_CONFLICT, "tenant", "the tenant exists");
	if (!is_tenant_id(admin->tenant_id))
		return pal_fail(err, PAL_E_VALIDATION, "tenant",
				"a tenant's id is 1 to %u of a-z 0-9 - _ and ., and begins with none "
				"of - and .", ID_BYTES_MAX);
	return set_all(admin, store, &tenant, &profile, err);
}

enum pal_code pal_admin_set_tenant(struct pal_admin *admin, struct pal_store *store,
				   struct pal_live_tenant *live, struct pal_error *err)
{
	struct pal_tenant_profile profile;
	struct pal_tenant tenant;

	if (!pal_keyring_copy_tenant(admin->access->ring, live, &admin->arena, &tenant))
		return pal_fail_memory(err, "access");
	/* one that did not read counts as without limits, and is written anew */
	(void)!pal_tenant_profile_read(tenant.profile, &profile, NULL);
	return set_all(admin, store, &tenant, &profile, err);
}

enum pal_code pal_admin_set_settings(struct pal_admin *admin, struct pal_store *store,
				     struct pal_live_tenant *live, struct pal_error *err)
{
	struct pal_tenant_settings settings;
	struct pal_tenant tenant;
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_buf text = pal_buf_of(0);
	enum pal_code code = PAL_OK;

	if (!json || !pal_keyring_copy_tenant(admin->access->ring, live, &admin->arena, &tenant) ||
	    !pal_patch_merge(json, tenant.settings, admin->wish.rules, &admin->arena, &text))
		code = pal_fail_memory(err, "access");
	free(json);
	if (code == PAL_OK && text.len > PAL_TENANT_SETTINGS_BYTES_MAX)
		code = pal_fail(err, PAL_E_VALIDATION, "settings",
				"the settings would have more than %u bytes",
				PAL_TENANT_SETTINGS_BYTES_MAX);
	if (code == PAL_OK)
		code = pal_tenant_settings_read(pal_buf_str(&text), &settings, err);
	if (code == PAL_OK) {
		tenant.settings = pal_buf_str(&text);
		code = put(admin, store, &tenant, err);
	}
	pal_buf_deinit(&text);
	return code;
}
