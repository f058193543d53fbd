/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/jwt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "token.h"

#define NOW_S 1790000000
#define LEEWAY_S 30
#define CLAIMS(more) "{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":1790000100" more "}"
#define GOOD CLAIMS(",\"iss\":\"chatbot-platform\",\"aud\":\"chatbot-api\"")

static struct token token;
static struct pal_arena arena;
static struct pal_claims claims;

static struct pal_jwt *make_verifier(const char *issuer, const char *audience)
{
	const struct pal_jwt_options options = {.secret = PAL_STR(TOKEN_SECRET),
						.issuer = pal_str(issuer),
						.audience = pal_str(audience),
						.leeway_s = LEEWAY_S};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;

	if (pal_jwt_create(&options, &jwt, &err) != PAL_OK)
		abort();
	return jwt;
}

static enum pal_jwt_verdict verify_at(struct pal_str text, int64_t now_s, const char *issuer,
				      const char *audience)
{
	struct pal_jwt *jwt = make_verifier(issuer, audience);
	pal_arena_release(&arena);
	enum pal_jwt_verdict verdict = pal_jwt_verify(jwt, text, now_s, &arena, &claims);

	pal_jwt_destroy(jwt);
	return verdict;
}

/* Without issuer and audience in the configuration. */
static enum pal_jwt_verdict verify(struct pal_str text)
{
	return verify_at(text, NOW_S, "", "");
}

static enum pal_jwt_verdict verify_payload(const char *payload)
{
	return verify(token_make(&token, TOKEN_HEADER, payload));
}

static enum pal_jwt_verdict verify_header(const char *header)
{
	return verify(token_make(&token, header, GOOD));
}

TEST(a_good_token_names_subject_tenant_role_and_permissions)
{
	CU_ASSERT_EQUAL(verify_payload(CLAIMS(",\"user_role\":\"manager\",\"jti\":\"j1\","
					      "\"permissions\":[\"a:b\",\"c:*\"]")), PAL_JWT_VALID);
	CU_ASSERT(pal_str_equal(claims.subject, PAL_STR("ann")));
	CU_ASSERT(pal_str_equal(claims.tenant_id, PAL_STR("acme")));
	CU_ASSERT(pal_str_equal(claims.role, PAL_STR("manager")));
	CU_ASSERT(pal_str_equal(claims.jti, PAL_STR("j1")));
	CU_ASSERT(pal_str_equal(claims.permissions, PAL_STR("a:b c:*")));
	CU_ASSERT_EQUAL(claims.expires_s, 1790000100);
	CU_ASSERT_EQUAL(verify_payload(CLAIMS("")), PAL_JWT_VALID);
	CU_ASSERT_PTR_NULL(claims.role.p);
	CU_ASSERT_PTR_NULL(claims.permissions.p);
	pal_arena_release(&arena);
}

TEST(a_secret_has_at_least_32_bytes)
{
	struct pal_jwt_options options = {.secret = {TOKEN_SECRET, 31}};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_jwt_create(&options, &jwt, &err), PAL_E_CONFIG);
	CHECK_STR(err.subject, "auth.jwt.secret");
	CU_ASSERT_PTR_NULL(strstr(err.message, "0123"));
	CU_ASSERT_PTR_NULL(jwt);
	pal_jwt_destroy(NULL);
}

TEST(only_hs256_is_an_algorithm)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\"}",  "{\"alg\":\"None\"}",  "{\"alg\":\"HS384\"}",
		"{\"alg\":\"HS512\"}", "{\"alg\":\"RS256\"}", "{\"alg\":\"hs256\"}",
		"{\"alg\":\"\"}",      "{\"alg\":null}",      "{\"alg\":[\"HS256\"]}",
		"{\"alg\":256}",       "{\"typ\":\"JWT\"}",   "{}",
		"{\"alg\":\"HS256 \"}"};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		CU_ASSERT_EQUAL(verify_header(headers[i]), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify_header("{\"alg\":\"HS256\"}"), PAL_JWT_VALID);
}

