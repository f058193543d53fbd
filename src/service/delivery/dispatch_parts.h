/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch_parts.h - the delivery service as its own files see it. A track is a conversation with
 * something to deliver; an endpoint is a tenant's channel; a flight is what a track needs while it
 * is looked at and sent. All is the dispatch thread's alone, but for the inbox.
 */
#ifndef PALAVER_SERVICE_DELIVERY_DISPATCH_PARTS_H
#define PALAVER_SERVICE_DELIVERY_DISPATCH_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "service/delivery/dispatch.h"

struct pal_dispatch_fed {
	struct pal_dispatch_note note;	/* first */
	struct pal_tenant_key tenant;
	enum pal_channel_type channel;
	int64_t sequence;
	size_t id_size;
	char id[];
};

struct pal_endpoint {
	TAILQ_ENTRY(pal_endpoint) link;		/* of all */
	TAILQ_ENTRY(pal_endpoint) turn;		/* of those whose tracks wait, if has_turn */
	struct pal_tenant_key tenant;
	enum pal_channel_type channel;
	TAILQ_HEAD(, pal_track) waiting;	/* tracks that are due */
	uint32_t tracks, in_flight;
	bool has_turn;
	int64_t paused_until_ms;		/* monotonic */
};

enum pal_track_step {
	PAL_TRACK_RESTS,	/* until wake_ms, in the heap */
	PAL_TRACK_WAITS,	/* for its endpoint's turn */
	PAL_TRACK_READS,
	PAL_TRACK_INTENDS,	/* the intent is being written */
	PAL_TRACK_SENDS,
	PAL_TRACK_ENDS,		/* the result is being written */
	PAL_TRACK_PASSES,	/* and with it the intent of the next */
	PAL_TRACK_LINGERS,	/* the result could not be written; until wake_ms */
	PAL_TRACK_LOOKS,	/* the record is read again, to write the result over it */
};

struct pal_flight;		/* dispatch_flight.h */

struct pal_track {
	struct pal_dispatch_note back;		/* first */
	struct pal_dispatch *dispatch;
	struct pal_endpoint *endpoint;
	struct pal_track *next;			/* in its bucket */
	TAILQ_ENTRY(pal_track) link;		/* of endpoint->waiting */
	uint64_t hash;
	enum pal_track_step step;
	int64_t wake_ms;			/* monotonic */
	size_t heap_at;
	/* messages are told by their numbers in the conversation, and leave in that order */
	int64_t after;				/* those up to there have left */
	int64_t below;				/* 0, or: below it one may wait that `after` hides */
	int64_t last;				/* the newest known to have to leave */
	bool is_stale;				/* what its flight reads may miss one */
	struct pal_flight *flight;		/* NULL: none */
	struct pal_str id;			/* the conversation's */
	char id_text[];
};

/* A look through the outbox. */
struct pal_dispatch_seen;

struct pal_dispatch {
	struct pal_dispatch_options options;	/* fixed at create, but for `limits` */
	pthread_mutex_t lock;			/* guards this group */
	pthread_cond_t due;
	struct pal_msg_queue inbox;
	uint32_t fed;				/* how many of them were fed */
	struct pal_dispatch_limits fresh;
	bool stopping, asleep;
	_Atomic bool closed;
	_Atomic bool look_again;		/* something was not fed */
	_Atomic uint32_t tracks_count, in_flight;

	pthread_t thread;
	bool has_thread;
	/* the dispatch thread's */
	struct pal_dispatch_limits limits;
	struct pal_breakers *breakers;
	struct pal_chance chance;
	struct pal_track **buckets;
	size_t bucket_count;
	struct pal_track **heap;		/* tracks that rest, the next to wake first */
	size_t heap_count, heap_room;
	TAILQ_HEAD(, pal_endpoint) endpoints;
	TAILQ_HEAD(pal_endpoint_turns, pal_endpoint) turns;
	struct pal_dispatch_seen *seen;		/* NULL: nobody looks */
	int64_t look_ms;			/* monotonic: when to look next */
};

/* --- dispatch.c ------------------------------------------------------------------------------- */

/* Leave a note. Runs on: any. */
void pal_dispatch_leave(struct pal_dispatch *dispatch, struct pal_dispatch_note *note);

