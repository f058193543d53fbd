/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "suite.h"

#define KEY_HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"

static void check(const char *yaml, enum pal_code code, const char *want)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, yaml), code);
	CHECK_STR(fixture_report(&f), want);
	fixture_leave(&f);
}

TEST(https_needs_a_certificate_and_its_key)
{
	check("tls:\n  listen: 127.0.0.1:443\n", PAL_E_CONFIG,
	      "palaver.yaml:2:11: `tls.listen` needs `tls.certificate_file`\n"
	      "  listen: 127.0.0.1:443\n"
	      "          ^~~~~~~~~~~~~\n");
	check("tls:\n  listen: 127.0.0.1:443\n  certificate_file: c.pem\n", PAL_E_CONFIG,
	      "palaver.yaml:3:21: `tls.certificate_file` needs `tls.key_file`\n"
	      "  certificate_file: c.pem\n"
	      "                    ^~~~~\n");
	check("tls:\n  key_file: k.pem\n", PAL_E_CONFIG,
	      "palaver.yaml:2:13: `tls.key_file` needs `tls.certificate_file`\n"
	      "  key_file: k.pem\n"
	      "            ^~~~~\n");
	check("tls: {listen: 127.0.0.1:443, certificate_file: c.pem, key_file: k.pem}\n", PAL_OK,
	      "");
}

TEST(there_must_be_something_to_listen_on)
{
	check("http: {listen: []}\n", PAL_E_CONFIG,
	      "palaver.yaml:1:8: nothing to listen on: `http.listen` and `tls.listen` are both "
	      "empty\n"
	      "http: {listen: []}\n"
	      "       ^~~~~~\n");
	check("http: {listen: []}\n"
	      "tls: {listen: 127.0.0.1:443, certificate_file: c.pem, key_file: k.pem}\n", PAL_OK,
	      "");
}

TEST(tokens_need_a_secret)
{
	check("auth: {jwt: {algorithm: HS256}}\n", PAL_E_CONFIG,
	      "palaver.yaml:1:25: `auth.jwt.algorithm` HS256 needs `auth.jwt.secret_file` or "
	      "`auth.jwt.secret`\n"
	      "auth: {jwt: {algorithm: HS256}}\n"
	      "                        ^~~~~\n");
	check("auth: {jwt: {algorithm: HS256, secret: \"\"}}\n", PAL_E_CONFIG,
	      "palaver.yaml:1:25: `auth.jwt.algorithm` HS256 needs `auth.jwt.secret_file` or "
	      "`auth.jwt.secret`\n"
	      "auth: {jwt: {algorithm: HS256, secret: \"\"********\n"
	      "                        ^~~~~\n");
	check("auth: {jwt: {secret: " KEY_HEX "}}\n", PAL_OK,
	      "palaver.yaml:1:22: warning: `auth.jwt.secret` is not used: `auth.jwt.algorithm` is "
	      "none\n"
	      "auth: {jwt: {secret: ********\n"
	      "                     ^\n");
	check("auth: {jwt: {algorithm: HS256, secret: " KEY_HEX "}}\n", PAL_OK, "");
}

static void check_secret(const char *environment, const char *secret, enum pal_code code,
			 const char *want)
{
	char yaml[256];

	snprintf(yaml, sizeof(yaml),
		 "environment: %s\nauth: {jwt: {algorithm: HS256, secret: %s}}\n", environment,
		 secret);
	check(yaml, code, want);
}

TEST(a_secret_that_can_be_guessed_is_for_development_only)
{
	static const char *const guessed[] = {
		"your-secret-key-change-in-production", "change-me-change-me-change-me-00",
		"00000000000000000000000000000000",	"abcabcabcabcabcabcabcabcabcabcabcabc",
		"dev-PASSWORD-4f1b2b0b822c15b0f00a08",
	};
	const char *refusal = "palaver.yaml:2:40: `auth.jwt.secret` can be guessed; make one with "
			      "`openssl rand -hex 32`\n"
			      "auth: {jwt: {algorithm: HS256, secret: ********\n"
			      "                                       ^\n";
	const char *warning = "palaver.yaml:2:40: warning: `auth.jwt.secret` can be guessed; "
			      "staging and production refuse it\n"
			      "auth: {jwt: {algorithm: HS256, secret: ********\n"
			      "                                       ^\n";

	for (size_t i = 0; i < sizeof(guessed) / sizeof(guessed[0]); i++) {
		check_secret("development", guessed[i], PAL_OK, warning);
		check_secret("testing", guessed[i], PAL_OK, warning);
		check_secret("staging", guessed[i], PAL_E_CONFIG, refusal);
		check_secret("production", guessed[i], PAL_E_CONFIG, refusal);
	}
	check_secret("production", KEY_HEX, PAL_OK, "");
}

TEST(a_public_key_algorithm_needs_its_key)
{
	check("auth: {jwt: {algorithm: EdDSA}}\n", PAL_E_CONFIG,
	      "palaver.yaml:1:25: `auth.jwt.algorithm` EdDSA needs `auth.jwt.public_key_file`\n"
	      "auth: {jwt: {algorithm: EdDSA}}\n"
	      "                        ^~~~~\n");
	check("auth: {jwt: {algorithm: ES256, public_key_file: a.pem}}\n", PAL_OK, "");
	check("auth: {jwt: {public_key_file: a.pem}}\n", PAL_OK,
	      "palaver.yaml:1:31: warning: `auth.jwt.public_key_file` is not used: "
	      "`auth.jwt.algorithm` is none\n"
	      "auth: {jwt: {public_key_file: a.pem}}\n"
	      "                              ^~~~~\n");
}

