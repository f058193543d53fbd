/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys in PEM: read by OpenSSL and handed on as numbers. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "service/access/jwt_key_parts.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* What stands between the lines of dashes, or all of it when there are none, without blanks. */
static bool strip(struct pal_str text, struct pal_buf *out)
{
	static const char begin[] = "-----BEGIN PUBLIC KEY-----", end[] = "-----END PUBLIC KEY-----";
	const char *from = text.n ? memmem(text.p, text.n, begin, sizeof(begin) - 1) : NULL;

	if (from) {
		from += sizeof(begin) - 1;
		text = (struct pal_str){from, text.n - (size_t)(from - text.p)};
		const char *to = memmem(text.p, text.n, end, sizeof(end) - 1);
		if (!to)
			return false;
		text.n = (size_t)(to - text.p);
	}
	for (size_t i = 0; i < text.n; i++)
		if (!is_blank(text.p[i]))
			pal_buf_add_char(out, text.p[i]);
	return out->len > 0 && out->len % 4 == 0 && !out->failed;
}

static EVP_PKEY *read_spki(struct pal_str text)
{
	struct pal_buf digits = pal_buf_of(2 * PAL_JWT_SET_BYTES_MAX);
	EVP_PKEY *found = NULL;

	if (strip(text, &digits)) {
		uint8_t *der = malloc(digits.len);
		int n = der ? EVP_DecodeBlock(der, (const uint8_t *)digits.data, (int)digits.len)
			    : -1;
		const uint8_t *at = der;
		/* the padding counts as bytes, which the structure's own length leaves over */
		if (n > 0)
			found = d2i_PUBKEY(NULL, &at, n);
		free(der);
	}
	pal_buf_deinit(&digits);
	return found;
}

static bool number_of(const EVP_PKEY *pkey, const char *name, uint8_t *out, size_t size,
		      size_t *ret_n)
{
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, name, &number);
	int n = good ? BN_num_bytes(number) : 0;

	/* a coordinate has its full width, whatever its value */
	good = good && n > 0 && (size_t)n <= PAL_JWT_NUMBER_BYTES_MAX;
	if (good && size)
		good = BN_bn2binpad(number, out, (int)size) == (int)size;
	else if (good)
		good = BN_bn2bin(number, out) == n;
	*ret_n = size ? size : (size_t)n;
	BN_free(number);
	return good;
}

static bool is_p256(const EVP_PKEY *pkey)
{
	char group[32];
	size_t n = 0;

	return EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group,
					      sizeof(group), &n) &&
	       strcmp(group, "prime256v1") == 0;
}

/* False when `pkey` is not of the kind that `algorithm` is. */
static bool numbers_of(const EVP_PKEY *pkey, enum pal_jwt_algorithm algorithm,
		       struct pal_jwt_numbers *ret)
{
	switch (algorithm) {
	case PAL_JWT_RS256:
		return EVP_PKEY_is_a(pkey, "RSA") &&
		       number_of(pkey, OSSL_PKEY_PARAM_RSA_N, ret->first, 0, &ret->first_n) &&
		       number_of(pkey, OSSL_PKEY_PARAM_RSA_E, ret->second, 0, &ret->second_n);
	case PAL_JWT_ES256:
		return EVP_PKEY_is_a(pkey, "EC") && is_p256(pkey) &&
		       number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, ret->first, PAL_JWT_P256_BYTES,
				 &ret->first_n) &&
		       number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, ret->second, PAL_JWT_P256_BYTES,
				 &ret->second_n);
	case PAL_JWT_EDDSA:
		ret->first_n = sizeof(ret->first);
		return EVP_PKEY_is_a(pkey, "ED25519") &&
		       EVP_PKEY_get_raw_public_key(pkey, ret->first, &ret->first_n);
	default:
		return false;
	}
}

const char *pal_jwt_pem_read(struct pal_str text, enum pal_jwt_algorithm algorithm,
			     struct pal_jwt_numbers *ret)
{
	EVP_PKEY *pkey = read_spki(text);

	if (!pkey)
		return "no public key in PEM (BEGIN PUBLIC KEY)";
	bool fits = numbers_of(pkey, algorithm, ret);
	EVP_PKEY_free(pkey);
	return fits ? NULL : "the public key is of another kind than its algorithm";
}
