/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "service/access/key_text.h"
#include "service/access/upkeep.h"
#include "service/access/usage.h"
#include "store/store.h"
#include "suite.h"
#include "token.h"

#define NOW_MS 1790000000000ll
#define MINUTE_MS 60000ll

static struct pal_store *store;
static struct pal_store_front *front;
static struct pal_access *access_;
static struct pal_clock_fake clock_;
static struct pal_arena arena;
static struct pal_caller caller;
static struct pal_admin admin;
static char data[8192];		/* of the last change, NUL-terminated */
static unsigned done_count;

static void reopen(void)
{
	const struct pal_jwt_options tokens = {.secret = PAL_STR(TOKEN_SECRET), .leeway_s = 30};
	struct pal_access_options options = {
		.store = store, .clock = &clock_.clock, .leeway_ms = 30000};
	struct pal_error err;

	pal_access_destroy(access_);
	access_ = NULL;
	CU_ASSERT_EQUAL_FATAL(pal_jwt_create(&tokens, &options.jwt, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_access_create(&options, &access_, &err), PAL_OK);
}

static void done(struct pal_admin *change)
{
	snprintf(data, sizeof(data), "%.*s", (int)change->data.len,
		 change->data.len ? change->data.data : "");
	pal_buf_deinit(&change->data);
	pal_arena_release(&change->arena);
	done_count++;
}

/* Do `admin` for tenant acme, with all permissions unless it says otherwise; its code. */
static enum pal_code put(enum pal_admin_kind kind)
{
	admin.kind = kind;
	admin.access = access_;
	admin.done = done;
	admin.arena = pal_arena_of(0);
	if (!admin.tenant_id.p)
		admin.tenant_id = PAL_STR("acme");
	if (!admin.caller.permissions.p)
		admin.caller.permissions = PAL_STR("*");
	done_count = 0;
	pal_admin_put(front, &admin);
	CU_ASSERT_EQUAL(done_count, 1);
	enum pal_code code = admin.code;
	struct pal_error err = admin.err;
	memset(&admin, 0, sizeof(admin));
	admin.err = err;
	return code;
}

static enum pal_code add_tenant(const char *id, const char *setting)
{
	static struct pal_str settings[1];

	settings[0] = pal_str(setting);
	admin.tenant_id = pal_str(id);
	admin.settings_set = settings;
	admin.settings_count = setting ? 1 : 0;
	return put(PAL_ADMIN_TENANT_ADD);
}

static enum pal_code set_tenant(const char *id, const char *setting)
{
	static struct pal_str settings[1];

	settings[0] = pal_str(setting);
	admin.tenant_id = pal_str(id);
	admin.settings_set = settings;
	admin.settings_count = 1;
	return put(PAL_ADMIN_TENANT_SET);
}

static void begin(void)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	struct pal_error err;

	memset(&admin, 0, sizeof(admin));
	pal_clock_fake_init(&clock_, NOW_MS);
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &store, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(
				      store, &(struct pal_store_front_options){.queue_max = 0},
				      &front, &err), PAL_OK);
	reopen();
	CU_ASSERT_EQUAL(add_tenant("acme", "plan=custom"), PAL_OK);
	CU_ASSERT_EQUAL(add_tenant("other", NULL), PAL_OK);
}

static void end(void)
{
	pal_access_destroy(access_);
	access_ = NULL;
	pal_store_front_stop(front);
	pal_store_front_destroy(front);
	pal_store_destroy(store);
	pal_arena_release(&arena);
}

/* The string member `name` of the last change's data, in a buffer of its own. */
static const char *member(const char *name)
{
	static char found[8][256];
	static unsigned at;
	char needle[64];
	char *out = found[at++ % 8];

	snprintf(needle, sizeof(needle), "\"%s\":\"", name);
	const char *from = strstr(data, needle);
	CU_ASSERT_PTR_NOT_NULL_FATAL(from);
	from += strlen(needle);
	snprintf(out, 256, "%.*s", (int)strcspn(from, "\""), from);
	return out;
}

static enum pal_code create_key(const char *permissions)
{
	admin.wish = (struct pal_key_wish){.name = PAL_STR("k"),
					   .permissions = pal_str(permissions),
					   .live = true};
	return put(PAL_ADMIN_KEY_CREATE);
}

