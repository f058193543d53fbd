/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/access.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/access/keyring.h"
#include "store/store.h"
#include "suite.h"
#include "token.h"

#define NOW_MS 1790000000000ll
#define KEY_A "cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"
#define KEY_B "cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2"
#define CLAIMS "{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":1790000100"

static struct pal_store *store;
static struct pal_access *access_;
static struct pal_clock_fake clock_;
static struct pal_arena arena;
static struct pal_caller caller;

static struct pal_jwt *new_jwt(void)
{
	const struct pal_jwt_options options = {.secret = PAL_STR(TOKEN_SECRET)};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;

	if (pal_jwt_create(&options, &jwt, &err) != PAL_OK)
		abort();
	return jwt;
}

static void reopen(void)
{
	const struct pal_access_options options = {
		.store = store, .clock = &clock_.clock, .jwt = new_jwt()};
	struct pal_error err;

	pal_access_destroy(access_);
	access_ = NULL;
	CU_ASSERT_EQUAL_FATAL(pal_access_create(&options, &access_, &err), PAL_OK);
}

static void begin(void)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	struct pal_error err;

	pal_clock_fake_init(&clock_, NOW_MS);
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &store, &err), PAL_OK);
	reopen();
	CU_ASSERT_EQUAL(pal_access_ensure_tenant(access_, PAL_STR("acme"), &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("acme"), PAL_STR(KEY_A),
					      PAL_STR("conversations:*"), &err), PAL_OK);
}

static void end(void)
{
	pal_access_destroy(access_);
	access_ = NULL;
	pal_store_destroy(store);
	pal_arena_release(&arena);
}

static enum pal_access_verdict check(const struct pal_credentials *credentials)
{
	return pal_access_check(access_, credentials, &arena, &caller);
}

static enum pal_access_verdict check_key(const char *key)
{
	return check(&(struct pal_credentials){.api_key = pal_str(key)});
}

static enum pal_access_verdict check_header(const char *authorization)
{
	return check(&(struct pal_credentials){.authorization = pal_str(authorization)});
}

/* 401 of one kind or the other. */
static bool is_refused(enum pal_access_verdict verdict)
{
	return verdict == PAL_ACCESS_REFUSED || verdict == PAL_ACCESS_TOKEN_REFUSED;
}

/* Check a bearer token with `payload`. */
static enum pal_access_verdict check_token(const char *payload)
{
	static struct token token;
	static char header[TOKEN_SIZE_MAX + 16];

	snprintf(header, sizeof(header), "Bearer %s", token_make(&token, TOKEN_HEADER, payload).p);
	return check_header(header);
}

/* Change the tenant in the store and see it as after a restart. */
static void set_tenant(enum pal_tenant_status status, int64_t trial_ends_ms)
{
	struct pal_tenant tenant = {.id = PAL_STR("acme"),
				    .name = PAL_STR("acme"),
				    .status = status,
				    .trial_ends_ms = trial_ends_ms};
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_store_put_tenant(store, &tenant, &err), PAL_OK);
	reopen();
}

static bool copy_key(void *arg, const struct pal_api_key *key)
{
	struct pal_api_key *copy = arg;

	*copy = *key;
	copy->key_id = pal_arena_copy(&arena, key->key_id);
	copy->name = pal_arena_copy(&arena, key->name);
	copy->permissions = pal_arena_copy(&arena, key->permissions);
	return true;
}

/* The one key of the store, with another status and expiry. */
static void set_key(enum pal_api_key_status status, int64_t expires_ms)
{
	struct pal_api_key key;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_store_walk_api_keys(store, 0, copy_key, &key, &err), PAL_OK);
	key.status = status;
	key.expires_ms = expires_ms;
	CU_ASSERT_EQUAL(pal_store_put_api_key(store, &key, &err), PAL_OK);
	reopen();
}

