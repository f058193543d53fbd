/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch.h - the delivery service (domain.md section 2.7): takes replies that have to leave from
 * the outbox to their channel's endpoint, durably. Those of a conversation leave one at a time and in
 * order, those of several in parallel. Before a request leaves, its intent is written down, and its
 * result after it: what a daemon that died had under way may have arrived, and is told to.
 *
 * All decisions are made by one thread of its own; stores, courier and feeders only leave notes for
 * it. Nothing is lost that is not fed: the outbox is gone through after the start, and each minute
 * what became due lately.
 */
#ifndef PALAVER_SERVICE_DELIVERY_DISPATCH_H
#define PALAVER_SERVICE_DELIVERY_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "actor/msg.h"
#include "base/clock.h"
#include "base/error.h"
#include "courier/breaker.h"
#include "courier/courier.h"
#include "model/conversation.h"
#include "palaver/channel.h"
#include "service/delivery/judge.h"
#include "store/front.h"

struct pal_dispatch;

#define PAL_DISPATCH_KEPT_MAX (32u << 20)	/* bytes of replies that wait; others are read */

enum pal_dispatch_note_kind {
	PAL_DISPATCH_FED,	/* struct pal_dispatch_fed */
	PAL_DISPATCH_BACK,	/* of a track: what it waited for */
	PAL_DISPATCH_SEEN,	/* the outbox was looked through */
	PAL_DISPATCH_ASKED,	/* struct pal_dispatch_question */
	PAL_DISPATCH_PACED,	/* how often an endpoint was sent to: read, or written down */
};

/* What is left for the service; its own business. */
struct pal_dispatch_note {
	struct pal_msg msg;
	enum pal_dispatch_note_kind kind;
};

/* What may change with a reload. */
struct pal_dispatch_limits {
	uint32_t max_in_flight;		/* attempts under way, from reading to result */
	uint32_t max_per_endpoint;	/* of them, of one tenant's channel */
	uint32_t backoff_max_ms;	/* the longest wait between two attempts, by the schedule */
};

/* How a tenant's channel is set up now. */
struct pal_dispatch_account {
	bool enabled;
	struct pal_channel_account account;	/* views live until it is put back */
	unsigned attempts_max;			/* in all, >= 1 */
	uint32_t retry_first_ms, timeout_ms;	/* >= 1 */
	size_t text_units_max;			/* of one request, in UTF-16 units; 0: any */
	uint32_t per_minute, per_day;		/* requests; 0: any number */
	void *held;				/* the giver's */
};

/* Whoever knows how channels are set up. All run on the delivery service's thread. */
struct pal_dispatch_channels {
	/* False: the channel is not set up. Else *ret is to be put back. */
	bool (*get)(void *arg, struct pal_tenant_key tenant, enum pal_channel_type channel,
		    int64_t now_ms, struct pal_dispatch_account *ret);
	void (*put)(void *arg, struct pal_dispatch_account *account);
	/* An attempt ended. */
	void (*note)(void *arg, struct pal_tenant_key tenant, enum pal_channel_type channel,
		     enum pal_channel_outcome outcome, const char *code, int64_t took_ms);
	/* The receiver wants nothing any more. */
	void (*stop)(void *arg, struct pal_tenant_key tenant, enum pal_channel_type channel,
		     const char *why);
	/* The public id of a tenant; absent when it is gone. Views live as long as the daemon. */
	struct pal_str (*tenant_id)(void *arg, struct pal_tenant_key tenant);
	void *arg;
};

/* Hand a request to the network: pal_courier_send, or a test's. */
typedef bool pal_dispatch_send_fn(void *arg, struct pal_courier_request *request);

struct pal_dispatch_options {
	struct pal_store_front *front;
	const struct pal_clock *clock;
	struct pal_dispatch_channels channels;
	pal_dispatch_send_fn *send;
	void *send_arg;
	struct pal_breaker_options breaker;	/* its clock is set by create */
	struct pal_dispatch_limits limits;
	uint32_t tracks_max;	/* conversations in memory, but for 16 of any endpoint; 0: 100,000 */
	uint64_t seed;		/* of the chance in waits */
};

/* At rest. What `options` points to outlives it. NULL when out of memory. Runs on: main. */
struct pal_dispatch *pal_dispatch_create(const struct pal_dispatch_options *options);

/* Look through the outbox, and start the thread. PAL_E_SERVICE. Runs on: main. */
enum pal_code pal_dispatch_start(struct pal_dispatch *dispatch, struct pal_error *err)
	PAL_MUST_CHECK;

/* Begin no attempt any more; those under way go on. Runs on: any. */
void pal_dispatch_close(struct pal_dispatch *dispatch);

/*
 * End the thread when nothing is under way: the courier has ended all requests, the store's lanes
 * still run. Never started is fine. Runs on: main, after close.
 */
void pal_dispatch_stop(struct pal_dispatch *dispatch);
void pal_dispatch_destroy(struct pal_dispatch *dispatch);	/* NULL is fine. Runs on: main. */

/* Use `limits` from now on. Runs on: any. */
void pal_dispatch_set_limits(struct pal_dispatch *dispatch,
			     const struct pal_dispatch_limits *limits);

/*
 * A delivery has to leave, and is due now: that of the message numbered `sequence`.
 * Never fails: without memory it is found when the outbox is looked through. Runs on: any.
 */
void pal_dispatch_feed(struct pal_dispatch *dispatch, struct pal_tenant_key tenant,
		       struct pal_str conversation_id, enum pal_channel_type channel,
		       int64_t sequence);

/* How a tenant's channel does. The storage is the asker's, who leaves it alone until `done`. */
struct pal_dispatch_question {
	struct pal_dispatch_note note;	/* first; the service's */
	struct pal_tenant_key tenant;
	enum pal_channel_type channel;
	/* Called exactly once. Runs on: the delivery service's thread. */
	void (*done)(struct pal_dispatch_question *question);
	/* out */
	enum pal_breaker_state breaker;
	uint32_t wait_ms;		/* open: for so long still; else 0 */
};

/* Ask. False: the service stops, and `done` is not called. Runs on: any. */
bool pal_dispatch_ask(struct pal_dispatch *dispatch, struct pal_dispatch_question *question)
	PAL_MUST_CHECK;

/*
 * As pal_dispatch_feed for the reply of `exchange`, stored just now with its delivery: what is needed
 * to send it is kept, within PAL_DISPATCH_KEPT_MAX, so that mostly it need not be read. Runs on: any.
 */
void pal_dispatch_feed_reply(struct pal_dispatch *dispatch, struct pal_tenant_key tenant,
			     const struct pal_conversation *conversation,
			     const struct pal_exchange *exchange);

/*
 * Conversations in memory with something to deliver, and attempts under way; of the conversations,
 * how many wait since their channel may not be sent on more often. Runs on: any.
 */
struct pal_dispatch_counts {
	uint32_t waiting, in_flight, paced;
};
struct pal_dispatch_counts pal_dispatch_counts(struct pal_dispatch *dispatch);

/*
 * Do what there is to do now, and return in how many ms there may be more; for tests, which do not
 * start it. Runs on: the one thread that drives it.
 */
uint32_t pal_dispatch_step(struct pal_dispatch *dispatch);

#endif