static enum pal_access_verdict check_from(const char *key, const uint8_t *address, bool encrypted)
{
	return pal_access_check(access_,
				&(struct pal_credentials){.api_key = pal_str(key),
							  .address = address,
							  .is_encrypted = encrypted},
				&arena, &caller);
}

static enum pal_access_verdict check(const char *key)
{
	return check_from(key, NULL, false);
}

TEST(b53_a_key_made_at_run_time_works_at_once_and_after_a_restart)
{
	begin();
	CU_ASSERT_EQUAL(create_key("conversations:read analytics:*"), PAL_OK);
	const char *key = member("key");
	CU_ASSERT(pal_api_key_is_formed(pal_str(key)));
	CU_ASSERT(strncmp(key, "cb_live_", 8) == 0);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
		CU_ASSERT(pal_str_equal(caller.tenant_id, PAL_STR("acme")));
		CU_ASSERT(pal_caller_may(&caller, PAL_STR("analytics:read")));
		CU_ASSERT(!pal_caller_may(&caller, PAL_STR("conversations:write")));
		reopen();
	}
	struct pal_buf out = pal_buf_of(0);
	struct pal_error err;
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);	/* the views of before went with `reopen` */
	CU_ASSERT_EQUAL(pal_admin_get_key(access_, caller.tenant, caller.key_id, &out, &err), PAL_OK);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NULL(strstr(out.data, key));	/* shown once, and never again */
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\"status\":\"active\""));
	pal_buf_deinit(&out);
	end();
}

TEST(no_key_gives_more_than_its_maker_has)
{
	static const struct {
		const char *has, *wants;
		enum pal_code code;
	} rows[] = {
		{"conversations:*", "conversations:read", PAL_OK},
		{"conversations:*", "conversations:*", PAL_OK},
		{"*", "*", PAL_OK},
		{"conversations:*", "*", PAL_E_UNAUTHORIZED},
		{"conversations:read", "conversations:*", PAL_E_UNAUTHORIZED},
		{"conversations:read", "conversations:read users:read", PAL_E_UNAUTHORIZED},
		{"", "conversations:read", PAL_E_UNAUTHORIZED},
	};

	begin();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		admin.caller.permissions = pal_str(rows[i].has);
		CU_ASSERT_EQUAL(create_key(rows[i].wants), rows[i].code);
	}
	/* nor does a rotation hand on what one has not */
	CU_ASSERT_EQUAL(create_key("users:read"), PAL_OK);
	admin.id = pal_str(member("key_id"));
	admin.caller.permissions = PAL_STR("conversations:*");
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_ROTATE), PAL_E_UNAUTHORIZED);
	end();
}

TEST(permissions_have_one_form)
{
	static const char *const good[] = {"*", "a:b", "a:*", " a:b  c_d:e-f ", "config:api_keys"};
	static const char *const bad[] = {"", " ", "a", "a:", ":b", "a:b:c", "A:b", "a:b*", "*:b",
					  "a:b,c:d", "a: b", "**"};
	char many[400] = "";

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT(pal_permissions_are_formed(pal_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT(!pal_permissions_are_formed(pal_str(bad[i])));
	for (unsigned i = 0; i < PAL_KEY_PERMISSIONS_MAX; i++)
		strcat(many, "a:b ");
	CU_ASSERT(pal_permissions_are_formed(pal_str(many)));
	strcat(many, "a:b");
	CU_ASSERT(!pal_permissions_are_formed(pal_str(many)));
}

TEST(a_revoked_key_is_refused_at_once_and_stays_so)
{
	char key[PAL_API_KEY_TEXT_SIZE], id[64];

	begin();
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	snprintf(key, sizeof(key), "%s", member("key"));
	snprintf(id, sizeof(id), "%s", member("key_id"));
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	for (int i = 0; i < 2; i++) {
		admin.id = pal_str(id);
		CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_REVOKE), PAL_OK);
		CHECK_STR(member("status"), "revoked");
		CU_ASSERT_EQUAL(check(key), PAL_ACCESS_REFUSED);
	}
	reopen();
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_REFUSED);
	admin.id = pal_str(id);
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_ROTATE), PAL_E_CONFLICT);
	end();
}

