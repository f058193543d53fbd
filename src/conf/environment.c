/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/environment.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

#define NAME_MAX_BYTES 128u

/* How the text of a legacy name becomes the text of the option. */
enum form {
	FORM_AS_IS,
	FORM_LOWER_CASE,
	FORM_MILLISECONDS,
	FORM_MEBIBYTES,
	FORM_TRUTH,	/* 1 and 0 besides true and false */
};

static const struct {
	const char *name;
	enum pal_option option;
	enum form form;
} legacy[] = {
	{"ENVIRONMENT", PAL_OPT_ENVIRONMENT, FORM_LOWER_CASE},
	{"DEBUG", PAL_OPT_DEBUG, FORM_TRUTH},
	{"ALLOWED_ORIGINS", PAL_OPT_CORS_ALLOWED_ORIGINS, FORM_AS_IS},
	{"WORKERS", PAL_OPT_WORKERS_THREADS, FORM_AS_IS},
	{"LOG_LEVEL", PAL_OPT_LOG_LEVEL, FORM_LOWER_CASE},
	{"LOG_FORMAT", PAL_OPT_LOG_FORMAT, FORM_LOWER_CASE},
	{"JWT_SECRET_KEY", PAL_OPT_AUTH_JWT_SECRET, FORM_AS_IS},
	{"JWT_ALGORITHM", PAL_OPT_AUTH_JWT_ALGORITHM, FORM_AS_IS},
	{"REQUEST_TIMEOUT_MS", PAL_OPT_HTTP_REQUEST_TIMEOUT, FORM_MILLISECONDS},
	{"MAX_REQUEST_SIZE_MB", PAL_OPT_HTTP_BODY_MAX, FORM_MEBIBYTES},
	{"RATE_LIMIT_ENABLED", PAL_OPT_LIMITS_ENABLED, FORM_TRUTH},
	{"METRICS_ENABLED", PAL_OPT_METRICS_ENABLED, FORM_TRUTH},
	{"TRUSTED_PROXIES", PAL_OPT_HTTP_TRUSTED_PROXIES, FORM_AS_IS},
	{"CONVERSATION_IDLE_MINUTES", PAL_OPT_CONVERSATION_IDLE_MINUTES, FORM_AS_IS},
	{"STRICT_CONVERSATION_ID", PAL_OPT_CONVERSATION_STRICT_ID, FORM_TRUTH},
};

const char *pal_environment_get(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++) {
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	}
	return NULL;
}

/* An input of one line, NAME=value or key=value. NULL: no memory. */
static struct pal_conf_input *make_input(struct pal_settings *settings,
					 enum pal_conf_input_kind kind, const char *label,
					 const char *folder, const char *text)
{
	struct pal_conf_input *input = pal_arena_get(settings->arena, sizeof(*input));
	const char *copy = pal_arena_copy(settings->arena, pal_str(label)).p;

	if (!input || !copy)
		return NULL;
	*input = (struct pal_conf_input){
		.kind = kind, .label = copy, .folder = folder, .text = pal_str(text)};
	return input;
}

/* The place of the bytes from..from+n in the one line of `input`. */
static struct pal_conf_spot spot_in(const struct pal_conf_input *input, size_t from, size_t n)
{
	return (struct pal_conf_spot){.input = input,
				      .line = 1,
				      .column = (uint32_t)from + 1,
				      .width = n ? (uint32_t)n : 1};
}

/* A variable: the entry of environ, and where its value begins. */
struct variable {
	const char *entry;
	struct pal_str name;
	const char *value;
};

static enum pal_code add(struct pal_settings *settings, const struct variable *v,
			 enum pal_option option, bool is_file, enum pal_strength strength,
			 struct pal_str text, const char *folder)
{
	char label[NAME_MAX_BYTES + sizeof("environment ")];

