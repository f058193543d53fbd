/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/jwt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>

#include "service/access/jwt_cache.h"
#include "suite.h"
#include "token.h"

#define NOW_S 1790000000
#define GOOD "{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"exp\":1790000100}"

static struct token token;
static struct pal_arena arena;
static struct pal_claims claims;

enum { K_RSA, K_EC, K_ED, KINDS };

/* Of each kind one key pair and another one, which must not do. */
static EVP_PKEY *pair[KINDS], *stranger[KINDS];
static char pem[KINDS][2048];
static struct pal_str public_key[KINDS];
static const enum pal_jwt_algorithm algorithm[KINDS] = {PAL_JWT_RS256, PAL_JWT_ES256,
							PAL_JWT_EDDSA};
static const char *const name[KINDS] = {"RS256", "ES256", "EdDSA"};

static EVP_PKEY *make_pair(int kind)
{
	return kind == K_RSA  ? token_key("RSA", 2048, NULL)
	       : kind == K_EC ? token_key("EC", 0, "P-256")
			    : token_key("ED25519", 0, NULL);
}

static void make_pairs(void)
{
	for (int k = 0; k < KINDS && !pair[k]; k++) {
		pair[k] = make_pair(k);
		stranger[k] = make_pair(k);
		public_key[k] = token_public_pem(pair[k], pem[k], sizeof(pem[k]));
	}
}

static struct pal_jwt *verifier_of(const struct pal_jwt_key_options *keys, size_t count)
{
	const struct pal_jwt_options options = {.keys = keys, .keys_count = count, .leeway_s = 30};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;

	if (pal_jwt_create(&options, &jwt, &err) != PAL_OK) {
		fprintf(stderr, "%s: %s\n", err.subject, err.message);
		abort();
	}
	return jwt;
}

static struct pal_jwt *verifier_for(int kind, const char *kid)
{
	make_pairs();
	const struct pal_jwt_key_options key = {.kid = pal_str(kid),
						.algorithm = algorithm[kind],
						.public_key = public_key[kind]};

	return verifier_of(&key, 1);
}

static enum pal_jwt_verdict verify(struct pal_jwt *jwt, struct pal_str text)
{
	pal_arena_release(&arena);
	return pal_jwt_verify(jwt, text, NOW_S, &arena, &claims);
}

static const char *header_of(const char *alg, const char *kid)
{
	static char header[512];

	if (kid)
		snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, kid);
	else
		snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", alg);
	return header;
}

static enum pal_code refuse(const struct pal_jwt_key_options *options, struct pal_error *err)
{
	struct pal_jwt_key *key = NULL;
	enum pal_code code = pal_jwt_key_create(options, &key, err);

	pal_jwt_key_destroy(key);
	return code;
}

TEST(a_token_of_each_algorithm_is_taken_and_one_of_another_key_is_not)
{
	for (int k = 0; k < KINDS; k++) {
		struct pal_jwt *jwt = verifier_for(k, NULL);
		const char *header = header_of(name[k], NULL);
		CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header, GOOD, pair[k])),
				PAL_JWT_VALID);
		CU_ASSERT(pal_str_equal(claims.subject, PAL_STR("ann")));
		CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header, GOOD, stranger[k])),
				PAL_JWT_INVALID);
		pal_jwt_destroy(jwt);
	}
}

/* The classic: the public key, which everybody has, taken for the secret of an HMAC. */
TEST(b49_no_key_of_one_kind_accepts_a_token_of_another)
{
	static const char *const others[] = {"HS256", "RS256", "ES256", "EdDSA", "none", "RS384",
					     "ES384", "PS256", "rs256"};

	for (int k = 0; k < KINDS; k++) {
		struct pal_jwt *jwt = verifier_for(k, NULL);
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			const char *header = header_of(others[i], NULL);
			CU_ASSERT_EQUAL(verify(jwt, token_make_under(&token, header, GOOD,
								     public_key[k])),
					PAL_JWT_INVALID);
			if (strcmp(others[i], name[k]) == 0)
				continue;
			for (int by = 0; by < KINDS; by++)
				CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header, GOOD,
									  pair[by])),
						PAL_JWT_INVALID);
		}
		for (int by = 0; by < KINDS; by++)
			if (by != k)
				CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token,
									  header_of(name[k], NULL),
									  GOOD, pair[by])),
						PAL_JWT_INVALID);
		pal_jwt_destroy(jwt);
	}
}