TEST(b75_any_origin_is_neither_for_production_nor_beside_credentials)
{
	const char *any = "cors: {allowed_origins: \"*\"}\n";
	char yaml[128];

	check(any, PAL_OK, "");
	for (int i = 0; i < 2; i++) {
		snprintf(yaml, sizeof(yaml), "environment: %s\n%s", i ? "production" : "staging", any);
		check(yaml, PAL_E_CONFIG,
		      "palaver.yaml:2:25: `cors.allowed_origins` is *: staging and production need "
		      "the origins by name\n"
		      "cors: {allowed_origins: \"*\"}\n"
		      "                        ^~~\n");
	}
	check("cors: {allowed_origins: [\"*\"], allow_credentials: true}\n", PAL_E_CONFIG,
	      "palaver.yaml:1:26: `cors.allowed_origins` is *, which does not go with "
	      "`cors.allow_credentials`\n"
	      "cors: {allowed_origins: [\"*\"], allow_credentials: true}\n"
	      "                         ^~~\n");
	check("environment: production\n"
	      "cors: {allowed_origins: https://a.example, allow_credentials: true}\n", PAL_OK, "");
	check("cors: {allowed_origins: a.example}\n", PAL_E_CONFIG,
	      "palaver.yaml:1:25: `cors.allowed_origins` must be an origin such as "
	      "https://console.example.org, or *, not `a.example`\n"
	      "cors: {allowed_origins: a.example}\n"
	      "                        ^~~~~~~~~\n");
}

TEST(debug_is_not_for_production)
{
	check("environment: staging\ndebug: true\n", PAL_OK, "");
	check("environment: production\ndebug: true\n", PAL_E_CONFIG,
	      "palaver.yaml:2:8: `debug` is not for production\n"
	      "debug: true\n"
	      "       ^~~~\n");
}

TEST(what_was_set_to_be_less_must_not_be_more)
{
	check("http:\n  request_timeout: 5s\n  header_timeout: 6s\n"
	      "  max_connections: 100\n  max_connections_per_address: 101\n"
	      "limits: {api_key: {per_minute: 10, per_hour: 9}}\n",
	      PAL_E_CONFIG,
	      "palaver.yaml:3:19: `http.header_timeout` must not be more than "
	      "`http.request_timeout`, set at palaver.yaml:2\n"
	      "  header_timeout: 6s\n"
	      "                  ^~\n"
	      "palaver.yaml:5:32: `http.max_connections_per_address` must not be more than "
	      "`http.max_connections`, set at palaver.yaml:4\n"
	      "  max_connections_per_address: 101\n"
	      "                               ^~~\n"
	      "palaver.yaml:6:32: `limits.api_key.per_minute` must not be more than "
	      "`limits.api_key.per_hour`, set at palaver.yaml:6\n"
	      "limits: {api_key: {per_minute: 10, per_hour: 9}}\n"
	      "                               ^~\n");
}

TEST(a_default_gives_way_to_what_was_set)
{
	check("http: {request_timeout: 5s, max_connections: 100}\n"
	      "limits: {tiers: {basic: {per_hour: 5}}}\n", PAL_OK, "");
}

TEST(what_may_lose_messages_is_warned_about)
{
	check("store:\n  sqlite:\n    synchronous: normal\n", PAL_OK,
	      "palaver.yaml:3:18: warning: a power cut may lose accepted messages with "
	      "`store.sqlite.synchronous` normal\n"
	      "    synchronous: normal\n"
	      "                 ^~~~~~\n");
	check("store: {kind: memory, sqlite: {synchronous: normal}}\n", PAL_OK, "");
	check("environment: production\nstore: {kind: memory}\nshutdown: {drain_timeout: 29s}\n",
	      PAL_OK,
	      "palaver.yaml:2:15: warning: `store.kind` memory forgets every message when the "
	      "daemon stops\n"
	      "store: {kind: memory}\n"
	      "              ^~~~~~\n"
	      "palaver.yaml:3:27: warning: `shutdown.drain_timeout` is less than "
	      "`http.request_timeout`: a stop may cut off requests\n"
	      "shutdown: {drain_timeout: 29s}\n"
	      "                          ^~~\n");
	check("store: {kind: memory}\nshutdown: {drain_timeout: 29s}\n", PAL_OK, "");
}

TEST(dev_is_for_this_machine_and_development)
{
	struct fixture f = {.sources = {.dev = true},
			    .overrides = {"environment=production",
					  "http.listen=127.0.0.1:1,0.0.0.0:1", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "-D: --dev is not for staging or production\n"
		  "environment=production\n"
		  "            ^~~~~~~~~~\n"
		  "-D: warning: --dev listens on 0.0.0.0:1, which others can reach\n"
		  "http.listen=127.0.0.1:1,0.0.0.0:1\n"
		  "            ^~~~~~~~~~~\n");
	fixture_leave(&f);
}

SUITE(check, CASE(https_needs_a_certificate_and_its_key),
      CASE(there_must_be_something_to_listen_on), CASE(tokens_need_a_secret),
      CASE(a_secret_that_can_be_guessed_is_for_development_only),
      CASE(a_public_key_algorithm_needs_its_key),
      CASE(b75_any_origin_is_neither_for_production_nor_beside_credentials),
      CASE(debug_is_not_for_production), CASE(what_was_set_to_be_less_must_not_be_more), CASE(a_default_gives_way_to_what_was_set),
      CASE(what_may_lose_messages_is_warned_about), CASE(dev_is_for_this_machine_and_development))
