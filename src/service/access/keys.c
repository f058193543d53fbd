/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - the API keys' part of admin.h. */
#include "base/id.h"
#include "base/json.h"
#include "service/access/admin.h"
#include "service/access/parts.h"
#include "service/view/view.h"
#include "store/store.h"

#define MS_PER_MINUTE INT64_C(60000)

static bool is_word(struct pal_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '_' || s.p[i] == '-'))
			return false;
	return s.n > 0;
}

static bool is_permission(struct pal_str one)
{
	const char *colon = memchr(one.p, ':', one.n);

	if (!colon)
		return pal_str_equal(one, PAL_STR("*"));
	struct pal_str category = {one.p, (size_t)(colon - one.p)};
	struct pal_str action = {colon + 1, one.n - category.n - 1};
	return is_word(category) && (is_word(action) || pal_str_equal(action, PAL_STR("*")));
}

bool pal_permissions_are_formed(struct pal_str text)
{
	size_t count = 0;

	for (struct pal_str rest = text, one; (one = pal_str_take_word(&rest)).n; count++)
		if (!is_permission(one))
			return false;
	return count >= 1 && count <= PAL_KEY_PERMISSIONS_MAX;
}

/* --- Showing ---------------------------------------------------------------------------------- */

static const char *status_of(const struct pal_live_key *key, int64_t now_ms)
{
	return atomic_load(&key->status) != PAL_API_KEY_ACTIVE ? "revoked"
	       : pal_live_key_is_good(key, now_ms)	       ? "active"
							       : "expired";
}

static void put_permissions(struct pal_buf *out, struct pal_str permissions)
{
	bool first = true;

	pal_buf_add_char(out, '[');
	for (struct pal_str rest = permissions, one; (one = pal_str_take_word(&rest)).n; first = false) {
		pal_buf_add(out, ",", first ? 0 : 1);
		pal_json_put_string(out, one);
	}
	pal_buf_add_char(out, ']');
}

/* The members, without the closing brace. */
static void put_members(struct pal_buf *out, const struct pal_live_key *key, int64_t now_ms)
{
	const struct pal_api_key *record = &key->record;
	struct pal_str rules = record->rules;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "key_id", record->key_id);
	pal_view_text(out, "name", record->name);
	pal_buf_addf(out, "\"key_prefix\":\"%.*s\",\"status\":\"%s\",\"permissions\":",
		     PAL_API_KEY_PREFIX_SIZE, record->prefix, status_of(key, now_ms));
	put_permissions(out, record->permissions);
	pal_buf_add_char(out, ',');
	pal_view_time_if_any(out, "created_at", record->created_ms);
	pal_view_time_if_any(out, "expires_at", atomic_load(&key->expires_ms));
	pal_view_time_if_any(out, "last_used_at", atomic_load(&key->last_used_ms));
	if (rules.n <= 2)
		rules = PAL_STR("{\"scopes\":[],\"allowed_ips\":[],\"rate_limit_per_minute\":null,"
				"\"require_https\":false,\"created_by\":null}");
	pal_buf_add(out, rules.p + 1, rules.n - 2);	/* between its braces */
}

void pal_admin_put_key(struct pal_buf *out, const struct pal_live_key *key, int64_t now_ms)
{
	put_members(out, key, now_ms);
	pal_buf_add_char(out, '}');
}

enum pal_code pal_admin_get_key(struct pal_access *access, struct pal_tenant_key tenant,
				struct pal_str id, struct pal_buf *out, struct pal_error *err)
{
	const struct pal_live_key *key = pal_keyring_key(access->ring, tenant, id);

	if (!key)
		return pal_fail(err, PAL_E_NOT_FOUND, "api_key", "there is no such API key");
	pal_admin_put_key(out, key, pal_clock_wall_ms(access->clock));
	return PAL_OK;
}

enum pal_code pal_admin_list_keys(struct pal_access *access, struct pal_tenant_key tenant,
				  struct pal_arena *arena, struct pal_buf *out,
				  struct pal_error *err)
{
	struct pal_live_tenant *live =
		pal_keyring_next(access->ring, (struct pal_tenant_key){tenant.n - 1});
	int64_t now_ms = pal_clock_wall_ms(access->clock);
	size_t count = 0;

	if (!live || live->key.n != tenant.n)
		return pal_fail(err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	struct pal_live_key **list = pal_keyring_list(access->ring, live, arena, &count);
	if (!list)
		return pal_fail_memory(err, "access");
	pal_buf_add_lit(out, "{\"api_keys\":[");
	for (size_t i = 0; i < count; i++) {
		pal_buf_add(out, ",", i ? 1 : 0);
		pal_admin_put_key(out, list[i], now_ms);
	}
	pal_buf_addf(out, "],\"total\":%zu}", count);
	return PAL_OK;
}

/* --- Making and ending ------------------------------------------------------------------------ */

/* No key gives more than its maker has. */
static enum pal_code check_permissions(const struct pal_caller *caller, struct pal_str permissions,
				       struct pal_error *err)
{
	for (struct pal_str rest = permissions, one; (one = pal_str_take_word(&rest)).n; )
		if (!pal_caller_may(caller, one))
			return pal_fail(err, PAL_E_UNAUTHORIZED, "permissions",
					"you have not %.*s yourself", (int)one.n, one.p);
	return PAL_OK;
}

/*
 * Store and publish a key with a fresh text, and show it, this once. It follows the key of id
 * `replaces`, when that is present.
 */
static enum pal_code make(struct pal_admin *admin, struct pal_store *store,
			  const struct pal_live_tenant *tenant, const struct pal_key_wish *wish,
			  struct pal_str replaces, struct pal_error *err)
{
	struct pal_access *access = admin->access;
	struct pal_uuid id = pal_uuid_v4();
	char id_text[PAL_UUID_TEXT_SIZE], text[PAL_API_KEY_TEXT_SIZE];
	struct pal_api_key key = {.key_id = pal_str(pal_uuid_format(&id, id_text)),
				  .tenant = tenant->key,
				  .name = wish->name,
				  .permissions = wish->permissions,
				  .status = PAL_API_KEY_ACTIVE,
				  .created_ms = pal_clock_wall_ms(access->clock),
				  .expires_ms = wish->expires_ms,
				  .rules = wish->rules};

