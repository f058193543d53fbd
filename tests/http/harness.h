/* SPDX-License-Identifier: Apache-2.0 */
/* harness.h - a server on real sockets with a clock of the test's own, and a plain blocking
 * client. */
#ifndef PALAVER_TESTS_HTTP_HARNESS_H
#define PALAVER_TESTS_HTTP_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "http/envelope.h"
#include "http/server.h"
#include "loop/loop.h"

#define HARNESS_LOOPS_MAX 2
#define HARNESS_HELD_MAX 16

struct harness {
	struct pal_http_options options;	/* set what you need between init and start */
	size_t loop_count;
	struct pal_http_tls *tls;
	struct pal_loop *loops[HARNESS_LOOPS_MAX];
	struct pal_http_server *server;
	struct pal_http_router *router;
	struct pal_clock_fake clock;
	uint16_t port;
};

/* Options with the fake clock, a sweep of 2 ms and these routes:
 *	POST /echo		the body back, at once
 *	GET /text/{name}	the parameter in plain text
 *	GET /later		held until harness_release
 *	GET /big		HARNESS_BIG bytes, handed over
 *	GET /flow		as many bytes, in pieces
 *	POST /small		as /echo, body of at most 10 bytes
 *	GET /success		the envelope around {"n":1}
 *	GET /close		as /success, then close
 */
void harness_init(struct harness *h);
void harness_start(struct harness *h);
/* Stop the loops, then free everything. */
void harness_stop(struct harness *h);

#define HARNESS_BIG (8u << 20)

/* Wait until `count` exchanges are held by /later. */
void harness_await_held(size_t count);
/* Answer the oldest held exchange with `text`, on its loop; returns when that has been done. */
void harness_release(const char *text);
/* Wait until the server has `count` connections; false after a long while. */
bool harness_await_connections(struct harness *h, uint32_t count);
/* Return when every loop has handled all that was sent, and all jobs posted, before the call. */
void harness_let_read(struct harness *h);

/* --- Client: gives up after 20 s, so that a test fails rather than hangs ---------------------- */

int client_connect(uint16_t port);
void client_send(int fd, const char *text);
void client_send_bytes(int fd, const void *bytes, size_t n);

struct reply {
	int status;		/* 0: none came */
	char head[4096];	/* with its empty line, NUL-terminated */
	size_t body_len;
	char *body;		/* NUL-terminated; free with reply_deinit */
};

/* Read one answer, `has_body` false for HEAD. False when the connection ended before. */
bool client_read(int fd, struct reply *reply, bool has_body);
/* Read one answer and check status and body (NULL: any). */
bool client_expect(int fd, int status, const char *body);
/* Whether the server ends the connection without another byte. */
bool client_sees_end(int fd);
void reply_deinit(struct reply *reply);

#endif