TEST(a_key_of_another_tenant_is_as_if_absent)
{
	char id[64];

	begin();
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	snprintf(id, sizeof(id), "%s", member("key_id"));
	static const enum pal_admin_kind kinds[] = {PAL_ADMIN_KEY_REVOKE, PAL_ADMIN_KEY_ROTATE};
	for (size_t i = 0; i < 2; i++) {
		admin.tenant_id = PAL_STR("other");
		admin.id = pal_str(id);
		CU_ASSERT_EQUAL(put(kinds[i]), PAL_E_NOT_FOUND);
		admin.id = PAL_STR("nothing");
		CU_ASSERT_EQUAL(put(kinds[i]), PAL_E_NOT_FOUND);
	}
	struct pal_buf out = pal_buf_of(0);
	struct pal_error err;
	CU_ASSERT_EQUAL(pal_admin_get_key(access_, pal_access_tenant(access_, PAL_STR("other")),
					  pal_str(id), &out, &err), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(pal_admin_list_keys(access_, pal_access_tenant(access_, PAL_STR("other")),
					    &arena, &out, &err), PAL_OK);
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, "{\"api_keys\":[],\"total\":0}");
	pal_buf_deinit(&out);
	end();
}

TEST(a_rotated_key_and_its_successor_live_side_by_side_for_the_grace)
{
	char old[PAL_API_KEY_TEXT_SIZE], fresh[PAL_API_KEY_TEXT_SIZE], id[64];

	begin();
	CU_ASSERT_EQUAL(create_key("conversations:*"), PAL_OK);
	snprintf(old, sizeof(old), "%s", member("key"));
	snprintf(id, sizeof(id), "%s", member("key_id"));
	admin.id = pal_str(id);
	admin.grace_minutes = 10;
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_ROTATE), PAL_OK);
	snprintf(fresh, sizeof(fresh), "%s", member("key"));
	CHECK_STR(member("replaces"), id);
	CU_ASSERT_STRING_NOT_EQUAL(member("key_id"), id);
	CU_ASSERT_STRING_NOT_EQUAL(old, fresh);
	CU_ASSERT_EQUAL(check(old), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(check(fresh), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 10 * MINUTE_MS - 1);
	CU_ASSERT_EQUAL(check(old), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(check(old), PAL_ACCESS_REFUSED);
	CU_ASSERT_EQUAL(check(fresh), PAL_ACCESS_GRANTED);
	reopen();
	CU_ASSERT_EQUAL(check(old), PAL_ACCESS_REFUSED);
	CU_ASSERT_EQUAL(check(fresh), PAL_ACCESS_GRANTED);
	end();
}

TEST(a_rotation_without_grace_ends_the_old_key_at_once)
{
	char old[PAL_API_KEY_TEXT_SIZE];

	begin();
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	snprintf(old, sizeof(old), "%s", member("key"));
	admin.id = pal_str(member("key_id"));
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_ROTATE), PAL_OK);
	CU_ASSERT_EQUAL(check(old), PAL_ACCESS_REFUSED);
	CU_ASSERT_EQUAL(check(member("key")), PAL_ACCESS_GRANTED);
	end();
}

TEST(a_key_keeps_to_its_addresses_to_https_and_to_its_end)
{
	static const uint8_t inside[16] = {[10] = 0xff, [11] = 0xff, 10, 1, 2, 3};
	static const uint8_t outside[16] = {[10] = 0xff, [11] = 0xff, 11, 1, 2, 3};
	static const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	char key[PAL_API_KEY_TEXT_SIZE];

	begin();
	admin.wish = (struct pal_key_wish){
		.name = PAL_STR("k"),
		.permissions = PAL_STR("*"),
		.expires_ms = NOW_MS + 1000,
		.rules = PAL_STR("{\"allowed_ips\":[\"10.0.0.0/8\",\"2001:db8::/32\"],"
				 "\"rate_limit_per_minute\":7,\"require_https\":true}")};
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_CREATE), PAL_OK);
	snprintf(key, sizeof(key), "%s", member("key"));
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(check_from(key, inside, true), PAL_ACCESS_GRANTED);
		CU_ASSERT_EQUAL(caller.per_minute, 7);
		CU_ASSERT_EQUAL(check_from(key, six, true), PAL_ACCESS_GRANTED);
		CU_ASSERT_EQUAL(check_from(key, outside, true), PAL_ACCESS_ADDRESS_REFUSED);
		CU_ASSERT_EQUAL(check_from(key, NULL, true), PAL_ACCESS_ADDRESS_REFUSED);
		CU_ASSERT_EQUAL(check_from(key, inside, false), PAL_ACCESS_PLAIN_REFUSED);
		reopen();
	}
	pal_clock_fake_advance_ms(&clock_, 999);
	CU_ASSERT_EQUAL(check_from(key, inside, true), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(check_from(key, inside, true), PAL_ACCESS_REFUSED);
	end();
}

