/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/options.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

static const struct pal_option_desc options[PAL_OPT_COUNT] = {
#define X(id, key_, type_, more, least, most, default_, scope, help_)                              \
	[PAL_OPT_##id] = {.key = key_, .type = PAL_OPTION_##type_, more, .min = least,             \
			  .max = most, .default_text = default_, .reload = PAL_RELOAD_##scope,     \
			  .help = help_},
	PAL_OPTIONS(X)
#undef X
};

static const char *const dev_defaults[PAL_OPT_COUNT] = {
#define X(id, text) [PAL_OPT_##id] = text,
	PAL_OPTIONS_DEV(X)
#undef X
};

const struct pal_option_desc *pal_option_get(enum pal_option option)
{
	assert(option < PAL_OPT_COUNT);
	return &options[option];
}

const char *pal_option_dev_default(enum pal_option option)
{
	assert(option < PAL_OPT_COUNT);
	return dev_defaults[option];
}

static bool is_file_of(struct pal_str key, const char *secret)
{
	size_t n = strlen(secret);

	return key.n == n + 5 && memcmp(key.p, secret, n) == 0 &&
	       memcmp(key.p + n, "_file", 5) == 0;
}

enum pal_option pal_option_find(struct pal_str key, bool *ret_is_file)
{
	*ret_is_file = false;
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		if (pal_str_equal(key, pal_str(options[o].key)))
			return o;
		if (options[o].secret && is_file_of(key, options[o].key)) {
			*ret_is_file = true;
			return o;
		}
	}
	return PAL_OPT_COUNT;
}

bool pal_option_is_section(struct pal_str key)
{
	for (enum pal_option o = 0; key.n && o < PAL_OPT_COUNT; o++) {
		if (strncmp(options[o].key, key.p, key.n) == 0 && options[o].key[key.n] == '.')
			return true;
	}
	return false;
}

void pal_option_env_name(const char *key, char ret[PAL_OPTION_ENV_MAX])
{
	int n = snprintf(ret, PAL_OPTION_ENV_MAX, "PALAVER_%s", key);

	assert(n > 0 && (size_t)n < PAL_OPTION_ENV_MAX);
	for (char *p = ret; *p; p++)
		*p = *p == '.' ? '_' : (char)toupper((unsigned char)*p);
}

const char *pal_option_type_name(const struct pal_option_desc *desc)
{
	static const char *const names[] = {
		[PAL_OPTION_STRING] = "text",	  [PAL_OPTION_BOOL] = "true or false",
		[PAL_OPTION_INT] = "number",	  [PAL_OPTION_SIZE] = "size",
		[PAL_OPTION_DURATION] = "duration", [PAL_OPTION_ENUM] = "word",
		[PAL_OPTION_PATH] = "path",	  [PAL_OPTION_LIST] = "list",
	};

	return names[desc->type];
}

const char *pal_reload_name(enum pal_reload reload)
{
	switch (reload) {
	case PAL_RELOAD_RESTART:
		return "restart";
	case PAL_RELOAD_LOG:
		return "log";
	case PAL_RELOAD_HTTP:
		return "http";
	case PAL_RELOAD_TLS:
		return "tls";
	case PAL_RELOAD_AUTH:
		return "auth";
	case PAL_RELOAD_LIMITS:
		return "limits";
	case PAL_RELOAD_CONVERSATION:
		return "conversation";
	case PAL_RELOAD_PROCESS:
		return "process";
	case PAL_RELOAD_SERVER:
		return "server";
	case PAL_RELOAD_SESSION:
		return "session";
	case PAL_RELOAD_DELIVERY:
		return "delivery";
	}
	assert(!"a single scope");
	return "";
}

struct pal_str pal_option_choice(const struct pal_option_desc *desc, int64_t index)
{
	const char *at = desc->choices;

	assert(desc->choices);
	while (at && index-- > 0) {
		at = strchr(at, '|');
		at = at ? at + 1 : NULL;
	}
	return (struct pal_str){at, at ? strcspn(at, "|") : 0};
}

