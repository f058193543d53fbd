/* SPDX-License-Identifier: Apache-2.0 */
/* palaverd: reads the command line and the configuration, then hands over to the server. */
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/version.h"
#include "conf/conf.h"
#include "courier/courier.h"
#include "loop/loop.h"
#include "server/server.h"
#include "store/sqlite/sqlite.h"

#define DEFAULT_FILE PAL_SYSCONFDIR "/palaver/palaver.yaml"
#define OVERRIDES_MAX 64u
#define PID_OVERRIDE_SIZE 4200

extern char **environ;

struct command_line {
	struct pal_conf_sources sources;
	const char *overrides[OVERRIDES_MAX];
	char pid_override[PID_OVERRIDE_SIZE];
	bool test, dump, background, quiet;
};

static const char usage[] =
	"usage: palaverd [-c FILE] [-D KEY=VALUE]... [-d [-p PIDFILE]] [-fqtThV] [--dev]\n"
	"  -c, --config FILE    configuration, default " DEFAULT_FILE "\n"
	"  -D, --define K=V     set an option over the configuration; repeatable\n"
	"  -t, --test           test the configuration and exit\n"
	"  -T, --dump           test it and print every value with its origin\n"
	"  -f, --foreground     stay in the foreground (the default)\n"
	"  -d, --daemon         go into the background once everything serves\n"
	"  -p, --pid-file FILE  write the process id here\n"
	"  -q, --quiet          do not print warnings about the configuration\n"
	"      --dev            run without a configuration, for development\n"
	"  -V, --version        print versions and exit\n"
	"  -h, --help           print this and exit\n";

static void print_version(void)
{
	const char *curl = pal_courier_library_version();

	printf("palaverd %s\nlibevent %s, SQLite %s, libcurl %s\nlanguage detection: %s\n",
	       pal_version(), pal_loop_library_version(), pal_sqlite_library_version(),
	       curl ? curl : "missing",
	       pal_version_has_cld2() ? "CLD2 and built in" : "built in");
}

static bool add_override(struct command_line *line, const char *text)
{
	if (line->sources.overrides_count == OVERRIDES_MAX) {
		fprintf(stderr, "palaverd: more than %u options set with -D\n", OVERRIDES_MAX);
		return false;
	}
	line->overrides[line->sources.overrides_count++] = text;
	return true;
}

/* -1: go on; else the exit code. */
static int read_option(struct command_line *line, int option, const char *value)
{
	switch (option) {
	case 'c':
		line->sources.file = value;
		return -1;
	case 'D':
		return add_override(line, value) ? -1 : PAL_EXIT_USAGE;
	case 'p':
		snprintf(line->pid_override, sizeof(line->pid_override), "pid_file=%s", value);
		return add_override(line, line->pid_override) ? -1 : PAL_EXIT_USAGE;
	case 't':
		line->test = true;
		return -1;
	case 'T':
		line->dump = true;
		return -1;
	case 'f':
		line->background = false;
		return -1;
	case 'd':
		line->background = true;
		return -1;
	case 'q':
		line->quiet = true;
		return -1;
	case 'X':
		line->sources.dev = true;
		return -1;
	case 'V':
		print_version();
		return 0;
	case 'h':
		fputs(usage, stdout);
		return 0;
	default:
		fputs(usage, stderr);
		return PAL_EXIT_USAGE;
	}
}

static int read_command_line(struct command_line *line, int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"define", required_argument, NULL, 'D'},
		{"pid-file", required_argument, NULL, 'p'},
		{"test", no_argument, NULL, 't'},
		{"dump", no_argument, NULL, 'T'},
		{"foreground", no_argument, NULL, 'f'},
		{"daemon", no_argument, NULL, 'd'},
		{"quiet", no_argument, NULL, 'q'},
		{"dev", no_argument, NULL, 'X'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option, code = -1;

	line->sources.overrides = line->overrides;
	line->sources.env = environ;
	while (code < 0 && (option = getopt_long(argc, argv, "c:D:p:tTfdqVh", options, NULL)) != -1)
		code = read_option(line, option, optarg);
	if (code < 0 && optind < argc) {
		fprintf(stderr, "palaverd: unexpected argument %s\n%s", argv[optind], usage);
		code = PAL_EXIT_USAGE;
	}
	if (!line->sources.file && !line->sources.dev)
		line->sources.file = DEFAULT_FILE;
	return code;
}

static struct pal_conf *load(const struct command_line *line)
{
	struct pal_conf_report report = {.errors_count = 0};
	struct pal_conf *conf = NULL;
	struct pal_buf text = {0};

	if (pal_conf_load(&line->sources, &conf, &report) != PAL_OK)
		conf = NULL;
	if (!conf || !line->quiet)
		pal_conf_report_write(&report, &text);
	if (text.len)
		fwrite(text.data, 1, text.len, stderr);
	pal_buf_deinit(&text);
	pal_conf_report_deinit(&report);
	return conf;
}

/*
 * Go into the background (-d). The parent waits until the daemon serves, so that whoever started it
 * knows whether it does; it exits with the daemon's code if it does not. Return the descriptor to
 * report on, or -1.
 */
static int go_into_background(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) != 0) {
		perror("palaverd: pipe");
		exit(PAL_EXIT_FAILURE);
	}
	pid_t pid = fork();
	if (pid < 0) {
		perror("palaverd: fork");
		exit(PAL_EXIT_FAILURE);
	}
	if (pid > 0) {
		int status = 0;
		close(ends[1]);
		if (read(ends[0], &byte, 1) == 1)
			_exit(0);
		_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									   : PAL_EXIT_FAILURE);
	}
	close(ends[0]);
	setsid();
	return ends[1];
}

#define LARGE_BYTES (128 << 10)

/*
 * Let what is large go back to the system when it is given up. By itself the library takes the first
 * such block for the rule, and keeps the room of all later ones that are no larger.
 */
static void give_back_large_blocks(void)
{
#ifdef M_MMAP_THRESHOLD		/* of the GNU C library */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
}

int main(int argc, char **argv)
{
	static struct command_line line;

	give_back_large_blocks();
	int code = read_command_line(&line, argc, argv);

	if (code >= 0)
		return code;
	struct pal_conf *conf = load(&line);
	if (!conf)
		return PAL_EXIT_CONFIG;
	if (line.dump) {
		struct pal_buf text = {0};
		pal_conf_dump(conf, &text);
		fwrite(text.data, 1, text.len, stdout);
		pal_buf_deinit(&text);
	} else if (line.test) {
		fputs("the configuration is right\n", stderr);
	} else {
		const struct pal_server_options options = {
			.conf = conf,
			.sources = &line.sources,
			.dev = line.sources.dev,
			.ready_fd = line.background ? go_into_background() : -1};
		code = pal_server_run(&options);
	}
	pal_conf_unref(conf);
	return code < 0 ? 0 : code;
}
