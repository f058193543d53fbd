/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HS256, RS256 and ES256 are cjose's, whose key types refuse each other's algorithms; Ed25519, which
 * it has not, is OpenSSL's.
 */
#include "service/access/jwt_key.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cjose/cjose.h>
#include <openssl/evp.h>

#include "service/access/jwt_key_parts.h"

#define SUBJECT "auth.jwt.keys"
#define RSA_BITS_MIN 2048
#define ED25519_BYTES 32u
#define ED25519_SIGNATURE_BYTES 64u

struct pal_jwt_key {
	enum pal_jwt_algorithm algorithm;	/* fixed at create, as is the rest but `next` */
	cjose_jwk_t *jwk;			/* all but EdDSA */
	EVP_PKEY *edwards;			/* EdDSA */
	struct pal_jwt_key *next;
	struct pal_str kid;			/* views `text` */
	char text[];
};

static const char *const names[] = {
#define X(id, name) [PAL_JWT_##id] = name,
	PAL_JWT_ALGORITHMS(X)
#undef X
};

const char *pal_jwt_algorithm_name(enum pal_jwt_algorithm algorithm)
{
	return names[algorithm];
}

bool pal_jwt_algorithm_parse(struct pal_str name, enum pal_jwt_algorithm *ret)
{
	for (size_t i = 0; i < PAL_JWT_ALGORITHM_COUNT; i++) {
		if (pal_str_equal(name, pal_str(names[i]))) {
			*ret = (enum pal_jwt_algorithm)i;
			return true;
		}
	}
	return false;
}

enum pal_code pal_jwt_refuse(struct pal_error *err, struct pal_str kid, const char *why)
{
	return pal_fail(err, PAL_E_CONFIG, SUBJECT, "%s%.*s%s%s", kid.n ? "the key " : "",
			(int)kid.n, kid.n ? kid.p : "", kid.n ? ": " : "", why);
}

/* --- Making ----------------------------------------------------------------------------------- */

struct pal_jwt_key *pal_jwt_key_make(enum pal_jwt_algorithm algorithm, struct pal_str kid)
{
	struct pal_jwt_key *key = calloc(1, sizeof(*key) + kid.n);

	if (!key)
		return NULL;
	key->algorithm = algorithm;
	if (kid.n) {
		memcpy(key->text, kid.p, kid.n);
		key->kid = (struct pal_str){key->text, kid.n};
	}
	return key;
}

bool pal_jwt_key_take_secret(struct pal_jwt_key *key, struct pal_str secret)
{
	cjose_err jose;

	key->jwk = cjose_jwk_create_oct_spec((const uint8_t *)secret.p, secret.n, &jose);
	return key->jwk != NULL;
}

static bool take_rsa(struct pal_jwt_key *key, struct pal_jwt_numbers *numbers)
{
	cjose_err jose;
	cjose_jwk_rsa_keyspec spec = {.n = numbers->first, .nlen = numbers->first_n,
				      .e = numbers->second, .elen = numbers->second_n};
	size_t zeros = 0;

	while (zeros < spec.nlen && spec.n[zeros] == 0)
		zeros++;
	/* 2048 bits are 256 bytes, the first of them with its highest bit set */
	size_t bytes = spec.nlen - zeros;
	if (bytes < RSA_BITS_MIN / 8 || (bytes == RSA_BITS_MIN / 8 && spec.n[zeros] < 0x80) ||
	    spec.elen == 0 || !(spec.e[spec.elen - 1] & 1))
		return false;
	key->jwk = cjose_jwk_create_RSA_spec(&spec, &jose);
	return key->jwk != NULL;
}

static bool take_p256(struct pal_jwt_key *key, struct pal_jwt_numbers *numbers)
{
	cjose_err jose;
	cjose_jwk_ec_keyspec spec = {.crv = CJOSE_JWK_EC_P_256,
				     .x = numbers->first, .xlen = numbers->first_n,
				     .y = numbers->second, .ylen = numbers->second_n};

	if (spec.xlen != PAL_JWT_P256_BYTES || spec.ylen != PAL_JWT_P256_BYTES)
		return false;
	key->jwk = cjose_jwk_create_EC_spec(&spec, &jose);	/* refuses what is off the curve */
	return key->jwk != NULL;
}

static bool take_ed25519(struct pal_jwt_key *key, struct pal_jwt_numbers *numbers)
{
	if (numbers->first_n != ED25519_BYTES)
		return false;
	key->edwards = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, numbers->first,
						   numbers->first_n);
	return key->edwards != NULL;
}

