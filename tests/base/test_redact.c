/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/log.h"
#include "suite.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

TEST(words_of_a_key_decide_whatever_their_spelling)
{
	static const char *const secret[] = {
		"password", "PASSWORD", "Password", "db_password", "dbPassword", "password2",
		"token", "access_token", "accessToken", "AccessTOKEN", "tokens", "secret",
		"client-secret", "key", "api_key", "apiKey", "APIKey", "APIKEY", "x-api-key",
		"private_key", "privateKey", "credential", "credentials", "authorization",
		"Proxy-Authorization", "auth", "auth_header", "jwt", "JWT", "cookie", "Set-Cookie",
		"x-auth-token", "x-csrf-token", "X-Session-Id", "a.key", "my key", "key_id",
		"1key", "keyID", "HTTPAuth",
	};
	static const char *const open[] = {
		"", "keywords", "keyword", "monkey", "turkey", "hockey", "tokenize", "secretary",
		"author", "authors", "oauth", "cookiecutter", "compass", "session_id",
		"user", "message_id", "text", "ke", "k_e_y", "KEy", "x-session-ids", "_", "-",
		"tokenizer_name", "authored_by", "secretly",
	};

	for (size_t i = 0; i < COUNT(secret); i++)
		CU_ASSERT(pal_redact_is_secret(pal_str(secret[i])));
	for (size_t i = 0; i < COUNT(open); i++)
		CU_ASSERT_FALSE(pal_redact_is_secret(pal_str(open[i])));
	CU_ASSERT_FALSE(pal_redact_is_secret(pal_str(NULL)));
}

static void check(const char *json, const char *want)
{
	struct pal_buf out = pal_buf_of(0);

	pal_redact_json(&out, pal_str(json));
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, want);
	pal_buf_deinit(&out);
}

TEST(secret_members_are_replaced_at_any_depth_and_of_any_type)
{
	check("{\"password\":\"x\"}", "{\"password\":\"[REDACTED]\"}");
	check("{\"key\":1,\"token\":null,\"jwt\":true,\"auth\":{\"a\":1},\"secret\":[1,2]}",
	      "{\"key\":\"[REDACTED]\",\"token\":\"[REDACTED]\",\"jwt\":\"[REDACTED]\","
	      "\"auth\":\"[REDACTED]\",\"secret\":\"[REDACTED]\"}");
	check("[[{\"a\":{\"key\":\"x\",\"b\":[{\"jwt\":\"y\",\"c\":2}]}}]]",
	      "[[{\"a\":{\"key\":\"[REDACTED]\",\"b\":[{\"jwt\":\"[REDACTED]\",\"c\":2}]}}]]");
}

TEST(escaped_keys_are_read_before_they_are_judged)
{
	check("{\"pass\\u0077ord\":\"x\"}", "{\"pass\\u0077ord\":\"[REDACTED]\"}");
	check("{\"a\\npi_key\":\"x\"}", "{\"a\\npi_key\":\"[REDACTED]\"}");
	check("{\"a\\nb\":\"x\"}", "{\"a\\nb\":\"x\"}");
}

TEST(an_escaped_key_too_long_to_judge_counts_as_secret)
{
	char text[400] = "{\"\\n";
	size_t n = strlen(text);

	memset(text + n, 'x', 300);
	strcpy(text + n + 300, "\":\"CANARY\"}");
	struct pal_buf out = pal_buf_of(0);
	pal_redact_json(&out, pal_str(text));
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NULL(strstr(out.data, "CANARY"));
	pal_buf_deinit(&out);
}

TEST(everything_else_stays_but_white_space)
{
	check(" { \"a\" : [ 1 , -2.50 , \"x y\" ] ,\n\"b\" : { } , \"c\":[]} ",
	      "{\"a\":[1,-2.50,\"x y\"],\"b\":{},\"c\":[]}");
	check("\"text\"", "\"text\"");
	check("[true,false,null]", "[true,false,null]");
	check("\"a\x7f\xc2\x9b\xc2\xa0z\"", "\"a\\u007f\\u009b\xc2\xa0z\"");
}

TEST(what_is_not_json_is_not_shown)
{
	check("", "\"[UNREADABLE]\"");
	check("password=x", "\"[UNREADABLE]\"");
	check("{\"a\":1", "\"[UNREADABLE]\"");
	check("{\"a\":1,\"a\":2}", "\"[UNREADABLE]\"");
}

TEST(a_secret_is_copied_replaced_and_forgotten)
{
	struct pal_secret secret = {0};
	char text[] = "hunter2";

	CU_ASSERT_EQUAL(pal_secret_set(&secret, pal_str(text), NULL), PAL_OK);
	text[0] = 'x';
	CHECK_STR(secret.bytes, "hunter2");
	CU_ASSERT_EQUAL(secret.len, 7);
	CU_ASSERT_EQUAL(pal_secret_set(&secret, pal_str(NULL), NULL), PAL_OK);
	CHECK_STR(secret.bytes, "");
	pal_secret_deinit(&secret);
	CU_ASSERT_PTR_NULL(secret.bytes);
	CU_ASSERT_EQUAL(secret.len, 0);
	pal_secret_deinit(&secret);
}

SUITE(redact, CASE(words_of_a_key_decide_whatever_their_spelling),
      CASE(secret_members_are_replaced_at_any_depth_and_of_any_type),
      CASE(escaped_keys_are_read_before_they_are_judged),
      CASE(an_escaped_key_too_long_to_judge_counts_as_secret),
      CASE(everything_else_stays_but_white_space), CASE(what_is_not_json_is_not_shown),
      CASE(a_secret_is_copied_replaced_and_forgotten))
