/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/token_key.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "suite.h"

static struct pal_token_key key;
static struct pal_error err;

TEST(an_item_names_one_key)
{
	CU_ASSERT_EQUAL(pal_token_key_read(PAL_STR(" kid = a b ;algorithm=RS256; public_key_file=x/y.pem; "),
					   &key, &err), PAL_OK);
	CU_ASSERT(pal_str_equal(key.kid, PAL_STR("a b")));
	CU_ASSERT(pal_str_equal(key.algorithm, PAL_STR("RS256")));
	CU_ASSERT(pal_str_equal(key.public_key_file, PAL_STR("x/y.pem")));
	CU_ASSERT_PTR_NULL(key.jwks_file.p);
	CU_ASSERT_EQUAL(pal_token_key_read(PAL_STR("algorithm=EdDSA;jwks_file=set.json"), &key, &err),
			PAL_OK);
	CU_ASSERT_EQUAL(pal_token_key_read(PAL_STR("kid=h;algorithm=HS256;secret_file=h.key"), &key,
					   &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_token_key_read(PAL_STR("kid=e;algorithm=ES256;public_key=MFkwEw=="), &key,
					   &err), PAL_OK);
	CU_ASSERT(pal_str_equal(key.public_key, PAL_STR("MFkwEw==")));
}

TEST(what_does_not_go_together_is_refused_with_a_reason)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "algorithm must be"},
		{"kid=a;algorithm=HS512;secret_file=x", "algorithm must be"},
		{"kid=a;algorithm=none;secret_file=x", "algorithm must be"},
		{"kid=a;algorithm=RS256", "is needed"},
		{"kid=a;algorithm=RS256;public_key_file=x;jwks_file=y", "no second one"},
		{"kid=a;algorithm=HS256;public_key_file=x", "HS256 needs a secret_file"},
		{"kid=a;algorithm=ES256;secret_file=x", "needs a public key"},
		{"algorithm=ES256;public_key_file=x", "kid is needed"},
		{"kid=a;algorithm=ES256;jwks_file=x", "bring their own kid"},
		{"kid=a;kid=b;algorithm=ES256;public_key_file=x", "kid is given twice"},
		{"kid=;algorithm=ES256;public_key_file=x", "kid is empty"},
		{"kid=a;algorithm=HS256;secret=0123", "file of its own"},
		{"kid=a;alg=RS256;public_key_file=x", "no field `alg`"},
		{"nothing", "no field `nothing`"},
	};
	char text[400];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(pal_token_key_read(pal_str(rows[i].text), &key, &err), PAL_E_CONFIG);
		CHECK_STR(err.subject, "auth.jwt.keys");
		if (!strstr(err.message, rows[i].why))
			CU_FAIL("another reason is given");
	}
	snprintf(text, sizeof(text), "kid=%0129d;algorithm=RS256;public_key_file=x", 0);
	CU_ASSERT_EQUAL(pal_token_key_read(pal_str(text), &key, &err), PAL_E_CONFIG);
}

TEST(a_file_may_write_keys_as_mappings_and_name_files_beside_itself)
{
	struct fixture f = {0};
	char want[200];

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth:\n"
					      "  jwt:\n"
					      "    keys:\n"
					      "      - {kid: a, algorithm: RS256, public_key_file: a.pem}\n"
					      "      - kid: b\n"
					      "        algorithm: ES256\n"
					      "        public_key: |\n"
					      "          AAAA\n"
					      "          BBBB\n"
					      "      - algorithm=EdDSA; jwks_file=/etc/set.json\n"),
			PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_conf_list_count(f.conf, PAL_OPT_AUTH_JWT_KEYS), 3);
	snprintf(want, sizeof(want), "kid=a; algorithm=RS256; public_key_file=%s/a.pem", f.folder);
	CHECK_STR(pal_conf_list_item(f.conf, PAL_OPT_AUTH_JWT_KEYS, 0), want);
	CHECK_STR(pal_conf_list_item(f.conf, PAL_OPT_AUTH_JWT_KEYS, 1),
		  "kid=b; algorithm=ES256; public_key=AAAA BBBB");
	CHECK_STR(pal_conf_list_item(f.conf, PAL_OPT_AUTH_JWT_KEYS, 2),
		  "algorithm=EdDSA; jwks_file=/etc/set.json");
	fixture_leave(&f);
}

TEST(a_wrong_mapping_is_shown_where_it_stands)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth: {jwt: {keys: [{kid: a, algorithm: RS256}]}}\n"),
			PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_report(&f), "palaver.yaml:1:21"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_report(&f), "is needed"));
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth: {jwt: {keys: [{kid: [a]}]}}\n"), PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_report(&f), "plain values in its fields"));
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "http: {trusted_proxies: [{a: b}]}\n"), PAL_E_CONFIG);
	fixture_leave(&f);
}

SUITE(token_key, CASE(an_item_names_one_key),
      CASE(what_does_not_go_together_is_refused_with_a_reason),
      CASE(a_file_may_write_keys_as_mappings_and_name_files_beside_itself),
      CASE(a_wrong_mapping_is_shown_where_it_stands))
