/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main: brings the subsystems up in the order of one table, waits for signals, takes them down in
 * reverse. Nothing here knows how a subsystem works.
 */
#include "server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/version.h"
#include "server/notify.h"
#include "server/parts.h"
#include "service/access/upkeep.h"
#include "service/webhook/webhooks.h"

#define SWEEP_MS 1000		/* between looks at idle conversations */
#define DRAIN_POLL_MS 10

/*
 * Down is up in reverse: first nothing comes in or runs any more (threads, control, lanes), then
 * what refers to others goes before those others: a conversation's messages lie in HTTP exchanges,
 * whose answers go to loops.
 */
static const struct subsystem {
	const char *name;
	enum pal_code (*start)(struct pal_server *server, struct pal_error *err);
	void (*stop)(struct pal_server *server);
} subsystems[] = {
	{"state", pal_start_state, pal_stop_state},
	{"store", pal_start_store, pal_stop_store},
	{"access", pal_start_access, pal_stop_access},
	{"limits", pal_start_limits, pal_stop_limits},
	{"front", pal_start_front, pal_stop_front},
	{"audit", pal_start_audit, pal_stop_audit},
	{"loops", pal_start_loops, pal_stop_loops},
	{"http", pal_start_http, pal_stop_http},
	{"courier", pal_start_courier, pal_stop_courier},
	{"channels", pal_start_channels, pal_stop_channels},
	{"deliveries", pal_start_deliveries, pal_stop_deliveries},
	{"sessions", pal_start_sessions, pal_stop_sessions},
	{"messages", pal_start_messages, pal_stop_messages},
	{"webhooks", pal_start_webhooks, pal_stop_webhooks},
	{"lanes", pal_start_lanes, pal_stop_lanes},
	{"sending", pal_start_sending, pal_stop_sending},
	{"control", pal_start_control, pal_stop_control},
	{"threads", pal_start_threads, pal_stop_threads},
	{"pid file", pal_start_pid_file, pal_stop_pid_file},
};

#define SUBSYSTEMS (sizeof(subsystems) / sizeof(subsystems[0]))

static void stop_subsystems(struct pal_server *server, size_t count)
{
	while (count-- > 0)
		subsystems[count].stop(server);
}

/* Start them all; on failure those that were started are stopped again, the failing one too. */
static enum pal_code start_subsystems(struct pal_server *server, struct pal_error *err)
{
	for (size_t i = 0; i < SUBSYSTEMS; i++) {
		enum pal_code code = subsystems[i].start(server, err);
		if (code != PAL_OK) {
			pal_log_error(subsystems[i].name, "cannot start: %s: %s", err->subject,
				      err->message);
			stop_subsystems(server, i + 1);
			return code;
		}
	}
	return PAL_OK;
}

/* --- Signals ---------------------------------------------------------------------------------- */

/* Block them before any thread exists, so that only main ever takes one. */
static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGHUP);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, ret, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* The next signal within `timeout_ms`, or 0. */
static int wait_signal(const sigset_t *set, int64_t timeout_ms)
{
	struct timespec timeout = {.tv_sec = timeout_ms / 1000,
				   .tv_nsec = timeout_ms % 1000 * 1000000};
	int sig = sigtimedwait(set, NULL, &timeout);

	return sig > 0 ? sig : 0;
}

static bool is_end(int sig)
{
	return sig == SIGTERM || sig == SIGINT;
}

/* Serve until TERM or INT. */
static void serve(struct pal_server *server, const sigset_t *set)
{
	for (int sig = 0; !is_end(sig); ) {
		sig = wait_signal(set, SWEEP_MS);
		if (sig == SIGHUP)
			pal_server_reload(server);
		else if (sig == SIGUSR1)
			pal_log_reopen();
		pal_message_sweep(server->messages);
		pal_sessions_sweep(server->sessions);
		pal_webhooks_sweep(server->webhooks);
		pal_access_sweep(server->access, server->front);
		pal_audit_log_sweep(server->audit);
		(void)!pal_store_front_is_healthy(server->front);
	}
}