TEST(rules_that_do_not_read_let_nobody_in)
{
	char key[PAL_API_KEY_TEXT_SIZE];

	begin();
	admin.wish = (struct pal_key_wish){.name = PAL_STR("k"),
					   .permissions = PAL_STR("*"),
					   .rules = PAL_STR("{\"allowed_ips\":[\"everywhere\"]}")};
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_CREATE), PAL_OK);
	snprintf(key, sizeof(key), "%s", member("key"));
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_REFUSED);
	end();
}

static int64_t last_used(void)
{
	struct pal_buf out = pal_buf_of(0);
	struct pal_error err;
	int64_t at_ms = 0;

	CU_ASSERT_EQUAL(pal_admin_get_key(access_, caller.tenant, caller.key_id, &out, &err), PAL_OK);
	pal_buf_add_char(&out, '\0');
	const char *at = strstr(out.data, "\"last_used_at\":");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at += strlen("\"last_used_at\":");
	if (*at == '"')
		CU_ASSERT(pal_time_parse((struct pal_str){at + 1, strcspn(at + 1, "\"")}, &at_ms));
	pal_buf_deinit(&out);
	return at_ms;
}

TEST(when_a_key_was_last_used_is_known_to_the_minute_and_survives_a_restart)
{
	char key[PAL_API_KEY_TEXT_SIZE];

	begin();
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	snprintf(key, sizeof(key), "%s", member("key"));
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(last_used(), NOW_MS);
	pal_clock_fake_advance_ms(&clock_, MINUTE_MS - 1);
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(last_used(), NOW_MS);
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(last_used(), NOW_MS + MINUTE_MS);
	pal_access_sweep(access_, front);
	reopen();
	caller.key_id = pal_arena_copy(&arena, PAL_STR(""));
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(last_used(), NOW_MS + MINUTE_MS);
	end();
}

TEST(a_suspended_tenant_is_refused_at_once_and_comes_back)
{
	char key[PAL_API_KEY_TEXT_SIZE];

	begin();
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	snprintf(key, sizeof(key), "%s", member("key"));
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(set_tenant("acme", "status=suspended"), PAL_OK);
	CHECK_STR(member("status"), "suspended");
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_TENANT_INACTIVE);
	reopen();
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_TENANT_INACTIVE);
	CU_ASSERT_EQUAL(set_tenant("acme", "status=active"), PAL_OK);
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(set_tenant("acme", "trial_days=2"), PAL_OK);
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 2 * 24 * 60 * MINUTE_MS);
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_TENANT_INACTIVE);
	end();
}

