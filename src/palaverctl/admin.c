/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's commands: tenant, key, limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "palaverctl/ask.h"
#include "palaverctl/out.h"

/* --- Arguments -------------------------------------------------------------------------------- */

/* The operands from `from` on, each NAME=VALUE, as arguments of these names. 0 or an exit code. */
static int put_named(const struct pal_cli *cli, int from, const char *const *names,
		     struct pal_buf *args)
{
	for (int i = from; i < cli->count; i++) {
		const char *sign = strchr(cli->args[i], '=');
		size_t n = sign ? (size_t)(sign - cli->args[i]) : 0, at = 0;
		while (names[at] &&
		       (strlen(names[at]) != n || memcmp(names[at], cli->args[i], n) != 0))
			at++;
		if (!names[at])
			return pal_cli_usage_error("there is no setting %s here", cli->args[i]);
		pal_cli_put_arg(args, names[at], pal_str(sign + 1));
	}
	return PAL_EXIT_OK;
}

/* All operands from `from` on, a line each. */
static void put_settings(const struct pal_cli *cli, int from, struct pal_buf *args)
{
	struct pal_buf lines = pal_buf_of(0);

	for (int i = from; i < cli->count; i++)
		pal_buf_addf(&lines, "%s\n", cli->args[i]);
	pal_cli_put_arg(args, "settings", pal_buf_str(&lines));
	pal_buf_deinit(&lines);
}

/* Ask, and print the data as JSON or by `print`. Frees `args`. */
static int ask(const struct pal_cli *cli, const char *command, struct pal_buf *args,
	       void (*print)(struct json_object *data))
{
	pal_buf_add_char(args, '}');
	int rc = pal_cli_ask_and_print(cli, command, pal_buf_str(args), print);
	pal_buf_deinit(args);
	return rc;
}

static struct pal_buf start_args(void)
{
	struct pal_buf args = pal_buf_of(0);

	pal_buf_add_char(&args, '{');
	return args;
}

/* --- Tenants ---------------------------------------------------------------------------------- */

static void print_object(const char *name, struct json_object *object)
{
	struct pal_buf line = pal_buf_of(0);

	json_object_object_foreach(object, key, value) {
		const char *text = json_object_get_string(value);
		pal_buf_addf(&line, "%s%s %s", line.len ? ", " : "", key, text ? text : "none");
	}
	pal_buf_add_char(&line, '\0');
	pal_out_row(name, "%s", line.len > 1 ? line.data : "-");
	pal_buf_deinit(&line);
}

static void print_tenant(struct json_object *data)
{
	pal_out_row("tenant", "%s", pal_cli_text(data, "tenant_id"));
	pal_out_row("name", "%s", pal_cli_text(data, "name"));
	pal_out_row("status", "%s", pal_cli_text(data, "status"));
	pal_out_row("plan", "%s", pal_cli_text(data, "plan_type"));
	pal_out_row("made", "%s", pal_cli_text(data, "created_at"));
	pal_out_row("trial ends", "%s", pal_cli_text(data, "trial_ends_at"));
	pal_out_row("data", "in %s, kept %s days, compliance %s",
		    pal_cli_text(data, "data_residency"),
		    pal_cli_text(data, "data_retention_days"),
		    pal_cli_text(data, "compliance_level"));
	print_object("features", pal_cli_member(data, "features"));
	print_object("quotas", pal_cli_member(data, "quotas"));
	pal_out_row("this month", "%s messages",
		    pal_cli_text(data, "usage.messages_this_month"));
	pal_out_row("api keys", "%s", pal_cli_text(data, "api_keys"));
}

static void print_tenants(struct json_object *data)
{
	struct json_object *list = pal_cli_member(data, "tenants");

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		printf("%-24s %-10s %-14s %s messages this month\n",
		       pal_cli_text(row, "tenant_id"), pal_cli_text(row, "status"),
		       pal_cli_text(row, "plan_type"),
		       pal_cli_text(row, "usage.messages_this_month"));
	}
}

static int ask_tenant(const struct pal_cli *cli, const char *command)
{
	struct pal_buf args = start_args();

	pal_cli_put_arg(&args, "tenant", pal_str(cli->args[0]));
	put_settings(cli, 1, &args);
	return ask(cli, command, &args, print_tenant);
}

int pal_cli_tenant_add(const struct pal_cli *cli)
{
	return ask_tenant(cli, "tenant.add");
}

int pal_cli_tenant_set(const struct pal_cli *cli)
{
	return ask_tenant(cli, "tenant.set");
}

int pal_cli_tenant_show(const struct pal_cli *cli)
{
	return ask_tenant(cli, "tenant.show");
}

int pal_cli_tenant_suspend(const struct pal_cli *cli)
{
	return ask_tenant(cli, "tenant.suspend");
}

int pal_cli_tenant_activate(const struct pal_cli *cli)
{
	return ask_tenant(cli, "tenant.activate");
}

