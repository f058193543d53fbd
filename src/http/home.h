/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home.h - private to src/http: what one loop holds of a server. All of it belongs to that loop's
 * thread; what the server holds is fixed at create, atomic or under a lock of its own.
 */
#ifndef PALAVER_HTTP_HOME_H
#define PALAVER_HTTP_HOME_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/metrics.h"
#include "http/address.h"
#include "http/exchange.h"
#include "http/server.h"
#include "loop/loop.h"

#define PAL_HTTP_IN_BYTES 4096u		/* first receive buffer of a request */
#define PAL_HTTP_BATCH_BYTES 65536u	/* answers gathered before they are written */
#define PAL_HTTP_COPY_BYTES 16384u	/* a larger body is not copied behind its head */
#define PAL_HTTP_SPARE_MAX 256u		/* exchanges kept for reuse, per loop */
#define PAL_HTTP_LINGER_MAX 256u	/* refused connections read on at a time, per loop */
#define PAL_HTTP_DATE_SIZE 37u		/* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" */

struct pal_http_home;
struct pal_http_conn;
struct pal_http_flow;

/* A link of an intrusive list; an empty head points at itself. */
struct pal_http_link {
	struct pal_http_link *next, *prev;
};

static inline void pal_http_link_init(struct pal_http_link *link)
{
	link->next = link->prev = link;
}

static inline void pal_http_link_remove(struct pal_http_link *link)
{
	link->next->prev = link->prev;
	link->prev->next = link->next;
	pal_http_link_init(link);
}

static inline void pal_http_link_append(struct pal_http_link *list, struct pal_http_link *link)
{
	link->prev = list->prev;
	link->next = list;
	list->prev->next = link;
	list->prev = link;
}

#define PAL_HTTP_OF(pointer, type, member)                                                         \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

/* What a connection waits for: each has a list and a deadline of its own. */
enum pal_http_phase {
	PAL_HTTP_HANDSHAKE,
	PAL_HTTP_HEAD_PART,	/* nothing yet, or part of a head */
	PAL_HTTP_BODY_PART,
	PAL_HTTP_IDLE,		/* between requests */
	PAL_HTTP_BUSY,		/* the handler is at it: no deadline of ours */
	PAL_HTTP_WRITING,
	PAL_HTTP_LINGERING,
	PAL_HTTP_PHASE_COUNT,
};

struct pal_http_acceptor {
	struct pal_http_home *home;
	struct pal_http_tls *tls;
	struct pal_loop_watch *watch;
	int fd;
	bool paused;		/* descriptors ran out; the sweep tries again */
};

struct pal_http_home {
	struct pal_http_server *server;
	struct pal_loop *loop;
	struct pal_loop_timer *sweep;
	struct pal_loop_job start_job, drain_job, stop_job, tune_job, flush_job;
	atomic_bool tune_posted;	/* the job is the loop's until it ran */
	struct pal_http_options options;	/* the loop's own copy: what can be tuned changes */
	struct pal_http_acceptor acceptor[PAL_HTTP_LISTENERS_MAX];
	int reserve_fd;			/* given up to refuse a connection when none are left */
	int64_t resume_ns;		/* when paused acceptors try again */
	int64_t now_ns;			/* monotonic, as of the event at hand */
	struct pal_http_link phase[PAL_HTTP_PHASE_COUNT];	/* connections, oldest wait first */
	uint32_t conn_count, linger_count;
	bool draining, gone;
	struct pal_http_link live;	/* exchanges not answered */
	struct pal_http_link spare;	/* exchanges kept for reuse */
	unsigned spare_count;
	struct pal_http_conn *batch_conn;	/* whose answers `batch` gathers */
	struct pal_buf batch;
	struct pal_http_link due;	/* connections whose answers the flush job writes */
	struct pal_buf head;		/* scratch of one answer */
	struct pal_buf envelope;	/* scratch of one body */
	int64_t date_until_ns;
	char date[PAL_HTTP_DATE_SIZE + 1];
};

