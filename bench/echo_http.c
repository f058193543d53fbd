/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_http - a bare handler on the HTTP server: what a message costs before anything is done with
 * it. Usage: echo_http [PORT [LOOPS]]. Prints the port; ends on SIGTERM or SIGINT.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/server.h"
#include "loop/loop.h"

#define LOOPS_MAX 16
#define BODY_BYTES 600

static char body[BODY_BYTES];

static void on_request(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       void *app)
{
	(void)request;
	(void)app;
	pal_http_respond(exchange, 200, "application/json", (struct pal_str){body, sizeof(body)});
}

static void die(const struct pal_error *err)
{
	fprintf(stderr, "echo_http: %s: %s\n", err->subject, err->message);
	exit(1);
}

static void wait_for_signal(void)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &got);
}

int main(int argc, char **argv)
{
	struct pal_http_listener listener = {.address = "127.0.0.1"};
	struct pal_http_options options = PAL_HTTP_OPTIONS_DEFAULT;
	struct pal_http_server *server;
	struct pal_loop *loops[LOOPS_MAX];
	struct pal_error err;
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;

	if (count < 1 || count > LOOPS_MAX)
		count = 1;
	listener.port = argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0;
	memset(body, 'x', sizeof(body));
	options.listeners = &listener;
	options.listener_count = 1;
	options.connections_max = 100000;
	options.handler = on_request;
	for (unsigned i = 0; i < count; i++)
		if (pal_loop_create(i, &loops[i], &err) != PAL_OK)
			die(&err);
	if (pal_http_server_create(&options, loops, count, &server, &err) != PAL_OK)
		die(&err);
	pal_http_server_start(server);
	for (unsigned i = 0; i < count; i++)
		if (pal_loop_start(loops[i], PAL_ROLE_LOOP, &err) != PAL_OK)
			die(&err);
	printf("port %u\n", pal_http_server_port(server, 0));
	fflush(stdout);
	wait_for_signal();
	for (unsigned i = 0; i < count; i++) {
		pal_loop_stop(loops[i]);
		pal_loop_join(loops[i]);
	}
	pal_http_server_destroy(server);
	for (unsigned i = 0; i < count; i++)
		pal_loop_destroy(loops[i]);
	return 0;
}