TEST(a_key_has_one_form)
{
	static const char *const bad[] = {
		"", "cb_test_", "cb_prod_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"CB_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA", "cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaag",
		"cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ",
		"cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	char fresh[PAL_API_KEY_TEXT_SIZE], other[PAL_API_KEY_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT(!pal_api_key_is_formed(pal_str(bad[i])));
	CU_ASSERT(!pal_api_key_is_formed((struct pal_str){NULL, 0}));
	CU_ASSERT(pal_api_key_is_formed(PAL_STR(KEY_A)));
	CU_ASSERT(pal_api_key_is_formed(PAL_STR("cb_live_0123456789abcdef0123456789abcdef01234567")));
	pal_api_key_make(true, fresh);
	pal_api_key_make(false, other);
	CU_ASSERT(pal_api_key_is_formed(pal_str(fresh)) && pal_api_key_is_formed(pal_str(other)));
	CU_ASSERT(strncmp(fresh, "cb_live_", 8) == 0 && strncmp(other, "cb_test_", 8) == 0);
	CU_ASSERT_STRING_NOT_EQUAL(fresh + 8, other + 8);
}

TEST(a_good_key_names_tenant_and_permissions)
{
	begin();
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	CU_ASSERT(pal_str_equal(caller.tenant_id, PAL_STR("acme")));
	CU_ASSERT_EQUAL(caller.tenant.n, pal_access_tenant(access_, PAL_STR("acme")).n);
	CU_ASSERT(pal_str_equal(caller.permissions, PAL_STR("conversations:*")));
	CU_ASSERT_EQUAL(caller.key_id.n, 36);
	CU_ASSERT_PTR_NULL(caller.user_id.p);
	CU_ASSERT_EQUAL(check_header("ApiKey " KEY_A), PAL_ACCESS_GRANTED);
	CU_ASSERT_EQUAL(check_header("apikey   " KEY_A), PAL_ACCESS_GRANTED);
	end();
}

TEST(a_wrong_credential_is_refused)
{
	static const char *const keys[] = {"", "x", KEY_A "0", KEY_B, "cb_test_"};
	static const char *const headers[] = {"", "ApiKey", "ApiKey ", "ApiKey" KEY_A, KEY_A,
					      "Basic YTpi", "Bearer", "Bearer ", "Bearer " KEY_A,
					      "ApiKey " KEY_A " ", "ApiKey\t" KEY_A, "Bearer a.b.c"};

	begin();
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		CU_ASSERT_EQUAL(check_key(keys[i]), PAL_ACCESS_REFUSED);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		CU_ASSERT(is_refused(check_header(headers[i])));
	CU_ASSERT_EQUAL(check(&(struct pal_credentials){.tenant = PAL_STR("acme")}),
			PAL_ACCESS_REFUSED);
	end();
}

TEST(two_credentials_at_once_are_refused)
{
	begin();
	CU_ASSERT_EQUAL(check(&(struct pal_credentials){.authorization = PAL_STR("ApiKey " KEY_A),
							.api_key = PAL_STR(KEY_A)}),
			PAL_ACCESS_REFUSED);
	end();
}

TEST(two_keys_with_one_prefix_are_told_apart)
{
	struct pal_error err;
	struct pal_str first;

	begin();
	CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("acme"), PAL_STR(KEY_B),
					      PAL_STR("users:read"), &err), PAL_OK);
	for (unsigned after_restart = 0; after_restart < 2; after_restart++) {
		CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
		CU_ASSERT(pal_str_equal(caller.permissions, PAL_STR("conversations:*")));
		first = caller.key_id;
		CU_ASSERT_EQUAL(check_key(KEY_B), PAL_ACCESS_GRANTED);
		CU_ASSERT(pal_str_equal(caller.permissions, PAL_STR("users:read")));
		CU_ASSERT(!pal_str_equal(caller.key_id, first));
		CU_ASSERT_EQUAL(check_key("cb_test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa3"),
				PAL_ACCESS_REFUSED);
		reopen();
	}
	end();
}

TEST(a_revoked_key_is_refused)
{
	begin();
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	set_key(PAL_API_KEY_REVOKED, 0);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_REFUSED);
	end();
}

TEST(a_key_that_was_just_used_does_not_outlive_its_expiry)
{
	begin();
	set_key(PAL_API_KEY_ACTIVE, NOW_MS + 1000);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 999);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 1);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_REFUSED);
	end();
}

TEST(only_an_active_tenant_or_one_on_trial_may_call)
{
	static const enum pal_tenant_status shut[] = {PAL_TENANT_SUSPENDED, PAL_TENANT_DELETED,
						      PAL_TENANT_PENDING};

	begin();
	for (size_t i = 0; i < 3; i++) {
		set_tenant(shut[i], 0);
		CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_TENANT_INACTIVE);
		CU_ASSERT_EQUAL(check_token(CLAIMS "}"), PAL_ACCESS_TENANT_INACTIVE);
		CU_ASSERT_EQUAL(check_key(KEY_B), PAL_ACCESS_REFUSED);
	}
	set_tenant(PAL_TENANT_TRIAL, NOW_MS + 10);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	pal_clock_fake_advance_ms(&clock_, 10);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_TENANT_INACTIVE);
	set_tenant(PAL_TENANT_TRIAL, 0);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	end();
}

