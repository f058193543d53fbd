/* SPDX-License-Identifier: Apache-2.0 */
/* token.h - tokens, good and bad, made with OpenSSL alone. */
#ifndef PALAVER_TESTS_SERVICE_TOKEN_H
#define PALAVER_TESTS_SERVICE_TOKEN_H

#include <stddef.h>

#include <openssl/evp.h>

#include "base/str.h"

#define TOKEN_SECRET "0123456789abcdef0123456789abcdef"
#define TOKEN_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define TOKEN_SIZE_MAX 16384u

struct token {
	char text[TOKEN_SIZE_MAX];
	size_t n;
};

/* Append base64url without padding to `token`. */
void token_add(struct token *token, const void *bytes, size_t n);

/* header.payload.HMAC-SHA256 under TOKEN_SECRET. */
struct pal_str token_make(struct token *token, const char *header, const char *payload);

/* What is already written (header.payload, in whatever spelling) with its signature. */
struct pal_str token_sign(struct token *token, const char *signing_input);

/* A fresh key pair: "RSA" of `bits`, "EC" on the curve `curve`, "ED25519". */
EVP_PKEY *token_key(const char *kind, unsigned bits, const char *curve);

/* The public half as PEM, into `out` of `size` bytes. */
struct pal_str token_public_pem(EVP_PKEY *key, char *out, size_t size);

/* header.payload.signature by `key`: RS256, ES256 or EdDSA after its kind. */
struct pal_str token_make_by(struct token *token, const char *header, const char *payload,
			     EVP_PKEY *key);

/* header.payload.HMAC-SHA256 under any `secret`. */
struct pal_str token_make_under(struct token *token, const char *header, const char *payload,
				struct pal_str secret);

#endif
