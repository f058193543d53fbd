/* SPDX-License-Identifier: Apache-2.0 */
/* From received bytes to requests handed over, one at a time, and the refusals in between. */
#include "http/conn.h"
#include "http/envelope.h"

/* Make conn->rx the current exchange; what follows its request begins the next one. */
static struct pal_http_exchange *take_received(struct pal_http_conn *conn)
{
	struct pal_http_exchange *exchange = conn->rx, *next = NULL;
	size_t used = exchange->parser.at, rest = exchange->in.len - used;

	if (rest && !exchange->parser.status) {
		next = pal_http_exchange_take(conn->home, conn);
		if (next)
			pal_buf_add(&next->in, exchange->in.data + used, rest);
		if (!next || next->in.failed)
			exchange->closes = true;	/* the rest is lost: answer and end */
	}
	exchange->in.len = used;
	conn->rx = next;
	conn->cur = exchange;
	pal_http_exchange_fill(exchange);
	return exchange;
}

static void handle(struct pal_http_conn *conn)
{
	struct pal_http_exchange *exchange = take_received(conn);
	const struct pal_http_options *options = pal_http_home_options(conn->home);

	exchange->in_handler = true;
	if (options->handler)
		options->handler(exchange, &exchange->request, options->app);
	else
		pal_http_dispatch(exchange);
	exchange->in_handler = false;
	if (exchange->answered) {
		pal_http_exchange_release(exchange);
		return;
	}
	exchange->expected = true;
	pal_loop_expect(conn->home->loop, 1);
}

static const char *refusal_code(int status)
{
	switch (status) {
	case 408:
		return "REQUEST_TIMEOUT";
	case 413:
		return "PAYLOAD_TOO_LARGE";
	case 414:
		return "URI_TOO_LONG";
	case 417:
		return "EXPECTATION_FAILED";
	case 431:
		return "HEADERS_TOO_LARGE";
	case 501:
		return "NOT_IMPLEMENTED";
	case 503:
		return "SERVICE_UNAVAILABLE";
	case 505:
		return "VERSION_NOT_SUPPORTED";
	default:
		return "VALIDATION_ERROR";
	}
}

void pal_http_conn_refuse(struct pal_http_conn *conn, int status, const char *why)
{
	struct pal_http_exchange *exchange = conn->rx;
	const struct pal_http_failure failure = {
		.status = status,
		.code = refusal_code(status),
		.message = pal_str(why),
		.retry_after_ms = status == 503 ? 1000 : 0,
	};

	pal_metric_add(conn->home->server->metric.refused, 1);
	exchange->parser.status = status;
	exchange = take_received(conn);
	conn->linger = true;
	exchange->in_handler = true;
	pal_http_fail_as(exchange, &failure);
	exchange->in_handler = false;
	pal_http_exchange_release(exchange);
}

/* The head is complete: find the route, whose body limit holds from here on. */
static void on_head(struct pal_http_conn *conn)
{
	struct pal_http_exchange *exchange = conn->rx;
	struct pal_http_parser *parser = &exchange->parser;
	const struct pal_http_router *router = pal_http_home_options(conn->home)->router;

	exchange->match_base = exchange->in.data;
	if (router) {
		struct pal_http_match *match = &exchange->request.match;
		pal_http_router_find(router, (enum pal_http_method)parser->method,
				     pal_http_span_str(exchange->in.data, parser->path), match);
		if (match->route && match->route->body_max)
			pal_http_parser_set_body_max(parser, match->route->body_max);
	}
	/* A client that already sends its body, or whose body will be refused, waits for
	 * nothing. */
	if (parser->expects_continue && exchange->in.len == parser->head_len &&
	    (parser->chunked || parser->chunk_left) && parser->chunk_left <= parser->body_max) {
		pal_buf_add_lit(pal_http_conn_head(conn), "HTTP/1.1 100 Continue\r\n\r\n");
		pal_http_conn_write(conn, (struct pal_str){NULL, 0}, NULL);
	}
}

/* Room for more of the request. The limits of head and body bound it; a body whose length is known
 * is made room for at once, but never on the word of a client that has sent little of it. */
static bool make_room(struct pal_http_exchange *exchange)
{
	struct pal_buf *in = &exchange->in;
	size_t expected = pal_http_parser_expected(&exchange->parser);
	size_t extra = 1;

	if (in->len < in->cap)
		return true;
	if (expected > in->len && expected <= 2 * in->cap)
		extra = expected - in->len;
	return pal_buf_reserve(in, extra) != NULL;
}

static void on_part(struct pal_http_conn *conn)
{
	struct pal_http_exchange *exchange = conn->rx;

	exchange->in.len = pal_http_parser_kept(&exchange->parser);
	if (!make_room(exchange))
		pal_http_conn_refuse(conn, 503, "Out of memory for the request.");
}

void pal_http_conn_process(struct pal_http_conn *conn)
{
	while (pal_http_conn_has_part(conn) && !conn->cur && !conn->out.len && !conn->finish &&
	       !conn->broken) {
		struct pal_http_exchange *exchange = conn->rx;

		if (!exchange->started) {
			exchange->started = true;
			exchange->request.start_ns = conn->home->now_ns;
		}
		switch (pal_http_parser_run(&exchange->parser, exchange->in.data,
					    exchange->in.len)) {
		case PAL_HTTP_PARSE_MORE:
			on_part(conn);
			return;
		case PAL_HTTP_PARSE_HEAD:
			on_head(conn);
			break;
		case PAL_HTTP_PARSE_DONE:
			handle(conn);
			break;
		case PAL_HTTP_PARSE_REFUSED:
			pal_http_conn_refuse(conn, exchange->parser.status, exchange->parser.why);
			return;
		}
	}
}
