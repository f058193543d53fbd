/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers given while their connection is being read are gathered in the home's batch and written
 * together when that ends. An answer given later waits with its connection until the loop's batch of
 * turns ends: writing them in a row wakes a client that waits for several once, not for each. Only
 * large bodies are written at once, and what the kernel refuses is kept with the connection.
 */
#include "http/conn.h"

/* Keep what the kernel did not take of head and body. The head goes into a buffer of its own; a
 * body alone, in a buffer we may take over, need not be copied. */
static void keep_rest(struct pal_http_conn *conn, struct pal_str head, struct pal_str body,
		      struct pal_buf *take, size_t done)
{
	size_t head_done = done < head.n ? done : head.n, body_done = done - head_done;

	if (!conn->out.len)
		conn->mark_ns = conn->home->now_ns;
	if (take && head_done == head.n && body_done < body.n && !conn->out.len) {
		pal_buf_deinit(&conn->out);
		conn->out = *take;
		conn->out_at = body_done;
		*take = pal_buf_of(0);
		return;
	}
	pal_buf_add(&conn->out, head.p + head_done, head.n - head_done);
	if (body.n > body_done)
		pal_buf_add(&conn->out, body.p + body_done, body.n - body_done);
	conn->broken = conn->broken || conn->out.failed;
}

static void write_now(struct pal_http_conn *conn, struct pal_str head, struct pal_str body,
		      struct pal_buf *take)
{
	const struct iovec parts[2] = {{(char *)(uintptr_t)head.p, head.n},
				       {(char *)(uintptr_t)body.p, body.n}};
	ssize_t n = 0;

	if (conn->broken)
		return;
	if (!conn->out.len) {	/* else what waits goes first */
		n = pal_http_stream_write(&conn->stream, parts, body.n ? 2 : 1);
		if (n == PAL_HTTP_BROKEN) {
			conn->broken = true;
			return;
		}
		if (n < 0)
			n = 0;
	}
	if ((size_t)n < head.n + body.n)
		keep_rest(conn, head, body, take, (size_t)n);
}

void pal_http_conn_flush_batch(struct pal_http_conn *conn)
{
	struct pal_buf *batch = &conn->home->batch;

	conn->broken = conn->broken || batch->failed;
	if (batch->len)
		write_now(conn, pal_buf_str(batch), (struct pal_str){NULL, 0}, NULL);
	pal_buf_clear(batch);
}

void pal_http_conn_flush_out(struct pal_http_conn *conn)
{
	const struct iovec part = {conn->out.data + conn->out_at, conn->out.len - conn->out_at};
	ssize_t n = pal_http_stream_write(&conn->stream, &part, 1);

	if (n == PAL_HTTP_BROKEN)
		conn->broken = true;
	else if (n > 0)
		conn->out_at += (size_t)n;
	if (conn->out_at == conn->out.len) {
		pal_buf_deinit(&conn->out);
		conn->out_at = 0;
		conn->mark_ns = conn->home->now_ns;
	}
}

static bool may_wait(const struct pal_http_conn *conn, struct pal_str body)
{
	return !conn->entered && !conn->broken && !conn->out.len && body.n <= PAL_HTTP_COPY_BYTES;
}

static void write_later(struct pal_http_conn *conn, struct pal_str head, struct pal_str body)
{
	struct pal_http_home *home = conn->home;

	if (!pal_buf_reserve(&conn->out, head.n + body.n)) {
		conn->broken = true;
		return;
	}
	keep_rest(conn, head, body, NULL, 0);
	if (home->due.next == &home->due)
		pal_loop_defer(home->loop, &home->flush_job);
	pal_http_link_append(&home->due, &conn->due);
}

static struct pal_buf *head_of(struct pal_http_conn *conn)
{
	struct pal_http_home *home = conn->home;

	return home->batch_conn == conn ? &home->batch : &home->head;
}

struct pal_buf *pal_http_conn_head(struct pal_http_conn *conn)
{
	struct pal_buf *head = head_of(conn);

	if (head == &conn->home->head)
		pal_buf_clear(head);
	return head;
}

void pal_http_conn_write(struct pal_http_conn *conn, struct pal_str body, struct pal_buf *take)
{
	struct pal_buf *head = head_of(conn);

	if (head == &conn->home->batch && body.n <= PAL_HTTP_COPY_BYTES) {
		if (body.n)
			pal_buf_add_str(head, body);
		if (head->len >= PAL_HTTP_BATCH_BYTES)
			pal_http_conn_flush_batch(conn);
		return;
	}
	conn->broken = conn->broken || head->failed;
	if (may_wait(conn, body))
		write_later(conn, pal_buf_str(head), body);
	else
		write_now(conn, pal_buf_str(head), body, take);
	pal_buf_clear(head);
}