TEST(kid_names_the_key_exactly)
{
	make_pairs();
	const struct pal_jwt_key_options keys[] = {
		{.kid = PAL_STR("r1"), .algorithm = PAL_JWT_RS256, .public_key = public_key[K_RSA]},
		{.kid = PAL_STR("e1"), .algorithm = PAL_JWT_ES256, .public_key = public_key[K_EC]},
		{.kid = PAL_STR("h1"), .algorithm = PAL_JWT_HS256, .secret = PAL_STR(TOKEN_SECRET)},
	};
	struct pal_jwt *jwt = verifier_of(keys, 3);

	CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header_of("RS256", "r1"), GOOD, pair[K_RSA])),
			PAL_JWT_VALID);
	CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header_of("ES256", "e1"), GOOD, pair[K_EC])),
			PAL_JWT_VALID);
	CU_ASSERT_EQUAL(verify(jwt, token_make(&token, header_of("HS256", "h1"), GOOD)),
			PAL_JWT_VALID);
	static const char *const wrong[] = {NULL, "", "r", "r1 ", "R1", "r11", "e1", "h1", "r1\\u0000"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header_of("RS256", wrong[i]), GOOD,
							  pair[K_RSA])), PAL_JWT_INVALID);
	CU_ASSERT_EQUAL(verify(jwt, token_make(&token, header_of("HS256", "r1"), GOOD)),
			PAL_JWT_INVALID);
	pal_jwt_destroy(jwt);
}

TEST(kid_is_a_text_of_128_bytes_at_most)
{
	struct pal_jwt *jwt = verifier_for(K_ED, NULL);
	char kid[200];

	for (size_t n = 128; n <= 129; n++) {
		memset(kid, 'k', n);
		kid[n] = '\0';
		CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header_of("EdDSA", kid), GOOD,
							  pair[K_ED])),
				n == 128 ? PAL_JWT_VALID : PAL_JWT_INVALID);
	}
	static const char *const headers[] = {"{\"alg\":\"EdDSA\",\"kid\":1}",
					      "{\"alg\":\"EdDSA\",\"kid\":null}",
					      "{\"alg\":\"EdDSA\",\"kid\":[\"k\"]}",
					      "{\"alg\":\"EdDSA\",\"kid\":\"a\",\"kid\":\"b\"}"};
	for (size_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, headers[i], GOOD, pair[K_ED])),
				PAL_JWT_INVALID);
	pal_jwt_destroy(jwt);
}

TEST(no_flipped_bit_of_a_public_key_signature_is_taken)
{
	for (int k = 0; k < KINDS; k++) {
		struct pal_jwt *jwt = verifier_for(k, NULL);
		struct pal_str text = token_make_by(&token, header_of(name[k], NULL), GOOD, pair[k]);
		for (size_t i = 0; i < text.n; i += 3) {
			token.text[i] = (char)(token.text[i] ^ 1);
			CU_ASSERT_NOT_EQUAL(verify(jwt, text), PAL_JWT_VALID);
			token.text[i] = (char)(token.text[i] ^ 1);
		}
		for (size_t n = text.n - 1; n > text.n - 90; n--)
			CU_ASSERT_EQUAL(verify(jwt, (struct pal_str){text.p, n}), PAL_JWT_INVALID);
		CU_ASSERT_EQUAL(verify(jwt, text), PAL_JWT_VALID);
		pal_jwt_destroy(jwt);
	}
}

