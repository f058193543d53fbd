/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/value.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/address.h"
#include "conf/token_key.h"
#include "conf/utf8.h"

#define SHOWN_MAX 60	/* bytes of a wrong text that a sentence repeats */

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first; the first that divides a number evenly is the one it is written in. */
static const struct unit size_units[] = {
	{"GiB", PAL_GIB(1)}, {"MiB", PAL_MIB(1)}, {"KiB", PAL_KIB(1)},
	{"GB", 1000000000},  {"MB", 1000000},	  {"KB", 1000},
	{"B", 1},	     {NULL, 0},
};
static const struct unit duration_units[] = {
	{"d", PAL_HOUR(24)}, {"h", PAL_HOUR(1)}, {"m", PAL_MIN(1)},
	{"s", PAL_SEC(1)},   {"ms", 1},		 {NULL, 0},
};

static const struct unit *units_of(enum pal_option_type type)
{
	return type == PAL_OPTION_SIZE	     ? size_units
	       : type == PAL_OPTION_DURATION ? duration_units
					     : NULL;
}

static int shown(struct pal_str text)
{
	return text.n > SHOWN_MAX ? SHOWN_MAX : (int)text.n;
}

static bool is_word(struct pal_str text, const char *word)
{
	return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

static enum pal_code out_of_range(enum pal_option option, struct pal_str text,
				  struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	char room[128];
	struct pal_buf range = {.data = room, .cap = sizeof(room), .max = sizeof(room)};

	pal_value_write_range(option, &range);
	return pal_fail(err, PAL_E_CONFIG, desc->key, "`%s` must be %.*s, not %.*s", desc->key,
			(int)range.len, range.data, shown(text), text.p);
}

static enum pal_code wrong_form(enum pal_option option, struct pal_str text, const char *form,
				struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);

	return pal_fail(err, PAL_E_CONFIG, desc->key, "`%s` must be %s, not `%.*s`", desc->key,
			form, shown(text), text.p);
}

static enum pal_code read_bool(enum pal_option option, struct pal_str text, int64_t *ret,
			       struct pal_error *err)
{
	static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int truth = 0; truth < 2; truth++) {
			if (is_word(text, words[i][truth])) {
				*ret = truth;
				return PAL_OK;
			}
		}
	}
	return wrong_form(option, text, "true or false", err);
}

static enum pal_code read_enum(enum pal_option option, struct pal_str text, int64_t *ret,
			       struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	char room[160];
	struct pal_buf range = {.data = room, .cap = sizeof(room), .max = sizeof(room)};

	for (int64_t i = 0; i <= desc->max; i++) {
		if (pal_str_equal(text, pal_option_choice(desc, i))) {
			*ret = i;
			return PAL_OK;
		}
	}
	pal_value_write_range(option, &range);
	struct pal_str near = pal_option_suggest_choice(desc, text);
	return pal_fail(err, PAL_E_CONFIG, desc->key, "`%s` must be %.*s, not `%.*s`%s%.*s%s",
			desc->key, (int)range.len, range.data, shown(text), text.p,
			near.p ? "; did you mean `" : "", (int)near.n, near.p ? near.p : "",
			near.p ? "`?" : "");
}