bool pal_jwt_key_take(struct pal_jwt_key *key, struct pal_jwt_numbers *numbers)
{
	switch (key->algorithm) {
	case PAL_JWT_RS256:
		return take_rsa(key, numbers);
	case PAL_JWT_ES256:
		return take_p256(key, numbers);
	case PAL_JWT_EDDSA:
		return take_ed25519(key, numbers);
	default:
		return false;
	}
}

/* --- Life ------------------------------------------------------------------------------------- */

static enum pal_code take_public(struct pal_jwt_key *key, struct pal_str text,
				 struct pal_error *err)
{
	struct pal_jwt_numbers numbers;
	const char *why = pal_jwt_pem_read(text, key->algorithm, &numbers);

	if (!why && !pal_jwt_key_take(key, &numbers))
		why = "the public key is weak or malformed (RSA has 2048 bits at least)";
	return why ? pal_jwt_refuse(err, key->kid, why) : PAL_OK;
}

enum pal_code pal_jwt_key_create(const struct pal_jwt_key_options *options,
				 struct pal_jwt_key **ret, struct pal_error *err)
{
	if (options->kid.n > PAL_JWT_KID_BYTES_MAX)
		return pal_jwt_refuse(err, (struct pal_str){NULL, 0}, "a kid has at most 128 bytes");
	if (options->key_set.p)
		return pal_jwt_key_from_set(options, ret, err);
	bool is_shared = options->algorithm == PAL_JWT_HS256;
	if (is_shared && options->secret.n < PAL_JWT_SECRET_BYTES_MIN)
		return pal_jwt_refuse(err, options->kid, "the secret must have at least 32 bytes");
	struct pal_jwt_key *key = pal_jwt_key_make(options->algorithm, options->kid);
	if (!key)
		return pal_fail_memory(err, "jwt");
	enum pal_code code = PAL_OK;
	if (!is_shared)
		code = take_public(key, options->public_key, err);
	else if (!pal_jwt_key_take_secret(key, options->secret))
		code = pal_fail_memory(err, "jwt");
	if (code == PAL_OK)
		*ret = key;
	else
		pal_jwt_key_destroy(key);
	return code;
}

void pal_jwt_key_destroy(struct pal_jwt_key *key)
{
	while (key) {
		struct pal_jwt_key *next = key->next;
		cjose_jwk_release(key->jwk);
		EVP_PKEY_free(key->edwards);
		free(key);
		key = next;
	}
}

void pal_jwt_key_append(struct pal_jwt_key **list, struct pal_jwt_key *more)
{
	while (*list)
		list = &(*list)->next;
	*list = more;
}

const struct pal_jwt_key *pal_jwt_key_next(const struct pal_jwt_key *key)
{
	return key->next;
}

struct pal_str pal_jwt_key_kid(const struct pal_jwt_key *key)
{
	return key->kid;
}

const char *pal_jwt_key_algorithm(const struct pal_jwt_key *key)
{
	return names[key->algorithm];
}

/* --- Checking --------------------------------------------------------------------------------- */

static enum pal_jwt_check check_jose(const struct pal_jwt_key *key, struct pal_str token)
{
	cjose_err jose = {.code = CJOSE_ERR_NONE};
	cjose_jws_t *jws = cjose_jws_import(token.p, token.n, &jose);
	bool good = jws && cjose_jws_verify(jws, key->jwk, &jose);

	cjose_jws_release(jws);
	return good ? PAL_JWT_CHECK_GOOD
	       : jose.code == CJOSE_ERR_NO_MEMORY ? PAL_JWT_CHECK_NO_MEMORY
						  : PAL_JWT_CHECK_BAD;
}

static enum pal_jwt_check check_edwards(const struct pal_jwt_key *key, struct pal_str token,
					struct pal_str signature)
{
	const char *dot = memrchr(token.p, '.', token.n);
	EVP_MD_CTX *ctx = NULL;

	assert(dot);
	if (signature.n != ED25519_SIGNATURE_BYTES)
		return PAL_JWT_CHECK_BAD;
	ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->edwards)) {
		EVP_MD_CTX_free(ctx);
		return PAL_JWT_CHECK_NO_MEMORY;
	}
	bool good = EVP_DigestVerify(ctx, (const uint8_t *)signature.p, signature.n,
				     (const uint8_t *)token.p, (size_t)(dot - token.p)) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? PAL_JWT_CHECK_GOOD : PAL_JWT_CHECK_BAD;
}

enum pal_jwt_check pal_jwt_key_verify(const struct pal_jwt_key *key, struct pal_str token,
				      struct pal_str signature)
{
	return key->edwards ? check_edwards(key, token, signature) : check_jose(key, token);
}