	if (atomic_load(&tenant->keys_count) >= PAL_TENANT_KEYS_MAX)
		return pal_fail(err, PAL_E_CONFLICT, "api_keys",
				"the tenant has made %d API keys, which is all it may",
				PAL_TENANT_KEYS_MAX);
	pal_api_key_make(wish->live, text);
	memcpy(key.prefix, text, sizeof(key.prefix));
	pal_keyring_hash(access->ring, pal_str(text), key.hash);
	enum pal_code code = pal_store_put_api_key(store, &key, err);
	if (code == PAL_OK && !pal_keyring_put_key(access->ring, &key))
		code = pal_fail_memory(err, "access");
	if (code == PAL_OK) {
		put_members(&admin->data, pal_keyring_key(access->ring, tenant->key, key.key_id),
			    key.created_ms);
		pal_buf_addf(&admin->data, ",\"key\":\"%s\"", text);
		if (replaces.p) {
			pal_buf_add_lit(&admin->data, ",\"replaces\":");
			pal_json_put_string(&admin->data, replaces);
		} else {
			admin->id = pal_arena_copy(&admin->arena, key.key_id);
		}
		pal_buf_add_char(&admin->data, '}');
	}
	explicit_bzero(text, sizeof(text));
	return code;
}

enum pal_code pal_admin_create_key(struct pal_admin *admin, struct pal_store *store,
				   struct pal_live_tenant *tenant, struct pal_error *err)
{
	enum pal_code code = check_permissions(&admin->caller, admin->wish.permissions, err);

	if (code == PAL_OK)
		code = make(admin, store, tenant, &admin->wish, (struct pal_str){NULL, 0}, err);
	return code;
}

/* Change what may change of a key, in the store and then for requests. */
static enum pal_code change(struct pal_access *access, struct pal_store *store,
			    const struct pal_live_key *key, enum pal_api_key_status status,
			    int64_t expires_ms, struct pal_error *err)
{
	struct pal_api_key record = key->record;

	record.status = status;
	record.expires_ms = expires_ms;
	enum pal_code code = pal_store_put_api_key(store, &record, err);
	if (code == PAL_OK && !pal_keyring_put_key(access->ring, &record))
		code = pal_fail_memory(err, "access");
	return code;
}

static struct pal_live_key *find(struct pal_admin *admin, const struct pal_live_tenant *tenant,
				 struct pal_error *err)
{
	struct pal_live_key *key = pal_keyring_key(admin->access->ring, tenant->key, admin->id);

	if (!key)
		pal_fail(err, PAL_E_NOT_FOUND, "api_key", "there is no such API key");
	return key;
}

enum pal_code pal_admin_revoke_key(struct pal_admin *admin, struct pal_store *store,
				   struct pal_live_tenant *tenant, struct pal_error *err)
{
	struct pal_live_key *key = find(admin, tenant, err);

	if (!key)
		return PAL_E_NOT_FOUND;
	/* again is fine: what was wanted holds */
	enum pal_code code = change(admin->access, store, key, PAL_API_KEY_REVOKED,
				    atomic_load(&key->expires_ms), err);
	if (code == PAL_OK)
		pal_admin_put_key(&admin->data, key, pal_clock_wall_ms(admin->access->clock));
	return code;
}

/* The new key is there before the old one's end is set: whatever fails, one of them works. */
enum pal_code pal_admin_rotate_key(struct pal_admin *admin, struct pal_store *store,
				   struct pal_live_tenant *tenant, struct pal_error *err)
{
	struct pal_live_key *key = find(admin, tenant, err);
	int64_t now_ms = pal_clock_wall_ms(admin->access->clock);

	if (!key)
		return PAL_E_NOT_FOUND;
	if (!pal_live_key_is_good(key, now_ms))
		return pal_fail(err, PAL_E_CONFLICT, "api_key",
				"the API key is revoked or expired; make a new one");
	enum pal_code code = check_permissions(&admin->caller, key->record.permissions, err);
	int64_t expires_ms = atomic_load(&key->expires_ms);
	int64_t ends_ms = now_ms + admin->grace_minutes * MS_PER_MINUTE;
	const struct pal_key_wish wish = {
		.name = key->record.name,
		.permissions = key->record.permissions,
		.rules = key->record.rules,
		.expires_ms = expires_ms,
		.live = memcmp(key->record.prefix, "cb_live_", 8) == 0,
	};
	if (code == PAL_OK)
		code = make(admin, store, tenant, &wish, admin->id, err);
	if (code == PAL_OK)
		code = change(admin->access, store, key, PAL_API_KEY_ACTIVE,
			      expires_ms && expires_ms < ends_ms ? expires_ms : ends_ms, err);
	if (code != PAL_OK)
		pal_buf_clear(&admin->data);	/* a text that was not told is of no use */
	return code;
}