TEST(a_token_without_signature_is_refused)
{
	struct pal_str text = token_make(&token, "{\"alg\":\"none\"}", GOOD);
	text.n = (size_t)(strrchr(text.p, '.') - text.p) + 1;
	CU_ASSERT_EQUAL(verify(text), PAL_JWT_INVALID);
	text = token_make(&token, TOKEN_HEADER, GOOD);
	text.n = (size_t)(strrchr(text.p, '.') - text.p) + 1;
	CU_ASSERT_EQUAL(verify(text), PAL_JWT_INVALID);
}

TEST(headers_that_bring_keys_or_conditions_are_refused)
{
	static const char *const names[] = {"crit", "jwk", "jku", "x5u", "x5c", "zip"};
	static const char *const values[] = {"\"x\"", "null", "[]", "{\"kty\":\"oct\",\"k\":\"AAAA\"}"};
	char header[128];

	for (size_t i = 0; i < 6; i++)
		for (size_t k = 0; k < 4; k++) {
			snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"%s\":%s}", names[i],
				 values[k]);
			CU_ASSERT_EQUAL(verify_header(header), PAL_JWT_INVALID);
		}
	CU_ASSERT_EQUAL(verify_header("{\"alg\":\"HS256\",\"kid\":\"k\",\"typ\":\"JWT\"}"),
			PAL_JWT_VALID);
}

TEST(a_member_given_twice_is_refused)
{
	CU_ASSERT_EQUAL(verify_header("{\"alg\":\"HS256\",\"alg\":\"HS256\"}"), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify_header("{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}"), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify_payload(CLAIMS(",\"sub\":\"bob\"")), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify_payload(CLAIMS(",\"tenant_i\\u0064\":\"other\"")), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify_payload(CLAIMS(",\"x\":1,\"x\":1")), PAL_JWT_INVALID);
}

TEST(what_is_required_must_be_there_and_of_its_type)
{
	static const char *const payloads[] = {
		"{\"tenant_id\":\"acme\",\"exp\":1790000100}",
		"{\"sub\":\"ann\",\"exp\":1790000100}",
		"{\"sub\":\"ann\",\"tenant_id\":\"acme\"}",
		"{\"sub\":1,\"tenant_id\":\"acme\",\"exp\":1790000100}",
		"{\"sub\":\"\",\"tenant_id\":\"acme\",\"exp\":1790000100}",
		"{\"sub\":null,\"tenant_id\":\"acme\",\"exp\":1790000100}",
		"{\"sub\":\"ann\",\"tenant_id\":[\"acme\"],\"exp\":1790000100}",
		"{\"sub\":\"ann\",\"tenant_id\":\"\",\"exp\":1790000100}",
		"{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":\"1790000100\"}",
		"{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":null}",
		"{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":-1}",
		"{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":1e400}",
		"{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":1e300}",
		CLAIMS(",\"user_role\":5"),
		CLAIMS(",\"user_role\":\"\""),
		CLAIMS(",\"jti\":[]"),
		CLAIMS(",\"permissions\":\"*\""),
		CLAIMS(",\"permissions\":[1]"),
		CLAIMS(",\"permissions\":[\"a *\"]"),
		CLAIMS(",\"permissions\":{\"a\":\"*\"}"),
		CLAIMS(",\"nbf\":\"1\""),
		CLAIMS(",\"iat\":null"),
		"[]",
		"\"sub\"",
		"",
		"{",
		CLAIMS("") "x",
	};

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		if (verify_payload(payloads[i]) != PAL_JWT_INVALID) {
			fprintf(stderr, "taken: %s\n", payloads[i]);
			CU_FAIL("a wrong payload is taken");
		}
	}
	CU_ASSERT_EQUAL(verify_payload(CLAIMS(",\"permissions\":[]")), PAL_JWT_VALID);
	CU_ASSERT_EQUAL(claims.permissions.n, 0);
	CU_ASSERT_PTR_NOT_NULL(claims.permissions.p);
}

