/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry points (an event, an answer given later, a deadline, a drain) do their work and end in
 * settle(), the one place that closes, arms the watch and moves the connection between phases.
 * Inside of them nothing may free the connection, however deep a handler nests: `entered` sees to
 * that.
 */
#include "http/conn.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READS_MAX 16u		/* receive calls per event, so that others get their turn */
#define LINGER_BYTES 16384u	/* discarded per event after a refusal */
#define RATE_GRACE_NS 5000000000

static void on_ready(void *arg, unsigned ready);

/* --- Phases ----------------------------------------------------------------------------------- */

static void enter_phase(struct pal_http_conn *conn, enum pal_http_phase phase, int64_t since_ns)
{
	struct pal_http_home *home = conn->home;

	if (conn->phase == PAL_HTTP_LINGERING)
		home->linger_count--;
	if (phase == PAL_HTTP_LINGERING)
		home->linger_count++;
	conn->phase = (uint8_t)phase;
	conn->since_ns = since_ns;
	pal_http_link_remove(&conn->link);
	pal_http_link_append(&home->phase[phase], &conn->link);
}

static enum pal_http_phase phase_now(const struct pal_http_conn *conn)
{
	if (conn->out.len)
		return PAL_HTTP_WRITING;
	if (conn->cur)
		return PAL_HTTP_BUSY;
	if (!pal_http_conn_has_part(conn))
		return conn->served ? PAL_HTTP_IDLE : PAL_HTTP_HEAD_PART;
	return conn->rx->match_base ? PAL_HTTP_BODY_PART : PAL_HTTP_HEAD_PART;
}

