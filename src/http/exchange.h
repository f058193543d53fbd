/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.h - one request and its one answer. The handler gets both on the connection's loop and
 * answers at once or later, on that loop; when the client has left, answering is a harmless no-op.
 */
#ifndef PALAVER_HTTP_EXCHANGE_H
#define PALAVER_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "http/parser.h"
#include "http/router.h"

struct pal_loop;
struct pal_http_exchange;

#define PAL_HTTP_REQUEST_ID_MAX 128u	/* bytes of an X-Request-ID taken over */
#define PAL_HTTP_PEER_TEXT_SIZE 46	/* an IPv6 address and NUL */

/* Who sent it: an IPv6 address, IPv4 as ::ffff:a.b.c.d. */
struct pal_http_peer {
	uint8_t address[16];
	uint16_t port;
};

/* A request. All views live as long as the exchange. */
struct pal_http_request {
	enum pal_http_method method;
	struct pal_str target, path, query;	/* as sent, percent-encoded; query without `?` */
	struct pal_str body;
	struct pal_str id;		/* X-Request-ID when it was fit, else generated */
	struct pal_http_match match;	/* what the server's router said, parameters decoded */
	struct pal_http_peer peer;
	bool is_tls;
	int64_t start_ns;		/* monotonic: when its first byte was seen */
	struct pal_arena *arena;	/* memory that lives as long as the exchange */
	const struct pal_http_parser *parser;	/* headers; use the functions below */
	const char *data;
};

/* The value of a known header, p NULL when absent. Runs on: any that owns the exchange. */
static inline struct pal_str pal_http_request_header(const struct pal_http_request *request,
						     enum pal_http_header_id id)
{
	return pal_http_parser_header(request->parser, request->data, id);
}

/* The value of the first header called `name`, in any case; p NULL when absent. */
static inline struct pal_str pal_http_request_find(const struct pal_http_request *request,
						   struct pal_str name)
{
	return pal_http_parser_find(request->parser, request->data, name);
}

/* The decoded path parameter `name` of the matched route, p NULL when it has none of that name.
 * Runs on: any that owns the exchange. */
struct pal_str pal_http_request_param(const struct pal_http_request *request, const char *name);

/* Write the address of `peer` in its usual text form. Return `out`. Runs on: any. */
char *pal_http_peer_format(const struct pal_http_peer *peer, char out[PAL_HTTP_PEER_TEXT_SIZE]);

/* --- Answering. Runs on: the loop of the exchange. -------------------------------------------- */

/* The loop all of the following must be called on. Runs on: any. */
struct pal_loop *pal_http_exchange_loop(const struct pal_http_exchange *exchange);

/* The request; as long-lived as the exchange. Runs on: any that owns the exchange. */
const struct pal_http_request *pal_http_exchange_request(const struct pal_http_exchange *exchange);

/* A pointer of the handler's own, kept with the exchange; NULL at first. */
void pal_http_exchange_set_context(struct pal_http_exchange *exchange, void *context);
void *pal_http_exchange_context(const struct pal_http_exchange *exchange);
/* The same by its request. */
void *pal_http_request_context(const struct pal_http_request *request);

/* Whether somebody still waits for the answer. */
bool pal_http_exchange_is_live(const struct pal_http_exchange *exchange);

/*
 * Add a header to the answer to come. Date, Content-Length, Content-Type, Connection, X-Request-ID
 * and X-Processing-Time are written by the server. This is the one function that writes headers
 * from outside: it refuses a `name` that is not a token and a `value` with CR, LF, NUL or other
 * control bytes, and then adds nothing and returns false. Also false when out of memory.
 */
bool pal_http_header(struct pal_http_exchange *exchange, struct pal_str name, struct pal_str value);

/* Close the connection after the answer. */
void pal_http_exchange_close_after(struct pal_http_exchange *exchange);

/*
 * Answer with `status` 200..599 and a copy of `body`; `content_type` NULL: none. The exchange ends
 * here: neither it nor its request may be used again. Exactly one answer per exchange.
 */
void pal_http_respond(struct pal_http_exchange *exchange, int status, const char *content_type,
		      struct pal_str body);

/* As pal_http_respond, but take the bytes of `body` over: `body` is left empty. */
void pal_http_respond_take(struct pal_http_exchange *exchange, int status, const char *content_type,
			   struct pal_buf *body);

#endif
