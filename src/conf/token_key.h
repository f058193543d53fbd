/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_key.h - an item of auth.jwt.keys: the fields of one key, as a text. A file may write it as a
 * mapping; the text is "kid=a; algorithm=RS256; public_key_file=/etc/palaver/a.pem".
 */
#ifndef PALAVER_CONF_TOKEN_KEY_H
#define PALAVER_CONF_TOKEN_KEY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* Views of the text; absent when not given. Exactly one of the last four is present. */
struct pal_token_key {
	struct pal_str kid;		/* absent only beside jwks_file */
	struct pal_str algorithm;	/* HS256, RS256, ES256 or EdDSA */
	struct pal_str secret_file;	/* goes with HS256 */
	struct pal_str public_key;	/* goes with the others, as public_key_file */
	struct pal_str public_key_file;
	struct pal_str jwks_file;
};

/*
 * Read the fields of `text`. PAL_E_CONFIG when one is unknown, given twice or empty, or they do not
 * go together. Runs on: any.
 */
enum pal_code pal_token_key_read(struct pal_str text, struct pal_token_key *ret,
				 struct pal_error *err) PAL_MUST_CHECK;

/*
 * The good `text` anew, in `arena`, its file names absolute as seen from `folder`. NULL: no memory.
 * Runs on: any.
 */
const char *pal_token_key_resolve(struct pal_str text, const char *folder, struct pal_arena *arena);

#endif
