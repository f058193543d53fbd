/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h - private to src/http: one connection. It answers one request at a time: what a client
 * sends meanwhile waits in the receive buffer of the next exchange, or in the kernel when that is
 * full. So answers go out in order without any bookkeeping. Runs on: its loop, for life.
 */
#ifndef PALAVER_HTTP_CONN_H
#define PALAVER_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/home.h"
#include "http/stream.h"

struct pal_http_conn {
	struct pal_http_link link;	/* in home->phase[phase] */
	struct pal_http_link due;	/* in home->due while an answer waits for the batch to end */
	struct pal_http_home *home;
	struct pal_loop_watch *watch;
	struct pal_http_stream stream;
	struct pal_http_exchange *cur;	/* with the handler */
	struct pal_http_exchange *rx;	/* being received; NULL when nothing was */
	struct pal_buf out;		/* what the kernel did not take, from out_at on */
	size_t out_at;
	int64_t since_ns;		/* when its phase began */
	int64_t mark_ns;		/* when it was opened, answered, or last began or ended
					   to wait for the kernel to take bytes */
	uint8_t phase;			/* enum pal_http_phase */
	bool entered;			/* one of the entry points below is running */
	bool served;			/* has had an answer */
	bool counted;			/* in the addresses */
	bool read_closed;		/* the client sends no more */
	bool paused;			/* bytes are left in the kernel on purpose */
	bool finish;			/* close when all is written */
	bool linger;			/* ... after reading on for a while */
	bool broken;			/* close now */
	bool wants_write;		/* the handshake does, or more can be read at once */
	bool turned_away;		/* not counted: one too many */
	struct pal_http_peer peer;
};

static inline bool pal_http_conn_has_part(const struct pal_http_conn *conn)
{
	return conn->rx && conn->rx->in.len > 0;
}

/* --- conn.c: entry points and life ------------------------------------------------------------ */

/*
 * Begin a connection on `fd`, which it then owns, and count it in. `tls` NULL: plain. False when
 * memory or watches ran out: fd is closed.
 */
bool pal_http_conn_open(struct pal_http_home *home, int fd, const struct pal_http_peer *peer,
			struct pal_http_tls *tls, bool counted);

/* Answer 503 to whatever comes and close: there are too many. */
void pal_http_conn_turn_away(struct pal_http_home *home, int fd);

/* Cut it off. */
void pal_http_conn_close(struct pal_http_conn *conn);

/* The deadline of its phase has passed. */
void pal_http_conn_expire(struct pal_http_conn *conn);

/* Part of a body has been coming for long: whether it came too slowly. */
bool pal_http_conn_is_slow(const struct pal_http_conn *conn);

/* The server drains: handle what already arrived, else close. */
void pal_http_conn_drain(struct pal_http_conn *conn);

/* The job of a home that writes the answers given in this batch. */
void pal_http_conn_flush_due(struct pal_loop_job *job);

/*
 * Begin to write to `conn` from outside of its own entry points: true when it must be left again.
 * False: whoever is in there, or the flush to come, does what leaving does.
 */
bool pal_http_conn_enter(struct pal_http_conn *conn);
void pal_http_conn_leave(struct pal_http_conn *conn);	/* may close and free it */

/* The answer of conn->cur was written; `keep_alive` false: it was the last. */
void pal_http_conn_answered(struct pal_http_conn *conn, bool keep_alive);

static inline bool pal_http_conn_is_due(const struct pal_http_conn *conn)
{
	return conn->due.next != &conn->due;
}

/* --- conn_write.c ----------------------------------------------------------------------------- */

/* Where the head of an answer to `conn` is to be appended, just before pal_http_conn_write. */
struct pal_buf *pal_http_conn_head(struct pal_http_conn *conn);

/*
 * Write an answer: the head just appended, then `body`, whose bytes are copied as far as they must
 * wait unless `take`, the buffer they stand in, is not NULL: it may be taken over and left empty.
 */
void pal_http_conn_write(struct pal_http_conn *conn, struct pal_str body, struct pal_buf *take);

/* Write what was gathered while `conn` was being read. */
void pal_http_conn_flush_batch(struct pal_http_conn *conn);

/* Write more of conn->out, which is not empty. */
void pal_http_conn_flush_out(struct pal_http_conn *conn);

/* --- conn_request.c: only from within an entry point ------------------------------------------ */

/* Parse and handle what has been received, until a request is incomplete or its answer is
 * awaited. */
void pal_http_conn_process(struct pal_http_conn *conn);

/* Answer what was received of a request with `status`, then close: nothing is parsed on. */
void pal_http_conn_refuse(struct pal_http_conn *conn, int status, const char *why);

#endif