TEST(a_key_of_the_wrong_kind_or_strength_is_refused_at_start)
{
	struct pal_error err;
	char text[2048];

	make_pairs();
	for (int k = 0; k < KINDS; k++)
		for (int other = 0; other < KINDS; other++) {
			const struct pal_jwt_key_options options = {.kid = PAL_STR("k9"),
								    .algorithm = algorithm[k],
								    .public_key = public_key[other]};
			enum pal_code code = refuse(&options, &err);
			CU_ASSERT_EQUAL(code, k == other ? PAL_OK : PAL_E_CONFIG);
			if (code != PAL_OK) {
				CHECK_STR(err.subject, "auth.jwt.keys");
				CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "k9"));
			}
		}
	static const struct {
		const char *kind;
		unsigned bits;
		const char *curve;
		enum pal_jwt_algorithm algorithm;
	} weak[] = {{"RSA", 1024, NULL, PAL_JWT_RS256}, {"EC", 0, "P-384", PAL_JWT_ES256},
		    {"ED448", 0, NULL, PAL_JWT_EDDSA}};
	for (size_t i = 0; i < 3; i++) {
		EVP_PKEY *key = token_key(weak[i].kind, weak[i].bits, weak[i].curve);
		const struct pal_jwt_key_options options = {
			.algorithm = weak[i].algorithm,
			.public_key = token_public_pem(key, text, sizeof(text))};
		CU_ASSERT_EQUAL(refuse(&options, &err), PAL_E_CONFIG);
		EVP_PKEY_free(key);
	}
	static const char *const texts[] = {"", "x", "-----BEGIN PUBLIC KEY-----", "AAAA",
					    "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
					    TOKEN_SECRET};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct pal_jwt_key_options options = {.algorithm = PAL_JWT_RS256,
							    .public_key = pal_str(texts[i])};
		CU_ASSERT_EQUAL(refuse(&options, &err), PAL_E_CONFIG);
	}
	const struct pal_jwt_key_options secret = {.algorithm = PAL_JWT_HS256,
						   .secret = {TOKEN_SECRET, 31}};
	CU_ASSERT_EQUAL(refuse(&secret, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(strstr(err.message, "0123"));
}

TEST(a_public_key_may_stand_without_its_lines_of_dashes)
{
	char text[2048], *to = text;

	make_pairs();
	for (const char *line = strchr(pem[K_EC], '\n'); line && line[1] != '-'; ) {
		const char *end = strchr(line + 1, '\n');
		memcpy(to, line + 1, (size_t)(end - line - 1));
		to += end - line - 1;
		line = end;
	}
	*to = '\0';
	const struct pal_jwt_key_options key = {.algorithm = PAL_JWT_ES256,
						.public_key = pal_str(text)};
	struct pal_jwt *jwt = verifier_of(&key, 1);
	CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header_of("ES256", NULL), GOOD, pair[K_EC])),
			PAL_JWT_VALID);
	pal_jwt_destroy(jwt);
}

TEST(no_two_keys_share_a_kid)
{
	make_pairs();
	const struct pal_jwt_key_options keys[] = {
		{.kid = PAL_STR("a"), .algorithm = PAL_JWT_RS256, .public_key = public_key[K_RSA]},
		{.kid = PAL_STR("a"), .algorithm = PAL_JWT_ES256, .public_key = public_key[K_EC]},
		{.algorithm = PAL_JWT_ES256, .public_key = public_key[K_EC]},
	};
	struct pal_jwt_options options = {.keys = keys, .keys_count = 2};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_jwt_create(&options, &jwt, &err), PAL_E_CONFIG);
	options = (struct pal_jwt_options){.keys = keys + 2, .keys_count = 1,
					   .secret = PAL_STR(TOKEN_SECRET)};
	CU_ASSERT_EQUAL(pal_jwt_create(&options, &jwt, &err), PAL_E_CONFIG);
	options = (struct pal_jwt_options){.keys_count = 0};
	CU_ASSERT_EQUAL(pal_jwt_create(&options, &jwt, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(jwt);
}

static void put_number(struct token *out, EVP_PKEY *key, const char *which, int width)
{
	BIGNUM *number = NULL;
	uint8_t bytes[512];

	if (!EVP_PKEY_get_bn_param(key, which, &number))
		abort();
	int n = width ? BN_bn2binpad(number, bytes, width) : BN_bn2bin(number, bytes);
	BN_free(number);
	token_add(out, bytes, (size_t)n);
}

static void put_text(struct token *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out->text + out->n, text, n + 1);
	out->n += n;
}

/* All three public keys as one set, and a secret. */
static struct pal_str make_set(struct token *set)
{
	uint8_t raw[32];
	size_t n = sizeof(raw);