	snprintf(label, sizeof(label), "environment %.*s", (int)v->name.n, v->name.p);
	struct pal_conf_input *input =
		make_input(settings, PAL_CONF_INPUT_ENVIRONMENT, label, folder, v->entry);
	if (!input)
		return PAL_E_SERVICE;
	struct pal_conf_spot spot = spot_in(input, v->name.n + 1, strlen(v->value));
	return pal_settings_add_text(settings, option, is_file, strength, text, spot);
}

static struct pal_str shaped(struct pal_settings *settings, enum form form, const char *value)
{
	const char *suffix = form == FORM_MILLISECONDS ? "ms" : form == FORM_MEBIBYTES ? "MiB" : "";
	size_t size = strlen(value) + strlen(suffix) + 1;

	if (form == FORM_TRUTH && (strcmp(value, "1") == 0 || strcmp(value, "0") == 0))
		return pal_str(value[0] == '1' ? "true" : "false");
	if (form == FORM_AS_IS || form == FORM_TRUTH)
		return pal_str(value);
	char *text = pal_arena_get(settings->arena, size);
	if (!text)
		return (struct pal_str){0};
	snprintf(text, size, "%s%s", value, suffix);
	for (char *p = text; form == FORM_LOWER_CASE && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return pal_str(text);
}

static enum pal_code read_legacy(struct pal_settings *settings, const struct variable *v,
				 const char *folder)
{
	for (size_t i = 0; i < sizeof(legacy) / sizeof(legacy[0]); i++) {
		if (!pal_str_equal(v->name, pal_str(legacy[i].name)))
			continue;
		struct pal_str text = shaped(settings, legacy[i].form, v->value);
		if (!text.p)
			return PAL_E_SERVICE;
		return add(settings, v, legacy[i].option, false, PAL_STRENGTH_LEGACY, text, folder);
	}
	return PAL_OK;
}

/* "did you mean" for a PALAVER_ name that is no option. */
static void warn_if_near(struct pal_settings *settings, const struct variable *v,
			 const char *folder)
{
	char name[PAL_OPTION_ENV_MAX], best[PAL_OPTION_ENV_MAX] = "";
	unsigned nearest = UINT_MAX;

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		pal_option_env_name(pal_option_get(o)->key, name);
		unsigned distance = pal_spelling_distance(v->name, pal_str(name));
		if (distance < nearest && pal_spelling_is_near(v->name, distance)) {
			nearest = distance;
			snprintf(best, sizeof(best), "%s", name);
		}
	}
	if (!best[0])
		return;
	struct pal_conf_input input = {.kind = PAL_CONF_INPUT_ENVIRONMENT, .label = "environment",
				       .folder = folder, .text = v->name};
	/* The input is the name alone: what it was set to may be a secret. */
	pal_conf_report_warn(settings->report, spot_in(&input, 0, v->name.n),
			     PAL_CONF_EXCERPT_PLAIN, "`%.*s` is no option, did you mean `%s`?",
			     (int)v->name.n, v->name.p, best);
}

static enum pal_code read_palaver(struct pal_settings *settings, const struct variable *v,
				  const char *folder)
{
	char name[PAL_OPTION_ENV_MAX];

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		pal_option_env_name(pal_option_get(o)->key, name);
		size_t n = strlen(name);
		bool is_file = pal_option_get(o)->secret && v->name.n == n + 5 &&
			       memcmp(v->name.p + n, "_FILE", 5) == 0;
		if ((v->name.n == n || is_file) && memcmp(v->name.p, name, n) == 0)
			return add(settings, v, o, is_file, PAL_STRENGTH_ENVIRONMENT,
				   pal_str(v->value), folder);
	}
	warn_if_near(settings, v, folder);
	return PAL_OK;
}

/*
 * HOST and PORT make one http.listen. HOST without PORT means nothing: many shells set it to the
 * name of the machine.
 */
