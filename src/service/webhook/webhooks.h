/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhooks.h - what comes back from channels (domain.md section 2.2, handle_webhook): a webhook is
 * verified over its bytes, kept, answered, and only then acted on. What was kept is found again
 * after any end of the daemon, and what is sent again gets the answer it got.
 */
#ifndef PALAVER_SERVICE_WEBHOOK_WEBHOOKS_H
#define PALAVER_SERVICE_WEBHOOK_WEBHOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "model/send_request.h"
#include "palaver/channel.h"
#include "service/access/access.h"
#include "service/channel/channels.h"
#include "service/conversation/message.h"
#include "service/limits/limits.h"
#include "store/front.h"

#define PAL_WEBHOOK_SEEN_KIND PAL_STR("webhook_seen")
/* The owners of those that hold their event still: those to be acted on, and those that failed. */
#define PAL_WEBHOOK_OPEN PAL_STR("open")
#define PAL_WEBHOOK_FAILED_OWNER PAL_STR("failed")
#define PAL_WEBHOOK_KEEP_MS (76 * 3600 * 1000ll)	/* longer than anybody tries again */
#define PAL_WEBHOOK_ORPHAN_MS (10 * 60 * 1000ll)	/* how long a receipt waits for its message */
#define PAL_WEBHOOK_ID_SIZE 300

struct pal_webhooks;

enum pal_webhook_verdict {
	PAL_WEBHOOK_TAKEN,	/* kept, now or when it came first; `data` is the answer */
	PAL_WEBHOOK_FAULTY,	/* signed, but nothing can be made of it; `data` says why */
	PAL_WEBHOOK_REFUSED,	/* not signed by who may send it, or there is nobody who may */
	PAL_WEBHOOK_OFF,	/* signed, but the channel is disabled or the tenant not active */
	PAL_WEBHOOK_LIMITED,	/* signed, but too many of this channel came; see retry_ms */
	PAL_WEBHOOK_BUSY,	/* could not be kept: send it again */
};

/*
 * One webhook and its answer. The caller fills the first part, keeps it and what it points to until
 * `done`, and then frees `data`.
 */
struct pal_webhook_call {
	const struct pal_channel_hook *hook;
	enum pal_channel_type type;
	struct pal_str tenant_id, integration_id, request_id, ip_address;
	/* Called exactly once, maybe before receive returns. Runs on: lane, or the caller. */
	void (*done)(struct pal_webhook_call *call);

	/* out */
	enum pal_webhook_verdict verdict;
	enum pal_channel_verdict signature;
	struct pal_tenant_key tenant;	/* 0: not known */
	struct pal_buf data;		/* a JSON object */
	bool is_repeat;
	uint32_t retry_ms;		/* LIMITED: when to come again */

	/* the service's */
	struct pal_webhooks *webhooks;
	struct pal_query query;
	char id[PAL_WEBHOOK_ID_SIZE];
};

struct pal_webhooks_options {
	struct pal_store_front *front;
	struct pal_access *access;
	struct pal_channels *channels;
	struct pal_message_service *messages;
	struct pal_limits *limits;	/* NULL: none */
	const struct pal_clock *clock;
	struct pal_request_rules rules;		/* those for messages; may change with a reload */
};

/* Nothing received yet. What `options` points to must outlive it. NULL without memory. Runs on:
 * main. */
struct pal_webhooks *pal_webhooks_create(const struct pal_webhooks_options *options);
void pal_webhooks_destroy(struct pal_webhooks *webhooks);	/* NULL is fine. Runs on: main. */

/* Read messages by `rules` from now on. Runs on: main. */
void pal_webhooks_set_rules(struct pal_webhooks *webhooks, const struct pal_request_rules *rules);

/* Take a webhook. Runs on: any. */
void pal_webhooks_receive(struct pal_webhooks *webhooks, struct pal_webhook_call *call);

/* --- What the tenant is told of it ------------------------------------------------------------ */

enum pal_webhook_question {
	PAL_WEBHOOK_STATUS,	/* what came, and what came to nothing */
	PAL_WEBHOOK_TEST,	/* sign an event as the channel would, and take it */
};

/* One question and its answer; as struct pal_webhook_call. */
struct pal_webhook_report {
	enum pal_webhook_question question;
	const struct pal_caller *caller;
	enum pal_channel_type type;		/* TEST */
	struct pal_str request_id, ip_address;
	void (*done)(struct pal_webhook_report *report);

	/* out */
	enum pal_code code;	/* PAL_E_NOT_FOUND: the channel is not set up; PAL_E_SERVICE */
	struct pal_error err;
	struct pal_buf data;

	/* the service's */
	struct pal_webhooks *webhooks;
	union {
		struct pal_query query;
		struct pal_webhook_call call;
	};
	struct pal_channel_hook hook;
	struct pal_channel_account account;
	struct pal_arena arena;
	char id[PAL_UUID_TEXT_SIZE];
};

/* Answer it. Runs on: any. */
void pal_webhooks_report(struct pal_webhooks *webhooks, struct pal_webhook_report *report);

/*
 * Find what was kept and not acted on (after a kill, or to be tried again now), and forget what was
 * acted on long ago; about once a second. Return how many are being acted on. Runs on: main.
 */
size_t pal_webhooks_sweep(struct pal_webhooks *webhooks);

/* Begin with nothing new; what is kept waits for the next start. Return as sweep. Runs on: main. */
size_t pal_webhooks_drain(struct pal_webhooks *webhooks);

#endif
