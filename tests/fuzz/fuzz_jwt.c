/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ways in: a text with a newline is a header and a payload, which are signed rightly, so that
 * what is behind the signature is reached; any other is a token as it comes, which is valid only if
 * its signature is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "service/jwt.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW_S 1790000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static struct pal_jwt *verifier(void)
{
	static struct pal_jwt *jwt;
	const struct pal_jwt_options options = {.secret = PAL_STR(SECRET),
						.issuer = PAL_STR("chatbot-platform"),
						.audience = PAL_STR("chatbot-api"),
						.leeway_s = 30};
	struct pal_error err;

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

static void verify(struct pal_str token)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_claims claims;
	enum pal_jwt_verdict verdict = pal_jwt_verify(verifier(), token, NOW_S, &arena, &claims);

	require(verdict != PAL_JWT_NO_MEMORY);
	if (verdict != PAL_JWT_INVALID)
		require(is_signed(token) && claims.subject.n && claims.tenant_id.n);
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
		put_signature(&token);
	} else {
		pal_buf_add(&token, text, size);
	}
	verify(pal_buf_str(&token));
	pal_buf_deinit(&token);
	return 0;
}
