/* SPDX-License-Identifier: Apache-2.0 */
/* jwt_key_parts.h - what making a key shares with those who read its material: jwt_key*.c alone. */
#ifndef PALAVER_SERVICE_ACCESS_JWT_KEY_PARTS_H
#define PALAVER_SERVICE_ACCESS_JWT_KEY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/access/jwt_key.h"

#define PAL_JWT_NUMBER_BYTES_MAX 1024u	/* 8192 bits: a check of more takes long */
#define PAL_JWT_P256_BYTES 32u

/* The numbers of a public key, highest byte first; which are present depends on its kind. */
struct pal_jwt_numbers {	/* n and e, or x and y, or x */
	uint8_t first[PAL_JWT_NUMBER_BYTES_MAX], second[PAL_JWT_NUMBER_BYTES_MAX];
	size_t first_n, second_n;
};

/* Tell that the key called `kid`, if it has one, is refused: PAL_E_CONFIG. Runs on: any. */
enum pal_code pal_jwt_refuse(struct pal_error *err, struct pal_str kid, const char *why);

/* As a token's header spells it. Runs on: any. */
const char *pal_jwt_algorithm_name(enum pal_jwt_algorithm algorithm);

/* --- Making: on main -------------------------------------------------------------------------- */

/* A key without material, which the caller owns; NULL when out of memory. */
struct pal_jwt_key *pal_jwt_key_make(enum pal_jwt_algorithm algorithm, struct pal_str kid);

/* Give `key` its material, which is copied; false when it is weak or malformed. */
bool pal_jwt_key_take_secret(struct pal_jwt_key *key, struct pal_str secret);
bool pal_jwt_key_take(struct pal_jwt_key *key, struct pal_jwt_numbers *numbers);

/*
 * Read a public key of `algorithm`: SubjectPublicKeyInfo as PEM or its base64. NULL, or why it is
 * refused: static.
 */
const char *pal_jwt_pem_read(struct pal_str text, enum pal_jwt_algorithm algorithm,
			     struct pal_jwt_numbers *ret) PAL_MUST_CHECK;

/* The keys of options->key_set that are of the algorithm, as pal_jwt_key_create. */
enum pal_code pal_jwt_key_from_set(const struct pal_jwt_key_options *options,
				   struct pal_jwt_key **ret, struct pal_error *err) PAL_MUST_CHECK;

#endif
