/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "base/version.h"
#include "ctl/failure.h"
#include "model/message.h"

#define DEFAULT_SOCKET PAL_LOCALSTATEDIR "/lib/palaver/palaverd.sock"
#define DEFAULT_URL "http://127.0.0.1:8001"
#define DEFAULT_PARALLEL 16

static const struct {
	const char *name, *value, *help;
	int letter;
	unsigned goes_with;	/* 0: every command */
} options[] = {
	{"json", NULL, "print JSON", 'j', 0},
	{"help", NULL, "print this", 'h', 0},
	{"version", NULL, "print the version", 'V', 0},
	{"socket", "PATH", "the daemon's control socket (PALAVER_SOCKET)", 's', PAL_CLI_SOCKET},
	{"url", "URL", "where the daemon serves HTTP (PALAVER_URL)", 'u', PAL_CLI_HTTP},
	{"key-file", "FILE", "a file with the API key (PALAVER_KEY_FILE)", 'k', PAL_CLI_HTTP},
	{"tenant", "ID", "only this tenant", 't', PAL_CLI_TENANT},
	{"user", "ID", "whose messages these are", 'U', PAL_CLI_TALK},
	{"conversation", "ID", "go on with this conversation; only deliveries of it", 'c',
	 PAL_CLI_TALK | PAL_CLI_FILTER},
	{"parallel", "N", "dialogs at once (16)", 'p', PAL_CLI_REPLAY},
	{"limit", "N", "not more than N dialogs, records, deliveries", 'n',
	 PAL_CLI_REPLAY | PAL_CLI_LIMIT},
	{"file", "DB", "the store's file, instead of a daemon", 'f', PAL_CLI_FILE},
	{"status", "STATUS", "only deliveries that stand so, such as failed", 'S', PAL_CLI_STATUS},
	{"channel", "CHANNEL", "only deliveries of this channel", 'C', PAL_CLI_FILTER},
	{"dry-run", NULL, "only tell what would be done", 'N', PAL_CLI_DRY_RUN},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

int pal_cli_usage_error(const char *fmt, ...)
{
	va_list list;

	fputs("palaverctl: ", stderr);
	va_start(list, fmt);
	vfprintf(stderr, fmt, list);
	va_end(list);
	fputs("\n", stderr);
	return PAL_EXIT_USAGE;
}

int pal_cli_fail(const struct pal_cli *cli, const struct pal_error *err, struct pal_str detail)
{
	if (cli->json) {
		struct pal_buf line = pal_buf_of(0);
		pal_ctl_put_failure(&line, err, detail);
		fwrite(line.data, 1, line.len, stdout);
		pal_buf_deinit(&line);
	} else if (detail.n > 0) {
		fprintf(stderr, "%.*s%s", (int)detail.n, detail.p,
			detail.p[detail.n - 1] == '\n' ? "" : "\n");
	} else {
		bool says_it =
			err->subject[0] == '\0' || strstr(err->message, err->subject) != NULL;
		fprintf(stderr, "palaverctl: %s%s%s\n", says_it ? "" : err->subject,
			says_it ? "" : ": ", err->message);
	}
	return err->code == PAL_E_CONFIG ? PAL_EXIT_CONFIG : PAL_EXIT_FAILURE;
}

/* --- help ------------------------------------------------------------------------------------- */

static void print_options(unsigned takes)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (options[i].goes_with != 0 && !(options[i].goes_with & takes))
			continue;
		char left[64];
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
			 options[i].value ? " " : "", options[i].value ? options[i].value : "");
		printf("  -%c, %-20s %s\n", options[i].letter, left, options[i].help);
	}
}

static int print_help(const struct pal_cli_command *command)
{
	if (command) {
		printf("usage: palaverctl %s%s%s [options]\n%s\n\n", command->name,
		       command->operands[0] ? " " : "", command->operands, command->help);
		print_options(command->takes);
		return PAL_EXIT_OK;
	}
	puts("usage: palaverctl [options] COMMAND [operands]\n");
	for (size_t i = 0; i < pal_cli_command_count; i++) {
		char left[64];
		const struct pal_cli_command *c = &pal_cli_commands[i];
		snprintf(left, sizeof(left), "%s %s", c->name, c->operands);
		printf("  %-22s %s\n", left, c->help);
	}
	puts("");
	print_options(~0u);
	return PAL_EXIT_OK;
}