struct pal_str pal_option_suggest_choice(const struct pal_option_desc *desc, struct pal_str word)
{
	struct pal_str best = {0};
	unsigned nearest = UINT_MAX;
	struct pal_str choice;

	for (int64_t i = 0; (choice = pal_option_choice(desc, i)).p; i++) {
		unsigned distance = pal_spelling_distance(word, choice);
		if (distance < nearest && pal_spelling_is_near(word, distance)) {
			nearest = distance;
			best = choice;
		}
	}
	return best;
}

static struct pal_str last_part(struct pal_str key)
{
	const char *dot = memrchr(key.p, '.', key.n);

	return dot ? (struct pal_str){dot + 1, key.n - (size_t)(dot + 1 - key.p)} : key;
}

/* The best name so far for a mistyped key. */
struct search {
	struct pal_str key;
	unsigned nearest;
	char *best;	/* PAL_OPTION_KEY_MAX bytes; "" for none */
};

static void consider(struct search *search, const char *name, size_t n)
{
	struct pal_str candidate = {name, n};
	unsigned distance = pal_spelling_distance(search->key, candidate);
	bool near = pal_spelling_is_near(last_part(search->key), distance);

	/* A name put under the wrong section: worse than any slip of the pen. */
	if (!near && memchr(name, '.', n) &&
	    pal_str_equal(last_part(search->key), last_part(candidate))) {
		near = true;
		distance = PAL_SPELLING_MAX + 1;
	}
	if (near && distance < search->nearest) {
		search->nearest = distance;
		snprintf(search->best, PAL_OPTION_KEY_MAX, "%.*s", (int)n, name);
	}
}

bool pal_option_suggest(struct pal_str key, char ret[PAL_OPTION_KEY_MAX])
{
	struct search search = {.key = key, .nearest = UINT_MAX, .best = ret};
	char name[PAL_OPTION_KEY_MAX];

	ret[0] = '\0';
	for (enum pal_option o = 0; key.n && o < PAL_OPT_COUNT; o++) {
		consider(&search, options[o].key, strlen(options[o].key));
		for (const char *dot = options[o].key; (dot = strchr(dot, '.')) != NULL; dot++)
			consider(&search, options[o].key, (size_t)(dot - options[o].key));
		if (options[o].secret) {
			int n = snprintf(name, sizeof(name), "%s_file", options[o].key);
			consider(&search, name, (size_t)n);
		}
	}
	return ret[0] != '\0';
}

/* Number of bytes of `a` and `b` that are the same sections, the dots included. */
static size_t shared_sections(const char *a, const char *b)
{
	size_t shared = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++) {
		if (a[i] == '.')
			shared = i + 1;
	}
	return shared;
}

static unsigned count_dots(const char *text, size_t n)
{
	unsigned dots = 0;

	for (size_t i = 0; i < n; i++)
		dots += text[i] == '.';
	return dots;
}

static void leave_to(const struct pal_option_visitor *visitor, void *user, unsigned from,
		     unsigned to)
{
	while (from > to) {
		from--;
		if (visitor->leave)
			visitor->leave(user, from);
	}
}

void pal_option_walk(const struct pal_option_visitor *visitor, void *user)
{
	const char *before = "";
	unsigned depth = 0;

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const char *key = options[o].key;
		size_t at = shared_sections(before, key);
		leave_to(visitor, user, depth, count_dots(key, at));
		depth = count_dots(key, at);
		for (const char *dot; (dot = strchr(key + at, '.')) != NULL; depth++) {
			char name[PAL_OPTION_KEY_MAX];
			snprintf(name, sizeof(name), "%.*s", (int)(dot - key - (long)at), key + at);
			if (visitor->enter)
				visitor->enter(user, name, depth);
			at = (size_t)(dot + 1 - key);
		}
		if (visitor->visit)
			visitor->visit(user, o, key + at, depth);
		before = key;
	}
	leave_to(visitor, user, depth, 0);
}
