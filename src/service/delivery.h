/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.h - how far a reply has come since it was stored. An exchange is never written again, so
 * what clients tell later (delivered, read, failed) is a record of its own, of kind "delivery": the
 * conversation's number and the message's are its id, so that a page of a history finds those of
 * its messages at once.
 */
#ifndef PALAVER_SERVICE_DELIVERY_H
#define PALAVER_SERVICE_DELIVERY_H

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
#define PAL_DELIVERY_ID_SIZE 48		/* "conversation/sequence" and NUL */
#define PAL_DELIVERY_SPAN_MAX 256u	/* sequence numbers looked up at once */

/* What a record says. Texts are raw JSON, views of its body. */
struct pal_delivery_state {
	enum pal_delivery_status status;
	int64_t attempts;		/* to deliver; at least 1 */
	struct pal_str timestamps;	/* {"read":"2026-..."}: when each status was reached */
	struct pal_str metadata;	/* what clients said with it; absent: nothing */
};

/*
 * Whether a status may follow another (domain.md section 1.1): forward only, failed only before it
 * arrived, and nothing after failed but a new attempt. To stay is no step. Runs on: any.
 */
bool pal_delivery_may_become(enum pal_delivery_status from, enum pal_delivery_status to);

/* Write id or owner of the record of a message. Return `out`. Runs on: any. */
struct pal_str pal_delivery_id(int64_t conversation_key, int64_t sequence,
			       char out[PAL_DELIVERY_ID_SIZE]);
struct pal_str pal_delivery_owner(int64_t conversation_key, char out[PAL_DELIVERY_ID_SIZE]);

/* Read the body; what is not there is as at the first sending. Uses the thread's JSON scratch. */
struct pal_delivery_state pal_delivery_read(struct pal_str body);
/* Append the body. Runs on: any. */
void pal_delivery_write(struct pal_buf *out, const struct pal_delivery_state *state);

/*
 * Where the reply of `exchange` stands now; *ret_record is the record (version 0: there is none
 * yet), with views in `arena`. PAL_E_SERVICE. Runs on: reader.
 */
enum pal_code pal_delivery_load(struct pal_store *store, unsigned reader,
				struct pal_tenant_key tenant, int64_t conversation_key,
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
				  struct pal_tenant_key tenant, int64_t conversation_key,
				  int64_t from, int64_t to, struct pal_deliveries *ret,
				  struct pal_error *err) PAL_MUST_CHECK;

/* The status of the reply of `exchange`, by what was loaded. Runs on: any. */
enum pal_delivery_status pal_deliveries_status(const struct pal_deliveries *deliveries,
					       const struct pal_exchange *exchange);

#endif
