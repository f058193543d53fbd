/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.h - the conversation service: one conversation as a file, piece by piece. However long the
 * conversation is, one piece is in memory; who takes them decides how fast they come.
 *
 * Begin once; then take a step after the other until `last`. What is exported is what was there
 * when it began. That somebody takes data out of the house is written to the audit trail before
 * the first byte leaves it.
 */
#ifndef PALAVER_SERVICE_HISTORY_EXPORT_H
#define PALAVER_SERVICE_HISTORY_EXPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/audit.h"
#include "service/access/caller.h"
#include "service/delivery/delivery.h"
#include "service/view/export_write.h"
#include "store/front.h"

#define PAL_EXPORT_PIECE_BYTES 65536u	/* a piece ends with the message that reaches it */

/*
 * The caller fills the first part and keeps it, and what it points to, until the last `done`;
 * pal_export_deinit then.
 */
struct pal_export {
	struct pal_caller caller;
	struct pal_str id;		/* of the conversation */
	struct pal_export_look look;	/* but for_staff and exported_by, which are set here */
	int64_t from_ms, to_ms;		/* messages of these times, both included; 0: any */
	struct pal_str request_id, ip_address;
	struct pal_arena *arena;	/* holds what the conversation says; nobody else's meanwhile */
	/* Called once for begin and for each step. Runs on: lane, or the caller's thread for a
	 * store that does not block. */
	void (*done)(struct pal_export *export);

	/* out, each time */
	enum pal_code code;	/* begin: PAL_E_NOT_FOUND, PAL_E_SERVICE; a step: PAL_E_SERVICE */
	struct pal_error err;
	struct pal_buf piece;		/* of a step; whoever takes it leaves it empty */
	bool last;			/* nothing follows */

	/* the service's */
	struct pal_query query;
	struct pal_store_front *front;
	struct pal_conversation conversation;
	int64_t next;			/* sequence number to go on with */
	struct pal_deliveries deliveries;	/* of the piece's messages */
	bool has_begun, has_messages;
};

/* Find the conversation and write the audit trail. Runs on: any. */
void pal_export_begin(struct pal_store_front *front, struct pal_export *export);

/* Make the next piece. Runs on: any. */
void pal_export_step(struct pal_export *export);

/* Free what it holds. Runs on: any, while no step is under way. */
void pal_export_deinit(struct pal_export *export);

#endif