/* Digits without sign and leading zeros; *ret_digits is their number, 0 when there are none. */
static int64_t read_digits(struct pal_str text, size_t *ret_digits)
{
	int64_t v = 0;
	size_t i = 0;

	for (; i < text.n && i < 18 && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		v = v * 10 + (text.p[i] - '0');
	*ret_digits = i > 1 && text.p[0] == '0' ? 0 : i;
	return v;
}

static const char *number_form(enum pal_option_type type)
{
	return type == PAL_OPTION_SIZE ? "a size such as 64KiB or 1MB"
	       : type == PAL_OPTION_DURATION
		       ? "a duration with its unit, such as 500ms, 10s, 5m or 1h"
		       : "a whole number";
}

static enum pal_code read_number(enum pal_option option, struct pal_str text, int64_t *ret,
				 struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	size_t digits;
	int64_t v = read_digits(text, &digits), factor = 0;
	struct pal_str rest = {text.p + digits, text.n - digits};

	if (digits == 0)
		return wrong_form(option, text, number_form(desc->type), err);
	/* A bare number is a number of bytes, but of what time? Only nothing needs no unit. */
	if (rest.n == 0 && (desc->type != PAL_OPTION_DURATION || v == 0))
		factor = 1;
	for (const struct unit *u = units_of(desc->type); factor == 0 && u && u->name; u++)
		factor = is_word(rest, u->name) ? u->factor : 0;
	if (factor == 0)
		return wrong_form(option, text, number_form(desc->type), err);
	if (v > INT64_MAX / factor || v * factor < desc->min || v * factor > desc->max)
		return out_of_range(option, text, err);
	*ret = v * factor;
	return PAL_OK;
}

static enum pal_code read_text(enum pal_option option, struct pal_str text, struct pal_arena *arena,
			       const char **ret, struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);

	for (struct pal_str rest = text; rest.n; ) {
		size_t n = pal_utf8_step(rest);
		if (n == 0 || pal_utf8_is_control(rest.p, n))
			return pal_fail(err, PAL_E_CONFIG, desc->key,
					"`%s` must be UTF-8 text without control characters",
					desc->key);
		rest.p += n;
		rest.n -= n;
	}
	*ret = pal_arena_copy(arena, text).p;
	return *ret ? PAL_OK : pal_fail_memory(err, "configuration");
}

static enum pal_code check_length(enum pal_option option, struct pal_str text,
				  struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	int64_t n = (int64_t)text.n;

	if (n == 0 && desc->default_text[0] == '\0')
		return PAL_OK;	/* empty is how such an option is left unset */
	if (n >= desc->min && n <= desc->max)
		return PAL_OK;
	if (n == 0)
		return pal_fail(err, PAL_E_CONFIG, desc->key, "`%s` must not be empty", desc->key);
	return pal_fail(err, PAL_E_CONFIG, desc->key,
			"`%s` must have %" PRId64 " to %" PRId64 " bytes, not %zu", desc->key,
			desc->min, desc->max, text.n);
}

enum pal_code pal_value_read(enum pal_option option, struct pal_str text, struct pal_arena *arena,
			     struct pal_value *ret, struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	*ret = (struct pal_value){.text = ""};
	switch (pal_option_get(option)->type) {
	case PAL_OPTION_BOOL:
		return read_bool(option, text, &ret->number, err);
	case PAL_OPTION_ENUM:
		return read_enum(option, text, &ret->number, err);
	case PAL_OPTION_INT:
	case PAL_OPTION_SIZE:
	case PAL_OPTION_DURATION:
		return read_number(option, text, &ret->number, err);
	case PAL_OPTION_STRING:
	case PAL_OPTION_PATH:
		code = check_length(option, text, err);
		return code == PAL_OK ? read_text(option, text, arena, &ret->text, err) : code;
	case PAL_OPTION_LIST:
		break;
	}
	assert(!"a scalar option");
	return PAL_E_CONFIG;
}

/* RFC 6454 section 7: scheme, host and perhaps a port; browsers send it in lower case. */
static enum pal_code read_origin(enum pal_option option, struct pal_str text,
				 struct pal_error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
	struct pal_str rest = text;

	if (pal_str_equal(text, PAL_STR("*")))
		return PAL_OK;
	if (text.n > 8 && memcmp(text.p, "https://", 8) == 0)
		rest = (struct pal_str){text.p + 8, text.n - 8};
	else if (text.n > 7 && memcmp(text.p, "http://", 7) == 0)
		rest = (struct pal_str){text.p + 7, text.n - 7};
	bool good = rest.n < text.n && text.n <= 255;
	for (size_t i = 0; good && i < rest.n; i++)
		good = memchr(allowed, rest.p[i], sizeof(allowed) - 1) != NULL;
	return good ? PAL_OK
		    : wrong_form(option, text,
				 "an origin such as https://console.example.org, or *", err);
}

