/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - HTTP/1.1 server over a set of loops. Each loop has its own listening sockets
 * (SO_REUSEPORT) and keeps a connection it accepted until the end of it.
 */
#ifndef PALAVER_HTTP_SERVER_H
#define PALAVER_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/exchange.h"
#include "http/parser.h"
#include "http/router.h"
#include "http/tls.h"

struct pal_loop;
struct pal_http_server;

#define PAL_HTTP_LISTENERS_MAX 8u

struct pal_http_listener {
	const char *address;	/* IPv4 or IPv6, numeric: "0.0.0.0", "::1" */
	uint16_t port;		/* 0: any free one, see pal_http_server_port */
	struct pal_http_tls *tls;	/* NULL: plain; outlives the server */
};

/* Told of each answer, for the access log and metrics. Runs on: the loop. */
typedef void pal_http_answered_fn(const struct pal_http_request *request, int status,
				  size_t body_bytes, int64_t elapsed_ns, void *app);

/* Whether the cap per address does not count `peer`, such as a trusted proxy. Runs on: the loop. */
typedef bool pal_http_exempt_fn(const struct pal_http_peer *peer, void *app);

/* Everything fixed at create. Start from PAL_HTTP_OPTIONS_DEFAULT. */
struct pal_http_options {
	const struct pal_http_listener *listeners;
	size_t listener_count;		/* 1..PAL_HTTP_LISTENERS_MAX */
	struct pal_http_limits limits;
	uint32_t connections_max;	/* over all loops; beyond: 503 and close */
	uint32_t connections_per_address_max;	/* 0: no cap */
	uint32_t handshake_ms;		/* TLS handshake */
	uint32_t head_ms;		/* from the first byte, or the accept, to the empty line */
	uint32_t request_ms;		/* from the first byte to the last of the body */
	uint32_t keep_alive_ms;		/* between requests */
	uint32_t write_ms;		/* one answer, until the kernel took it all */
	uint32_t linger_ms;		/* reading on after a refusal */
	uint32_t sweep_ms;		/* how often deadlines are looked at */
	uint32_t body_rate_min;		/* bytes/s on average after 5 s of body; 0: none */
	uint32_t backlog;
	const struct pal_clock *clock;	/* NULL: the machine's */
	const struct pal_http_router *router;	/* NULL: none, all goes to the handler */
	pal_http_handler_fn *handler;	/* every request; NULL: pal_http_dispatch */
	pal_http_answered_fn *answered;	/* may be NULL */
	pal_http_exempt_fn *is_exempt;	/* NULL: nobody is */
	void *app;			/* handed to the three above and to the routes' handlers */
	const char *problem_base;	/* prefix of problem+json types; NULL: about:blank */
};

#define PAL_HTTP_OPTIONS_DEFAULT                                                                   \
	((struct pal_http_options){.limits = PAL_HTTP_LIMITS_DEFAULT,                              \
				   .connections_max = 10000,                                       \
				   .handshake_ms = 10000,                                          \
				   .head_ms = 10000,                                               \
				   .request_ms = 30000,                                            \
				   .keep_alive_ms = 75000,                                         \
				   .write_ms = 30000,                                              \
				   .linger_ms = 2000,                                              \
				   .sweep_ms = 250,                                                \
				   .body_rate_min = 500,                                           \
				   .backlog = 1024})

/*
 * Bind and listen, one socket per listener and loop, but accept nothing yet. `options` and its
 * arrays are copied; `loops` do not run yet and must outlive the server. The caller owns
 * *ret_server. Fails, naming the address that cannot be bound, with PAL_E_SERVICE when another
 * process has it and PAL_E_CONFIG otherwise. Runs on: main.
 */
enum pal_code pal_http_server_create(const struct pal_http_options *options,
				     struct pal_loop **loops, size_t loop_count,
				     struct pal_http_server **ret_server, struct pal_error *err)
	PAL_MUST_CHECK;

/* Begin to accept. Runs on: main, before or after the loops start. */
void pal_http_server_start(struct pal_http_server *server);

/*
 * Take over from `options` the limits, the caps on connections, the deadlines and the least body
 * rate; the rest stays as created. Every loop does so between two events: what has begun is judged
 * by the new figures, but a body whose head was read keeps its limit. Runs on: main.
 */
void pal_http_server_tune(struct pal_http_server *server, const struct pal_http_options *options);

/* The port of listener `index` as bound. Runs on: any. */
uint16_t pal_http_server_port(const struct pal_http_server *server, size_t index);

/* Connections open now. Runs on: any. */
uint32_t pal_http_server_connections(const struct pal_http_server *server);

/*
 * Stop accepting, close idle connections, answer what is in flight with Connection: close; when the
 * last connection is gone call `done` once, on one of the loops. Runs on: main, once.
 */
typedef void pal_http_drained_fn(void *arg);
void pal_http_server_drain(struct pal_http_server *server, pal_http_drained_fn *done, void *arg);

/*
 * Cut every connection, whatever it is doing. Exchanges in flight stay valid and their answers go
 * nowhere. Done once the loops' queues have run; a drain then completes. Runs on: main.
 */
void pal_http_server_stop(struct pal_http_server *server);

/*
 * Free the server and every exchange nobody answered; NULL is fine. The loops must have been
 * stopped and joined, but not yet destroyed. Runs on: main.
 */
void pal_http_server_destroy(struct pal_http_server *server);

/*
 * What the server does without a handler: call the matched route's handler, or answer 404, 405 with
 * Allow, 204 with Allow to OPTIONS, 400 to a parameter that does not decode. A handler that does
 * its own checks first ends with it. Runs on: the loop.
 */
void pal_http_dispatch(struct pal_http_exchange *exchange);

#endif
