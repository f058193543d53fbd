/* SPDX-License-Identifier: Apache-2.0 */
/* tail: messages and events as they happen, until interrupted. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "palaverctl/ask.h"
#include "palaverctl/out.h"

static void print_event(struct json_object *event)
{
	const char *type = pal_cli_text(event, "type");
	bool is_ours = strcmp(type, "message.sent") == 0;

	printf("%s%s%s %s%s%s %s %s #%s ", pal_out_on(PAL_OUT_DIM), pal_cli_text(event, "at"),
	       pal_out_off(), pal_out_on(is_ours ? PAL_OUT_GOOD : PAL_OUT_PLAIN), type,
	       pal_out_off(), pal_cli_text(event, "tenant"), pal_cli_text(event, "conversation_id"),
	       pal_cli_text(event, "sequence_number"));
	const char *kind = pal_cli_text(event, "message_type");
	if (strcmp(kind, "-") != 0 && strcmp(kind, "text") != 0)
		printf("[%s] ", kind);
	pal_out_foreign(pal_cli_text(event, "text"));
	puts("");
}

static void print_line(const struct pal_cli *cli, struct pal_str line)
{
	struct json_object *parsed = pal_cli_parse(line);
	struct json_object *event = pal_cli_member(parsed, "event");
	struct json_object *lost = pal_cli_member(parsed, "lost");

	if (cli->json && (event || lost))
		pal_cli_print_json(event ? event : parsed);
	else if (event)
		print_event(event);
	else if (lost)
		printf("(%s events were lost: this end is too slow)\n",
		       json_object_get_string(lost));
	json_object_put(parsed);
	fflush(stdout);
}

int pal_cli_tail(const struct pal_cli *cli)
{
	struct pal_buf args = pal_buf_of(0);
	struct pal_ctl_client *client;
	struct json_object *answer;
	struct pal_error err;
	struct pal_str line;

	if (pal_ctl_client_create(cli->socket, 0, &client, &err) != PAL_OK)
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	if (cli->tenant) {
		pal_buf_add_lit(&args, "{\"tenant\":");
		pal_json_put_string(&args, pal_str(cli->tenant));
		pal_buf_add_char(&args, '}');
	}
	int rc = pal_cli_ask_on(cli, client, "tail", pal_buf_str(&args), &answer);
	pal_buf_deinit(&args);
	if (rc == PAL_EXIT_OK) {
		json_object_put(answer);
		while (pal_ctl_client_next(client, &line, &err) == PAL_OK)
			print_line(cli, line);
		rc = pal_cli_fail(cli, &err, (struct pal_str){0});
	}
	pal_ctl_client_destroy(client);
	return rc;
}