TEST(a_tenant_is_made_once_under_a_plain_name)
{
	static const char *const bad[] = {"", "A", "a b", "-a", ".a", "a/b", "\xc3\xa9"};
	char longest[102];

	begin();
	CU_ASSERT_EQUAL(add_tenant("acme", NULL), PAL_E_CONFLICT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(add_tenant(bad[i], NULL), PAL_E_VALIDATION);
	memset(longest, 'a', 101);
	longest[101] = '\0';
	CU_ASSERT_EQUAL(add_tenant(longest, NULL), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(add_tenant(longest + 1, "plan=free"), PAL_OK);
	CHECK_STR(member("plan_type"), "free");
	CU_ASSERT_EQUAL(add_tenant("wrong", "plan=gold"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(set_tenant("wrong", "plan=free"), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(set_tenant("acme", "nothing"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(set_tenant("acme", "name=\xff"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(set_tenant("acme", "trial_days=x"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(set_tenant("acme", "status=gone"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(set_tenant("acme", "name=Acme \xc3\xa9"), PAL_OK);
	CHECK_STR(member("name"), "Acme \xc3\xa9");
	reopen();
	CU_ASSERT_EQUAL(set_tenant("acme", "residency=eu"), PAL_OK);
	CHECK_STR(member("name"), "Acme \xc3\xa9");
	CHECK_STR(member("data_residency"), "eu");
	end();
}

static int64_t retention(void)
{
	return atomic_load(&pal_access_live(access_, PAL_STR("acme"))->retention_days);
}

/* Refused by its name; what is set is seen at once, and by the next start. */
TEST(a_tenants_own_retention_is_seen_at_once)
{
	begin();
	CU_ASSERT_EQUAL(retention(), PAL_LIVE_RETENTION_UNSET);
	CU_ASSERT_EQUAL(set_tenant("acme", "retention_days=36501"), PAL_E_VALIDATION);
	CHECK_STR(admin.err.subject, "retention_days");
	CU_ASSERT_EQUAL(retention(), PAL_LIVE_RETENTION_UNSET);
	CU_ASSERT_EQUAL(set_tenant("acme", "retention_days=20"), PAL_OK);
	CU_ASSERT_EQUAL(retention(), 20);
	reopen();
	CU_ASSERT_EQUAL(retention(), 20);
	CU_ASSERT_EQUAL(set_tenant("acme", "retention_days="), PAL_OK);
	CU_ASSERT_EQUAL(retention(), PAL_LIVE_RETENTION_UNSET);
	end();
}

static enum pal_access_verdict check_token(const char *more)
{
	static struct token token;
	static char header[TOKEN_SIZE_MAX + 16], payload[512];

	snprintf(payload, sizeof(payload),
		 "{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":1790000100%s}", more);
	snprintf(header, sizeof(header), "Bearer %s", token_make(&token, TOKEN_HEADER, payload).p);
	return pal_access_check(access_,
				&(struct pal_credentials){.authorization = pal_str(header)},
				&arena, &caller);
}

static enum pal_code revoke(const char *tenant, const char *jti)
{
	admin.tenant_id = pal_str(tenant);
	admin.id = pal_str(jti);
	admin.until_ms = 1790000100000;
	return put(PAL_ADMIN_TOKEN_REVOKE);
}

TEST(b49_a_revoked_token_is_refused_although_it_was_cached_and_after_a_restart)
{
	begin();
	CU_ASSERT_EQUAL(check_token(",\"jti\":\"j1\""), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(check_token(",\"jti\":\"j1\""), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(revoke("other", "j1"), PAL_OK);
	CU_ASSERT_EQUAL(check_token(",\"jti\":\"j1\""), PAL_ACCESS_GRANTED);	/* not this tenant's */
	CU_ASSERT_EQUAL(revoke("acme", "j1"), PAL_OK);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(check_token(",\"jti\":\"j1\""), PAL_ACCESS_TOKEN_REFUSED);
		CU_ASSERT_EQUAL(check_token(",\"jti\":\"j2\""), PAL_ACCESS_GRANTED);
		CU_ASSERT_EQUAL(check_token(""), PAL_ACCESS_GRANTED);
		reopen();
	}
	end();
}

static bool count_record(void *arg, const struct pal_record *record)
{
	(void)record;
	++*(size_t *)arg;
	return true;
}

static size_t revocations_stored(void)
{
	size_t count = 0;

	CU_ASSERT_EQUAL(pal_store_walk_records(store, 0, pal_access_tenant(access_, PAL_STR("acme")),
					       PAL_STR("revoked_token"), (struct pal_str){NULL, 0},
					       0, (struct pal_str){NULL, 0}, 100, count_record,
					       &count, NULL), PAL_OK);
	return count;
}

TEST(a_revocation_ends_with_its_token)
{
	begin();
	CU_ASSERT_EQUAL(revoke("acme", "j1"), PAL_OK);
	pal_access_sweep(access_, front);
	CU_ASSERT_EQUAL(revocations_stored(), 1);
	pal_clock_fake_advance_ms(&clock_, 100000 + 29999);	/* leeway and all */
	pal_access_sweep(access_, front);
	CU_ASSERT_EQUAL(revocations_stored(), 1);
	pal_clock_fake_advance_ms(&clock_, MINUTE_MS);
	pal_access_sweep(access_, front);
	CU_ASSERT_EQUAL(revocations_stored(), 0);
	end();
}

TEST(messages_used_are_written_behind)
{
	struct pal_usage_hold hold;

	begin();
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	char key[PAL_API_KEY_TEXT_SIZE];
	snprintf(key, sizeof(key), "%s", member("key"));
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	for (int i = 0; i < 3; i++)
		CU_ASSERT(pal_usage_take(caller.live, 1, NOW_MS, &hold));
	pal_access_sweep(access_, front);
	reopen();
	CU_ASSERT_EQUAL(check(key), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(pal_usage_messages(caller.live, NOW_MS), 3);
	end();
}

static bool note_event(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *event = &entry->event;
	struct pal_buf *out = arg;

	CU_ASSERT(entry->seq > 0);
	pal_buf_addf(out, "%.*s %.*s by %.*s; ", (int)event->event_type.n, event->event_type.p,
		     (int)event->result.n, event->result.p, (int)event->user_id.n,
		     event->user_id.n ? event->user_id.p : "");
	return true;
}

TEST(every_change_is_in_the_audit_trail_the_refused_ones_too)
{
	struct pal_buf seen = pal_buf_of(0);

	begin();
	admin.caller = (struct pal_caller){.user_id = PAL_STR("root"), .permissions = PAL_STR("*")};
	CU_ASSERT_EQUAL(create_key("*"), PAL_OK);
	admin.caller.user_id = PAL_STR("eve");
	admin.id = PAL_STR("nothing");
	CU_ASSERT_EQUAL(put(PAL_ADMIN_KEY_REVOKE), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(pal_store_walk_audit(store, 0, pal_access_tenant(access_, PAL_STR("acme")), 0,
					     100, note_event, &seen, NULL), PAL_OK);
	pal_buf_add_char(&seen, '\0');
	CHECK_STR(seen.data, "tenant.created success by ; api_key.created success by root; "
			     "api_key.revoked failure by eve; ");
	pal_buf_deinit(&seen);
	end();
}

TEST(tenants_are_walked_in_the_order_of_their_keys)
{
	struct pal_tenant_key at = {0};
	struct pal_str id;
	char name[32];
	int64_t before = 0;
	unsigned seen = 0;

	begin();
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "t%u", i * 7919 % 1000);
		CU_ASSERT_EQUAL(add_tenant(name, NULL), PAL_OK);
	}
	for (int round = 0; round < 2; round++) {
		for (seen = 0, before = 0, at.n = 0; pal_access_next_tenant(access_, at, &at, &id);
		     seen++) {
			CU_ASSERT(at.n > before);
			before = at.n;
			CU_ASSERT_EQUAL(pal_access_tenant(access_, id).n, at.n);
		}
		CU_ASSERT_EQUAL(seen, 102);
		reopen();
	}
	end();
}

SUITE(admin, CASE(tenants_are_walked_in_the_order_of_their_keys),
      CASE(b53_a_key_made_at_run_time_works_at_once_and_after_a_restart),
      CASE(no_key_gives_more_than_its_maker_has), CASE(permissions_have_one_form),
      CASE(a_revoked_key_is_refused_at_once_and_stays_so),
      CASE(a_key_of_another_tenant_is_as_if_absent),
      CASE(a_rotated_key_and_its_successor_live_side_by_side_for_the_grace),
      CASE(a_rotation_without_grace_ends_the_old_key_at_once),
      CASE(a_key_keeps_to_its_addresses_to_https_and_to_its_end),
      CASE(rules_that_do_not_read_let_nobody_in),
      CASE(when_a_key_was_last_used_is_known_to_the_minute_and_survives_a_restart),
      CASE(a_suspended_tenant_is_refused_at_once_and_comes_back),
      CASE(a_tenant_is_made_once_under_a_plain_name),
      CASE(a_tenants_own_retention_is_seen_at_once),
      CASE(b49_a_revoked_token_is_refused_although_it_was_cached_and_after_a_restart),
      CASE(a_revocation_ends_with_its_token), CASE(messages_used_are_written_behind),
      CASE(every_change_is_in_the_audit_trail_the_refused_ones_too))
