/* SPDX-License-Identifier: Apache-2.0 */
/*
 * courier.h - outgoing HTTP: any thread hands a request over, a thread of the courier's own sends it
 * by libcurl and calls back with what came of it. Every request ends, within its limits, exactly
 * once.
 */
#ifndef PALAVER_COURIER_COURIER_H
#define PALAVER_COURIER_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "courier/guard.h"
#include "courier/queue.h"
#include "loop/loop.h"
#include "model/tenant.h"
#include "palaver/outgoing.h"

struct pal_courier;

/* Texts, the guard's networks and the clock outlive the courier. 0 takes the default. */
struct pal_courier_options {
	unsigned max_in_flight;		/* requests on the wire: 512 */
	unsigned max_per_host;		/* of one tenant to one host and port: 32 */
	unsigned max_per_tenant;	/* 64 */
	unsigned queue_max;		/* handed over and not ended: 8192; of one host a quarter waits */
	unsigned idle_tenants_max;	/* whose connections are kept open: 64 */
	uint32_t connect_ms, total_ms;	/* 5 s and 30 s; TLS counts as connecting */
	uint32_t idle_ms;		/* a connection may stay unused: 60 s */
	struct pal_guard guard;
	const char *user_agent;		/* NULL: palaver/VERSION */
	const char *ca_file;		/* NULL: the system's authorities */
	const struct pal_clock *clock;	/* NULL: the machine's */
};

/*
 * A request, embedded in what it is about. The sender fills the first group; all of it, and all that
 * the views show, stays the courier's until `done`. A request that waits for longer than its total
 * limit is given up as PAL_TRANSPORT_BUSY; the limit counts anew once it is sent.
 */
struct pal_courier_request {
	struct pal_tenant_key tenant;
	struct pal_outgoing outgoing;
	/* Called exactly once; may free the request, or send it again. Runs on: courier. */
	void (*done)(struct pal_courier_request *request);
	/* out; the sender's to pal_buf_deinit the body of */
	struct pal_answer answer;
	/* the courier's */
	union {
		struct pal_loop_job job;
		struct pal_queue_item item;
	};
	struct pal_courier *courier;
};

/* A courier at rest, with a loop of its own. PAL_E_SERVICE. Runs on: main. */
enum pal_code pal_courier_create(const struct pal_courier_options *options,
				 struct pal_courier **ret, struct pal_error *err) PAL_MUST_CHECK;

/* Start its thread. PAL_E_SERVICE. Runs on: main. */
enum pal_code pal_courier_start(struct pal_courier *courier, struct pal_error *err) PAL_MUST_CHECK;

/*
 * Refuse new requests, give those at hand `drain_ms` to end, cancel the rest, and return when the
 * thread has ended and every `done` was called. Runs on: main, after start.
 */
void pal_courier_stop(struct pal_courier *courier, uint32_t drain_ms);

/* Free it: never started, or stopped. NULL is fine. Runs on: main. */
void pal_courier_destroy(struct pal_courier *courier);

/*
 * Hand over a request. False when `queue_max` are at hand or the courier stops: it stays the
 * sender's and `done` is not called. Never blocks. Runs on: any.
 */
bool pal_courier_send(struct pal_courier *courier, struct pal_courier_request *request)
	PAL_MUST_CHECK;

/* The guard that requests are held against, for who checks URLs earlier. Runs on: any. */
const struct pal_guard *pal_courier_guard(const struct pal_courier *courier);

/* How many were handed over and have not ended. Runs on: any. */
unsigned pal_courier_pending(const struct pal_courier *courier);

/* The version of libcurl, which is loaded for it; NULL when there is none to use. Runs on: any. */
const char *pal_courier_library_version(void);

#endif
