/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HS256, RS256 and ES256 are cjose's, whose key types refuse each other's algorithms; Ed25519, which
 * it has not, is OpenSSL's. Public keys in PEM are read by OpenSSL and handed on as numbers.
 */
#include "service/access/jwt_key.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cjose/cjose.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/crypto.h"
#include "base/json.h"

#define SUBJECT "auth.jwt.keys"
#define RSA_BITS_MIN 2048
#define RSA_BYTES_MAX 1024u	/* 8192 bits: a check of more takes long */
#define P256_BYTES 32u
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

static enum pal_code refuse(struct pal_error *err, struct pal_str kid, const char *why)
{
	return pal_fail(err, PAL_E_CONFIG, SUBJECT, "%s%.*s%s%s", kid.n ? "the key " : "",
			(int)kid.n, kid.n ? kid.p : "", kid.n ? ": " : "", why);
}

/* --- Making ----------------------------------------------------------------------------------- */

static struct pal_jwt_key *make(enum pal_jwt_algorithm algorithm, struct pal_str kid)
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

/* The numbers of a public key; which are present depends on its kind. */
struct numbers {
	uint8_t first[RSA_BYTES_MAX], second[RSA_BYTES_MAX];	/* n and e, or x and y, or x */
	size_t first_n, second_n;
};

static bool take_oct(struct pal_jwt_key *key, struct pal_str secret)
{
	cjose_err jose;

	key->jwk = cjose_jwk_create_oct_spec((const uint8_t *)secret.p, secret.n, &jose);
	return key->jwk != NULL;
}

static bool take_rsa(struct pal_jwt_key *key, struct numbers *numbers)
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

static bool take_p256(struct pal_jwt_key *key, struct numbers *numbers)
{
	cjose_err jose;
	cjose_jwk_ec_keyspec spec = {.crv = CJOSE_JWK_EC_P_256,
				     .x = numbers->first, .xlen = numbers->first_n,
				     .y = numbers->second, .ylen = numbers->second_n};

	if (spec.xlen != P256_BYTES || spec.ylen != P256_BYTES)
		return false;
	key->jwk = cjose_jwk_create_EC_spec(&spec, &jose);	/* refuses what is off the curve */
	return key->jwk != NULL;
}

static bool take_ed25519(struct pal_jwt_key *key, struct numbers *numbers)
{
	if (numbers->first_n != ED25519_BYTES)
		return false;
	key->edwards = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, numbers->first,
						   numbers->first_n);
	return key->edwards != NULL;
}

static bool take(struct pal_jwt_key *key, struct numbers *numbers)
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

/* --- From PEM --------------------------------------------------------------------------------- */

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
	good = good && n > 0 && (size_t)n <= RSA_BYTES_MAX;
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
static bool numbers_of(const EVP_PKEY *pkey, enum pal_jwt_algorithm algorithm, struct numbers *ret)
{
	switch (algorithm) {
	case PAL_JWT_RS256:
		return EVP_PKEY_is_a(pkey, "RSA") &&
		       number_of(pkey, OSSL_PKEY_PARAM_RSA_N, ret->first, 0, &ret->first_n) &&
		       number_of(pkey, OSSL_PKEY_PARAM_RSA_E, ret->second, 0, &ret->second_n);
	case PAL_JWT_ES256:
		return EVP_PKEY_is_a(pkey, "EC") && is_p256(pkey) &&
		       number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, ret->first, P256_BYTES,
				 &ret->first_n) &&
		       number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, ret->second, P256_BYTES,
				 &ret->second_n);
	case PAL_JWT_EDDSA:
		ret->first_n = sizeof(ret->first);
		return EVP_PKEY_is_a(pkey, "ED25519") &&
		       EVP_PKEY_get_raw_public_key(pkey, ret->first, &ret->first_n);
	default:
		return false;
	}
}

static enum pal_code from_public_key(struct pal_jwt_key *key, struct pal_str text,
				     struct pal_error *err)
{
	struct numbers numbers;
	EVP_PKEY *pkey = read_spki(text);

	if (!pkey)
		return refuse(err, key->kid, "no public key in PEM (BEGIN PUBLIC KEY)");
	bool fits = numbers_of(pkey, key->algorithm, &numbers);
	EVP_PKEY_free(pkey);
	if (!fits)
		return refuse(err, key->kid, "the public key is of another kind than its algorithm");
	return take(key, &numbers) ? PAL_OK
				   : refuse(err, key->kid,
					    "the public key is weak or malformed (RSA has 2048 "
					    "bits at least)");
}

/* --- From a key set (RFC 7517) ---------------------------------------------------------------- */

static struct pal_str text_at(const struct pal_json *json, uint32_t object, const char *name)
{
	uint32_t at = pal_json_member(json, object, pal_str(name));

	/* nothing that belongs here needs an escape */
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING ||
	    json->node[at].escaped)
		return (struct pal_str){NULL, 0};
	return (struct pal_str){json->text + json->node[at].at, json->node[at].len};
}

static bool bytes_at(const struct pal_json *json, uint32_t object, const char *name, uint8_t *out,
		     size_t *ret_n)
{
	struct pal_str text = text_at(json, object, name);
	struct pal_buf bytes = pal_buf_of(0);
	bool good = text.n && pal_base64url_decode(text, &bytes) && bytes.len <= RSA_BYTES_MAX;

	if (good)
		memcpy(out, bytes.data, bytes.len);
	*ret_n = good ? bytes.len : 0;
	pal_buf_deinit(&bytes);
	return good;
}

