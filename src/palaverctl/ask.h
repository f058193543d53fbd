/* SPDX-License-Identifier: Apache-2.0 */
/* ask.h - one question to the daemon over the control socket, and reading its JSON. */
#ifndef PALAVER_PALAVERCTL_ASK_H
#define PALAVER_PALAVERCTL_ASK_H

#include <json-c/json.h>

#include "base/buf.h"
#include "ctl/client.h"
#include "palaverctl/cli.h"

/*
 * Read one line of the daemon as JSON; the caller puts it back (json_object_put). NULL: it is none,
 * or out of memory.
 */
struct json_object *pal_cli_parse(struct pal_str line);

/*
 * Ask `command` with `args` (absent: none). PAL_EXIT_OK: `*ret_answer` is the whole answer, "ok" is
 * true and "data" is an object; the caller puts it back. Otherwise the failure has been printed and
 * its exit code is returned.
 */
int pal_cli_ask(const struct pal_cli *cli, const char *command, struct pal_str args,
		struct json_object **ret_answer);

/*
 * Ask `command` with `args` and print the data, as --json or by `print`, which borrows it. Return the
 * exit code.
 */
int pal_cli_ask_and_print(const struct pal_cli *cli, const char *command, struct pal_str args,
			  void (*print)(struct json_object *data));

/* As pal_cli_ask on an open connection, for those who then go on reading from it. */
int pal_cli_ask_on(const struct pal_cli *cli, struct pal_ctl_client *client, const char *command,
		   struct pal_str args, struct json_object **ret_answer);

/* Add an argument to `args`, which begins with a `{` that the caller closes. */
void pal_cli_put_arg(struct pal_buf *args, const char *name, struct pal_str value);

/* The member at `path` ("store.kind"), borrowed, or NULL. */
struct json_object *pal_cli_member(struct json_object *object, const char *path);
/* Its text, or "-" when it is absent or null; valid as long as `object`. */
const char *pal_cli_text(struct json_object *object, const char *path);

/* Print `value` as one line of JSON. */
void pal_cli_print_json(struct json_object *value);

#endif