/* --- the command line ------------------------------------------------------------------------- */

/* Match one or two words; *ret_words says how many were the name. */
static const struct pal_cli_command *find(char **words, int count, int *ret_words)
{
	for (size_t i = 0; i < pal_cli_command_count; i++) {
		const char *name = pal_cli_commands[i].name, *space = strchr(name, ' ');
		size_t first = space ? (size_t)(space - name) : strlen(name);
		if (strlen(words[0]) != first || memcmp(words[0], name, first) != 0)
			continue;
		if (space && (count < 2 || strcmp(words[1], space + 1) != 0))
			continue;
		*ret_words = space ? 2 : 1;
		return &pal_cli_commands[i];
	}
	return NULL;
}

static int refuse_command(char **words, int count)
{
	char both[128];
	struct pal_suggest one = {.word = pal_str(words[0])}, two = {.word = {both, 0}};

	snprintf(both, sizeof(both), "%s %s", words[0], count > 1 ? words[1] : "");
	two.word = pal_str(both);
	for (size_t i = 0; i < pal_cli_command_count; i++) {
		bool is_pair = strchr(pal_cli_commands[i].name, ' ') != NULL;
		pal_suggest_offer(is_pair ? &two : &one, pal_cli_commands[i].name);
	}
	const char *best = one.best ? one.best : two.best;
	if (best)
		return pal_cli_usage_error("there is no command \"%s\"; did you mean \"%s\"?",
					   words[0], best);
	return pal_cli_usage_error("there is no command \"%s\"; palaverctl --help lists them",
				   words[0]);
}

static int refuse_option(const char *word)
{
	struct pal_suggest near = {.word = pal_str(word)};
	char name[32];

	if (near.word.n > 2 && word[1] == '-') {
		near.word = (struct pal_str){word + 2, strcspn(word + 2, "=")};
		for (size_t i = 0; i < OPTIONS; i++)
			pal_suggest_offer(&near, options[i].name);
	}
	snprintf(name, sizeof(name), "%s", near.best ? near.best : "help");
	return pal_cli_usage_error("there is no option %s; %s --%s%s", word,
				   near.best ? "did you mean" : "see", name, near.best ? "?" : "");
}

static bool read_number(const char *text, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno != 0 || n == 0 || n > max)
		return false;
	*ret = n;
	return true;
}

/* One of `names`, NULL-terminated. 0 or an exit code. */
static int take_choice(const char *option, const char *value, const char *const *names,
		       const char **ret)
{
	struct pal_buf all = pal_buf_of(0);

	for (size_t i = 0; names[i]; i++) {
		if (strcmp(names[i], value) == 0) {
			*ret = value;
			pal_buf_deinit(&all);
			return 0;
		}
		pal_buf_addf(&all, "%s%s", i ? ", " : "", names[i]);
	}
	int rc = pal_cli_usage_error("--%s takes one of %.*s", option, (int)all.len,
				     all.data ? all.data : "");
	pal_buf_deinit(&all);
	return rc;
}

#define NAME_OF(id, name) name,
static const char *const statuses[] = {PAL_DELIVERY_STATUSES(NAME_OF) NULL};
static const char *const channels[] = {PAL_CHANNELS(NAME_OF) NULL};

/* Store one option; 0 or an exit code. */
static int take_option(struct pal_cli *cli, int letter, const char *value)
{
	unsigned long n = 0;

	switch (letter) {
	case 'j': cli->json = true; return 0;
	case 's': cli->socket = value; return 0;
	case 'u': cli->url = value; return 0;
	case 'k': cli->key_file = value; return 0;
	case 't': cli->tenant = value; return 0;
	case 'U': cli->user = value; return 0;
	case 'c': cli->conversation = value; return 0;
	case 'f': cli->file = value; return 0;
	case 'N': cli->dry_run = true; return 0;
	case 'S': return take_choice("status", value, statuses, &cli->status);
	case 'C': return take_choice("channel", value, channels, &cli->channel);
	case 'p':
		if (!read_number(value, PAL_CLI_PARALLEL_MAX, &n))
			return pal_cli_usage_error("--parallel takes a number, 1 to %u",
						   PAL_CLI_PARALLEL_MAX);
		cli->parallel = (unsigned)n;
		return 0;
	default:
		if (!read_number(value, 1000000000, &n))
			return pal_cli_usage_error("--limit takes a number from 1");
		cli->limit = n;
		return 0;
	}
}

