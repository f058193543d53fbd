/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - an answer whose length nobody knows, piece by piece, as fast as the client takes it:
 * chunked in HTTP/1.1 (RFC 9112 section 7.1), until the connection closes in HTTP/1.0. Never more
 * than one piece is in memory: the next is asked for when the kernel has taken the last.
 *
 * Begin; then put a piece and wait for `more`, as often as need be; then end. Runs on: the loop of
 * the exchange.
 */
#ifndef PALAVER_HTTP_FLOW_H
#define PALAVER_HTTP_FLOW_H

#include "base/buf.h"
#include "http/exchange.h"
#include "loop/loop.h"

/* The sender's storage until it ended or aborted; may lie in the exchange's arena. */
struct pal_http_flow {
	/*
	 * Required. The piece that was put has left, or the client has (pal_http_exchange_is_live):
	 * put the next, end or abort, now or later. Once for each put.
	 */
	void (*more)(struct pal_http_flow *flow);

	/* http's own, set by begin */
	struct pal_http_exchange *exchange;
	struct pal_loop_job job;
	int status;
	size_t waiting, total;	/* bytes of the piece that waits; of all pieces */
	bool chunked, keeps_alive, has_begun_chunks, awaits_more, posted;
};

/*
 * Answer with `status`, 200..599 but not 204 or 304, and the headers that were added; the body
 * follows. A HEAD request gets no body: end at once, what is put goes nowhere.
 */
void pal_http_flow_begin(struct pal_http_exchange *exchange, int status, const char *content_type,
			 struct pal_http_flow *flow);

/* Send the bytes of `piece`, which is left empty. `more` is called later, never before this
 * returns. */
void pal_http_flow_put(struct pal_http_flow *flow, struct pal_buf *piece);

/* Send `piece`, left empty, as the last one. The exchange ends here, as with pal_http_respond. */
void pal_http_flow_end(struct pal_http_flow *flow, struct pal_buf *piece);

/* Break off, so that the client sees that the body is not whole. The exchange ends here. */
void pal_http_flow_abort(struct pal_http_flow *flow);

#endif