/* The members that hold the numbers, and what must stand beside them. */
static const struct kind {
	const char *type, *curve, *first, *second;
} kinds[] = {
	[PAL_JWT_HS256] = {"oct", NULL, "k", NULL},
	[PAL_JWT_RS256] = {"RSA", NULL, "n", "e"},
	[PAL_JWT_ES256] = {"EC", "P-256", "x", "y"},
	[PAL_JWT_EDDSA] = {"OKP", "Ed25519", "x", NULL},
};

static bool is_or_absent(struct pal_str given, const char *wanted)
{
	return !given.p || pal_str_equal(given, pal_str(wanted));
}

/* False: this member of the set is of another kind, or for something else than signatures. */
static bool is_of_kind(const struct pal_json *json, uint32_t object,
		       enum pal_jwt_algorithm algorithm)
{
	const struct kind *kind = &kinds[algorithm];

	return pal_str_equal(text_at(json, object, "kty"), pal_str(kind->type)) &&
	       (!kind->curve ||
		pal_str_equal(text_at(json, object, "crv"), pal_str(kind->curve))) &&
	       is_or_absent(text_at(json, object, "alg"), names[algorithm]) &&
	       is_or_absent(text_at(json, object, "use"), "sig");
}

static enum pal_code from_jwk(const struct pal_json *json, uint32_t object,
			      struct pal_jwt_key *key, struct pal_error *err)
{
	const struct kind *kind = &kinds[key->algorithm];
	struct numbers numbers = {.first_n = 0};
	bool good = bytes_at(json, object, kind->first, numbers.first, &numbers.first_n) &&
		    (!kind->second ||
		     bytes_at(json, object, kind->second, numbers.second, &numbers.second_n));

	if (good && key->algorithm == PAL_JWT_HS256)
		good = numbers.first_n >= PAL_JWT_SECRET_BYTES_MIN &&
		       take_oct(key, (struct pal_str){(char *)numbers.first, numbers.first_n});
	else if (good)
		good = take(key, &numbers);
	explicit_bzero(&numbers, sizeof(numbers));
	return good ? PAL_OK : refuse(err, key->kid, "the key in the set is weak or malformed");
}

static enum pal_code add_jwk(const struct pal_json *json, uint32_t object,
			     enum pal_jwt_algorithm algorithm, struct pal_jwt_key **list,
			     struct pal_error *err)
{
	struct pal_str kid = text_at(json, object, "kid");

	if (!is_of_kind(json, object, algorithm))
		return PAL_OK;
	if (kid.n == 0 || kid.n > PAL_JWT_KID_BYTES_MAX)
		return refuse(err, (struct pal_str){NULL, 0},
			      "each key of a set needs a kid of 1 to 128 bytes");
	struct pal_jwt_key *key = make(algorithm, kid);
	if (!key)
		return pal_fail_memory(err, "jwt");
	enum pal_code code = from_jwk(json, object, key, err);
	if (code == PAL_OK)
		pal_jwt_key_append(list, key);
	else
		pal_jwt_key_destroy(key);
	return code;
}

static enum pal_code read_set(const struct pal_json *json, enum pal_jwt_algorithm algorithm,
			      struct pal_jwt_key **list, struct pal_error *err)
{
	uint32_t keys = pal_json_member(json, 0, PAL_STR("keys"));
	enum pal_code code = PAL_OK;

	if (keys == PAL_JSON_NONE || pal_json_type(json, keys) != PAL_JSON_ARRAY)
		return refuse(err, (struct pal_str){NULL, 0}, "the key set has no array `keys`");
	uint32_t at = pal_json_first(json, keys);
	for (unsigned i = 0; code == PAL_OK && i < json->node[keys].count; i++) {
		if (pal_json_type(json, at) == PAL_JSON_OBJECT)
			code = add_jwk(json, at, algorithm, list, err);
		at = json->node[at].next;
	}
	if (code == PAL_OK && !*list)
		code = refuse(err, (struct pal_str){NULL, 0},
			      "the key set has no key of the algorithm");
	return code;
}

static enum pal_code from_set(const struct pal_jwt_key_options *options, struct pal_jwt_key **ret,
			      struct pal_error *err)
{
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_jwt_key *list = NULL;
	struct pal_json_fault fault;

	if (!json)
		return pal_fail_memory(err, "jwt");
	enum pal_code code = PAL_OK;
	if (options->key_set.n > PAL_JWT_SET_BYTES_MAX ||
	    !pal_json_scan(json, options->key_set, &fault))
		code = refuse(err, (struct pal_str){NULL, 0}, "the key set is no JSON");
	else
		code = read_set(json, options->algorithm, &list, err);
	free(json);
	if (code == PAL_OK)
		*ret = list;
	else
		pal_jwt_key_destroy(list);
	return code;
}

/* --- Life ------------------------------------------------------------------------------------- */

enum pal_code pal_jwt_key_create(const struct pal_jwt_key_options *options,
				 struct pal_jwt_key **ret, struct pal_error *err)
{
	if (options->kid.n > PAL_JWT_KID_BYTES_MAX)
		return refuse(err, (struct pal_str){NULL, 0}, "a kid has at most 128 bytes");
	if (options->key_set.p)
		return from_set(options, ret, err);
	bool is_shared = options->algorithm == PAL_JWT_HS256;
	if (is_shared && options->secret.n < PAL_JWT_SECRET_BYTES_MIN)
		return refuse(err, options->kid, "the secret must have at least 32 bytes");
	struct pal_jwt_key *key = make(options->algorithm, options->kid);
	if (!key)
		return pal_fail_memory(err, "jwt");
	enum pal_code code = PAL_OK;
	if (!is_shared)
		code = from_public_key(key, options->public_key, err);
	else if (!take_oct(key, options->secret))
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