TEST(names_are_at_most_255_characters)
{
	char payload[1024], name[300];

	for (size_t n = 255; n <= 256; n++) {
		memset(name, 'n', n);
		name[n] = '\0';
		snprintf(payload, sizeof(payload), "{\"sub\":\"%s\",\"tenant_id\":\"a\",\"exp\":1790000100}",
			 name);
		CU_ASSERT_EQUAL(verify_payload(payload), n == 255 ? PAL_JWT_VALID : PAL_JWT_INVALID);
	}
}

TEST(issuer_and_audience_are_checked_when_configured)
{
	static const struct {
		const char *payload;
		enum pal_jwt_verdict verdict;
	} rows[] = {
		{GOOD, PAL_JWT_VALID},
		{CLAIMS(",\"iss\":\"chatbot-platform\",\"aud\":[\"x\",\"chatbot-api\"]"), PAL_JWT_VALID},
		{CLAIMS(",\"iss\":\"chatbot-platform\""), PAL_JWT_INVALID},
		{CLAIMS(",\"aud\":\"chatbot-api\""), PAL_JWT_INVALID},
		{CLAIMS(",\"iss\":\"other\",\"aud\":\"chatbot-api\""), PAL_JWT_INVALID},
		{CLAIMS(",\"iss\":[\"chatbot-platform\"],\"aud\":\"chatbot-api\""), PAL_JWT_INVALID},
		{CLAIMS(",\"iss\":\"chatbot-platform\",\"aud\":\"other\""), PAL_JWT_INVALID},
		{CLAIMS(",\"iss\":\"chatbot-platform\",\"aud\":[]"), PAL_JWT_INVALID},
		{CLAIMS(",\"iss\":\"chatbot-platform\",\"aud\":[[\"chatbot-api\"]]"), PAL_JWT_INVALID},
		{CLAIMS(",\"iss\":\"chatbot-platform\",\"aud\":{\"chatbot-api\":1}"), PAL_JWT_INVALID},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(verify_at(token_make(&token, TOKEN_HEADER, rows[i].payload), NOW_S,
					  "chatbot-platform", "chatbot-api"),
				rows[i].verdict);
}

TEST(time_has_its_leeway_and_not_a_second_more)
{
	struct pal_str text = token_make(&token, TOKEN_HEADER, CLAIMS(""));

	CU_ASSERT_EQUAL(verify_at(text, 1790000100 + LEEWAY_S - 1, "", ""), PAL_JWT_VALID);
	CU_ASSERT_EQUAL(verify_at(text, 1790000100 + LEEWAY_S, "", ""), PAL_JWT_EXPIRED);
	static const char *const payloads[] = {CLAIMS(",\"nbf\":1790000000"),
					       CLAIMS(",\"iat\":1790000000")};
	for (size_t i = 0; i < 2; i++) {
		text = token_make(&token, TOKEN_HEADER, payloads[i]);
		CU_ASSERT_EQUAL(verify_at(text, NOW_S - LEEWAY_S, "", ""), PAL_JWT_VALID);
		CU_ASSERT_EQUAL(verify_at(text, NOW_S - LEEWAY_S - 1, "", ""), PAL_JWT_INVALID);
	}
	text = token_make(&token, TOKEN_HEADER, "{\"sub\":\"a\",\"tenant_id\":\"b\",\"exp\":1790000100.5}");
	CU_ASSERT_EQUAL(verify_at(text, 1790000100 + LEEWAY_S, "", ""), PAL_JWT_VALID);
	CU_ASSERT_EQUAL(verify_at(text, 1790000101 + LEEWAY_S, "", ""), PAL_JWT_EXPIRED);
}

TEST(an_expired_token_that_is_wrong_besides_is_just_wrong)
{
	struct pal_str text = token_make(&token, TOKEN_HEADER, CLAIMS(",\"iss\":\"other\""));
	CU_ASSERT_EQUAL(verify_at(text, NOW_S + 1000, "chatbot-platform", ""), PAL_JWT_INVALID);
	text = token_make(&token, TOKEN_HEADER, GOOD);
	token.text[text.n - 2] ^= 1;
	CU_ASSERT_EQUAL(verify_at(text, NOW_S + 1000, "", ""), PAL_JWT_INVALID);
}

TEST(base64url_is_strict)
{
	/* {"alg":"HS256"} is 15 bytes, so 20 digits and no padding; with a blank more, 22 */
	static const char payload[] = "eyJzdWIiOiJhIiwidGVuYW50X2lkIjoiYiIsImV4cCI6MTc5MDAwMDEwMH0";
	char input[256];

	snprintf(input, sizeof(input), "eyJhbGciOiJIUzI1NiJ9.%s", payload);
	CU_ASSERT_EQUAL(verify(token_sign(&token, input)), PAL_JWT_VALID);
	static const char *const headers[] = {
		"eyJhbGciOiJIUzI1NiJ9=", "eyJhbGciOiJIUzI1NiJ9==", "eyJhbGciOiJIUzI1NiJ9 ",
		" eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1\nNiJ9", "eyJhbGciOiJIUzI1NiJ9A",
		"",
	};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		snprintf(input, sizeof(input), "%s.%s", headers[i], payload);
		CU_ASSERT_EQUAL(verify(token_sign(&token, input)), PAL_JWT_INVALID);
	}
	/* {"alg":"HS256"} and a blank: "IA" ends it canonically, "IB" to "IP" have stray bits */
	snprintf(input, sizeof(input), "eyJhbGciOiJIUzI1NiJ9IA.%s", payload);
	CU_ASSERT_EQUAL(verify(token_sign(&token, input)), PAL_JWT_VALID);
	snprintf(input, sizeof(input), "eyJhbGciOiJIUzI1NiJ9IB.%s", payload);
	CU_ASSERT_EQUAL(verify(token_sign(&token, input)), PAL_JWT_INVALID);
	/* "+" and "/" are of the other alphabet */
	struct pal_str text = token_make(&token, "{\"alg\":\"HS256\",\"x\":\"\xc3\xbf\xc3\xbe?>\"}", GOOD);
	CU_ASSERT_EQUAL(verify(text), PAL_JWT_VALID);
	snprintf(input, sizeof(input), "%.*s", (int)(strrchr(text.p, '.') - text.p), text.p);
	bool spelt = false;
	for (char *c = input; *c; c++) {
		spelt |= *c == '-' || *c == '_';
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	}
	CU_ASSERT(spelt);
	CU_ASSERT_EQUAL(verify(token_sign(&token, input)), PAL_JWT_INVALID);
}