static enum pal_code read_host_and_port(struct pal_settings *settings, char *const *env,
					const char *folder)
{
	const char *host = pal_environment_get(env, "HOST");
	const char *port = pal_environment_get(env, "PORT");

	if (!port || !*port)
		return PAL_OK;
	host = host && *host ? host : "127.0.0.1";
	bool is_v6 = strchr(host, ':') && host[0] != '[';
	size_t size = strlen(host) + strlen(port) + 4;
	char *text = pal_arena_get(settings->arena, size);
	if (!text)
		return PAL_E_SERVICE;
	snprintf(text, size, "%s%s%s:%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
	const struct variable v = {
		.entry = port - strlen("PORT="), .name = PAL_STR("PORT"), .value = port};
	return add(settings, &v, PAL_OPT_HTTP_LISTEN, false, PAL_STRENGTH_LEGACY, pal_str(text),
		   folder);
}

/* In the specification a key is enough: HS256 is the default algorithm there. */
static enum pal_code imply_algorithm(struct pal_settings *settings, char *const *env,
				     const char *folder)
{
	const char *key = pal_environment_get(env, "JWT_SECRET_KEY");

	if (!key || !*key || pal_environment_get(env, "JWT_ALGORITHM"))
		return PAL_OK;
	const struct variable v = {.entry = "JWT_SECRET_KEY=", .name = PAL_STR("JWT_SECRET_KEY"),
				   .value = ""};
	return add(settings, &v, PAL_OPT_AUTH_JWT_ALGORITHM, false, PAL_STRENGTH_LEGACY,
		   PAL_STR("HS256"), folder);
}

enum pal_code pal_settings_read_environment(struct pal_settings *settings, char *const *env,
					    const char *folder)
{
	enum pal_code code = read_host_and_port(settings, env, folder);

	if (code == PAL_OK)
		code = imply_algorithm(settings, env, folder);
	for (; env && *env && code == PAL_OK; env++) {
		const char *equals = strchr(*env, '=');
		if (!equals || (size_t)(equals - *env) > NAME_MAX_BYTES)
			continue;
		const struct variable v = {.entry = *env,
					   .name = {*env, (size_t)(equals - *env)},
					   .value = equals + 1};
		if (strncmp(*env, "PALAVER_", strlen("PALAVER_")) == 0)
			code = read_palaver(settings, &v, folder);
		else if (*v.value)
			code = read_legacy(settings, &v, folder);
	}
	return code;
}

static enum pal_code read_argument(struct pal_settings *settings, const char *argument,
				   const char *folder)
{
	struct pal_conf_input *input =
		make_input(settings, PAL_CONF_INPUT_ARGUMENT, "-D", folder, argument);
	size_t key_n = strcspn(argument, "=");
	struct pal_str key = {argument, key_n};
	bool is_file;

	if (!input)
		return PAL_E_SERVICE;
	enum pal_option option = pal_option_find(key, &is_file);
	struct pal_conf_spot spot = spot_in(input, 0, key_n);
	if (option == PAL_OPT_COUNT) {
		pal_settings_report_unknown(settings, key, spot);
		return PAL_OK;
	}
	if (argument[key_n] == '\0') {
		pal_conf_report_error(settings->report, spot, PAL_CONF_EXCERPT_PLAIN,
				      "write it as key=value");
		return PAL_OK;
	}
	const char *value = argument + key_n + 1;
	spot = spot_in(input, key_n + 1, strlen(value));
	if (pal_option_get(option)->secret && !is_file) {
		pal_conf_report_error(settings->report, spot, PAL_CONF_EXCERPT_SECRET,
				      "a secret on the command line can be read by every user; "
				      "use %s_file",
				      pal_option_get(option)->key);
		return PAL_OK;
	}
	return pal_settings_add_text(settings, option, is_file, PAL_STRENGTH_ARGUMENT,
				     pal_str(value), spot);
}

enum pal_code pal_settings_read_arguments(struct pal_settings *settings,
					  const char *const *arguments, size_t count,
					  const char *folder)
{
	enum pal_code code = PAL_OK;

	for (size_t i = 0; i < count && code == PAL_OK; i++)
		code = read_argument(settings, arguments[i], folder);
	return code;
}
