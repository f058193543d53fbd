/* SPDX-License-Identifier: Apache-2.0 */
/* message where: the whole life of one message on one screen. */
#include "base/json.h"
#include "palaverctl/ask.h"
#include "palaverctl/out.h"

static void print_processing(struct json_object *data)
{
	struct json_object *list = pal_cli_member(data, "processing.processors");
	size_t count =
		json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
	struct pal_buf names = pal_buf_of(0);

	for (size_t i = 0; i < count; i++)
		pal_buf_addf(&names, "%s%s", i > 0 ? ", " : "",
			     json_object_get_string(json_object_array_get_idx(list, i)));
	pal_out_row("processed", "by %.*s in %s ms after waiting %s ms, language %s, stage %s",
		    (int)names.len, names.len > 0 ? names.data : "",
		    pal_cli_text(data, "processing.duration_ms"),
		    pal_cli_text(data, "processing.queue_ms"),
		    pal_cli_text(data, "processing.language"),
		    pal_cli_text(data, "processing.stage"));
	pal_buf_deinit(&names);
}

static void print_life(struct json_object *data)
{
	bool is_committed = json_object_get_boolean(pal_cli_member(data, "committed"));

	pal_out_row("message", "%s", pal_cli_text(data, "message_id"));
	pal_out_row("tenant", "%s", pal_cli_text(data, "tenant"));
	pal_out_row("conversation", "%s", pal_cli_text(data, "conversation_id"));
	pal_out_row("direction", "%s", pal_cli_text(data, "direction"));
	pal_out_row("received", "%s, request %s", pal_cli_text(data, "received_at"),
		    pal_cli_text(data, "request_id"));
	pal_out_row("number", "%s", pal_cli_text(data, "sequence_number"));
	print_processing(data);
	pal_out_row("intent", "%s, confidence %s", pal_cli_text(data, "intent.name"),
		    pal_cli_text(data, "intent.confidence"));
	pal_out_row("committed", "%s%s%s", pal_out_on(is_committed ? PAL_OUT_GOOD : PAL_OUT_BAD),
		    is_committed ? "yes" : "no", pal_out_off());
	if (!pal_cli_member(data, "response_id")) {
		pal_out_row("reply", "none");
		return;
	}
	pal_out_row("reply", "%s, number %s", pal_cli_text(data, "response_id"),
		    pal_cli_text(data, "response_sequence_number"));
	pal_out_row("delivery", "%s to %s by %s", pal_cli_text(data, "delivery.status"),
		    pal_cli_text(data, "delivery.recipient"),
		    pal_cli_text(data, "delivery.channel"));
}

int pal_cli_message_where(const struct pal_cli *cli)
{
	struct pal_buf args = pal_buf_of(0);

	pal_buf_add_char(&args, '{');
	pal_cli_put_arg(&args, "message_id", pal_str(cli->args[0]));
	if (cli->tenant)
		pal_cli_put_arg(&args, "tenant", pal_str(cli->tenant));
	pal_buf_add_char(&args, '}');
	int rc = pal_cli_ask_and_print(cli, "message.where", pal_buf_str(&args), print_life);
	pal_buf_deinit(&args);
	return rc;
}