TEST(a_payload_that_is_no_base64url_never_reaches_the_library)
{
	/* cjose asserts what it decodes: "=" within, a length of 4n + 1, nothing at all */
	static const char *const payloads[] = {
		"eyJzdWIiOiJhIiwid=GVuYW50X2lkIjoiYiIsImV4cCI6MTc5MDAwMDEwMH0", "=", "A", "AAAAA",
		"eyJ=", "e=", "", "eyJzdWIiOiJhIiwidGVuYW50X2lkIjoiYiIsImV4cCI6MTc5MDAwMDEwMH0=",
	};
	char input[256];

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		snprintf(input, sizeof(input), "eyJhbGciOiJIUzI1NiJ9.%s", payloads[i]);
		CU_ASSERT_EQUAL(verify(token_sign(&token, input)), PAL_JWT_INVALID);
	}
}

TEST(a_token_has_three_parts)
{
	struct pal_str text = token_make(&token, TOKEN_HEADER, GOOD);
	char other[1024];

	CU_ASSERT_EQUAL(verify((struct pal_str){text.p, (size_t)(strrchr(text.p, '.') - text.p)}),
			PAL_JWT_INVALID);
	snprintf(other, sizeof(other), "%s.", text.p);
	CU_ASSERT_EQUAL(verify(pal_str(other)), PAL_JWT_INVALID);
	snprintf(other, sizeof(other), ".%s", text.p);
	CU_ASSERT_EQUAL(verify(pal_str(other)), PAL_JWT_INVALID);
	snprintf(other, sizeof(other), "%s.a.b", text.p);
	CU_ASSERT_EQUAL(verify(pal_str(other)), PAL_JWT_INVALID);
	static const char *const few[] = {"", ".", "..", "...", "....", "a", "a.b", "a.b.c", "a..c"};
	for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++)
		CU_ASSERT_EQUAL(verify(pal_str(few[i])), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify((struct pal_str){NULL, 0}), PAL_JWT_INVALID);
}