static int64_t phase_start(const struct pal_http_conn *conn, enum pal_http_phase phase)
{
	bool receiving = phase == PAL_HTTP_HEAD_PART || phase == PAL_HTTP_BODY_PART;

	if (receiving && (conn->served || phase == PAL_HTTP_BODY_PART))
		return conn->rx->request.start_ns;
	return conn->mark_ns;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* Where to read to; NULL when there is no room until the request at hand is answered. */
static struct pal_buf *read_buffer(struct pal_http_conn *conn)
{
	if (!conn->rx)
		conn->rx = pal_http_exchange_take(conn->home, conn);
	if (!conn->rx) {
		conn->broken = true;
		return NULL;
	}
	struct pal_buf *in = &conn->rx->in;
	conn->paused = in->len == in->cap;
	return conn->paused ? NULL : in;
}

static void receive(struct pal_http_conn *conn)
{
	bool is_tls = conn->stream.ssl != NULL;

	conn->wants_write = false;
	for (unsigned i = 0; i < READS_MAX && !conn->finish && !conn->broken; i++) {
		struct pal_buf *in = read_buffer(conn);
		if (!in)
			return;
		size_t room = in->cap - in->len;
		ssize_t n = pal_http_stream_read(&conn->stream, in->data + in->len, room);
		if (n == PAL_HTTP_AGAIN)
			return;
		conn->broken = n == PAL_HTTP_BROKEN;
		conn->read_closed = n == 0;
		if (n <= 0)
			return;
		in->len += (size_t)n;
		pal_http_conn_process(conn);
		if (!is_tls && (size_t)n < room)
			return;		/* the socket was drained; if not it will say so */
	}
	/* The socket will not announce what TLS holds already: ask to be called when it can be
	 * written to, which is at once. */
	conn->wants_write = pal_http_stream_has_pending(&conn->stream);
}

/* Whatever held the connection up has gone. */
static void resume(struct pal_http_conn *conn)
{
	pal_http_conn_process(conn);
	if (conn->paused && !conn->cur && !conn->out.len)
		receive(conn);
}

static void discard(struct pal_http_conn *conn)
{
	char bytes[4096];

	for (size_t sum = 0; sum < LINGER_BYTES; sum += sizeof(bytes)) {
		ssize_t n = pal_http_stream_read(&conn->stream, bytes, sizeof(bytes));
		if (n == PAL_HTTP_AGAIN)
			return;
		if (n <= 0) {
			conn->broken = true;
			return;
		}
	}
}

/* --- Settling --------------------------------------------------------------------------------- */

/* Closing at once would make the kernel reset the connection when more bytes come, and the reset
 * can overtake the answer: stop writing, read on until the client closes or the deadline comes. */
static bool begin_linger(struct pal_http_conn *conn)
{
	struct pal_http_home *home = conn->home;

	if (!conn->linger || conn->read_closed || home->linger_count >= PAL_HTTP_LINGER_MAX)
		return false;
	pal_http_stream_finish(&conn->stream);
	enter_phase(conn, PAL_HTTP_LINGERING, home->now_ns);
	return pal_loop_watch_set(conn->watch, PAL_LOOP_READ);
}

static bool is_over(const struct pal_http_conn *conn)
{
	if (conn->broken)
		return true;
	if (conn->out.len || conn->cur)
		return false;
	return conn->finish || conn->read_closed ||
	       (conn->home->draining && !pal_http_conn_has_part(conn));
}

static void drop_received(struct pal_http_conn *conn)
{
	if (conn->rx)
		pal_http_exchange_release(conn->rx);
	conn->rx = NULL;
}

/* Leave an entry point: write what was gathered, then close, or say what is waited for. */
static void settle(struct pal_http_conn *conn)
{
	struct pal_http_home *home = conn->home;

	if (home->batch_conn == conn) {
		pal_http_conn_flush_batch(conn);
		home->batch_conn = NULL;
	}
	conn->entered = false;
	conn->linger = conn->linger || (conn->finish && pal_http_conn_has_part(conn));
	if (conn->rx && (conn->finish || conn->rx->in.len == 0))
		drop_received(conn);
	if (is_over(conn)) {
		if (conn->broken || conn->phase == PAL_HTTP_LINGERING || !begin_linger(conn))
			pal_http_conn_close(conn);
		return;
	}
	enum pal_http_phase phase = phase_now(conn);
	int64_t since_ns = phase_start(conn, phase);
	if (phase != conn->phase || since_ns != conn->since_ns)
		enter_phase(conn, phase, since_ns);
	unsigned events = conn->paused || conn->read_closed ? 0 : PAL_LOOP_READ;
	if (conn->out.len || conn->wants_write)
		events |= PAL_LOOP_WRITE;
	if (!pal_loop_watch_set(conn->watch, events))
		pal_http_conn_close(conn);
	else if (conn->cur && conn->cur->flow && !conn->out.len)
		pal_http_flow_left(conn->cur);
}

static void enter(struct pal_http_conn *conn)
{
	struct pal_http_home *home = conn->home;

	pal_assert_on(PAL_ROLE_LOOP);
	assert(!conn->entered);
	conn->entered = true;
	pal_http_home_tick(home);
	if (!home->batch_conn)
		home->batch_conn = conn;
}

/* --- Entry points ----------------------------------------------------------------------------- */

static void on_handshake(struct pal_http_conn *conn)
{
	bool writes = false;
	int got = pal_http_stream_handshake(&conn->stream, &writes);

	if (got == PAL_HTTP_AGAIN) {
		pal_loop_watch_set(conn->watch, writes ? PAL_LOOP_WRITE : PAL_LOOP_READ);
		return;
	}
	if (got != 1) {
		pal_http_conn_close(conn);
		return;
	}
	enter(conn);
	receive(conn);	/* the request may have come with the last flight */
	settle(conn);
}

static void on_ready(void *arg, unsigned ready)
{
	struct pal_http_conn *conn = arg;

	if (conn->phase == PAL_HTTP_HANDSHAKE) {
		on_handshake(conn);
		return;
	}
	if (conn->phase == PAL_HTTP_LINGERING) {
		discard(conn);
		if (conn->broken)
			pal_http_conn_close(conn);
		return;
	}
	enter(conn);
	if (conn->out.len && (ready & PAL_LOOP_WRITE)) {
		pal_http_conn_flush_out(conn);
		resume(conn);
	}
	if ((ready & PAL_LOOP_READ) || conn->wants_write)
		receive(conn);
	settle(conn);
}

bool pal_http_conn_enter(struct pal_http_conn *conn)
{
	if (conn->entered || pal_http_conn_is_due(conn))
		return false;
	enter(conn);
	return true;
}

void pal_http_conn_leave(struct pal_http_conn *conn)
{
	settle(conn);
}

void pal_http_conn_answered(struct pal_http_conn *conn, bool keep_alive)
{
	conn->cur = NULL;
	conn->served = true;
	conn->mark_ns = conn->home->now_ns;
	conn->finish = conn->finish || !keep_alive;
	if (conn->entered || pal_http_conn_is_due(conn))
		return;
	enter(conn);
	resume(conn);
	settle(conn);
}

void pal_http_conn_flush_due(struct pal_loop_job *job)
{
	struct pal_http_home *home = PAL_HTTP_OF(job, struct pal_http_home, flush_job);

	while (home->due.next != &home->due) {
		struct pal_http_conn *conn = PAL_HTTP_OF(home->due.next, struct pal_http_conn, due);

		pal_http_link_remove(&conn->due);
		enter(conn);
		pal_http_conn_flush_out(conn);
		resume(conn);
		settle(conn);
	}
}

void pal_http_conn_expire(struct pal_http_conn *conn)
{
	bool asks = pal_http_conn_has_part(conn) && (conn->phase == PAL_HTTP_HEAD_PART ||
				       conn->phase == PAL_HTTP_BODY_PART);

	if (!asks) {
		pal_http_conn_close(conn);
		return;
	}
	enter(conn);
	pal_http_conn_refuse(conn, 408, conn->phase == PAL_HTTP_HEAD_PART ?
			  "The head of the request took too long." :
			  "The body of the request took too long.");
	settle(conn);
}

bool pal_http_conn_is_slow(const struct pal_http_conn *conn)
{
	const struct pal_http_home *home = conn->home;
	uint32_t rate = pal_http_home_options(home)->body_rate_min;
	int64_t spent_ns = home->now_ns - conn->since_ns;

	if (!rate || conn->phase != PAL_HTTP_BODY_PART || spent_ns < RATE_GRACE_NS)
		return false;
	return conn->rx->parser.body_len < (uint64_t)rate * (uint64_t)(spent_ns / 1000000) / 1000;
}

void pal_http_conn_drain(struct pal_http_conn *conn)
{
	bool waits = conn->phase == PAL_HTTP_IDLE || conn->phase == PAL_HTTP_HEAD_PART;

	if (conn->phase == PAL_HTTP_HANDSHAKE) {
		pal_http_conn_close(conn);
		return;
	}
	if (!waits)
		return;
	enter(conn);
	receive(conn);	/* a request on its way is answered, not cut */
	settle(conn);
}

/* --- Life ------------------------------------------------------------------------------------- */

static struct pal_http_conn *create(struct pal_http_home *home, int fd, struct pal_http_tls *tls)
{
	struct pal_http_conn *conn = calloc(1, sizeof(*conn));

	if (!conn) {
		close(fd);
		return NULL;
	}
	pal_http_link_init(&conn->link);
	pal_http_link_init(&conn->due);
	conn->home = home;
	conn->mark_ns = pal_http_home_tick(home);
	conn->watch = pal_loop_watch_create(home->loop, fd, on_ready, conn);
	bool ready = pal_http_stream_init(&conn->stream, fd, tls);
	if (!conn->watch || !ready || !pal_loop_watch_set(conn->watch, PAL_LOOP_READ)) {
		pal_loop_watch_destroy(conn->watch);
		pal_http_stream_deinit(&conn->stream);
		free(conn);
		return NULL;
	}
	home->conn_count++;
	return conn;
}

bool pal_http_conn_open(struct pal_http_home *home, int fd, const struct pal_http_peer *peer,
			struct pal_http_tls *tls, bool counted)
{
	struct pal_http_conn *conn = create(home, fd, tls);

	if (!conn)
		return false;
	conn->peer = *peer;
	conn->counted = counted;
	pal_metric_add(home->server->metric.accepted, 1);
	pal_metric_gauge_add(home->server->metric.connections, 1);
	enter_phase(conn, tls ? PAL_HTTP_HANDSHAKE : PAL_HTTP_HEAD_PART, conn->mark_ns);
	return true;
}

void pal_http_conn_turn_away(struct pal_http_home *home, int fd)
{
	static const char answer[] =
		"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
		"Content-Length: 100\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
		"{\"status\":\"error\",\"error\":{\"code\":\"SERVICE_UNAVAILABLE\","
		"\"message\":\"Too many connections are open.\"}}";
	struct pal_http_conn *conn;

	if (home->linger_count >= PAL_HTTP_LINGER_MAX ||
	    send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof(answer) - 1)) {
		close(fd);
		return;
	}
	conn = create(home, fd, NULL);
	if (!conn)
		return;
	conn->turned_away = true;
	pal_http_stream_finish(&conn->stream);
	enter_phase(conn, PAL_HTTP_LINGERING, conn->mark_ns);
}

void pal_http_conn_close(struct pal_http_conn *conn)
{
	struct pal_http_home *home = conn->home;

	assert(!conn->entered);
	if (conn->phase == PAL_HTTP_LINGERING)
		home->linger_count--;
	pal_http_link_remove(&conn->link);
	pal_http_link_remove(&conn->due);
	pal_loop_watch_destroy(conn->watch);
	pal_http_stream_deinit(&conn->stream);
	if (conn->cur) {
		conn->cur->conn = NULL;
		pal_http_flow_left(conn->cur);
	}
	drop_received(conn);
	pal_buf_deinit(&conn->out);
	if (conn->counted)
		pal_http_addresses_leave(home->server->addresses, conn->peer.address);
	if (!conn->turned_away) {
		atomic_fetch_sub(&home->server->connections, 1);
		pal_metric_gauge_add(home->server->metric.connections, -1);
	}
	free(conn);
	home->conn_count--;
	if (home->draining && home->conn_count == 0)
		pal_http_home_emptied(home);
}
