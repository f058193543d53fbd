/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch_flight.h - some deliveries of one conversation, each from the outbox to its result: read
 * the records and their messages; write the intent of the first; send; write its result, together
 * with the intent of the next. Each wait ends with a note, upon which pal_flight_back goes on. What a
 * flight is to its own files; all run on the dispatch thread but where it is said.
 */
#ifndef PALAVER_SERVICE_DELIVERY_DISPATCH_FLIGHT_H
#define PALAVER_SERVICE_DELIVERY_DISPATCH_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "service/delivery/delivery.h"
#include "service/delivery/dispatch_parts.h"
#include "service/delivery/judge.h"

#define PAL_FLIGHT_TROUBLE_MS 1000	/* until the store is asked again */
#define PAL_FLIGHT_PARCELS_MAX 16u	/* then others have their turn */
#define PAL_FLIGHT_AHEAD_BYTES 65536u	/* beyond which nothing more is read ahead */

enum pal_track_found {
	PAL_FOUND_NOTHING,
	PAL_FOUND_LATER,	/* it is not due yet */
	PAL_FOUND_DUE,
	PAL_FOUND_MORE,		/* not in so many; go on from where the looking stopped */
	PAL_FOUND_TROUBLE,	/* the store's */
};

/* One delivery, as it was read, and what becomes of it. Lies in the flight's arena. */
struct pal_parcel {
	struct pal_parcel *next;		/* due after it; NULL: none was read */
	struct pal_flight *flight;
	int64_t due_ms;				/* wall clock */
	struct pal_record record;
	struct pal_delivery_state state;
	struct pal_found_exchange exchange;
	bool has_exchange;
	struct pal_attempt attempt;
	int64_t begun_ms;	/* its intent is in the record before it: next_intent_ms; 0: in its own */
	struct pal_record_commit commit;	/* of its intent, then of its result */
	struct pal_record_write ref;		/* of what the receiver calls it, with the result */
	bool has_ref;
};

/* Lies in its own arena. */
struct pal_flight {
	struct pal_arena arena;
	union {
		struct pal_query query;
		struct pal_courier_request request;
	};
	struct pal_track *track;
	int64_t after, below, last;		/* the track's; as far as it has read */
	int64_t begun_ms;			/* what the record before those says: next_intent_ms */
	int64_t ahead_to;			/* how far to read ahead: behind that they are kept */
	struct pal_kept_list kept;		/* what parcels are views of */
	enum pal_track_found found;
	int64_t due_ms;				/* PAL_FOUND_LATER: wall clock */
	struct pal_parcel *parcel;		/* whose turn it is */
	struct pal_parcel *passed;		/* PAL_TRACK_PASSES: the one before it */
	_Atomic unsigned writes;		/* under way; the last to end leaves the note */
	struct pal_dispatch_account account;
	bool has_account;
	const struct pal_channel_ops *ops;
	enum pal_breaker_verdict breaker;
	struct pal_str breaker_key;
	struct pal_outgoing outgoing;
};

/* Nothing speaks against going on with what was read ahead. */
bool pal_flight_may_go_on(const struct pal_track *track);
/* Let the state of a parcel that was begun so (begun_ms) say it, if it knows of no attempt. */
void pal_flight_mark_begun(struct pal_parcel *parcel);
/* The message of `parcel` has left, or never will. */
void pal_flight_note_left(struct pal_track *track, const struct pal_parcel *parcel);
/* That of the parcel: go on with the next one that was read, or end the flight. */
void pal_flight_move_on(struct pal_track *track);

/* --- dispatch_read.c -------------------------------------------------------------------------- */

/*
 * Ask the store for the next records that have to leave, and their messages; or for the parcel's
 * record again. What was found is in `found` when the track's note is there. False: the store is too busy.
 */
bool pal_flight_read_next(struct pal_flight *flight);
bool pal_flight_read_again(struct pal_flight *flight);

/* --- dispatch_ready.c ------------------------------------------------------------------------- */

/* The parcel is due: find out all that can be known before it leaves, and write the intent. */
void pal_flight_make_ready(struct pal_track *track);
/*
 * Make `next`, which is behind the parcel, ready to leave as soon as its intent is written: either
 * begun_ms is what the parcel's result is to say of it, or its own record is drafted. False: it needs
 * a closer look, by pal_flight_make_ready when its turn comes.
 */
bool pal_flight_prepare(struct pal_track *track, struct pal_parcel *next);
/* It does not leave now after all. */
void pal_flight_unprepare(struct pal_track *track, struct pal_parcel *next);

/* --- dispatch_send.c -------------------------------------------------------------------------- */

void pal_flight_tell_breaker(struct pal_track *track, enum pal_breaker_report report);
/* The intent was written, or not: send it. */
void pal_flight_intended(struct pal_track *track);
/* The network said how it went. */
void pal_flight_answered(struct pal_track *track);

/* --- dispatch_result.c ------------------------------------------------------------------------ */

/* How the channel's deliveries are tried again. */
struct pal_delivery_policy pal_flight_policy(const struct pal_flight *flight);
/* Make the record say the state, due at `due_ms`, 0: never. False without memory. */
bool pal_flight_draft(struct pal_parcel *parcel, int64_t due_ms);
/* Have it written like that. False: without memory, or the store is too busy. */
bool pal_flight_write(struct pal_parcel *parcel, int64_t due_ms);
/* The attempt ended so: write it down. `code` is "" when it went well. */
void pal_flight_end_attempt(struct pal_track *track, enum pal_channel_outcome outcome,
			    const char *code);
/* The result was written, or not. */
void pal_flight_written(struct pal_track *track);
/* The result was written, or not, and so was the intent of the next. */
void pal_flight_passed(struct pal_track *track);
/* The record was read again, to write the result over it. */
void pal_flight_looked(struct pal_track *track);

#endif