int64_t pal_dispatch_now_ms(const struct pal_dispatch *dispatch);	/* monotonic */
int64_t pal_dispatch_wall_ms(const struct pal_dispatch *dispatch);

/* --- dispatch_track.c: all run on the dispatch thread ----------------------------------------- */

bool pal_tracks_init(struct pal_dispatch *dispatch);
void pal_tracks_deinit(struct pal_dispatch *dispatch);

/*
 * The conversation's message numbered `sequence` has to leave, and maybe others. False when there
 * is no room to know it.
 */
bool pal_tracks_note(struct pal_dispatch *dispatch, struct pal_tenant_key tenant,
		     struct pal_str conversation_id, enum pal_channel_type channel,
		     int64_t sequence);

/* Let it rest for `wait_ms`, or wait for its endpoint's turn. It gives up its flight. */
void pal_track_rest(struct pal_track *track, int64_t wait_ms);
void pal_track_wait(struct pal_track *track);
/* Free its flight, if it has one; its place in flight is another's. */
void pal_track_give_up_flight(struct pal_track *track);
/* Let it rest with its flight. */
void pal_track_linger(struct pal_track *track, int64_t wait_ms);
/* Nothing of it has to leave. */
void pal_track_end(struct pal_track *track);

/* --- dispatch_rest.c: likewise ---------------------------------------------------------------- */

/* Have room for one more than `count` tracks. False without memory. */
bool pal_rest_reserve(struct pal_dispatch *dispatch, size_t count);
/* Let it wake in `wait_ms`; there is room: a place for each track. */
void pal_rest_put(struct pal_dispatch *dispatch, struct pal_track *track, int64_t wait_ms);
/* Let it wake then, if that is earlier. */
void pal_rest_hasten(struct pal_dispatch *dispatch, struct pal_track *track, int64_t wake_ms);
/* Take out the next to wake; there is one. */
struct pal_track *pal_rest_take(struct pal_dispatch *dispatch);

/* --- dispatch_turn.c: likewise ---------------------------------------------------------------- */

/* That of the tenant's channel, made if need be; NULL without memory. */
struct pal_endpoint *pal_endpoint_get(struct pal_dispatch *dispatch, struct pal_tenant_key tenant,
				      enum pal_channel_type channel);
/* Free it if nothing keeps it. */
void pal_endpoint_forget(struct pal_dispatch *dispatch, struct pal_endpoint *endpoint);
/* Let it take turns if tracks wait at it. */
void pal_endpoint_line_up(struct pal_dispatch *dispatch, struct pal_endpoint *endpoint);
/* Nothing of this endpoint is begun for `wait_ms`. */
void pal_endpoint_pause(struct pal_dispatch *dispatch, struct pal_endpoint *endpoint,
			int64_t wait_ms);

/* Wake those whose time has come, begin what may begin; in how many ms there is more. */
uint32_t pal_tracks_run(struct pal_dispatch *dispatch);

/* --- dispatch_flight.c: likewise -------------------------------------------------------------- */

/* Begin with a track that has a slot: look what has to leave next. */
void pal_flight_begin(struct pal_track *track);
/* What it waited for is there. */
void pal_flight_back(struct pal_track *track);
/* It has lingered: try again to write the result (dispatch_result.c). */
void pal_flight_look(struct pal_track *track);
/* Free it. */
void pal_flight_drop(struct pal_track *track);

/* Name the breaker of a tenant's channel into `out` of PAL_BREAKER_KEY_MAX bytes; return it
 * (dispatch_ready.c). */
struct pal_str pal_flight_breaker_key(struct pal_tenant_key tenant, enum pal_channel_type channel,
				      char *out);

/* --- dispatch_look.c -------------------------------------------------------------------------- */

/* Look through the outbox if it is time, and nobody does. */
void pal_dispatch_look(struct pal_dispatch *dispatch);
/* What was seen is there. */
void pal_dispatch_looked(struct pal_dispatch *dispatch);

/* --- dispatch_counts.c ------------------------------------------------------------------------ */

void pal_dispatch_counts_register(void);
void pal_dispatch_count_attempt(const struct pal_attempt *attempt);
void pal_dispatch_count_end(const struct pal_delivery_state *state, int64_t took_ms);
void pal_dispatch_count_open(void);
void pal_dispatch_gauge(uint32_t tracks, uint32_t in_flight);

#endif
