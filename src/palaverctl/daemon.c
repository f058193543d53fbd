/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that concern the whole daemon: status, reload. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "palaverctl/ask.h"
#include "palaverctl/out.h"

static void print_uptime(int64_t s)
{
	if (s >= 86400)
		pal_out_row("uptime", "%" PRId64 " d %" PRId64 " h", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		pal_out_row("uptime", "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
	else
		pal_out_row("uptime", "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
}

static void print_status(struct json_object *data)
{
	bool is_healthy = json_object_get_boolean(pal_cli_member(data, "store.healthy"));

	pal_out_row("version", "%s", pal_cli_text(data, "version"));
	pal_out_row("pid", "%s", pal_cli_text(data, "pid"));
	print_uptime(json_object_get_int64(pal_cli_member(data, "uptime_s")));
	pal_out_row("serves", "%s", pal_cli_text(data, "url"));
	pal_out_row("configuration", "%s", pal_cli_text(data, "config"));
	pal_out_row("store", "%s, %s%s%s", pal_cli_text(data, "store.kind"),
		    pal_out_on(is_healthy ? PAL_OUT_GOOD : PAL_OUT_BAD),
		    is_healthy ? "healthy" : "failing", pal_out_off());
	pal_out_row("stored", "%s conversations, %s messages",
		    pal_cli_text(data, "store.conversations"),
		    pal_cli_text(data, "store.messages"));
	pal_out_row("live", "%s conversations, %s connections",
		    pal_cli_text(data, "live_conversations"), pal_cli_text(data, "connections"));
	pal_out_row("since start", "%s messages, %s errors",
		    pal_cli_text(data, "rates.messages_total"),
		    pal_cli_text(data, "rates.errors_total"));
}

int pal_cli_status(const struct pal_cli *cli)
{
	return pal_cli_ask_and_print(cli, "status", (struct pal_str){0}, print_status);
}

static void print_changes(struct json_object *data)
{
	struct json_object *changed = pal_cli_member(data, "changed");
	size_t restarts = 0;

	if (!json_object_is_type(changed, json_type_array))
		return;
	size_t count = json_object_array_length(changed);
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_array_get_idx(changed, i);
		bool needs_restart = strcmp(pal_cli_text(row, "effect"), "restart") == 0;
		printf("%s: %s -> %s%s%s%s\n", pal_cli_text(row, "key"), pal_cli_text(row, "old"),
		       pal_cli_text(row, "new"),
		       pal_out_on(needs_restart ? PAL_OUT_BAD : PAL_OUT_PLAIN),
		       needs_restart ? "  (needs a restart)" : "", pal_out_off());
		restarts += needs_restart;
	}
	if (count == 0)
		puts("nothing changed");
	else
		printf("%zu changed, %zu of them need a restart\n", count, restarts);
}

int pal_cli_reload(const struct pal_cli *cli)
{
	return pal_cli_ask_and_print(cli, "reload", (struct pal_str){0}, print_changes);
}