/* The series of a server. What the API answers is counted by the API. */
#define PAL_HTTP_METRICS(X)                                                                        \
	X(connections, PAL_METRIC_GAUGE, "palaver_http_connections", "Connections open now.")      \
	X(accepted, PAL_METRIC_COUNTER, "palaver_http_connections_total",                          \
	  "Connections accepted and served.")                                                      \
	X(turned_away, PAL_METRIC_COUNTER, "palaver_http_connections_turned_away_total",           \
	  "Connections refused because a cap was reached.")                                        \
	X(pauses, PAL_METRIC_COUNTER, "palaver_http_accept_pauses_total",                          \
	  "Times a listener rested because descriptors or memory ran out.")                        \
	X(refused, PAL_METRIC_COUNTER, "palaver_http_requests_refused_total",                      \
	  "Requests refused before a handler saw them: malformed, too large or too slow.")         \
	X(flow_bytes, PAL_METRIC_COUNTER, "palaver_http_flow_bytes_total",                         \
	  "Bytes of answers of unknown length, such as exports, as handed to connections.")        \
	X(flow_waiting, PAL_METRIC_GAUGE, "palaver_http_flow_waiting_bytes",                       \
	  "Bytes of such answers that wait in memory for their clients to take them.")

struct pal_http_server {
	struct pal_http_options options;	/* fixed at create, or under tune_lock */
	pthread_mutex_t tune_lock;		/* guards what pal_http_server_tune changes in it */
	struct pal_http_listener listener[PAL_HTTP_LISTENERS_MAX];	/* fixed at create */
	uint16_t port[PAL_HTTP_LISTENERS_MAX];	/* fixed at create */
	struct pal_http_addresses *addresses;	/* fixed at create; locks itself */
	struct {
#define X(field, kind, name, help) pal_metric field;
		PAL_HTTP_METRICS(X)
#undef X
	} metric;				/* fixed at create */
	atomic_uint connections;
	atomic_uint homes_open;			/* while draining: loops with connections */
	pal_http_drained_fn *drained;		/* set before the drain jobs are posted */
	void *drained_arg;
	size_t home_count;			/* fixed at create */
	struct pal_http_home home[];
};

struct pal_http_exchange {
	struct pal_http_link link;	/* in the home's live or spare list */
	struct pal_http_home *home;
	struct pal_http_conn *conn;	/* NULL: the client has left */
	void *context;
	struct pal_http_flow *flow;	/* the answer that is on its way in pieces, or NULL */
	struct pal_http_request request;
	struct pal_arena arena;
	struct pal_buf in;		/* the bytes of the request */
	struct pal_buf extra;		/* header lines the handler added */
	const char *match_base;		/* where `in` was when the route was looked up */
	bool started;			/* its first byte was seen */
	bool in_handler, answered, closes, challenged;
	bool expected;			/* the loop was told that its answer is to come */
	char id[PAL_UUID_TEXT_SIZE];	/* when generated */
	struct pal_http_parser parser;
};

static inline const struct pal_http_options *pal_http_home_options(const struct pal_http_home *home)
{
	return &home->options;
}

static inline int64_t pal_http_home_tick(struct pal_http_home *home)
{
	home->now_ns = pal_clock_mono_ns(pal_http_home_options(home)->clock);
	return home->now_ns;
}

/* An exchange for the next request of `conn`, from the spares when there are; NULL: out of
 * memory. */
struct pal_http_exchange *pal_http_exchange_take(struct pal_http_home *home,
						 struct pal_http_conn *conn);
/* Give an exchange back; its memory is kept for the next one when it is of usual size. */
void pal_http_exchange_release(struct pal_http_exchange *exchange);
/* Free an exchange for good. */
void pal_http_exchange_free(struct pal_http_exchange *exchange);
/* Whether the connection may go on after the answer. */
bool pal_http_exchange_keeps_alive(const struct pal_http_exchange *exchange);
/* The piece that the flow of `exchange`, if it has one, has put is no more in memory (flow.c). */
void pal_http_flow_left(struct pal_http_exchange *exchange);
/* Fill the request from what the parser found; `in` must not move afterwards. */
void pal_http_exchange_fill(struct pal_http_exchange *exchange);

/* Open the sockets of `home` (loop 0 first: it settles the ports), or close them. */
enum pal_code pal_http_home_listen(struct pal_http_home *home, struct pal_error *err);
void pal_http_home_unlisten(struct pal_http_home *home);
void pal_http_home_accept(struct pal_http_home *home);	/* begin to accept */
void pal_http_home_resume(struct pal_http_home *home);	/* try paused acceptors again */
/* The last connection of a draining home is gone. */
void pal_http_home_emptied(struct pal_http_home *home);

#endif