static void http_is_drained(void *arg)
{
	struct pal_server *server = arg;

	atomic_store(&server->http_drained, true);
}

/*
 * Take nothing new, finish what was taken, write behind; within the time allowed, or until a second
 * signal. True when all is done.
 */
static bool drain(struct pal_server *server, const sigset_t *set)
{
	const struct pal_clock *clock = pal_clock_system();
	int64_t end_ms = pal_clock_mono_ms(clock) +
			 pal_conf_int(server->conf, PAL_OPT_SHUTDOWN_DRAIN_TIMEOUT);
	bool drained = false;

	atomic_store(&server->api.stopping, true);
	pal_notify("STOPPING=1");
	pal_log_info("server", "stopping: finishing what is in flight");
	pal_http_server_drain(server->http, http_is_drained, server);
	while (!drained) {
		/* conversations go last: requests in flight may still need new ones */
		drained = atomic_load(&server->http_drained) &&
			  pal_webhooks_drain(server->webhooks) == 0 &&
			  pal_message_drain(server->messages) == 0 &&
			  pal_sessions_sweep(server->sessions) == 0;
		if (!drained && (is_end(wait_signal(set, DRAIN_POLL_MS)) ||
				 pal_clock_mono_ms(clock) > end_ms))
			break;
	}
	if (!drained)
		pal_log_warning("server", "stopping before everything in flight was finished");
	return drained;
}

/* --- The whole -------------------------------------------------------------------------------- */

static void count_build(void)
{
	static char labels[64];

	snprintf(labels, sizeof(labels), "version=\"%s\"", pal_version());
	pal_metric info = pal_metric_register(&(struct pal_metric_desc){
		.name = "palaver_build_info",
		.help = "What runs here; the value is 1.",
		.kind = PAL_METRIC_GAUGE,
		.labels = labels});

	pal_metric_set(info, 1);
}

/* In the background nobody reads along: whoever started us must not wait for our output to end. */
static void leave_terminal(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2 && nothing >= 0; fd++)
		dup2(nothing, fd);
	if (nothing > 2)
		close(nothing);
}

static void tell_ready(struct pal_server *server)
{
	pal_log_info("server", "palaverd %s serves %s", pal_version(), server->url);
	printf("ready %s\n", server->url);
	fflush(stdout);
	pal_notify("READY=1");
	if (server->options->ready_fd >= 0) {
		leave_terminal();
		(void)!write(server->options->ready_fd, "", 1);
		close(server->options->ready_fd);
	}
}

int pal_server_run(const struct pal_server_options *options)
{
	static struct pal_server server;
	const struct pal_log_options log = pal_settings_log(options->conf);
	struct pal_error err;
	sigset_t set;

	block_signals(&set);
	pal_role_set(PAL_ROLE_MAIN);
	server = (struct pal_server){.options = options,
				     .conf = pal_conf_ref(options->conf),
				     .pid_fd = -1,
				     .state_fd = -1,
				     .started_ms = pal_clock_wall_ms(pal_clock_system())};
	pthread_mutex_init(&server.lock, NULL);
	enum pal_code code = pal_log_start(&log, &err);
	if (code != PAL_OK)
		fprintf(stderr, "palaverd: %s: %s\n", err.subject, err.message);
	if (code == PAL_OK)
		code = start_subsystems(&server, &err);
	if (code == PAL_OK) {
		count_build();
		pal_server_count_reload(true);
		tell_ready(&server);
		serve(&server, &set);
		drain(&server, &set);
		pal_access_sweep(server.access, server.front);
		pal_audit_log_sweep(server.audit);
		stop_subsystems(&server, SUBSYSTEMS);
		pal_log_info("server", "stopped");
	}
	pal_log_stop();
	pal_conf_unref(server.conf);
	pthread_mutex_destroy(&server.lock);
	return code == PAL_OK ? 0 : code == PAL_E_CONFIG ? PAL_EXIT_CONFIG : PAL_EXIT_FAILURE;
}
