/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/ask.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define TIMEOUT_MS 30000u	/* a reload opens stores and reads certificates */

struct json_object *pal_cli_parse(struct pal_str line)
{
	struct json_tokener *tokener = json_tokener_new();

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *parsed = json_tokener_parse_ex(tokener, line.p, (int)line.n);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(parsed);
		parsed = NULL;
	}
	json_tokener_free(tokener);
	return parsed;
}

struct json_object *pal_cli_member(struct json_object *object, const char *path)
{
	while (object) {
		size_t n = strcspn(path, ".");
		char name[64];
		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		struct json_object *next = NULL;
		if (!json_object_object_get_ex(object, name, &next))
			return NULL;
		object = next;
		if (path[n] == '\0')
			return object;
		path += n + 1;
	}
	return NULL;
}

const char *pal_cli_text(struct json_object *object, const char *path)
{
	struct json_object *value = pal_cli_member(object, path);

	return value ? json_object_get_string(value) : "-";
}

void pal_cli_print_json(struct json_object *value)
{
	puts(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
						   JSON_C_TO_STRING_NOSLASHESCAPE));
}

void pal_cli_put_arg(struct pal_buf *args, const char *name, struct pal_str value)
{
	pal_buf_addf(args, "%s\"%s\":", args->len > 1 ? "," : "", name);
	pal_json_put_string(args, value);
}

static enum pal_code code_of(const char *name)
{
	for (int code = 1; code < PAL_CODE_COUNT; code++) {
		if (strcmp(pal_code_name(code), name) == 0)
			return code;
	}
	return PAL_E_EXTERNAL;
}

/* Turn the daemon's refusal back into the value it was made of. */
static int print_refusal(const struct pal_cli *cli, struct json_object *answer)
{
	struct json_object *detail = pal_cli_member(answer, "error.detail");
	struct pal_error err;

	pal_fail(&err, code_of(pal_cli_text(answer, "error.code")),
		 pal_cli_text(answer, "error.subject"), "%s",
		 pal_cli_text(answer, "error.message"));
	return pal_cli_fail(cli, &err, pal_str(detail ? json_object_get_string(detail) : NULL));
}

int pal_cli_ask_on(const struct pal_cli *cli, struct pal_ctl_client *client, const char *command,
		   struct pal_str args, struct json_object **ret_answer)
{
	struct pal_error err;
	struct pal_str line;

	if (pal_ctl_client_ask(client, command, args, &err) != PAL_OK ||
	    pal_ctl_client_next(client, &line, &err) != PAL_OK)
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	struct json_object *answer = pal_cli_parse(line);
	if (!json_object_get_boolean(pal_cli_member(answer, "ok"))) {
		int rc = print_refusal(cli, answer);
		json_object_put(answer);
		return rc;
	}
	*ret_answer = answer;
	return PAL_EXIT_OK;
}

int pal_cli_ask(const struct pal_cli *cli, const char *command, struct pal_str args,
		struct json_object **ret_answer)
{
	struct pal_ctl_client *client;
	struct pal_error err;

	if (pal_ctl_client_create(cli->socket, TIMEOUT_MS, &client, &err) != PAL_OK)
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	int rc = pal_cli_ask_on(cli, client, command, args, ret_answer);
	pal_ctl_client_destroy(client);
	return rc;
}

int pal_cli_ask_and_print(const struct pal_cli *cli, const char *command, struct pal_str args,
			  void (*print)(struct json_object *data))
{
	struct json_object *answer;
	int rc = pal_cli_ask(cli, command, args, &answer);

	if (rc != PAL_EXIT_OK)
		return rc;
	struct json_object *data = pal_cli_member(answer, "data");
	if (cli->json)
		pal_cli_print_json(data);
	else
		print(data);
	json_object_put(answer);
	return PAL_EXIT_OK;
}
