/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ways in: a text with a newline is a header and a payload, which are signed rightly, by the key
 * whose algorithm the header's text names first, so that what is behind the signature is reached; any
 * other is a token as it comes. Fresh key pairs are made at start, so only one under the fixed secret
 * can be valid then.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/crypto.h"
#include "service/access/jwt.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW_S 1790000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

/* The keys of the public kinds, and how a header names them. */
static const struct {
	const char *algorithm, *kid;
	enum pal_jwt_algorithm id;
} kinds[] = {{"RS256", "r", PAL_JWT_RS256}, {"ES256", "e", PAL_JWT_ES256},
	     {"EdDSA", "d", PAL_JWT_EDDSA}};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static EVP_PKEY *pairs[KINDS];

static struct pal_str make_pair(size_t i, char *pem, size_t size)
{
	pairs[i] = i == 0   ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
		   : i == 1 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
			    : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	require(pairs[i] && bio && PEM_write_bio_PUBKEY(bio, pairs[i]));
	int n = BIO_read(bio, pem, (int)size);
	BIO_free(bio);
	require(n > 0);
	return (struct pal_str){pem, (size_t)n};
}

static struct pal_jwt *verifier(void)
{
	static struct pal_jwt *jwt;
	static char pem[KINDS][1024];
	struct pal_jwt_key_options keys[KINDS];
	const struct pal_jwt_options options = {.secret = PAL_STR(SECRET),
						.keys = keys,
						.keys_count = KINDS,
						.issuer = PAL_STR("chatbot-platform"),
						.audience = PAL_STR("chatbot-api"),
						.leeway_s = 30};
	struct pal_error err;

	for (size_t i = 0; !jwt && i < KINDS; i++)
		keys[i] = (struct pal_jwt_key_options){
			.kid = pal_str(kinds[i].kid),
			.algorithm = kinds[i].id,
			.public_key = make_pair(i, pem[i], sizeof(pem[i]))};
	if (!jwt)
		require(pal_jwt_create(&options, &jwt, &err) == PAL_OK);
	return jwt;
}

static void put_base64url(struct pal_buf *out, struct pal_str s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < s.n; i++) {
		bits = bits << 8 | (uint8_t)s.p[i];
		for (held += 8; held >= 6; held -= 6)
			pal_buf_add_char(out, digits[bits >> (held - 6) & 63]);
	}
	if (held)
		pal_buf_add_char(out, digits[bits << (6 - held) & 63]);
}

/* RFC 7518 section 3.4: r and s in full width instead of DER. */
static size_t flatten(uint8_t *signature, size_t n)
{
	const uint8_t *at = signature;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)n);

	require(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, 32) == 32 &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + 32, 32) == 32);
	ECDSA_SIG_free(sig);
	return 64;
}

static void put_public_signature(struct pal_buf *token, size_t kind)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[512];
	size_t n = sizeof(signature);

	verifier();
	require(ctx && EVP_DigestSignInit(ctx, NULL, kind == 2 ? NULL : EVP_sha256(), NULL,
					  pairs[kind]) &&
		EVP_DigestSign(ctx, signature, &n, (const uint8_t *)token->data, token->len));
	EVP_MD_CTX_free(ctx);
	if (kind == 1)
		n = flatten(signature, n);
	pal_buf_add_char(token, '.');
	put_base64url(token, (struct pal_str){(const char *)signature, n});
}

static void put_signature(struct pal_buf *token)
{
	uint8_t mac[PAL_SHA256_SIZE];

	pal_hmac_sha256(PAL_STR(SECRET), pal_buf_str(token), mac);
	pal_buf_add_char(token, '.');
	put_base64url(token, (struct pal_str){(const char *)mac, sizeof(mac)});
}

/* Whether the part before the last dot, signed by us, gives the same token. */
static bool is_signed(struct pal_str token)
{
	const char *dot = memrchr(token.p, '.', token.n);
	struct pal_buf again = {0};

	require(dot);
	pal_buf_add(&again, token.p, (size_t)(dot - token.p));
	put_signature(&again);
	bool same = pal_str_equal(pal_buf_str(&again), token);
	pal_buf_deinit(&again);
	return same;
}

/* `ours`: signed here, by whatever key. */
static void verify(struct pal_str token, bool ours)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_claims claims;
	enum pal_jwt_verdict verdict = pal_jwt_verify(verifier(), token, NOW_S, &arena, &claims);

	require(verdict != PAL_JWT_NO_MEMORY);
	if (verdict != PAL_JWT_INVALID)
		require((ours || is_signed(token)) && claims.subject.n && claims.tenant_id.n);
	if (verdict == PAL_JWT_VALID)
		require(claims.expires_s + 30 >= NOW_S);
	pal_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *newline = size ? memchr(text, '\n', size) : NULL;
	struct pal_buf token = {0};

	if (newline) {
		size_t n = (size_t)(newline - text);
		put_base64url(&token, (struct pal_str){text, n});
		pal_buf_add_char(&token, '.');
		put_base64url(&token, (struct pal_str){newline + 1, size - n - 1});
		size_t kind = 0;
		while (kind < KINDS && !memmem(text, n, kinds[kind].algorithm, 5))
			kind++;
		if (kind < KINDS)
			put_public_signature(&token, kind);
		else
			put_signature(&token);
	} else {
		pal_buf_add(&token, text, size);
	}
	verify(pal_buf_str(&token), newline != NULL);
	pal_buf_deinit(&token);
	return 0;
}
