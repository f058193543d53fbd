/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_key.h - one key that signs tokens, bound to the one algorithm the configuration names for it.
 * A key of one kind can check no signature of another: that is decided when it is made.
 */
#ifndef PALAVER_SERVICE_ACCESS_JWT_KEY_H
#define PALAVER_SERVICE_ACCESS_JWT_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

#define PAL_JWT_SECRET_BYTES_MIN 32u
#define PAL_JWT_KID_BYTES_MAX 128u
#define PAL_JWT_KEYS_MAX 32u		/* keys of one verifier, those of sets counted each */
#define PAL_JWT_SET_BYTES_MAX 65536u	/* a JSON Web Key Set */

/* Identifier and the name in a token's header (RFC 7518 section 3.1, RFC 8037 section 3.1). */
#define PAL_JWT_ALGORITHMS(X)                                                                      \
	X(HS256, "HS256")                                                                          \
	X(RS256, "RS256")                                                                          \
	X(ES256, "ES256")                                                                          \
	X(EDDSA, "EdDSA")

enum pal_jwt_algorithm {
#define X(id, name) PAL_JWT_##id,
	PAL_JWT_ALGORITHMS(X)
#undef X
	PAL_JWT_ALGORITHM_COUNT
};

/* Where a key comes from: exactly one of the three texts is present. */
struct pal_jwt_key_options {
	struct pal_str kid;		/* absent: of tokens whose kid names no other key */
	enum pal_jwt_algorithm algorithm;
	struct pal_str secret;		/* HS256: the bytes, PAL_JWT_SECRET_BYTES_MIN at least */
	struct pal_str public_key;	/* the others: SubjectPublicKeyInfo as PEM or its base64 */
	struct pal_str key_set;		/* a JSON Web Key Set; each key brings its own kid */
};

struct pal_jwt_key;

enum pal_jwt_check {
	PAL_JWT_CHECK_GOOD,
	PAL_JWT_CHECK_BAD,
	PAL_JWT_CHECK_NO_MEMORY,
};

/*
 * Make the keys that `options` describe: one, or those of the set. On PAL_OK the caller owns *ret,
 * a list by pal_jwt_key_next. PAL_E_CONFIG, subject "auth.jwt.keys", when the material is malformed,
 * of another kind than the algorithm's, or weak (secret too short, RSA below 2048 bits);
 * PAL_E_SERVICE. Runs on: main.
 */
enum pal_code pal_jwt_key_create(const struct pal_jwt_key_options *options,
				 struct pal_jwt_key **ret, struct pal_error *err) PAL_MUST_CHECK;

/* Free the list that begins with `key`; NULL is fine. Runs on: main. */
void pal_jwt_key_destroy(struct pal_jwt_key *key);

/* Put the list `more` behind the list `*list`, which takes it over. Runs on: main. */
void pal_jwt_key_append(struct pal_jwt_key **list, struct pal_jwt_key *more);

/* The one behind `key`, its kid (absent when it has none), its algorithm's name. Runs on: any. */
const struct pal_jwt_key *pal_jwt_key_next(const struct pal_jwt_key *key);
struct pal_str pal_jwt_key_kid(const struct pal_jwt_key *key);
const char *pal_jwt_key_algorithm(const struct pal_jwt_key *key);

/* The algorithm called `name`, exactly so spelt; false when there is none. Runs on: any. */
bool pal_jwt_algorithm_parse(struct pal_str name, enum pal_jwt_algorithm *ret);

/*
 * Check the compact JWS `token`, whose three parts are strict base64url and whose header names the
 * key's algorithm; `signature` is its last part decoded. Runs on: any.
 */
enum pal_jwt_check pal_jwt_key_verify(const struct pal_jwt_key *key, struct pal_str token,
				      struct pal_str signature);

#endif
