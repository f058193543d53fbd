/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the files behind webhooks.h share: the work that a kept webhook makes. */
#ifndef PALAVER_SERVICE_WEBHOOK_PARTS_H
#define PALAVER_SERVICE_WEBHOOK_PARTS_H

#include <pthread.h>

#include "channel/parts.h"
#include "service/access/usage.h"
#include "service/conversation/stored_message.h"
#include "service/webhook/webhooks.h"

#define PAL_WEBHOOK_STRIPES 64u		/* webhooks acted on at once */
#define PAL_WEBHOOK_JOBS_MAX 4096u	/* in memory; what is beyond is not taken */
#define PAL_WEBHOOK_LEASE_MS 30000	/* for so long nobody else acts on it */

/* How an event ended. */
enum pal_webhook_end {
	PAL_WEBHOOK_DONE,
	PAL_WEBHOOK_AGAIN,	/* to be tried later */
	PAL_WEBHOOK_FAILED,	/* for good */
};

struct pal_webhook_job {
	struct pal_webhooks *webhooks;
	struct pal_webhook_job *next;		/* behind it in its stripe */
	struct pal_webhook_job *older, *newer;	/* in the list of all */
	unsigned stripe;
	struct pal_webhook_call *call;		/* to be answered when it is kept; else NULL */
	struct pal_caller us;			/* who acts: the channel, for its users */
	char id[PAL_WEBHOOK_ID_SIZE];		/* of the record */
	char us_id[32];
	enum pal_channel_type type;
	int64_t version, received_ms;
	struct pal_buf body;			/* the record's */
	struct pal_str answer, raw;		/* in it */
	int64_t attempts;
	struct pal_record_commit commit;
	struct pal_query query;
	/* the events of it, one at a time */
	struct pal_arena arena;
	struct pal_channel_events events;
	size_t at;
	struct pal_buf results;			/* a JSON array, still open */
	enum pal_webhook_end worst;
	union {
		struct pal_inbound inbound;
		struct pal_stored_call stored;
	};
	struct pal_str user_id;			/* of a message, as the channel writes it */
	struct pal_usage_hold hold;
};

struct pal_webhook_stripe {
	struct pal_webhook_job *head, *tail;
	bool is_busy;
};

struct pal_webhooks {
	struct pal_webhooks_options options;	/* fixed at create, but for `rules` */
	pthread_mutex_t lock;			/* guards the rest, and options.rules */
	struct pal_webhook_job *newest;		/* of all that are in memory */
	size_t count;
	struct pal_webhook_stripe stripes[PAL_WEBHOOK_STRIPES];
	bool is_stopping;
	bool is_looking;			/* a sweep is under way */
	int64_t started_ms;			/* fixed at create */
};

/* Act on the event job->events.events[job->at]; pal_webhook_event_ended when that is done, maybe
 * before this returns. Runs on: lane, worker, any. */
void pal_webhook_event_start(struct pal_webhook_job *job);

/* Tell how the event ended; `what` is a word for it. The job goes on. Runs on: any. */
void pal_webhook_event_ended(struct pal_webhook_job *job, enum pal_webhook_end end,
			     const char *what, const struct pal_error *err);

/* The event under way. */
static inline const struct pal_channel_event *pal_webhook_event_of(const struct pal_webhook_job *job)
{
	return &job->events.events[job->at];
}

/* That event, by its kind (event_message.c, event_receipt.c); as pal_webhook_event_start. */
void pal_webhook_message_start(struct pal_webhook_job *job);
void pal_webhook_receipt_start(struct pal_webhook_job *job);

/* Whether what failed so may go well later. Runs on: any. */
bool pal_webhook_may_pass_later(enum pal_code code);

/* The message id that stands for what a platform calls `platform_id`: always the same. */
char *pal_webhook_message_id(enum pal_channel_type type, struct pal_str platform_id,
			     char out[PAL_UUID_TEXT_SIZE]);

#define PAL_WEBHOOK_OWN_PREFIX "msg_"	/* of the ids that our webhooks carry */

static inline bool pal_webhook_is_own_id(struct pal_str id)
{
	const size_t prefix = sizeof(PAL_WEBHOOK_OWN_PREFIX) - 1;

	return id.n > prefix && memcmp(id.p, PAL_WEBHOOK_OWN_PREFIX, prefix) == 0;
}

/* The message id in what a platform tells a message of ours, or a part of it, by. Runs on: any. */
static inline struct pal_str pal_webhook_own_id(struct pal_str id)
{
	const size_t prefix = sizeof(PAL_WEBHOOK_OWN_PREFIX) - 1;

	if (pal_webhook_is_own_id(id))
		id = (struct pal_str){id.p + prefix, id.n - prefix};
	return pal_channel_key_message(id);
}

/* Count. Runs on: any. */
void pal_webhook_counters_register(void);
enum pal_webhook_count {
	PAL_COUNT_WEBHOOKS,
	PAL_COUNT_REPEATS,
	PAL_COUNT_REFUSED,
	PAL_COUNT_FAULTY,
	PAL_COUNT_EVENTS,
	PAL_COUNT_EVENTS_FAILED,
	PAL_COUNT_ORPHANS,
};
void pal_webhook_count(enum pal_webhook_count what);

/* The word for an event's kind. Runs on: any. */
const char *pal_webhook_event_name(enum pal_channel_event_kind kind);

#endif
