/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static void append(struct token *token, const char *text, size_t n)
{
	if (token->n + n >= sizeof(token->text))
		abort();
	memcpy(token->text + token->n, text, n);
	token->n += n;
	token->text[token->n] = '\0';
}

void token_add(struct token *token, const void *bytes, size_t n)
{
	unsigned char *text = malloc(4 * n / 3 + 8);

	if (!text)
		abort();
	int len = EVP_EncodeBlock(text, bytes, (int)n);
	while (len > 0 && text[len - 1] == '=')
		len--;
	for (int i = 0; i < len; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	append(token, (const char *)text, (size_t)len);
	free(text);
}

static struct pal_str finish(struct token *token, struct pal_str secret)
{
	uint8_t mac[32];
	unsigned len = 0;

	if (!HMAC(EVP_sha256(), secret.p, (int)secret.n, (const unsigned char *)token->text,
		  token->n, mac, &len))
		abort();
	append(token, ".", 1);
	token_add(token, mac, len);
	return (struct pal_str){token->text, token->n};
}

static void start(struct token *token, const char *header, const char *payload)
{
	token->n = 0;
	token_add(token, header, strlen(header));
	append(token, ".", 1);
	token_add(token, payload, strlen(payload));
}

struct pal_str token_make(struct token *token, const char *header, const char *payload)
{
	return token_make_under(token, header, payload, PAL_STR(TOKEN_SECRET));
}

struct pal_str token_make_under(struct token *token, const char *header, const char *payload,
				struct pal_str secret)
{
	start(token, header, payload);
	return finish(token, secret);
}

struct pal_str token_sign(struct token *token, const char *signing_input)
{
	token->n = 0;
	append(token, signing_input, strlen(signing_input));
	return finish(token, PAL_STR(TOKEN_SECRET));
}

EVP_PKEY *token_key(const char *kind, unsigned bits, const char *curve)
{
	EVP_PKEY *key = bits	? EVP_PKEY_Q_keygen(NULL, NULL, kind, (size_t)bits)
			: curve ? EVP_PKEY_Q_keygen(NULL, NULL, kind, curve)
				: EVP_PKEY_Q_keygen(NULL, NULL, kind);

	if (!key)
		abort();
	return key;
}

struct pal_str token_public_pem(EVP_PKEY *key, char *out, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int n = bio && PEM_write_bio_PUBKEY(bio, key) ? BIO_read(bio, out, (int)size) : -1;

	BIO_free(bio);
	if (n <= 0 || (size_t)n >= size)
		abort();
	out[n] = '\0';
	return (struct pal_str){out, (size_t)n};
}

/* RFC 7518 section 3.4: r and s in full width, one after the other, instead of DER. */
static void flatten(const uint8_t *der, size_t n, uint8_t out[64])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) != 32 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) != 32)
		abort();
	ECDSA_SIG_free(sig);
}

struct pal_str token_make_by(struct token *token, const char *header, const char *payload,
			     EVP_PKEY *key)
{
	bool edwards = EVP_PKEY_is_a(key, "ED25519"), elliptic = EVP_PKEY_is_a(key, "EC");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[1024], flat[64];
	size_t n = sizeof(signature);

	start(token, header, payload);
	if (!ctx || !EVP_DigestSignInit(ctx, NULL, edwards ? NULL : EVP_sha256(), NULL, key) ||
	    !EVP_DigestSign(ctx, signature, &n, (const uint8_t *)token->text, token->n))
		abort();
	EVP_MD_CTX_free(ctx);
	append(token, ".", 1);
	if (elliptic) {
		flatten(signature, n, flat);
		token_add(token, flat, sizeof(flat));
	} else {
		token_add(token, signature, n);
	}
	return (struct pal_str){token->text, token->n};
}
