/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deliveries.h - what may be asked of the outbox (domain.md section 2.7): one delivery, a list, those
 * that failed to be delivered again, and figures. Only replies that are pushed have a delivery of
 * their own; of others it is told what their message says.
 */
#ifndef PALAVER_SERVICE_DELIVERY_DELIVERIES_H
#define PALAVER_SERVICE_DELIVERY_DELIVERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/message.h"
#include "service/access/caller.h"
#include "service/delivery/delivery.h"
#include "store/front.h"

#define PAL_DELIVERIES_RETRY_MAX 100u	/* in one call */
#define PAL_DELIVERIES_CURSOR_SIZE (PAL_DELIVERY_ID_SIZE + 24)

struct pal_dispatch;

enum pal_deliveries_verb {
	PAL_DELIVERIES_GET,
	PAL_DELIVERIES_LIST,
	PAL_DELIVERIES_RETRY,
	PAL_DELIVERIES_METRICS,
};

struct pal_deliveries_filter {
	int status, channel;		/* enum pal_delivery_status, enum pal_channel_type; -1: any */
	struct pal_str conversation_id;	/* absent: any */
};

/* A delivery that a retry is about. */
struct pal_deliveries_retry {
	struct pal_str message_id;	/* as asked for, or as found */
	struct pal_record record;
	struct pal_str conversation_id;
	enum pal_channel_type channel;
	const char *result;		/* "retried", "not_found", "not_failed", "conflict" */
	struct pal_record_write write;
};

/*
 * One request and its answer. The caller fills the first part, keeps it and what it points to until
 * `done`, and then frees `data`.
 */
struct pal_deliveries_call {
	enum pal_deliveries_verb verb;
	const struct pal_caller *caller;
	struct pal_str id;			/* GET: of the reply, or of the message it answers */
	struct pal_deliveries_filter filter;	/* LIST; RETRY without ids: of those that failed */
	struct pal_str after;			/* LIST: the cursor; absent: from the begin */
	size_t limit;				/* LIST: 1..100 */
	const struct pal_str *ids;		/* RETRY: which, at most PAL_DELIVERIES_RETRY_MAX */
	size_t id_count;			/* 0: all that the filter lets pass, so many at once */
	bool dry_run;				/* RETRY: only tell */
	int64_t from_ms, to_ms;			/* METRICS: of replies made within */
	int64_t now_ms;				/* wall clock */
	/* Called exactly once. Runs on: lane, or within the call. */
	void (*done)(struct pal_deliveries_call *call);

	/* the service's */
	struct pal_store_front *front;
	struct pal_dispatch *dispatch;
	struct pal_query query;
	struct pal_arena arena;
	struct pal_deliveries_retry *retries;
	size_t retry_count;
	bool has_more;

	/* out */
	enum pal_code code;
	struct pal_error err;		/* unless PAL_OK */
	struct pal_buf data;		/* PAL_OK: GET, RETRY, METRICS an object, LIST an array */
	char next[PAL_DELIVERIES_CURSOR_SIZE];	/* LIST: the cursor of the next page; "": none */
};

/*
 * Have it done. `dispatch` is told of what has to leave again, and may be NULL. PAL_E_NOT_FOUND: GET,
 * RETRY of one, of what is absent or not the caller's; PAL_E_CONFLICT: RETRY of one that has not
 * failed; PAL_E_UNAUTHORIZED: LIST, METRICS and RETRY of more than one, but by staff;
 * PAL_E_VALIDATION: a cursor; PAL_E_SERVICE. Runs on: any.
 */
void pal_deliveries_do(struct pal_store_front *front, struct pal_dispatch *dispatch,
		       struct pal_deliveries_call *call);

/* --- For the verbs, deliveries_read.c --------------------------------------------------------- */

/* By what is stored now; texts in call->arena. Runs on: reader. */
typedef enum pal_code pal_deliveries_fn(struct pal_deliveries_call *call, struct pal_store *store,
					unsigned reader);
pal_deliveries_fn pal_deliveries_get, pal_deliveries_list, pal_deliveries_find_failed,
	pal_deliveries_metrics;

#endif
