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
#include "model/audit.h"
#include "model/message.h"
#include "service/access/caller.h"
#include "service/delivery/delivery.h"
#include "service/delivery/dispatch.h"
#include "store/front.h"

#define PAL_DELIVERIES_RETRY_MAX 100u	/* in one call */
#define PAL_DELIVERIES_CURSOR_SIZE (PAL_DELIVERY_ID_SIZE + 24)

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

/* How far a look through the tenant's deliveries has come; each step of it is a read of its own. */
struct pal_deliveries_walk {
	int64_t last_ms;		/* behind the record made then ... */
	char last_id[PAL_DELIVERY_ID_SIZE];	/* ... with that id */
	size_t last_id_size;
	size_t seen, taken;		/* records looked at, and put into the answer */
	bool goes_on;			/* there is another step */
	bool lacks_memory;
};

/* A delivery that a retry is about. */
struct pal_deliveries_retry {
	struct pal_str message_id;	/* as asked for, or as found */
	struct pal_record record;
	struct pal_str conversation_id;
	enum pal_channel_type channel;
	const char *result;		/* "retried", "not_found", "not_failed", "conflict" */
	struct pal_record_write write;
	struct pal_audit_event audit;	/* goes with the write */
};

/*
 * One request and its answer. The caller fills the first part, keeps it and what it points to until
 * `done`, and then frees `data`.
 */
struct pal_deliveries_call {
	enum pal_deliveries_verb verb;
	const struct pal_caller *caller;
	struct pal_str request_id, ip_address;	/* for the audit trail; may be absent */
	struct pal_str id;			/* GET: of the reply, or of the message it answers */
	struct pal_deliveries_filter filter;	/* LIST; RETRY without ids: of those that failed */
	/* LIST; RETRY without ids: a `next`; absent: from the begin */
	struct pal_str after;
	size_t limit;				/* likewise: 1..100; 0: 100 */
	const struct pal_str *ids;		/* RETRY: which, at most PAL_DELIVERIES_RETRY_MAX */
	size_t id_count;			/* 0: those that the filter lets pass */
	bool dry_run;				/* RETRY: only tell */
	int64_t from_ms, to_ms;			/* METRICS: of replies made within */
	int64_t now_ms;				/* wall clock */
	/* Called exactly once. Runs on: lane, the delivery service's thread, or within the call. */
	void (*done)(struct pal_deliveries_call *call);

	/* the service's */
	struct pal_store_front *front;
	struct pal_dispatch *dispatch;
	struct pal_query query;
	struct pal_arena arena;
	struct pal_deliveries_walk walk;
	struct pal_deliveries_retry *retries;
	size_t retry_count;
	bool has_more;
	struct pal_deliveries_figures *figures;
	bool is_pushed;
	struct pal_dispatch_question question;

	/* out */
	enum pal_code code;
	struct pal_error err;		/* unless PAL_OK */
	struct pal_buf data;		/* PAL_OK: GET, RETRY, METRICS an object, LIST an array */
	/* LIST, RETRY without ids: where the next page begins; "": there is none */
	char next[PAL_DELIVERIES_CURSOR_SIZE];
};

/*
 * Have it done. `dispatch` is told of what has to leave again and asked how its channel does; it
 * may be NULL. Each delivery that is tried again is in the audit trail. PAL_E_NOT_FOUND: GET, RETRY
 * of one, of what is absent or not the caller's; PAL_E_CONFLICT: RETRY of one that has not failed;
 * PAL_E_UNAUTHORIZED: LIST, METRICS and RETRY without ids, but by staff; PAL_E_VALIDATION: a
 * cursor; PAL_E_SERVICE. Runs on: any.
 */
void pal_deliveries_do(struct pal_store_front *front, struct pal_dispatch *dispatch,
		       struct pal_deliveries_call *call);

/*
 * --- For the verbs. By what is stored now; texts in call->arena. With walk.goes_on set there is
 * another step: the verb is to be called again, in a read of its own. All run on: reader.
 */
typedef enum pal_code pal_deliveries_fn(struct pal_deliveries_call *call, struct pal_store *store,
					unsigned reader);
pal_deliveries_fn pal_deliveries_get, pal_deliveries_find;	/* deliveries_read.c */
pal_deliveries_fn pal_deliveries_list, pal_deliveries_find_failed;	/* deliveries_walk.c */
pal_deliveries_fn pal_deliveries_metrics;	/* deliveries_figures.c */

/* Append a delivery as clients see it (deliveries_read.c). */
void pal_deliveries_put(struct pal_buf *out, const struct pal_record *r,
			const struct pal_delivery_state *state);

/* Room for what is to be tried again (deliveries_read.c). False: out of memory. */
bool pal_deliveries_make_room(struct pal_deliveries_call *call);
/* Keep record `r`, which failed, beyond the walk (deliveries_read.c). False: out of memory. */
bool pal_deliveries_keep(struct pal_deliveries_call *call, const struct pal_record *r,
			 struct pal_deliveries_retry *retry);

/* Whether it is one of those asked for (deliveries_walk.c). */
bool pal_deliveries_pass(const struct pal_deliveries_filter *filter,
			 const struct pal_delivery_state *state);
/* The walk has passed `r` (deliveries_walk.c). */
void pal_deliveries_note(struct pal_deliveries_walk *walk, const struct pal_record *r);
/*
 * Have `visit`, with `call` for its argument, look at the next records, at most `seen_max` in all
 * steps; it notes each that it passes (deliveries_walk.c). PAL_E_SERVICE.
 */
enum pal_code pal_deliveries_step(struct pal_deliveries_call *call, struct pal_store *store,
				  unsigned reader, size_t seen_max,
				  pal_record_visit_fn *visit) PAL_MUST_CHECK;

#endif
