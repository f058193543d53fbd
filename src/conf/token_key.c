/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/token_key.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "conf/input.h"

#define KEY "auth.jwt.keys"
#define KID_BYTES_MAX 128u

static const struct field {
	const char *name;
	size_t at;		/* in struct pal_token_key */
	bool is_file;
} fields[] = {
	{"kid", offsetof(struct pal_token_key, kid), false},
	{"algorithm", offsetof(struct pal_token_key, algorithm), false},
	{"secret_file", offsetof(struct pal_token_key, secret_file), true},
	{"public_key", offsetof(struct pal_token_key, public_key), false},
	{"public_key_file", offsetof(struct pal_token_key, public_key_file), true},
	{"jwks_file", offsetof(struct pal_token_key, jwks_file), true},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static struct pal_str *field_of(struct pal_token_key *key, const struct field *field)
{
	return (struct pal_str *)((char *)key + field->at);
}

static struct pal_str trim(struct pal_str s)
{
	while (s.n && s.p[0] == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

static const struct field *find(struct pal_str name)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (pal_str_equal(name, pal_str(fields[i].name)))
			return &fields[i];
	return NULL;
}

/* What stands before the next `;`; `rest` loses it. */
static struct pal_str take(struct pal_str *rest)
{
	const char *end = memchr(rest->p, ';', rest->n);
	struct pal_str one = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
	size_t gone = one.n + (end ? 1 : 0);

	rest->p += gone;
	rest->n -= gone;
	return trim(one);
}

static enum pal_code read_field(struct pal_str text, struct pal_token_key *key,
				struct pal_error *err)
{
	const char *sign = text.n ? memchr(text.p, '=', text.n) : NULL;
	struct pal_str name = trim((struct pal_str){text.p, sign ? (size_t)(sign - text.p) : text.n});
	const struct field *field = find(name);

	if (pal_str_equal(name, PAL_STR("secret")))
		return pal_fail(err, PAL_E_CONFIG, KEY,
				"`" KEY "`: a secret in this list stands in a file of its own; "
				"use secret_file");
	if (!sign || !field)
		return pal_fail(err, PAL_E_CONFIG, KEY,
				"`" KEY "` has no field `%.*s`; there are kid, algorithm, "
				"secret_file, public_key, public_key_file and jwks_file",
				name.n > 40 ? 40 : (int)name.n, name.n ? name.p : "");
	if (field_of(key, field)->p)
		return pal_fail(err, PAL_E_CONFIG, KEY, "`" KEY "`: %s is given twice", field->name);
	*field_of(key, field) = trim((struct pal_str){sign + 1,
						      (size_t)(text.p + text.n - (sign + 1))});
	if (field_of(key, field)->n == 0)
		return pal_fail(err, PAL_E_CONFIG, KEY, "`" KEY "`: %s is empty", field->name);
	return PAL_OK;
}

static const char *what_is_wrong(const struct pal_token_key *key)
{
	static const char *const names[] = {"HS256", "RS256", "ES256", "EdDSA"};
	int sources = !!key->secret_file.p + !!key->public_key.p + !!key->public_key_file.p +
		      !!key->jwks_file.p;
	bool is_shared = pal_str_equal(key->algorithm, PAL_STR("HS256"));
	size_t i = 0;

	while (i < 4 && !pal_str_equal(key->algorithm, pal_str(names[i])))
		i++;
	if (i == 4)
		return "algorithm must be HS256, RS256, ES256 or EdDSA";
	if (sources != 1)
		return "one of secret_file, public_key, public_key_file and jwks_file is needed, "
		       "and no second one";
	if (!key->jwks_file.p && is_shared != (key->secret_file.p != NULL))
		return is_shared ? "HS256 needs a secret_file"
				 : "the algorithm needs a public key, no secret_file";
	if (key->jwks_file.p && key->kid.p)
		return "the keys of a jwks_file bring their own kid";
	if (!key->jwks_file.p && !key->kid.p)
		return "kid is needed: it is how a token names its key";
	return key->kid.n > KID_BYTES_MAX ? "kid has more than 128 bytes" : NULL;
}

enum pal_code pal_token_key_read(struct pal_str text, struct pal_token_key *ret,
				 struct pal_error *err)
{
	struct pal_token_key key = {.kid = {NULL, 0}};
	enum pal_code code = PAL_OK;

	for (struct pal_str rest = text; code == PAL_OK && rest.n; ) {
		struct pal_str one = take(&rest);
		if (one.n)
			code = read_field(one, &key, err);
	}
	if (code != PAL_OK)
		return code;
	const char *wrong = what_is_wrong(&key);
	if (wrong)
		return pal_fail(err, PAL_E_CONFIG, KEY, "`" KEY "`: %s", wrong);
	*ret = key;
	return PAL_OK;
}

static bool put_field(struct pal_buf *out, const struct field *field, struct pal_str value,
		      const char *folder, struct pal_arena *arena)
{
	const char *path = NULL;

	if (field->is_file) {
		const char *name = pal_arena_copy(arena, value).p;
		path = name ? pal_conf_path_join(folder, name, arena) : NULL;
		if (!path)
			return false;
	}
	pal_buf_addf(out, "%s%s=", out->len ? "; " : "", field->name);
	pal_buf_add_str(out, path ? pal_str(path) : value);
	return !out->failed;
}

const char *pal_token_key_resolve(struct pal_str text, const char *folder, struct pal_arena *arena)
{
	struct pal_token_key key;
	struct pal_buf out = pal_buf_of(0);
	bool good = pal_token_key_read(text, &key, NULL) == PAL_OK;

	for (size_t i = 0; good && i < FIELDS; i++) {
		struct pal_str value = *field_of(&key, &fields[i]);
		good = !value.p || put_field(&out, &fields[i], value, folder, arena);
	}
	const char *copy = good ? pal_arena_copy(arena, pal_buf_str(&out)).p : NULL;
	pal_buf_deinit(&out);
	return copy;
}
