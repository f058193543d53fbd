/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/id.h"

#define NONCE_SIZE 12u
#define TAG_SIZE 16u

/* A text that an int counts, as OpenSSL demands. */
static bool is_countable(struct pal_str text)
{
	return text.n <= INT_MAX - PAL_SEAL_EXTRA;
}

static bool encrypt(EVP_CIPHER_CTX *ctx, const uint8_t *key, struct pal_str place,
		    struct pal_str plain, unsigned char *to)
{
	unsigned char *text = to + NONCE_SIZE;
	int n = 0;

	pal_random_bytes(to, NONCE_SIZE);
	return EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), key, to, NULL) &&
	       EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)place.p, (int)place.n) &&
	       EVP_EncryptUpdate(ctx, text, &n, (const unsigned char *)plain.p, (int)plain.n) &&
	       EVP_EncryptFinal_ex(ctx, text + n, &n) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, text + plain.n);
}

bool pal_seal(const uint8_t key[PAL_SEAL_KEY_SIZE], struct pal_str place, struct pal_str plain,
	      struct pal_buf *out)
{
	size_t n = plain.n + PAL_SEAL_EXTRA;
	char *to = is_countable(plain) && is_countable(place) ? pal_buf_reserve(out, n) : NULL;
	EVP_CIPHER_CTX *ctx = to ? EVP_CIPHER_CTX_new() : NULL;
	bool is_sealed = ctx && encrypt(ctx, key, place, plain, (unsigned char *)to);

	EVP_CIPHER_CTX_free(ctx);
	if (is_sealed)
		out->len += n;
	return is_sealed;
}

static bool decrypt(EVP_CIPHER_CTX *ctx, const uint8_t *key, struct pal_str place,
		    struct pal_str sealed, unsigned char *to)
{
	const unsigned char *from = (const unsigned char *)sealed.p;
	size_t text = sealed.n - PAL_SEAL_EXTRA;
	unsigned char tag[TAG_SIZE];
	int n = 0;

	memcpy(tag, from + NONCE_SIZE + text, TAG_SIZE);
	return EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), key, from, NULL) &&
	       EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)place.p, (int)place.n) &&
	       EVP_DecryptUpdate(ctx, to, &n, from + NONCE_SIZE, (int)text) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) &&
	       EVP_DecryptFinal_ex(ctx, to + n, &n) > 0;
}

bool pal_unseal(const uint8_t key[PAL_SEAL_KEY_SIZE], struct pal_str place, struct pal_str sealed,
		struct pal_buf *out)
{
	if (sealed.n < PAL_SEAL_EXTRA || !is_countable(sealed) || !is_countable(place))
		return false;
	size_t n = sealed.n - PAL_SEAL_EXTRA;
	char *to = pal_buf_reserve(out, n + 1);
	EVP_CIPHER_CTX *ctx = to ? EVP_CIPHER_CTX_new() : NULL;
	bool is_plain = ctx && decrypt(ctx, key, place, sealed, (unsigned char *)to);

	EVP_CIPHER_CTX_free(ctx);
	if (is_plain)
		out->len += n;
	else if (to)
		explicit_bzero(to, n);	/* what a wrong tag did not vouch for */
	return is_plain;
}