	make_pairs();
	set->n = 0;
	put_text(set, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"alg\":\"RS256\",\"use\":\"sig\",\"n\":\"");
	put_number(set, pair[K_RSA], OSSL_PKEY_PARAM_RSA_N, 0);
	put_text(set, "\",\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\",\"x\":\"");
	put_number(set, pair[K_EC], OSSL_PKEY_PARAM_EC_PUB_X, 32);
	put_text(set, "\",\"y\":\"");
	put_number(set, pair[K_EC], OSSL_PKEY_PARAM_EC_PUB_Y, 32);
	put_text(set, "\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"d\",\"x\":\"");
	if (!EVP_PKEY_get_raw_public_key(pair[K_ED], raw, &n))
		abort();
	token_add(set, raw, n);
	put_text(set, "\"},{\"kty\":\"oct\",\"kid\":\"h\",\"k\":\"");
	token_add(set, TOKEN_SECRET, strlen(TOKEN_SECRET));
	put_text(set, "\"},{\"kty\":\"new\",\"kid\":\"n\"}]}");
	return (struct pal_str){set->text, set->n};
}

TEST(a_key_set_gives_its_keys_of_the_algorithm_and_no_others)
{
	static struct token set;
	static const char *const kid[KINDS] = {"r", "e", "d"};
	struct pal_str text = make_set(&set);

	for (int k = 0; k < KINDS; k++) {
		const struct pal_jwt_key_options keys = {.algorithm = algorithm[k],
							 .key_set = text};
		struct pal_jwt *jwt = verifier_of(&keys, 1);
		for (int by = 0; by < KINDS; by++)
			CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token,
								  header_of(name[by], kid[by]),
								  GOOD, pair[by])),
					by == k ? PAL_JWT_VALID : PAL_JWT_INVALID);
		CU_ASSERT_EQUAL(verify(jwt, token_make(&token, header_of("HS256", "h"), GOOD)),
				PAL_JWT_INVALID);
		CU_ASSERT_EQUAL(verify(jwt, token_make_by(&token, header_of(name[k], NULL), GOOD,
							  pair[k])), PAL_JWT_INVALID);
		pal_jwt_destroy(jwt);
	}
	const struct pal_jwt_key_options keys = {.algorithm = PAL_JWT_HS256, .key_set = text};
	struct pal_jwt *jwt = verifier_of(&keys, 1);
	CU_ASSERT_EQUAL(verify(jwt, token_make(&token, header_of("HS256", "h"), GOOD)),
			PAL_JWT_VALID);
	pal_jwt_destroy(jwt);
}

TEST(a_key_set_that_is_wrong_is_refused_at_start)
{
	static const char *const sets[] = {
		"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[1]}",
		"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"e\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"alg\":\"PS256\",\"n\":\"AQAB\","
		"\"e\":\"AQAB\"}]}",
	};
	struct pal_error err;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		const struct pal_jwt_key_options options = {.algorithm = PAL_JWT_RS256,
							    .key_set = pal_str(sets[i])};
		CU_ASSERT_EQUAL(refuse(&options, &err), PAL_E_CONFIG);
	}
}

TEST(a_verified_token_is_remembered_until_it_expires)
{
	struct pal_jwt *jwt = verifier_for(K_ED, NULL);
	struct pal_str text = token_make_by(&token, header_of("EdDSA", NULL),
					    "{\"sub\":\"ann\",\"tenant_id\":\"acme\",\"jti\":\"j\","
					    "\"permissions\":[],\"exp\":1790000100}", pair[K_ED]);

	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(verify(jwt, text), PAL_JWT_VALID);
		CU_ASSERT(pal_str_equal(claims.subject, PAL_STR("ann")));
		CU_ASSERT(pal_str_equal(claims.jti, PAL_STR("j")));
		CU_ASSERT_PTR_NOT_NULL(claims.permissions.p);
		CU_ASSERT_EQUAL(claims.permissions.n, 0);
		CU_ASSERT_PTR_NULL(claims.role.p);
	}
	pal_arena_release(&arena);
	CU_ASSERT_EQUAL(pal_jwt_verify(jwt, text, 1790000129, &arena, &claims), PAL_JWT_VALID);
	CU_ASSERT_EQUAL(pal_jwt_verify(jwt, text, 1790000130, &arena, &claims), PAL_JWT_EXPIRED);
	pal_arena_release(&arena);
	pal_jwt_destroy(jwt);
}

