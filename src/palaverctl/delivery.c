/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deliveries: lists of them and redriving, page after page however many there are; one shown, one
 * tried again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "palaverctl/ask.h"
#include "palaverctl/out.h"

#define TIMEOUT_MS 30000u
#define PAGE_MAX 100u	/* the daemon gives no more at once */

/* A command that goes on until the daemon has no more, or --limit is reached. */
struct walk {
	const struct pal_cli *cli;
	const char *command, *items;	/* what to ask, and the array in its answers */
	void (*print)(struct walk *walk, const char *tenant, struct json_object *item);
	size_t seen;
	long long retried, skipped;
};

/* --- Pages ------------------------------------------------------------------------------------ */

static void put_if(struct pal_buf *args, const char *name, const char *value)
{
	if (value)
		pal_cli_put_arg(args, name, pal_str(value));
}

static size_t page_size(const struct walk *walk)
{
	size_t left = walk->cli->limit ? walk->cli->limit - walk->seen : PAGE_MAX;

	return left < PAGE_MAX ? left : PAGE_MAX;
}

static void put_args(struct pal_buf *args, const struct walk *walk, const char *cursor)
{
	const struct pal_cli *cli = walk->cli;
	char limit[24];

	snprintf(limit, sizeof(limit), "%zu", page_size(walk));
	pal_buf_add_char(args, '{');
	pal_cli_put_arg(args, "limit", pal_str(limit));
	put_if(args, "tenant", cli->tenant);
	put_if(args, "status", cli->status);
	put_if(args, "channel", cli->channel);
	put_if(args, "conversation_id", cli->conversation);
	put_if(args, "dry_run", cli->dry_run ? "true" : NULL);
	put_if(args, "cursor", cursor);
	pal_buf_add_char(args, '}');
}

static void take_page(struct walk *walk, struct json_object *data)
{
	struct json_object *items = pal_cli_member(data, walk->items);
	const char *tenant = pal_cli_text(data, "tenant");
	size_t count = json_object_is_type(items, json_type_array)
			       ? json_object_array_length(items) : 0;

	walk->seen += count;
	walk->retried += json_object_get_int64(pal_cli_member(data, "retried"));
	walk->skipped += json_object_get_int64(pal_cli_member(data, "skipped"));
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		if (walk->cli->json) {
			json_object_object_add(item, "tenant", json_object_new_string(tenant));
			pal_cli_print_json(item);
		} else {
			walk->print(walk, tenant, item);
		}
	}
	fflush(stdout);
}

/* Ask for the page at `*cursor`, NULL: the first; set it to where the next one is, NULL: none. */
static int next_page(struct walk *walk, struct pal_ctl_client *client, char **cursor)
{
	struct pal_buf args = pal_buf_of(0);
	struct json_object *answer;

	put_args(&args, walk, *cursor);
	int rc = pal_cli_ask_on(walk->cli, client, walk->command, pal_buf_str(&args), &answer);
	pal_buf_deinit(&args);
	free(*cursor);
	*cursor = NULL;
	if (rc != PAL_EXIT_OK)
		return rc;
	struct json_object *data = pal_cli_member(answer, "data");
	take_page(walk, data);
	struct json_object *next = pal_cli_member(data, "next");
	if (next)
		*cursor = strdup(json_object_get_string(next));
	json_object_put(answer);
	return PAL_EXIT_OK;
}

static int run(struct walk *walk)
{
	struct pal_ctl_client *client;
	struct pal_error err;
	char *cursor = NULL;
	int rc;

	if (pal_ctl_client_create(walk->cli->socket, TIMEOUT_MS, &client, &err) != PAL_OK)
		return pal_cli_fail(walk->cli, &err, (struct pal_str){0});
	do
		rc = next_page(walk, client, &cursor);
	while (rc == PAL_EXIT_OK && cursor && page_size(walk) > 0);
	free(cursor);
	pal_ctl_client_destroy(client);
	return rc;
}

/* --- list ------------------------------------------------------------------------------------- */

static enum pal_out_colour colour_of(const char *status)
{
	if (strcmp(status, "failed") == 0)
		return PAL_OUT_BAD;
	bool is_open = strcmp(status, "pending") == 0 || strcmp(status, "retrying") == 0;
	return is_open ? PAL_OUT_PLAIN : PAL_OUT_GOOD;
}

static void print_delivery(struct walk *walk, const char *tenant, struct json_object *d)
{
	const char *status = pal_cli_text(d, "status");

	(void)walk;
	printf("%s%-9s%s %-16s %s  %s, attempts %s", pal_out_on(colour_of(status)), status,
	       pal_out_off(), tenant, pal_cli_text(d, "message_id"),
	       pal_cli_text(d, "channel_type"), pal_cli_text(d, "attempt_count"));
	if (pal_cli_member(d, "error_code"))
		printf(", %s", pal_cli_text(d, "error_code"));
	if (pal_cli_member(d, "next_attempt_at"))
		printf(", next at %s", pal_cli_text(d, "next_attempt_at"));
	printf(", conversation ");
	pal_out_foreign(pal_cli_text(d, "conversation_id"));
	puts("");
}

int pal_cli_delivery_list(const struct pal_cli *cli)
{
	struct walk walk = {.cli = cli,
			    .command = "delivery.list",
			    .items = "deliveries",
			    .print = print_delivery};

	return run(&walk);
}

/* --- redrive ---------------------------------------------------------------------------------- */