TEST(a_tenant_header_must_name_the_credentials_tenant)
{
	struct pal_error err;
	struct pal_credentials c = {.api_key = PAL_STR(KEY_A), .tenant = PAL_STR("acme")};

	begin();
	CU_ASSERT_EQUAL(pal_access_ensure_tenant(access_, PAL_STR("other"), &err), PAL_OK);
	CU_ASSERT_EQUAL(check(&c), PAL_ACCESS_GRANTED);
	static const char *const foreign[] = {"other", "nobody", "", "ACME", "acme "};
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		c.tenant = pal_str(foreign[i]);
		CU_ASSERT_EQUAL(check(&c), PAL_ACCESS_TENANT_FOREIGN);
	}
	c.api_key = PAL_STR(KEY_B);	/* who is nobody learns nothing about tenants */
	CU_ASSERT_EQUAL(check(&c), PAL_ACCESS_REFUSED);
	end();
}

TEST(a_tenant_header_can_be_demanded)
{
	begin();
	pal_access_require_tenant_header(access_, true);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_TENANT_MISSING);
	CU_ASSERT_EQUAL(check_key(KEY_B), PAL_ACCESS_REFUSED);
	CU_ASSERT_EQUAL(check(&(struct pal_credentials){.api_key = PAL_STR(KEY_A),
							.tenant = PAL_STR("acme")}),
			PAL_ACCESS_GRANTED);
	pal_access_require_tenant_header(access_, false);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	end();
}

TEST(a_token_names_its_user_and_what_the_role_grants)
{
	begin();
	CU_ASSERT_EQUAL(check_token(CLAIMS "}"), PAL_ACCESS_GRANTED);
	CU_ASSERT(pal_str_equal(caller.user_id, PAL_STR("ann")));
	CU_ASSERT(pal_str_equal(caller.tenant_id, PAL_STR("acme")));
	CU_ASSERT_PTR_NULL(caller.key_id.p);
	CU_ASSERT(pal_caller_may(&caller, PAL_STR("conversations:write")));	/* a member */
	CU_ASSERT(!pal_caller_is_staff(&caller));
	CU_ASSERT_EQUAL(check_token(CLAIMS ",\"user_role\":\"viewer\"}"), PAL_ACCESS_GRANTED);
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("conversations:write")));
	CU_ASSERT_EQUAL(check_token(CLAIMS ",\"user_role\":\"king\"}"), PAL_ACCESS_GRANTED);
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("conversations:read")));
	CU_ASSERT_EQUAL(check_token(CLAIMS ",\"user_role\":\"owner\",\"permissions\":[]}"),
			PAL_ACCESS_GRANTED);
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("conversations:read")));
	end();
}

TEST(a_token_is_refused_or_expired_and_its_tenant_must_be_known)
{
	begin();
	CU_ASSERT_EQUAL(check_token("{\"sub\":\"a\",\"tenant_id\":\"nobody\",\"exp\":1790000100}"), PAL_ACCESS_TOKEN_REFUSED);
	CU_ASSERT_EQUAL(check_token("{\"sub\":\"a\",\"tenant_id\":\"acme\"}"), PAL_ACCESS_TOKEN_REFUSED);
	pal_clock_fake_advance_ms(&clock_, 100000);
	CU_ASSERT_EQUAL(check_token(CLAIMS "}"), PAL_ACCESS_EXPIRED);
	pal_access_set_jwt(access_, NULL);
	CU_ASSERT_EQUAL(check_token(CLAIMS "}"), PAL_ACCESS_TOKEN_REFUSED);
	end();
}

TEST(ensuring_twice_changes_nothing_not_even_after_a_restart)
{
	struct pal_error err;
	struct pal_tenant_key tenant;
	char key_id[64];

	begin();
	tenant = pal_access_tenant(access_, PAL_STR("acme"));
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	snprintf(key_id, sizeof(key_id), "%.*s", (int)caller.key_id.n, caller.key_id.p);
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(pal_access_ensure_tenant(access_, PAL_STR("acme"), &err), PAL_OK);
		CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("acme"), PAL_STR(KEY_A),
						      PAL_STR("*"), &err), PAL_OK);
		CU_ASSERT_EQUAL(pal_access_tenant(access_, PAL_STR("acme")).n, tenant.n);
		CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
		CU_ASSERT(pal_str_equal(caller.key_id, pal_str(key_id)));
		CU_ASSERT(pal_str_equal(caller.permissions, PAL_STR("conversations:*")));
		reopen();
	}
	end();
}

