/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a JSON Web Key Set (RFC 7517). */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "service/access/jwt_key_parts.h"

static const struct pal_str none = {NULL, 0};

static struct pal_str text_at(const struct pal_json *json, uint32_t object, const char *name)
{
	uint32_t at = pal_json_member(json, object, pal_str(name));

	/* nothing that belongs here needs an escape */
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING ||
	    json->node[at].escaped)
		return none;
	return (struct pal_str){json->text + json->node[at].at, json->node[at].len};
}

static bool bytes_at(const struct pal_json *json, uint32_t object, const char *name, uint8_t *out,
		     size_t *ret_n)
{
	struct pal_str text = text_at(json, object, name);
	struct pal_buf bytes = pal_buf_of(0);
	bool good = text.n && pal_base64url_decode(text, &bytes) && bytes.len <= PAL_JWT_NUMBER_BYTES_MAX;

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
	       is_or_absent(text_at(json, object, "alg"), pal_jwt_algorithm_name(algorithm)) &&
	       is_or_absent(text_at(json, object, "use"), "sig");
}

/* Give `key` what stands in the set; false when that is weak or malformed. */
static bool take_jwk(const struct pal_json *json, uint32_t object, enum pal_jwt_algorithm algorithm,
		     struct pal_jwt_key *key)
{
	const struct kind *kind = &kinds[algorithm];
	struct pal_jwt_numbers numbers = {.first_n = 0};
	bool good = bytes_at(json, object, kind->first, numbers.first, &numbers.first_n) &&
		    (!kind->second ||
		     bytes_at(json, object, kind->second, numbers.second, &numbers.second_n));

	if (good && algorithm == PAL_JWT_HS256)
		good = numbers.first_n >= PAL_JWT_SECRET_BYTES_MIN &&
		       pal_jwt_key_take_secret(key, (struct pal_str){(char *)numbers.first,
								     numbers.first_n});
	else if (good)
		good = pal_jwt_key_take(key, &numbers);
	explicit_bzero(&numbers, sizeof(numbers));
	return good;
}

static enum pal_code add_jwk(const struct pal_json *json, uint32_t object,
			     enum pal_jwt_algorithm algorithm, struct pal_jwt_key **list,
			     struct pal_error *err)
{
	struct pal_str kid = text_at(json, object, "kid");

	if (!is_of_kind(json, object, algorithm))
		return PAL_OK;
	if (kid.n == 0 || kid.n > PAL_JWT_KID_BYTES_MAX)
		return pal_jwt_refuse(err, none, "each key of a set needs a kid of 1 to 128 bytes");
	struct pal_jwt_key *key = pal_jwt_key_make(algorithm, kid);
	if (!key)
		return pal_fail_memory(err, "jwt");
	if (!take_jwk(json, object, algorithm, key)) {
		pal_jwt_key_destroy(key);
		return pal_jwt_refuse(err, kid, "the key in the set is weak or malformed");
	}
	pal_jwt_key_append(list, key);
	return PAL_OK;
}

static enum pal_code read_set(const struct pal_json *json, enum pal_jwt_algorithm algorithm,
			      struct pal_jwt_key **list, struct pal_error *err)
{
	uint32_t keys = pal_json_member(json, 0, PAL_STR("keys"));
	enum pal_code code = PAL_OK;

	if (keys == PAL_JSON_NONE || pal_json_type(json, keys) != PAL_JSON_ARRAY)
		return pal_jwt_refuse(err, none, "the key set has no array `keys`");
	uint32_t at = pal_json_first(json, keys);
	for (unsigned i = 0; code == PAL_OK && i < json->node[keys].count; i++) {
		if (pal_json_type(json, at) == PAL_JSON_OBJECT)
			code = add_jwk(json, at, algorithm, list, err);
		at = json->node[at].next;
	}
	if (code == PAL_OK && !*list)
		code = pal_jwt_refuse(err, none, "the key set has no key of the algorithm");
	return code;
}

enum pal_code pal_jwt_key_from_set(const struct pal_jwt_key_options *options,
				   struct pal_jwt_key **ret, struct pal_error *err)
{
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_jwt_key *list = NULL;
	struct pal_json_fault fault;

	if (!json)
		return pal_fail_memory(err, "jwt");
	enum pal_code code = PAL_OK;
	if (options->key_set.n > PAL_JWT_SET_BYTES_MAX ||
	    !pal_json_scan(json, options->key_set, &fault))
		code = pal_jwt_refuse(err, none, "the key set is no JSON");
	else
		code = read_set(json, options->algorithm, &list, err);
	free(json);
	if (code == PAL_OK)
		*ret = list;
	else
		pal_jwt_key_destroy(list);
	return code;
}