static void print_result(struct walk *walk, const char *tenant, struct json_object *item)
{
	const char *result = pal_cli_text(item, "result");
	bool would = walk->cli->dry_run && strcmp(result, "retried") == 0;

	printf("%s %-16s %s\n", would ? "would be retried" : result, tenant,
	       pal_cli_text(item, "message_id"));
}

/* Also after a failure on the way: what was begun goes on. */
static void print_sums(const struct walk *walk)
{
	bool dry = walk->cli->dry_run;

	if (walk->cli->json)
		printf("{\"dry_run\":%s,\"retried\":%lld,\"skipped\":%lld}\n",
		       dry ? "true" : "false", walk->retried, walk->skipped);
	else
		printf("%lld %s, %lld skipped\n", walk->retried,
		       dry ? "would be retried" : "retried", walk->skipped);
}

int pal_cli_delivery_redrive(const struct pal_cli *cli)
{
	struct walk walk = {.cli = cli,
			    .command = "delivery.redrive",
			    .items = "results",
			    .print = print_result};
	int rc = run(&walk);

	if (rc == PAL_EXIT_OK || walk.seen)
		print_sums(&walk);
	return rc;
}

/* --- show, retry ------------------------------------------------------------------------------ */

static void row_foreign(const char *name, const char *text)
{
	pal_out_row_begin(name);
	pal_out_foreign(text);
	puts("");
}

static void print_attempts(struct json_object *list)
{
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list)
								  : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *a = json_object_array_get_idx(list, i);
		char name[32];
		snprintf(name, sizeof(name), "attempt %.12s", pal_cli_text(a, "attempt_number"));
		bool has_part = pal_cli_member(a, "part");
		pal_out_row(name, "%s to %s%s%s, %s%s%s", pal_cli_text(a, "started_at"),
			    pal_cli_text(a, "completed_at"), has_part ? ", part " : "",
			    has_part ? pal_cli_text(a, "part") : "", pal_cli_text(a, "outcome"),
			    pal_cli_member(a, "error_code") ? ", " : "",
			    pal_cli_member(a, "error_code") ? pal_cli_text(a, "error_code") : "");
	}
}

static void print_breaker(struct json_object *data)
{
	if (!pal_cli_member(data, "breaker"))
		return;
	if (json_object_get_int64(pal_cli_member(data, "breaker.wait_ms")))
		pal_out_row("breaker", "%s, for %s ms", pal_cli_text(data, "breaker.state"),
			    pal_cli_text(data, "breaker.wait_ms"));
	else
		pal_out_row("breaker", "%s", pal_cli_text(data, "breaker.state"));
}

static void print_error(struct json_object *data)
{
	pal_out_row("last error", "%s", pal_cli_text(data, "error_code"));
	if (pal_cli_member(data, "error_field"))
		pal_out_row("wrong field", "%s: %s", pal_cli_text(data, "error_field"),
			    pal_cli_text(data, "error_message"));
}

static void print_life(struct json_object *data)
{
	const char *status = pal_cli_text(data, "status");
	bool may_be_double =
		json_object_get_boolean(pal_cli_member(data, "possible_duplicate"));

	pal_out_row("delivery", "%s", pal_cli_text(data, "delivery_id"));
	pal_out_row("tenant", "%s", pal_cli_text(data, "tenant"));
	row_foreign("conversation", pal_cli_text(data, "conversation_id"));
	pal_out_row("number", "%s", pal_cli_text(data, "sequence_number"));
	pal_out_row("channel", "%s", pal_cli_text(data, "channel_type"));
	row_foreign("recipient", pal_cli_text(data, "recipient"));
	pal_out_row("made", "%s", pal_cli_text(data, "created_at"));
	pal_out_row("status", "%s%s%s since %s", pal_out_on(colour_of(status)), status,
		    pal_out_off(), pal_cli_text(data, "updated_at"));
	if (pal_cli_member(data, "parts"))
		pal_out_row("parts", "%s of %s have arrived", pal_cli_text(data, "parts_done"),
			    pal_cli_text(data, "parts"));
	pal_out_row("attempts", "%s", pal_cli_text(data, "attempt_count"));
	print_attempts(pal_cli_member(data, "attempts"));
	print_error(data);
	pal_out_row("next attempt", "%s", pal_cli_text(data, "next_attempt_at"));
	pal_out_row("may be double", "%s", may_be_double ? "yes" : "no");
	row_foreign("receiver's id", pal_cli_text(data, "platform_message_id"));
	print_breaker(data);
}

/* What the daemon did with the one that was named. */
static void print_retried(struct json_object *data)
{
	struct json_object *results = pal_cli_member(data, "results");
	struct json_object *first = json_object_is_type(results, json_type_array)
					    ? json_object_array_get_idx(results, 0) : NULL;

	printf("%s %s ", pal_cli_text(first, "result"), pal_cli_text(data, "tenant"));
	pal_out_foreign(pal_cli_text(first, "message_id"));
	puts("");
}

static int ask_one(const struct pal_cli *cli, const char *command,
		   void (*print)(struct json_object *data))
{
	struct pal_buf args = pal_buf_of(0);

	pal_buf_add_char(&args, '{');
	pal_cli_put_arg(&args, "id", pal_str(cli->args[0]));
	put_if(&args, "tenant", cli->tenant);
	pal_buf_add_char(&args, '}');
	int rc = pal_cli_ask_and_print(cli, command, pal_buf_str(&args), print);
	pal_buf_deinit(&args);
	return rc;
}

int pal_cli_delivery_show(const struct pal_cli *cli)
{
	return ask_one(cli, "delivery.show", print_life);
}

int pal_cli_delivery_retry(const struct pal_cli *cli)
{
	return ask_one(cli, "delivery.retry", print_retried);
}
