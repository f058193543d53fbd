/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outgoing.h - an HTTP request that is to leave, and what came of it: the words in which a channel
 * and the courier speak of the same thing. A channel fills the first and reads the second; it never
 * opens a socket.
 */
#ifndef PALAVER_OUTGOING_H
#define PALAVER_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define PAL_OUTGOING_URL_MAX 2048u		/* bytes */
#define PAL_OUTGOING_HEADERS_MAX 16u
#define PAL_OUTGOING_HEADER_BYTES_MAX 8192u	/* one header: name and value */
#define PAL_OUTGOING_BODY_MAX (16u << 20)	/* bytes */
#define PAL_ANSWER_BODY_DEFAULT (64u << 10)	/* bytes */
#define PAL_ANSWER_BODY_MAX (1u << 20)		/* bytes */

#define PAL_OUTGOING_METHODS(X)                                                                        \
	X(PAL_OUTGOING_POST, "POST")                                                               \
	X(PAL_OUTGOING_GET, "GET")                                                                 \
	X(PAL_OUTGOING_PUT, "PUT")                                                                 \
	X(PAL_OUTGOING_DELETE, "DELETE")

enum pal_outgoing_method {
#define X(id, name) id,
	PAL_OUTGOING_METHODS(X)
#undef X
	PAL_OUTGOING_METHOD_COUNT
};

struct pal_outgoing_header {
	struct pal_str name, value;
};

/* All views are the sender's and live until the answer came. */
struct pal_outgoing {
	enum pal_outgoing_method method;
	struct pal_str url;
	struct pal_outgoing_header headers[PAL_OUTGOING_HEADERS_MAX];
	size_t header_count;
	struct pal_str body;	/* of POST and PUT */
	/* Limits; 0 takes the courier's own. */
	uint32_t connect_ms, total_ms;
	size_t answer_max;	/* bytes of the answer's body, at most PAL_ANSWER_BODY_MAX */
};

/*
 * How the exchange ended, whatever the answer says: name, and whether the receiver may have the
 * whole request.
 */
#define PAL_TRANSPORTS(X)                                                                          \
	X(PAL_TRANSPORT_ANSWERED, "answered", true)                                                \
	X(PAL_TRANSPORT_INVALID, "invalid", false)	/* URL, header or size cannot be sent */   \
	X(PAL_TRANSPORT_REFUSED, "refused", false)	/* by the guard: see refused_by */         \
	X(PAL_TRANSPORT_BUSY, "busy", false)		/* too many wait for this receiver */      \
	X(PAL_TRANSPORT_RESOLVE, "resolve", false)	/* the name has no address */              \
	X(PAL_TRANSPORT_CONNECT, "connect", false)                                                 \
	X(PAL_TRANSPORT_TLS, "tls", false)                                                         \
	X(PAL_TRANSPORT_TIMEOUT_BEFORE, "timeout_before", false)	/* not all was written */  \
	X(PAL_TRANSPORT_TIMEOUT_AFTER, "timeout_after", true)		/* all was written */      \
	X(PAL_TRANSPORT_RESET_BEFORE, "reset_before", false)                                       \
	X(PAL_TRANSPORT_RESET_AFTER, "reset_after", true)                                          \
	X(PAL_TRANSPORT_BAD_ANSWER, "bad_answer", true)			/* no HTTP */              \
	X(PAL_TRANSPORT_TOO_LARGE, "too_large", true)			/* the answer was */       \
	X(PAL_TRANSPORT_CANCELLED_BEFORE, "cancelled_before", false)	/* we shut down */         \
	X(PAL_TRANSPORT_CANCELLED_AFTER, "cancelled_after", true)                                  \
	X(PAL_TRANSPORT_FAILED, "failed", false)			/* no memory of ours */

enum pal_transport {
#define X(id, name, may_have_it) id,
	PAL_TRANSPORTS(X)
#undef X
	PAL_TRANSPORT_COUNT
};

struct pal_answer {
	enum pal_transport transport;
	const char *refused_by;		/* REFUSED and INVALID: the rule's name, static; else NULL */
	int status;			/* 100..599 of the last head that came; 0: none */
	char content_type[96], retry_after[64];	/* as received, cut; "" when absent */
	struct pal_buf body;		/* what came of it, bounded; whoever has the answer deinits */
	bool any_written;		/* at least one byte of the request left */
	bool all_written;		/* all of it did */
	bool new_connection;		/* none that was open was used */
	uint64_t bytes_out, bytes_in;	/* heads and bodies */
	uint32_t connect_ms, first_byte_ms, total_ms;	/* from the start, not from queueing */
};

#endif