TEST(ensuring_refuses_what_cannot_be)
{
	struct pal_error err;

	begin();
	CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("acme"), PAL_STR("secret"),
					      PAL_STR("*"), &err), PAL_E_VALIDATION);
	CU_ASSERT_PTR_NULL(strstr(err.message, "secret"));
	CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("nobody"), PAL_STR(KEY_B),
					      PAL_STR("*"), &err), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(pal_access_ensure_tenant(access_, PAL_STR("other"), &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("other"), PAL_STR(KEY_A),
					      PAL_STR("*"), &err), PAL_E_CONFLICT);
	CU_ASSERT_EQUAL(check_key(KEY_A), PAL_ACCESS_GRANTED);
	CU_ASSERT(pal_str_equal(caller.tenant_id, PAL_STR("acme")));
	end();
}

TEST(tenants_are_listed_by_key)
{
	struct pal_tenant_key key = {0};
	struct pal_error err;
	struct pal_str id;

	begin();
	CU_ASSERT_EQUAL(pal_access_ensure_tenant(access_, PAL_STR("b"), &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_access_ensure_tenant(access_, PAL_STR("a"), &err), PAL_OK);
	static const char *const expected[] = {"acme", "b", "a"};
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT(pal_access_next_tenant(access_, key, &key, &id));
		CU_ASSERT(pal_str_equal(id, pal_str(expected[i])));
	}
	CU_ASSERT(!pal_access_next_tenant(access_, key, &key, &id));
	CU_ASSERT_EQUAL(pal_access_tenant(access_, PAL_STR("nobody")).n, 0);
	end();
}

/* --- A reload under load ------------------------------------------------------------------------ */

struct checker {
	pthread_t thread;
	char header[1024];
	unsigned granted, other;
};

static _Atomic bool stop;

static void *check_on_and_on(void *arg)
{
	struct checker *c = arg;
	const struct pal_credentials token = {.authorization = pal_str(c->header)};
	const struct pal_credentials key = {.api_key = PAL_STR(KEY_A)};
	struct pal_arena own = pal_arena_of(0);
	struct pal_caller who;

	while (!atomic_load(&stop)) {
		bool good = pal_access_check(access_, &token, &own, &who) == PAL_ACCESS_GRANTED &&
			    pal_str_equal(who.user_id, PAL_STR("ann")) &&
			    pal_access_check(access_, &key, &own, &who) == PAL_ACCESS_GRANTED;
		c->granted += good;
		c->other += !good;
		pal_arena_reset(&own);
	}
	pal_arena_release(&own);
	return NULL;
}

TEST(keys_change_under_those_who_check)
{
	static struct checker checkers[3];
	static struct token token;
	struct pal_error err;

	begin();
	atomic_store(&stop, false);
	memset(checkers, 0, sizeof(checkers));
	for (size_t i = 0; i < 3; i++) {
		snprintf(checkers[i].header, sizeof(checkers[i].header), "Bearer %s",
			 token_make(&token, TOKEN_HEADER, CLAIMS "}").p);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&checkers[i].thread, NULL, check_on_and_on,
						     &checkers[i]), 0);
	}
	for (unsigned i = 0; i < 200; i++) {
		char key[PAL_API_KEY_TEXT_SIZE];
		pal_access_set_jwt(access_, new_jwt());
		pal_api_key_make(false, key);
		CU_ASSERT_EQUAL(pal_access_ensure_key(access_, PAL_STR("acme"), pal_str(key),
						      PAL_STR("*"), &err), PAL_OK);
		CU_ASSERT_EQUAL(check_key(key), PAL_ACCESS_GRANTED);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < 3; i++) {
		pthread_join(checkers[i].thread, NULL);
		CU_ASSERT_EQUAL(checkers[i].other, 0);
	}
	end();
}

SUITE(access, CASE(a_key_has_one_form), CASE(a_good_key_names_tenant_and_permissions),
      CASE(a_wrong_credential_is_refused), CASE(two_credentials_at_once_are_refused),
      CASE(two_keys_with_one_prefix_are_told_apart), CASE(a_revoked_key_is_refused),
      CASE(a_key_that_was_just_used_does_not_outlive_its_expiry),
      CASE(only_an_active_tenant_or_one_on_trial_may_call),
      CASE(a_tenant_header_must_name_the_credentials_tenant),
      CASE(a_tenant_header_can_be_demanded),
      CASE(a_token_names_its_user_and_what_the_role_grants),
      CASE(a_token_is_refused_or_expired_and_its_tenant_must_be_known),
      CASE(ensuring_twice_changes_nothing_not_even_after_a_restart),
      CASE(ensuring_refuses_what_cannot_be), CASE(tenants_are_listed_by_key),
      CASE(keys_change_under_those_who_check))
