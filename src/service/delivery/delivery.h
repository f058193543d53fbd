/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.h - how far a reply has come since it was stored. An exchange is never written again, so
 * what is to be told later is a record of its own, of kind "delivery", owned by the conversation;
 * its id and the message's number are the record's id, so that those of a page of a history are
 * found at once, and in order. A reply that is pushed has its record from the start, written in the
 * turn's unit: the outbox. While it has to leave, the record expires when the next attempt is due.
 */
#ifndef PALAVER_SERVICE_DELIVERY_DELIVERY_H
#define PALAVER_SERVICE_DELIVERY_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "model/message.h"
#include "model/record.h"
#include "palaver/store.h"

#define PAL_DELIVERY_KIND PAL_STR("delivery")
#define PAL_DELIVERY_BAD_RECIPIENT "INVALID_RECIPIENT"	/* domain.md section 1.6 */
#define PAL_DELIVERY_ID_SIZE 601	/* "conversation/sequence" and NUL */
#define PAL_DELIVERY_LOG_MAX 10u	/* attempts told of; of more, the last */
#define PAL_DELIVERY_SPAN_MAX 256u	/* sequence numbers looked up at once */

/* What a record says. Texts are raw JSON, views of its body. */
struct pal_delivery_state {
	enum pal_delivery_status status;
	int64_t attempts;		/* to deliver; at least 1 */
	struct pal_str timestamps;	/* {"read":"2026-..."}: when each status was reached */
	struct pal_str metadata;	/* what clients said with it; absent: nothing */
	/* of those that are pushed; message_id absent: it is not */
	struct pal_str message_id, channel, recipient;	/* without their quotes, ids as they are */
	struct pal_str log;		/* [{"attempt_number":1,...}]: the attempts that ended */
	struct pal_str platform_id;	/* JSON string: the receiver's own id; absent: none yet */
	struct pal_str error_code;	/* of the last attempt that failed; absent: none did */
	struct pal_str error_field;	/* what of the request was wrong; absent: nothing */
	struct pal_str error_message;	/* JSON string: and why */
	int64_t intent_ms;	/* an attempt began and its result is not written yet; 0: none */
	int64_t next_intent_ms;	/* the one behind it began, if that knows of no attempt; 0: not yet */
	int64_t quarters;	/* failures that count, in quarters of one */
	int64_t unknowns;	/* attempts that may have arrived */
	bool may_be_double;	/* the receiver may get it twice: possible_duplicate */
	/* of one that leaves in several requests, from the first attempt on; parts 0: in one */
	int64_t parts, parts_done;	/* the first `parts_done` have arrived */
	int64_t part_units;	/* how long a part may be: it stays, so that parts do */
	enum pal_delivery_status heard;	/* by receipts, before all had left; PENDING: nothing */
};

/* Whether some of it has not arrived, so that no status can be that of the whole. Runs on: any. */
static inline bool pal_delivery_is_partial(const struct pal_delivery_state *state)
{
	return state->parts_done < state->parts && state->status <= PAL_DELIVERY_RETRYING;
}

/* Whether it still has to leave. Runs on: any. */
static inline bool pal_delivery_is_open(const struct pal_delivery_state *state)
{
	return state->message_id.p && state->status <= PAL_DELIVERY_RETRYING;
}

/*
 * Whether a status may follow another (domain.md section 1.1): forward only, failed only before it
 * arrived, and nothing after failed but a new attempt. To stay is no step. Runs on: any.
 */
bool pal_delivery_may_become(enum pal_delivery_status from, enum pal_delivery_status to);

/*
 * Let a failed delivery that is pushed have to leave again, as if for the first time: but for the
 * parts that have arrived. If nothing of it can have, its parts are made anew.
 */
void pal_delivery_reopen(struct pal_delivery_state *state);

/*
 * Write the id of the record of a message; those of a conversation sort by their numbers. Its owner
 * is the conversation's id. Return `out`. Runs on: any.
 */
struct pal_str pal_delivery_id(struct pal_str conversation_id, int64_t sequence,
			       char out[PAL_DELIVERY_ID_SIZE]);
/* The message's number in such an id; 0 when it is none. Runs on: any. */
int64_t pal_delivery_sequence(struct pal_str record_id);

/* Read the body; what is not there is as at the first sending. Uses the thread's JSON scratch. */
struct pal_delivery_state pal_delivery_read(struct pal_str body);
/* Append the body. Runs on: any. */
void pal_delivery_write(struct pal_buf *out, const struct pal_delivery_state *state);

/*
 * Where the reply of `exchange` stands now; *ret_record is the record (version 0: there is none
 * yet), with views in `arena`. PAL_E_SERVICE. Runs on: reader.
 */
enum pal_code pal_delivery_load(struct pal_store *store, unsigned reader,
				struct pal_tenant_key tenant, struct pal_str conversation_id,
				const struct pal_exchange *exchange, struct pal_arena *arena,
				struct pal_delivery_state *ret, struct pal_record *ret_record,
				struct pal_error *err) PAL_MUST_CHECK;

/* The statuses of a run of messages. */
struct pal_deliveries {
	int64_t from;
	size_t count;		/* 0: none of them has moved on */
	uint8_t moved[PAL_DELIVERY_SPAN_MAX];	/* status + 1; 0: it stands where it was stored */
};

/*
 * Load those of sequence numbers from..to, at most PAL_DELIVERY_SPAN_MAX of them. PAL_E_SERVICE.
 * Runs on: reader.
 */
enum pal_code pal_deliveries_load(struct pal_store *store, unsigned reader,
				  struct pal_tenant_key tenant, struct pal_str conversation_id,
				  int64_t from, int64_t to, struct pal_deliveries *ret,
				  struct pal_error *err) PAL_MUST_CHECK;

/* The status of the reply of `exchange`, by what was loaded. Runs on: any. */
enum pal_delivery_status pal_deliveries_status(const struct pal_deliveries *deliveries,
					       const struct pal_exchange *exchange);

#endif