/* One of the words that a list may hold. */
static enum pal_code check_choice(enum pal_option option, struct pal_str text,
				  struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	struct pal_str choice;

	for (int64_t i = 0; (choice = pal_option_choice(desc, i)).p; i++) {
		if (pal_str_equal(text, choice))
			return PAL_OK;
	}
	struct pal_str near = pal_option_suggest_choice(desc, text);
	return pal_fail(err, PAL_E_CONFIG, desc->key, "`%s` cannot hold `%.*s`%s%.*s%s", desc->key,
			shown(text), text.p, near.p ? "; did you mean `" : "", (int)near.n,
			near.p ? near.p : "", near.p ? "`?" : "");
}

enum pal_code pal_value_read_item(enum pal_option option, struct pal_str text,
				  struct pal_arena *arena, struct pal_value *ret,
				  struct pal_error *err)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	struct sockaddr_storage endpoint;
	socklen_t size;
	struct pal_network network;
	struct pal_token_key key;
	enum pal_code code = PAL_OK;

	assert(desc->type == PAL_OPTION_LIST);
	*ret = (struct pal_value){.text = ""};
	if (desc->choices)
		code = check_choice(option, text, err);
	else if (desc->format == PAL_FORMAT_ENDPOINT)
		code = pal_endpoint_read(text, &endpoint, &size, err);
	else if (desc->format == PAL_FORMAT_NETWORK)
		code = pal_network_read(text, &network, err);
	else if (desc->format == PAL_FORMAT_TOKEN_KEY)
		code = pal_token_key_read(text, &key, err);
	else if (desc->format == PAL_FORMAT_ORIGIN)
		code = read_origin(option, text, err);
	return code == PAL_OK ? read_text(option, text, arena, &ret->text, err) : code;
}

void pal_value_write_number(enum pal_option option, int64_t number, struct pal_buf *out)
{
	const struct unit *u = units_of(pal_option_get(option)->type);

	while (u && u[1].name && number % u->factor != 0)
		u++;
	pal_buf_add_i64(out, u ? number / u->factor : number);
	if (u && number)
		pal_buf_add_str(out, pal_str(u->name));
}

void pal_value_write_range(enum pal_option option, struct pal_buf *out)
{
	const struct pal_option_desc *desc = pal_option_get(option);

	if (desc->type == PAL_OPTION_ENUM) {
		for (int64_t i = 0; i <= desc->max; i++) {
			if (i)
				pal_buf_addf(out, "%s", i == desc->max ? " or " : ", ");
			pal_buf_add_str(out, pal_option_choice(desc, i));
		}
		return;
	}
	pal_value_write_number(option, desc->min, out);
	pal_buf_add_lit(out, " to ");
	pal_value_write_number(option, desc->max, out);
}

void pal_value_write(enum pal_option option, const struct pal_value *value, struct pal_buf *out)
{
	const struct pal_option_desc *desc = pal_option_get(option);

	switch (desc->type) {
	case PAL_OPTION_BOOL:
		pal_buf_add_str(out, pal_str(value->number ? "true" : "false"));
		break;
	case PAL_OPTION_ENUM:
		pal_buf_add_str(out, pal_option_choice(desc, value->number));
		break;
	case PAL_OPTION_INT:
	case PAL_OPTION_SIZE:
	case PAL_OPTION_DURATION:
		pal_value_write_number(option, value->number, out);
		break;
	case PAL_OPTION_STRING:
	case PAL_OPTION_PATH:
		pal_buf_add_str(out, pal_str(value->text));
		break;
	case PAL_OPTION_LIST:
		for (size_t i = 0; i < value->count; i++)
			pal_buf_addf(out, "%s%s", i ? ", " : "", value->items[i]);
		break;
	}
}

bool pal_value_equal(enum pal_option option, const struct pal_value *a, const struct pal_value *b)
{
	switch (pal_option_get(option)->type) {
	case PAL_OPTION_STRING:
	case PAL_OPTION_PATH:
		return strcmp(a->text, b->text) == 0;
	case PAL_OPTION_LIST:
		if (a->count != b->count)
			return false;
		for (size_t i = 0; i < a->count; i++) {
			if (strcmp(a->items[i], b->items[i]) != 0)
				return false;
		}
		return true;
	default:
		return a->number == b->number;
	}
}
