/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "http/answer.h"
#include "http/chars.h"
#include "http/conn.h"
#include "http/home.h"
#include "http/query.h"

/* --- Life ------------------------------------------------------------------------------------- */

static struct pal_http_exchange *create(struct pal_http_home *home)
{
	struct pal_http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	if (!pal_buf_reserve(&exchange->in, PAL_HTTP_IN_BYTES)) {
		free(exchange);
		return NULL;
	}
	exchange->home = home;
	pal_http_link_init(&exchange->link);
	return exchange;
}

struct pal_http_exchange *pal_http_exchange_take(struct pal_http_home *home,
						 struct pal_http_conn *conn)
{
	struct pal_http_exchange *exchange;

	if (home->spare_count) {	/* the one used last is still in the cache */
		exchange = PAL_HTTP_OF(home->spare.prev, struct pal_http_exchange, link);
		pal_http_link_remove(&exchange->link);
		home->spare_count--;
	} else {
		exchange = create(home);
		if (!exchange)
			return NULL;
	}
	pal_http_link_append(&home->live, &exchange->link);
	exchange->conn = conn;
	exchange->context = NULL;
	exchange->flow = NULL;
	exchange->match_base = NULL;
	exchange->started = exchange->in_handler = exchange->answered = false;
	exchange->closes = exchange->challenged = exchange->expected = false;
	pal_http_parser_init(&exchange->parser, &pal_http_home_options(home)->limits);
	return exchange;
}

static void expect_no_more(struct pal_http_exchange *exchange)
{
	if (exchange->expected)
		pal_loop_expect(exchange->home->loop, -1);
	exchange->expected = false;
}

void pal_http_exchange_free(struct pal_http_exchange *exchange)
{
	expect_no_more(exchange);
	pal_http_link_remove(&exchange->link);
	pal_arena_release(&exchange->arena);
	pal_buf_deinit(&exchange->in);
	pal_buf_deinit(&exchange->extra);
	free(exchange);
}

void pal_http_exchange_release(struct pal_http_exchange *exchange)
{
	struct pal_http_home *home = exchange->home;
	bool usual = exchange->in.cap <= PAL_HTTP_IN_BYTES &&
		     exchange->extra.cap <= PAL_HTTP_IN_BYTES;

	expect_no_more(exchange);
	if (!usual || home->spare_count >= PAL_HTTP_SPARE_MAX) {
		pal_http_exchange_free(exchange);
		return;
	}
	pal_http_link_remove(&exchange->link);
	pal_arena_reset(&exchange->arena);
	pal_buf_clear(&exchange->in);
	pal_buf_clear(&exchange->extra);
	pal_http_link_append(&home->spare, &exchange->link);
	home->spare_count++;
}

/* --- The request ------------------------------------------------------------------------------ */

static struct pal_str request_id(struct pal_http_exchange *exchange)
{
	struct pal_str given = pal_http_parser_header(&exchange->parser, exchange->in.data,
						      PAL_HTTP_H_X_REQUEST_ID);

	if (given.n > 0 && given.n <= PAL_HTTP_REQUEST_ID_MAX &&
	    pal_http_chars_are(given, PAL_CHAR_ID))
		return given;
	struct pal_uuid id = pal_uuid_v4();
	return (struct pal_str){pal_uuid_format(&id, exchange->id), PAL_UUID_TEXT_SIZE - 1};
}

static void decode_params(struct pal_http_request *request)
{
	struct pal_http_match *match = &request->match;

	for (unsigned i = 0; i < match->param_count; i++)
		if (!pal_http_decode(match->param[i], false, request->arena, &match->param[i]))
			match->kind = PAL_HTTP_MATCH_BAD_PARAM;
}

void pal_http_exchange_fill(struct pal_http_exchange *exchange)
{
	struct pal_http_request *request = &exchange->request;
	const struct pal_http_parser *parser = &exchange->parser;
	const struct pal_http_router *router = pal_http_home_options(exchange->home)->router;
	const char *data = exchange->in.data;

	request->method = (enum pal_http_method)parser->method;
	request->target = pal_http_span_str(data, parser->target);
	request->path = pal_http_span_str(data, parser->path);
	request->query = pal_http_span_str(data, parser->query);
	request->body = pal_http_parser_body(parser, data);
	request->id = request_id(exchange);
	request->peer = exchange->conn->peer;
	request->is_tls = exchange->conn->stream.ssl != NULL;
	request->arena = &exchange->arena;
	request->parser = parser;
	request->data = data;
	if (!router || parser->status)
		request->match = (struct pal_http_match){.kind = PAL_HTTP_MATCH_NONE};
	else if (exchange->match_base != data)
		pal_http_router_find(router, request->method, request->path, &request->match);
	decode_params(request);
}

struct pal_str pal_http_request_param(const struct pal_http_request *request, const char *name)
{
	const struct pal_http_match *match = &request->match;
	const char *at = match->route ? match->route->path : "";
	size_t n = strlen(name);

	for (unsigned i = 0; i < match->param_count && (at = strchr(at, '{')) != NULL; i++) {
		at++;
		if (strncmp(at, name, n) == 0 && at[n] == '}')
			return match->param[i];
	}
	return (struct pal_str){NULL, 0};
}

