/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that tokens are verified with, read from the files the configuration names. */
#include <string.h>

#include "conf/check.h"
#include "conf/input.h"
#include "conf/secret_file.h"
#include "conf/token_key.h"
#include "server/parts.h"

#define KEYS_MAX 17u	/* as many as auth.jwt.keys takes, and the one without a kid */

struct keys {
	struct pal_jwt_key_options key[KEYS_MAX];
	size_t count;
	struct pal_arena arena;		/* what was read from files */
};

static enum pal_code read_public(const char *path, struct pal_arena *arena, struct pal_str *ret,
				 struct pal_error *err)
{
	struct pal_conf_input *input = NULL;
	enum pal_code code = pal_conf_input_read(path, "/", arena, &input, err);

	if (code == PAL_OK)
		*ret = input->text;
	return code;
}

static enum pal_code read_secret(const char *path, struct pal_arena *arena, struct pal_str *ret,
				 struct pal_error *err)
{
	const struct pal_secret_places places = {.folder = "/"};
	const char *found;

	return pal_secret_file_read(path, &places, arena, ret, &found, err);
}

/* The material in the one file that `given` names, if it names one. */
static enum pal_code read_files(const struct pal_token_key *given, struct pal_jwt_key_options *key,
				struct pal_arena *arena, struct pal_error *err)
{
	bool is_shared = key->algorithm == PAL_JWT_HS256;
	struct pal_str name = given->secret_file.p	 ? given->secret_file
			      : given->public_key_file.p ? given->public_key_file
							 : given->jwks_file;
	struct pal_str *to = given->secret_file.p	? &key->secret
			     : given->public_key_file.p ? &key->public_key
							: &key->key_set;

	key->public_key = given->public_key;
	if (!name.p)
		return PAL_OK;
	const char *path = pal_arena_copy(arena, name).p;
	if (!path)
		return pal_fail_memory(err, "configuration");
	enum pal_code code = is_shared ? read_secret(path, arena, to, err)
				       : read_public(path, arena, to, err);
	if (code == PAL_E_CONFIG && err)
		memcpy(err->subject, "auth.jwt.keys", sizeof("auth.jwt.keys"));
	return code;
}

static enum pal_code add_listed(const struct pal_conf *conf, size_t i, struct keys *keys,
				struct pal_error *err)
{
	struct pal_jwt_key_options *key = &keys->key[keys->count];
	struct pal_token_key given;
	enum pal_code code = pal_token_key_read(
		pal_str(pal_conf_list_item(conf, PAL_OPT_AUTH_JWT_KEYS, i)), &given, err);

	if (code != PAL_OK)
		return code;
	*key = (struct pal_jwt_key_options){.kid = given.kid};
	/* the configuration has checked the name */
	if (!pal_jwt_algorithm_parse(given.algorithm, &key->algorithm))
		return pal_fail(err, PAL_E_CONFIG, "auth.jwt.keys", "no such algorithm");
	code = read_files(&given, key, &keys->arena, err);
	/* what was read ends with a NUL that is not counted */
	if (code == PAL_OK && key->secret.p && pal_conf_is_serious(conf) &&
	    pal_secret_is_weak(key->secret.p))
		code = pal_fail(err, PAL_E_CONFIG, "auth.jwt.keys",
				"the secret of key %.*s can be guessed; make one with "
				"`openssl rand -hex 32`", (int)given.kid.n,
				given.kid.n ? given.kid.p : "");
	keys->count += code == PAL_OK;
	return code;
}

/* The key without a kid, by auth.jwt.algorithm. */
static enum pal_code add_single(const struct pal_conf *conf, struct keys *keys,
				struct pal_error *err)
{
	struct pal_jwt_key_options *key = &keys->key[keys->count];
	int64_t which = pal_conf_int(conf, PAL_OPT_AUTH_JWT_ALGORITHM);
	enum pal_code code = PAL_OK;

	/* both enumerations are HS256, RS256, ES256, EdDSA; the options' has "none" before them */
	if (which <= PAL_CONF_JWT_HS256)
		return PAL_OK;
	*key = (struct pal_jwt_key_options){.algorithm = (enum pal_jwt_algorithm)(which - 1)};
	code = read_public(pal_conf_str(conf, PAL_OPT_AUTH_JWT_PUBLIC_KEY_FILE), &keys->arena,
			   &key->public_key, err);
	if (code == PAL_E_CONFIG && err)
		memcpy(err->subject, "auth.jwt.public_key_file",
		       sizeof("auth.jwt.public_key_file"));
	keys->count += code == PAL_OK;
	return code;
}

static enum pal_code create(const struct pal_conf *conf, const struct keys *keys,
			    struct pal_jwt **ret, struct pal_error *err)
{
	struct pal_jwt_options options = {
		.keys = keys->key,
		.keys_count = keys->count,
		.issuer = pal_str(pal_conf_str(conf, PAL_OPT_AUTH_JWT_ISSUER)),
		.audience = pal_str(pal_conf_str(conf, PAL_OPT_AUTH_JWT_AUDIENCE)),
		.leeway_s = pal_conf_int(conf, PAL_OPT_AUTH_JWT_LEEWAY) / 1000,
	};

	if (pal_conf_int(conf, PAL_OPT_AUTH_JWT_ALGORITHM) == PAL_CONF_JWT_HS256)
		options.secret = pal_str(pal_conf_str(conf, PAL_OPT_AUTH_JWT_SECRET));
	if (!options.secret.p && options.keys_count == 0)
		return PAL_OK;
	return pal_jwt_create(&options, ret, err);
}

enum pal_code pal_settings_jwt(const struct pal_conf *conf, struct pal_jwt **ret,
			       struct pal_error *err)
{
	struct keys keys = {.arena = pal_arena_of(0)};
	enum pal_code code = add_single(conf, &keys, err);

	*ret = NULL;
	for (size_t i = 0; code == PAL_OK && i < pal_conf_list_count(conf, PAL_OPT_AUTH_JWT_KEYS);
	     i++)
		code = add_listed(conf, i, &keys, err);
	if (code == PAL_OK)
		code = create(conf, &keys, ret, err);
	for (size_t i = 0; i < keys.count; i++)
		if (keys.key[i].secret.n)
			explicit_bzero((char *)keys.key[i].secret.p, keys.key[i].secret.n);
	pal_arena_release(&keys.arena);
	return code;
}
