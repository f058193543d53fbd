/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.h - what waits to be sent, in fair order: tenants take turns, and so do the hosts of a
 * tenant; to one host it is first come, first served. Caps on what is in flight to a host and for a
 * tenant keep one receiver, and one tenant, from holding all slots. Pure; no locks.
 */
#ifndef PALAVER_COURIER_QUEUE_H
#define PALAVER_COURIER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/str.h"
#include "model/tenant.h"

struct pal_courier_queue;
struct pal_queue_host;

/* Embedded in what waits; the queue's from put until release. */
struct pal_queue_item {
	TAILQ_ENTRY(pal_queue_item) link;
	struct pal_queue_host *host;
	int64_t expires_ms;	/* the sender's: given up at this time if still waiting */
};

/* All at least 1. */
struct pal_queue_limits {
	unsigned flight_per_host, flight_per_tenant;
	unsigned waiting_per_host;
};

enum pal_queue_put {
	PAL_QUEUE_TAKEN,
	PAL_QUEUE_FULL,		/* for this host */
	PAL_QUEUE_NO_MEMORY,
};

/* NULL when out of memory. Runs on: main, then its one user. */
struct pal_courier_queue *pal_courier_queue_create(const struct pal_queue_limits *limits);
/* Nothing may be in it. NULL is fine. */
void pal_courier_queue_destroy(struct pal_courier_queue *queue);

/* Append `item` behind the others of `host`, which is any text that tells receivers apart, for
 * `tenant`. Refused, it stays the caller's. Runs on: its one user. */
enum pal_queue_put pal_courier_queue_put(struct pal_courier_queue *queue,
					 struct pal_tenant_key tenant, struct pal_str host,
					 struct pal_queue_item *item);

/* The item whose turn it is, from now on in flight; NULL when none may go. */
struct pal_queue_item *pal_courier_queue_take(struct pal_courier_queue *queue);

/* An item that was taken has ended. */
void pal_courier_queue_release(struct pal_courier_queue *queue, struct pal_queue_item *item);

/* Take out one waiting item that expired at `now_ms`, any of them with INT64_MAX; it is the
 * caller's again and must not be released. NULL when there is none. */
struct pal_queue_item *pal_courier_queue_expire(struct pal_courier_queue *queue, int64_t now_ms);

/* How many wait. */
size_t pal_courier_queue_waiting(const struct pal_courier_queue *queue);

#endif