struct parsed {
	struct pal_cli cli;
	bool help, version;
	unsigned given;			/* options seen, one bit for each of the table */
};

static size_t index_of(int letter)
{
	size_t i = 0;

	while (i < OPTIONS - 1 && options[i].letter != letter)
		i++;
	return i;
}

static int parse(int argc, char **argv, struct parsed *out)
{
	struct option longs[OPTIONS + 1] = {0};
	char shorts[2 * OPTIONS + 2] = ":";

	for (size_t i = 0; i < OPTIONS; i++) {
		longs[i] = (struct option){options[i].name,
					   options[i].value ? required_argument : no_argument, NULL,
					   options[i].letter};
		size_t n = strlen(shorts);
		snprintf(shorts + n, sizeof(shorts) - n, "%c%s", options[i].letter,
			 options[i].value ? ":" : "");
	}
	opterr = 0;
	for (int letter; (letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1; ) {
		if (letter == ':')
			return pal_cli_usage_error("%s needs a value", argv[optind - 1]);
		if (letter == '?')
			return refuse_option(argv[optind - 1]);
		out->given |= 1u << index_of(letter);
		out->help |= letter == 'h';
		out->version |= letter == 'V';
		int rc =
			letter == 'h' || letter == 'V' ? 0 : take_option(&out->cli, letter, optarg);
		if (rc != 0)
			return rc;
	}
	out->cli.args = argv + optind;
	out->cli.count = argc - optind;
	return 0;
}

static int check_use(const struct pal_cli_command *command, const struct parsed *p)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if ((p->given & (1u << i)) && options[i].goes_with != 0 &&
		    !(options[i].goes_with & command->takes))
			return pal_cli_usage_error("%s takes no --%s", command->name,
						   options[i].name);
	}
	if (p->cli.count < command->args_min)
		return pal_cli_usage_error("%s needs %s", command->name, command->operands);
	if (p->cli.count > command->args_max)
		return pal_cli_usage_error("%s: there is an operand too many: %s", command->name,
					   p->cli.args[command->args_max]);
	return 0;
}

static const char *from_environment(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static bool is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == geteuid();
}

/* Where nothing was said: a daemon of one's own under --dev is met without options, too. */
static void fill_in(struct pal_cli *cli)
{
	static char socket_path[128], key_path[160];
	const char *tmp = from_environment("TMPDIR");

	cli->socket = cli->socket ? cli->socket : from_environment("PALAVER_SOCKET");
	cli->url = cli->url ? cli->url : from_environment("PALAVER_URL");
	cli->key_file = cli->key_file ? cli->key_file : from_environment("PALAVER_KEY_FILE");
	if (!cli->socket) {
		snprintf(socket_path, sizeof(socket_path), "%.64s/palaver-dev-%u/palaverd.sock",
			 tmp ? tmp : "/tmp", (unsigned)geteuid());
		cli->socket = is_ours(socket_path) ? socket_path : DEFAULT_SOCKET;
	}
	if (!cli->url)
		cli->url = DEFAULT_URL;
	if (!cli->key_file) {
		const char *slash = strrchr(cli->socket, '/');
		int folder = slash ? (int)(slash - cli->socket) + 1 : 0;
		snprintf(key_path, sizeof(key_path), "%.*sdev.key", folder, cli->socket);
		cli->key_file = is_ours(key_path) ? key_path : NULL;
	}
}

int pal_cli_main(int argc, char **argv)
{
	struct parsed p = {.cli = {.parallel = DEFAULT_PARALLEL}};
	int words = 0, rc = parse(argc, argv, &p);

	if (rc != 0)
		return rc;
	if (p.version) {
		printf("palaverctl %s\n", pal_version());
		return PAL_EXIT_OK;
	}
	if (p.cli.count == 0)
		return p.help ? print_help(NULL)
			      : pal_cli_usage_error(
					"a command is missing; palaverctl --help lists them");
	const struct pal_cli_command *command = find(p.cli.args, p.cli.count, &words);
	if (!command)
		return refuse_command(p.cli.args, p.cli.count);
	if (p.help)
		return print_help(command);
	p.cli.args += words;
	p.cli.count -= words;
	rc = check_use(command, &p);
	if (rc != 0)
		return rc;
	fill_in(&p.cli);
	return command->run(&p.cli);
}
