/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h - palaverctl: the command line, the table of commands, and what all of them share. */
#ifndef PALAVER_PALAVERCTL_CLI_H
#define PALAVER_PALAVERCTL_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/* Exit codes; scripts rely on them. */
enum {
	PAL_EXIT_OK = 0,
	PAL_EXIT_FAILURE = 1,	/* at run time: no daemon, refused, a check failed */
	PAL_EXIT_USAGE = 2,
	PAL_EXIT_CONFIG = 78,	/* EX_CONFIG: the configuration is wrong */
};

/* Which options a command takes; --json, --help and --version go with all. */
enum pal_cli_takes {
	PAL_CLI_SOCKET = 1 << 0,
	PAL_CLI_HTTP = 1 << 1,		/* --url, --key-file */
	PAL_CLI_TENANT = 1 << 2,
	PAL_CLI_TALK = 1 << 3,		/* --user, --conversation */
	PAL_CLI_REPLAY = 1 << 4,	/* --parallel */
	PAL_CLI_LIMIT = 1 << 5,
	PAL_CLI_FILE = 1 << 6,
	PAL_CLI_FILTER = 1 << 7,	/* --channel, --conversation: of deliveries */
	PAL_CLI_STATUS = 1 << 8,
	PAL_CLI_DRY_RUN = 1 << 9,
};

#define PAL_CLI_PARALLEL_MAX 1024u

struct pal_cli {
	bool json;
	const char *socket, *url;
	const char *key_file;		/* NULL: no key is sent */
	const char *tenant, *user, *conversation;	/* NULL: not given */
	const char *file;		/* a database; NULL: ask the daemon */
	const char *status, *channel;	/* of deliveries; NULL: any */
	bool dry_run;
	unsigned parallel;
	size_t limit;			/* 0: all */
	char **args;			/* behind the command's name, NULL-terminated */
	int count;
};

typedef int pal_cli_run_fn(const struct pal_cli *cli);

struct pal_cli_command {
	const char *name;		/* one or two words */
	const char *operands;		/* for the usage line, e.g. "FILE" or "[FILE]" */
	const char *help;
	unsigned takes;			/* enum pal_cli_takes */
	int args_min, args_max;
	pal_cli_run_fn *run;
};

/* All of them, a row each (commands.c). */
extern const struct pal_cli_command pal_cli_commands[];
extern const size_t pal_cli_command_count;

/* Parse the command line and do what it says. Return the exit code. */
int pal_cli_main(int argc, char **argv);

/*
 * Print `err`, and `detail` if there is any, as --json or on standard error. Return the exit code
 * that goes with it. Source of the form: src/ctl/README.md.
 */
int pal_cli_fail(const struct pal_cli *cli, const struct pal_error *err, struct pal_str detail);

/* Print the usage error to standard error. Return PAL_EXIT_USAGE. */
int pal_cli_usage_error(const char *fmt, ...) PAL_PRINTF(1, 2);

/* The commands, one file per group. */
int pal_cli_status(const struct pal_cli *cli);
int pal_cli_reload(const struct pal_cli *cli);
int pal_cli_config_check(const struct pal_cli *cli);
int pal_cli_config_explain(const struct pal_cli *cli);
int pal_cli_config_show(const struct pal_cli *cli);
int pal_cli_chat(const struct pal_cli *cli);
int pal_cli_send(const struct pal_cli *cli);
int pal_cli_replay(const struct pal_cli *cli);
int pal_cli_message_where(const struct pal_cli *cli);
int pal_cli_tenant_add(const struct pal_cli *cli);
int pal_cli_tenant_list(const struct pal_cli *cli);
int pal_cli_tenant_show(const struct pal_cli *cli);
int pal_cli_tenant_set(const struct pal_cli *cli);
int pal_cli_tenant_suspend(const struct pal_cli *cli);
int pal_cli_tenant_activate(const struct pal_cli *cli);
int pal_cli_key_create(const struct pal_cli *cli);
int pal_cli_key_list(const struct pal_cli *cli);
int pal_cli_key_revoke(const struct pal_cli *cli);
int pal_cli_key_rotate(const struct pal_cli *cli);
int pal_cli_limits_show(const struct pal_cli *cli);
int pal_cli_limits_reset(const struct pal_cli *cli);
int pal_cli_audit_list(const struct pal_cli *cli);
int pal_cli_audit_verify(const struct pal_cli *cli);
int pal_cli_delivery_list(const struct pal_cli *cli);
int pal_cli_delivery_show(const struct pal_cli *cli);
int pal_cli_delivery_retry(const struct pal_cli *cli);
int pal_cli_delivery_redrive(const struct pal_cli *cli);
int pal_cli_tail(const struct pal_cli *cli);

#endif