TEST(what_is_remembered_comes_back_whole_and_by_its_digest_only)
{
	struct pal_jwt_cache *cache = pal_jwt_cache_create();
	const struct pal_claims kept = {.subject = PAL_STR("ann"),
					.tenant_id = PAL_STR("acme"),
					.permissions = PAL_STR(""),
					.jti = PAL_STR("j"),
					.expires_s = 7};
	uint8_t digest[PAL_SHA256_SIZE] = {1, 2, 3}, other[PAL_SHA256_SIZE] = {1, 2, 3, 4};
	struct pal_arena small = pal_arena_of(1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(cache);
	CU_ASSERT(!pal_jwt_cache_find(cache, digest, &arena, &claims));
	pal_jwt_cache_put(cache, digest, &kept);
	CU_ASSERT(pal_jwt_cache_find(cache, digest, &arena, &claims));
	CU_ASSERT(pal_str_equal(claims.subject, kept.subject));
	CU_ASSERT(pal_str_equal(claims.tenant_id, kept.tenant_id));
	CU_ASSERT(claims.permissions.p && claims.permissions.n == 0 && !claims.role.p);
	CU_ASSERT_EQUAL(claims.expires_s, 7);
	CU_ASSERT(!pal_jwt_cache_find(cache, other, &arena, &claims));	/* the same slot */
	CU_ASSERT(!pal_jwt_cache_find(cache, digest, &small, &claims));
	pal_jwt_cache_put(cache, other, &kept);
	CU_ASSERT(!pal_jwt_cache_find(cache, digest, &arena, &claims));	/* it had to make room */
	pal_arena_release(&arena);
	pal_arena_release(&small);
	pal_jwt_cache_destroy(cache);
}

TEST(more_tokens_than_are_remembered_are_all_verified_rightly)
{
	const struct pal_jwt_options options = {.secret = PAL_STR(TOKEN_SECRET), .leeway_s = 30};
	struct pal_jwt *jwt = NULL;
	struct pal_error err;
	char payload[128];
	unsigned wrong = 0;

	CU_ASSERT_EQUAL(pal_jwt_create(&options, &jwt, &err), PAL_OK);
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 2 * PAL_JWT_CACHE_TOKENS_MAX; i++) {
			char want[16];
			snprintf(want, sizeof(want), "u%u", i);
			snprintf(payload, sizeof(payload),
				 "{\"sub\":\"%s\",\"tenant_id\":\"acme\",\"exp\":1790000100}", want);
			wrong += verify(jwt, token_make(&token, TOKEN_HEADER, payload)) !=
					 PAL_JWT_VALID ||
				 !pal_str_equal(claims.subject, pal_str(want));
		}
	CU_ASSERT_EQUAL(wrong, 0);
	pal_arena_release(&arena);
	pal_jwt_destroy(jwt);
	for (int k = 0; k < KINDS; k++) {
		EVP_PKEY_free(pair[k]);
		EVP_PKEY_free(stranger[k]);
	}
}

SUITE(jwt_key, CASE(a_token_of_each_algorithm_is_taken_and_one_of_another_key_is_not),
      CASE(b49_no_key_of_one_kind_accepts_a_token_of_another), CASE(kid_names_the_key_exactly),
      CASE(kid_is_a_text_of_128_bytes_at_most),
      CASE(no_flipped_bit_of_a_public_key_signature_is_taken),
      CASE(a_key_of_the_wrong_kind_or_strength_is_refused_at_start),
      CASE(a_public_key_may_stand_without_its_lines_of_dashes), CASE(no_two_keys_share_a_kid),
      CASE(a_key_set_gives_its_keys_of_the_algorithm_and_no_others),
      CASE(a_key_set_that_is_wrong_is_refused_at_start),
      CASE(a_verified_token_is_remembered_until_it_expires),
      CASE(what_is_remembered_comes_back_whole_and_by_its_digest_only),
      CASE(more_tokens_than_are_remembered_are_all_verified_rightly))
