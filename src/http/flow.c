/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flow is the one answer that outlives the call that began it: its exchange stays the
 * connection's current one, so nothing else is answered meanwhile. Whether a piece has left is seen
 * where a connection settles; telling the sender is a job of its own, so that a sender who puts the
 * next piece at once never nests.
 */
#include "http/flow.h"

#include <assert.h>

#include "http/answer.h"
#include "http/conn.h"
#include "http/home.h"

static bool has_body(const struct pal_http_exchange *exchange)
{
	return exchange->request.method != PAL_HTTP_HEAD;
}

static void count_waiting(struct pal_http_flow *flow, size_t waiting)
{
	const struct pal_http_home *home = flow->exchange->home;

	pal_metric_gauge_add(home->server->metric.flow_waiting,
			     (int64_t)waiting - (int64_t)flow->waiting);
	flow->waiting = waiting;
}

/* --- Telling the sender ----------------------------------------------------------------------- */

static void on_left(struct pal_loop_job *job)
{
	struct pal_http_flow *flow = PAL_HTTP_OF(job, struct pal_http_flow, job);

	flow->posted = flow->awaits_more = false;
	flow->more(flow);
}

void pal_http_flow_left(struct pal_http_exchange *exchange)
{
	struct pal_http_flow *flow = exchange->flow;

	if (!flow || !flow->awaits_more || flow->posted)
		return;
	count_waiting(flow, 0);
	if (exchange->home->gone)
		return;		/* nobody runs jobs any more: the server is being freed */
	flow->posted = true;
	flow->job.run = on_left;
	pal_loop_post(exchange->home->loop, &flow->job);
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* The bytes around a chunk. What ends one is written with the head of the next. */
static void add_frame(struct pal_buf *out, struct pal_http_flow *flow, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned shift = 60;

	if (!flow->chunked || n == 0)
		return;
	if (flow->has_begun_chunks)
		pal_buf_add_lit(out, "\r\n");
	flow->has_begun_chunks = true;
	while (shift && !(n >> shift))
		shift -= 4;
	for (unsigned s = shift + 4; s; s -= 4)
		pal_buf_add_char(out, digits[n >> (s - 4) & 15]);
	pal_buf_add_lit(out, "\r\n");
}

/* The last chunk; without one before it there is no line to end. */
static void add_end(struct pal_buf *out, const struct pal_http_flow *flow)
{
	if (!flow->chunked)
		return;
	if (flow->has_begun_chunks)
		pal_buf_add_lit(out, "\r\n");
	pal_buf_add_lit(out, "0\r\n\r\n");
}

static void send_piece(struct pal_http_flow *flow, struct pal_buf *piece)
{
	struct pal_http_conn *conn = flow->exchange->conn;

	flow->total += piece->len;
	add_frame(pal_http_conn_head(conn), flow, piece->len);
	pal_http_conn_write(conn, pal_buf_str(piece), piece);
}

void pal_http_flow_begin(struct pal_http_exchange *exchange, int status, const char *content_type,
			 struct pal_http_flow *flow)
{
	const struct pal_http_parser *parser = &exchange->parser;
	bool chunked = parser->version_minor > 0;
	const struct pal_http_answer head = {
		.status = status,
		.content_type = content_type,
		.is_flow = true,
		.is_chunked = chunked,
		.elapsed_ns = pal_http_home_tick(exchange->home) - exchange->request.start_ns,
		.keep_alive = (chunked || !has_body(exchange)) &&
			      pal_http_exchange_keeps_alive(exchange),
	};

	pal_assert_on(PAL_ROLE_LOOP);
	assert(!exchange->answered && !exchange->flow && flow->more);
	assert(status >= 200 && status <= 599 && status != 204 && status != 304);
	*flow = (struct pal_http_flow){.more = flow->more,
				       .exchange = exchange,
				       .status = status,
				       .chunked = chunked && has_body(exchange),
				       .keeps_alive = head.keep_alive};
	exchange->flow = flow;
	if (!exchange->conn)
		return;
	pal_http_answer_write_head(pal_http_conn_head(exchange->conn), exchange, &head);
	pal_http_conn_write(exchange->conn, (struct pal_str){NULL, 0}, NULL);
}

void pal_http_flow_put(struct pal_http_flow *flow, struct pal_buf *piece)
{
	struct pal_http_exchange *exchange = flow->exchange;

	pal_assert_on(PAL_ROLE_LOOP);
	assert(exchange->flow == flow && !flow->awaits_more);
	flow->awaits_more = true;
	if (exchange->conn && has_body(exchange) && piece->len) {
		count_waiting(flow, piece->len);
		pal_metric_add(exchange->home->server->metric.flow_bytes, piece->len);
		struct pal_http_conn *conn = exchange->conn;
		bool entered = pal_http_conn_enter(conn);
		send_piece(flow, piece);
		if (entered)
			pal_http_conn_leave(conn);
	} else {
		pal_http_flow_left(exchange);
	}
	pal_buf_deinit(piece);
}

static void finish(struct pal_http_flow *flow, bool whole)
{
	struct pal_http_exchange *exchange = flow->exchange;
	struct pal_http_home *home = exchange->home;
	const struct pal_http_options *options = pal_http_home_options(home);
	struct pal_http_conn *conn = exchange->conn;
	bool keep_alive = whole && flow->keeps_alive;

	exchange->flow = NULL;
	exchange->answered = true;
	if (options->answered)
		options->answered(&exchange->request, flow->status, flow->total,
				  pal_http_home_tick(home) - exchange->request.start_ns,
				  options->app);
	if (!exchange->in_handler)
		pal_http_exchange_release(exchange);	/* the flow may go with it */
	if (conn && !whole)
		conn->broken = true;
	if (conn)
		pal_http_conn_answered(conn, keep_alive);
}

void pal_http_flow_end(struct pal_http_flow *flow, struct pal_buf *piece)
{
	struct pal_http_exchange *exchange = flow->exchange;
	struct pal_http_conn *conn = exchange->conn;

	pal_assert_on(PAL_ROLE_LOOP);
	assert(exchange->flow == flow && !flow->awaits_more);
	if (conn && has_body(exchange)) {
		if (piece->len) {
			pal_metric_add(exchange->home->server->metric.flow_bytes, piece->len);
			send_piece(flow, piece);
		}
		add_end(pal_http_conn_head(conn), flow);
		pal_http_conn_write(conn, (struct pal_str){NULL, 0}, NULL);
	}
	pal_buf_deinit(piece);
	finish(flow, true);
}

void pal_http_flow_abort(struct pal_http_flow *flow)
{
	pal_assert_on(PAL_ROLE_LOOP);
	assert(flow->exchange->flow == flow && !flow->awaits_more);
	finish(flow, false);
}