TEST(a_token_has_at_most_8_kib)
{
	static char payload[9000];
	struct pal_str text = {NULL, 0};
	unsigned good = 0, bad = 0;

	for (size_t pad = 5900; pad < 6200; pad++) {
		int at = snprintf(payload, sizeof(payload), "%s",
				  "{\"sub\":\"a\",\"tenant_id\":\"b\",\"exp\":1790000100,\"x\":\"");
		memset(payload + at, 'x', pad);
		snprintf(payload + (size_t)at + pad, 3, "\"}");
		text = token_make(&token, TOKEN_HEADER, payload);
		bool fits = text.n <= PAL_JWT_BYTES_MAX;
		good += fits;
		bad += !fits;
		CU_ASSERT_EQUAL(verify(text), fits ? PAL_JWT_VALID : PAL_JWT_INVALID);
	}
	CU_ASSERT(good > 0 && bad > 0);
}

TEST(no_flipped_bit_is_taken)
{
	struct pal_jwt *jwt = make_verifier("chatbot-platform", "chatbot-api");
	struct pal_str text = token_make(&token, TOKEN_HEADER, GOOD);

	CU_ASSERT_EQUAL(pal_jwt_verify(jwt, text, NOW_S, &arena, &claims), PAL_JWT_VALID);
	for (size_t i = 0; i < text.n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			token.text[i] = (char)(token.text[i] ^ (1 << bit));
			pal_arena_release(&arena);
			CU_ASSERT_NOT_EQUAL(pal_jwt_verify(jwt, text, NOW_S, &arena, &claims),
					    PAL_JWT_VALID);
			token.text[i] = (char)(token.text[i] ^ (1 << bit));
		}
	for (size_t n = 0; n < text.n; n++)
		CU_ASSERT_EQUAL(pal_jwt_verify(jwt, (struct pal_str){text.p, n}, NOW_S, &arena,
					       &claims), PAL_JWT_INVALID);
	pal_arena_release(&arena);
	pal_jwt_destroy(jwt);
}

TEST(another_secret_is_refused)
{
	struct pal_jwt_options options = {.secret = PAL_STR("f123456789abcdef0123456789abcdef")};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_jwt_create(&options, &jwt, &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_jwt_verify(jwt, token_make(&token, TOKEN_HEADER, GOOD), NOW_S, &arena,
				       &claims), PAL_JWT_INVALID);
	pal_jwt_destroy(jwt);
	pal_arena_release(&arena);
}

TEST(want_of_memory_is_not_a_bad_token)
{
	struct pal_jwt *jwt = make_verifier("", "");
	struct pal_arena small = pal_arena_of(1);
	struct pal_str text = token_make(&token, TOKEN_HEADER, CLAIMS(""));

	CU_ASSERT_EQUAL(pal_jwt_verify(jwt, text, NOW_S, &small, &claims), PAL_JWT_NO_MEMORY);
	pal_arena_release(&small);
	pal_jwt_destroy(jwt);
}

SUITE(jwt, CASE(a_good_token_names_subject_tenant_role_and_permissions),
      CASE(a_secret_has_at_least_32_bytes), CASE(only_hs256_is_an_algorithm),
      CASE(a_token_without_signature_is_refused),
      CASE(headers_that_bring_keys_or_conditions_are_refused),
      CASE(a_member_given_twice_is_refused), CASE(what_is_required_must_be_there_and_of_its_type),
      CASE(names_are_at_most_255_characters), CASE(issuer_and_audience_are_checked_when_configured),
      CASE(time_has_its_leeway_and_not_a_second_more),
      CASE(an_expired_token_that_is_wrong_besides_is_just_wrong), CASE(base64url_is_strict),
      CASE(a_payload_that_is_no_base64url_never_reaches_the_library),
      CASE(a_token_has_three_parts), CASE(a_token_has_at_most_8_kib), CASE(no_flipped_bit_is_taken),
      CASE(another_secret_is_refused), CASE(want_of_memory_is_not_a_bad_token))