int pal_cli_tenant_list(const struct pal_cli *cli)
{
	struct pal_buf args = start_args();

	return ask(cli, "tenant.list", &args, print_tenants);
}

/* --- API keys --------------------------------------------------------------------------------- */

static void print_key(struct json_object *data)
{
	pal_out_row("key id", "%s", pal_cli_text(data, "key_id"));
	pal_out_row("name", "%s", pal_cli_text(data, "name"));
	pal_out_row("status", "%s", pal_cli_text(data, "status"));
	pal_out_row("permissions", "%s", pal_cli_text(data, "permissions"));
	pal_out_row("addresses", "%s", pal_cli_text(data, "allowed_ips"));
	pal_out_row("made", "%s by %s", pal_cli_text(data, "created_at"),
		    pal_cli_text(data, "created_by"));
	pal_out_row("expires", "%s", pal_cli_text(data, "expires_at"));
	pal_out_row("last used", "%s", pal_cli_text(data, "last_used_at"));
	if (pal_cli_member(data, "replaces"))
		pal_out_row("replaces", "%s", pal_cli_text(data, "replaces"));
	if (pal_cli_member(data, "key"))
		pal_out_row("key", "%s", pal_cli_text(data, "key"));
}

static void print_keys(struct json_object *data)
{
	struct json_object *list = pal_cli_member(data, "api_keys");

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		printf("%s %-8s %s  last used %s  ", pal_cli_text(row, "key_id"),
		       pal_cli_text(row, "status"), pal_cli_text(row, "key_prefix"),
		       pal_cli_text(row, "last_used_at"));
		pal_out_foreign(pal_cli_text(row, "name"));
		puts("");
	}
}

int pal_cli_key_create(const struct pal_cli *cli)
{
	static const char *const names[] = {"days", "from", "per_minute", "environment", NULL};
	struct pal_buf args = start_args();
	char *permissions = strdup(cli->args[2]);

	for (char *p = permissions; p && *p; p++)
		*p = *p == ',' ? ' ' : *p;
	pal_cli_put_arg(&args, "tenant", pal_str(cli->args[0]));
	pal_cli_put_arg(&args, "name", pal_str(cli->args[1]));
	pal_cli_put_arg(&args, "permissions", pal_str(permissions ? permissions : ""));
	free(permissions);
	int rc = put_named(cli, 3, names, &args);
	if (rc == PAL_EXIT_OK)
		return ask(cli, "key.create", &args, print_key);
	pal_buf_deinit(&args);
	return rc;
}

int pal_cli_key_list(const struct pal_cli *cli)
{
	struct pal_buf args = start_args();

	pal_cli_put_arg(&args, "tenant", pal_str(cli->args[0]));
	return ask(cli, "key.list", &args, print_keys);
}

int pal_cli_key_revoke(const struct pal_cli *cli)
{
	struct pal_buf args = start_args();

	pal_cli_put_arg(&args, "tenant", pal_str(cli->args[0]));
	pal_cli_put_arg(&args, "id", pal_str(cli->args[1]));
	return ask(cli, "key.revoke", &args, print_key);
}

int pal_cli_key_rotate(const struct pal_cli *cli)
{
	static const char *const names[] = {"grace_minutes", NULL};
	struct pal_buf args = start_args();

	pal_cli_put_arg(&args, "tenant", pal_str(cli->args[0]));
	pal_cli_put_arg(&args, "id", pal_str(cli->args[1]));
	int rc = put_named(cli, 2, names, &args);
	if (rc == PAL_EXIT_OK)
		return ask(cli, "key.rotate", &args, print_key);
	pal_buf_deinit(&args);
	return rc;
}

/* --- Limits ----------------------------------------------------------------------------------- */

static void print_limits(struct json_object *data)
{
	struct json_object *list = pal_cli_member(data, "windows");

	pal_out_row("caller", "%s %s of %s", pal_cli_text(data, "kind"), pal_cli_text(data, "id"),
		    pal_cli_text(data, "tenant"));
	pal_out_row("admitted", "%s", pal_cli_text(data, "admitted"));
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		pal_out_row(pal_cli_text(row, "window"), "%s of %s used",
			    pal_cli_text(row, "used"), pal_cli_text(row, "limit"));
	}
}

static int ask_limits(const struct pal_cli *cli, const char *command)
{
	struct pal_buf args = start_args();

	pal_cli_put_arg(&args, "tenant", pal_str(cli->args[0]));
	pal_cli_put_arg(&args, "kind", pal_str(cli->args[1]));
	if (cli->count > 2)
		pal_cli_put_arg(&args, "id", pal_str(cli->args[2]));
	return ask(cli, command, &args, print_limits);
}

int pal_cli_limits_show(const struct pal_cli *cli)
{
	return ask_limits(cli, "limits.show");
}

int pal_cli_limits_reset(const struct pal_cli *cli)
{
	return ask_limits(cli, "limits.reset");
}