/* As inet_ntop, which goes through printf: every stored message names its peer. */
static void format_v4(const uint8_t address[4], char *out)
{
	for (size_t i = 0; i < 4; i++) {
		unsigned n = address[i];
		if (n >= 100)
			*out++ = (char)('0' + n / 100);
		if (n >= 10)
			*out++ = (char)('0' + n / 10 % 10);
		*out++ = (char)('0' + n % 10);
		*out++ = i < 3 ? '.' : '\0';
	}
}

char *pal_http_peer_format(const struct pal_http_peer *peer, char out[PAL_HTTP_PEER_TEXT_SIZE])
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};

	if (memcmp(peer->address, mapped, sizeof(mapped)) == 0)
		format_v4(peer->address + 12, out);
	else if (!inet_ntop(AF_INET6, peer->address, out, PAL_HTTP_PEER_TEXT_SIZE))
		out[0] = '\0';
	return out;
}

/* --- The answer ------------------------------------------------------------------------------- */

struct pal_loop *pal_http_exchange_loop(const struct pal_http_exchange *exchange)
{
	return exchange->home->loop;
}

const struct pal_http_request *pal_http_exchange_request(const struct pal_http_exchange *exchange)
{
	return &exchange->request;
}

void pal_http_exchange_set_context(struct pal_http_exchange *exchange, void *context)
{
	exchange->context = context;
}

void *pal_http_exchange_context(const struct pal_http_exchange *exchange)
{
	return exchange->context;
}

void *pal_http_request_context(const struct pal_http_request *request)
{
	const char *at = (const char *)request;

	return ((const struct pal_http_exchange *)(at - offsetof(struct pal_http_exchange, request)))
		->context;
}

bool pal_http_exchange_is_live(const struct pal_http_exchange *exchange)
{
	return exchange->conn != NULL;
}

void pal_http_exchange_close_after(struct pal_http_exchange *exchange)
{
	exchange->closes = true;
}

bool pal_http_header(struct pal_http_exchange *exchange, struct pal_str name, struct pal_str value)
{
	struct pal_buf *extra = &exchange->extra;

	pal_assert_on(PAL_ROLE_LOOP);
	if (name.n == 0 || !pal_http_chars_are(name, PAL_CHAR_TOKEN) ||
	    !pal_http_chars_are(value, PAL_CHAR_VALUE))
		return false;
	if (!pal_buf_reserve(extra, name.n + value.n + 4))
		return false;
	pal_buf_add_str(extra, name);
	pal_buf_add_lit(extra, ": ");
	pal_buf_add_str(extra, value);
	pal_buf_add_lit(extra, "\r\n");
	if (pal_http_equal_nocase(name, PAL_STR("WWW-Authenticate")))
		exchange->challenged = true;
	return true;
}

/* Not after a refusal, whose rest nobody reads, nor while the server drains. */
bool pal_http_exchange_keeps_alive(const struct pal_http_exchange *exchange)
{
	const struct pal_http_parser *parser = &exchange->parser;

	return parser->keep_alive && !parser->status && !exchange->closes &&
	       !exchange->home->draining;
}

static void send_answer(struct pal_http_exchange *exchange, const struct pal_http_answer *answer,
			struct pal_str body, struct pal_buf *take)
{
	bool no_body = exchange->request.method == PAL_HTTP_HEAD || answer->status == 204 ||
		       answer->status == 304;

	pal_http_answer_write_head(pal_http_conn_head(exchange->conn), exchange, answer);
	if (no_body)
		pal_http_conn_write(exchange->conn, (struct pal_str){NULL, 0}, NULL);
	else
		pal_http_conn_write(exchange->conn, body, take);
}

static void answer(struct pal_http_exchange *exchange, int status, const char *content_type,
		   struct pal_str body, struct pal_buf *take)
{
	struct pal_http_home *home = exchange->home;
	struct pal_http_conn *conn = exchange->conn;
	const struct pal_http_options *options = pal_http_home_options(home);
	const struct pal_http_answer say = {
		.status = status,
		.content_type = content_type,
		.body_len = body.n,
		.elapsed_ns = pal_http_home_tick(home) - exchange->request.start_ns,
		.keep_alive = pal_http_exchange_keeps_alive(exchange),
	};

	pal_assert_on(PAL_ROLE_LOOP);
	assert(!exchange->answered && !exchange->flow && status >= 200 && status <= 599);
	exchange->answered = true;
	if (options->answered)
		options->answered(&exchange->request, status, body.n, say.elapsed_ns, options->app);
	if (conn)
		send_answer(exchange, &say, body, take);
	if (!exchange->in_handler)
		pal_http_exchange_release(exchange);
	if (conn)
		pal_http_conn_answered(conn, say.keep_alive);
}

void pal_http_respond(struct pal_http_exchange *exchange, int status, const char *content_type,
		      struct pal_str body)
{
	answer(exchange, status, content_type, body, NULL);
}

void pal_http_respond_take(struct pal_http_exchange *exchange, int status, const char *content_type,
			   struct pal_buf *body)
{
	answer(exchange, status, content_type, pal_buf_str(body), body);
	pal_buf_deinit(body);
}
