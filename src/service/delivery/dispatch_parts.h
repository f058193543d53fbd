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
#include "service/delivery/pace.h"

/* What is needed to send a reply, as its turn knew it (dispatch_kept.c). */
struct pal_kept;
TAILQ_HEAD(pal_kept_list, pal_kept);

struct pal_dispatch_fed {
	struct pal_dispatch_note note;	/* first */
	struct pal_tenant_key tenant;
	enum pal_channel_type channel;
	int64_t sequence;
	struct pal_kept *kept;		/* NULL: it is to be read */
	size_t id_size;
	char id[];
};

struct pal_pace_errand;		/* dispatch_pace.c */

/* What an endpoint's settings say of how often, and how often it was. */
struct pal_endpoint_pace {
	struct pal_pace pace;
	bool is_loaded;			/* of the day: what was stored is known */
	bool holds_up;			/* by its limits: when it was looked at last */
	int64_t asked_ms;		/* monotonic: when the settings were asked for; 0: never */
	int64_t until_ms;		/* monotonic: it is not looked at again before */
	int64_t version, created_ms;	/* of the record */
	struct pal_pace_errand *errand;	/* under way at the store; NULL: none */
};

struct pal_endpoint {
	TAILQ_ENTRY(pal_endpoint) link;		/* of all */
	TAILQ_ENTRY(pal_endpoint) turn;		/* of those whose tracks wait, if has_turn */
	struct pal_tenant_key tenant;
	enum pal_channel_type channel;
	TAILQ_HEAD(, pal_track) waiting;	/* tracks that are due */
	uint32_t tracks, in_flight;
	uint32_t waits;				/* how many of its tracks wait */
	bool has_turn;
	int64_t paused_until_ms;		/* monotonic */
	struct pal_endpoint_pace paced;
	/* of what is due from then on (wall clock), some is in the store only; PAL_NONE_LEFT: none */
	int64_t left_ms, left_last_ms;
	int64_t refill_ms;			/* monotonic: not to be looked for before */
	bool is_refilling;			/* it is being looked for */
};

#define PAL_NONE_LEFT INT64_MAX

/* A delivery that has to leave. */
struct pal_due {
	struct pal_tenant_key tenant;
	struct pal_str conversation_id;
	enum pal_channel_type channel;
	int64_t sequence;
	int64_t due_ms;		/* wall clock: where the store finds it */
	bool is_now;		/* ...but it is due now */
	struct pal_kept *kept;	/* NULL: it is to be read */
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
	int64_t begun_ms;			/* the next after `after` was, by what is stored; or 0 */
	int64_t last;				/* the newest known to have to leave */
	bool is_stale;				/* what its flight reads may miss one */
	struct pal_kept_list kept;		/* by number; some of those that have to leave */
	bool has_place;				/* it may send one by its endpoint's pace */
	struct pal_flight *flight;		/* NULL: none */
	struct pal_str id;			/* the conversation's */
	char id_text[];
};

/* A page of the outbox. */
struct pal_dispatch_seen;

/* How far the outbox is looked through. */
struct pal_look {
	int64_t at_ms;				/* monotonic: when to look next */
	bool is_passing;			/* a pass is under way, as the two next say */
	int64_t after_ms, until_ms;		/* wall clock: what is due behind, and not later */
	int64_t looked_ms;			/* wall clock: when the last one began; 0: none yet */
	int64_t unseen_ms;			/* wall clock: what is due then was left out */
	size_t page_min;			/* so many at once, for all have the same time */
};

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
	_Atomic uint32_t tracks_count, in_flight, paced;
	_Atomic size_t kept_bytes;

	pthread_t thread;
	bool has_thread;
	/* the dispatch thread's */
	uint32_t taken;				/* notes, since then: whether they come in a rush */
	int64_t taken_since_ns, rush_until_ns;
	struct pal_dispatch_limits limits;
	struct pal_breakers *breakers;
	struct pal_chance chance;
	struct pal_track **buckets;
	size_t bucket_count;
	struct pal_track **heap;		/* tracks that rest, the next to wake first */
	size_t heap_count, heap_room;
	TAILQ_HEAD(, pal_endpoint) endpoints;
	TAILQ_HEAD(pal_endpoint_turns, pal_endpoint) turns;
	uint32_t errands;			/* of endpoints, at the store */
	struct pal_dispatch_seen *seen;		/* NULL: nobody looks */
	struct pal_look look;
};

/* --- dispatch.c ------------------------------------------------------------------------------- */

int64_t pal_dispatch_now_ms(const struct pal_dispatch *dispatch);	/* monotonic */
int64_t pal_dispatch_wall_ms(const struct pal_dispatch *dispatch);

/* --- dispatch_inbox.c ------------------------------------------------------------------------- */

/* Leave a note. Runs on: any. */
void pal_dispatch_leave(struct pal_dispatch *dispatch, struct pal_dispatch_note *note);
/* Do what those say that are there, and use the limits as they are now. On the dispatch thread. */
void pal_dispatch_take_notes(struct pal_dispatch *dispatch);
/* Free those that are there, when nothing runs any more. */
void pal_dispatch_drop_notes(struct pal_dispatch *dispatch);

/* --- dispatch_track.c: all run on the dispatch thread ----------------------------------------- */

bool pal_tracks_init(struct pal_dispatch *dispatch);
void pal_tracks_deinit(struct pal_dispatch *dispatch);

enum pal_note {
	PAL_NOTE_TAKEN,
	PAL_NOTE_LEFT,		/* its endpoint has no room: it stays in the store, which is known */
	PAL_NOTE_FAILED,	/* no memory */
};

/* It has to leave, and maybe others of the conversation. Takes due->kept over. */
enum pal_note pal_tracks_note(struct pal_dispatch *dispatch, const struct pal_due *due);

/*
 * Let it rest for `wait_ms`, or wait for its endpoint's turn. It gives up its flight. One that
 * rests is ended if its endpoint has others in the store: it is found there.
 */
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

/* --- dispatch_share.c: likewise --------------------------------------------------------------- */

/* How many more may be in memory. */
uint32_t pal_endpoint_room(const struct pal_dispatch *dispatch,
			   const struct pal_endpoint *endpoint);
/* What is due then stays in the store alone. */
void pal_endpoint_leave(struct pal_endpoint *endpoint, int64_t due_ms);
/* Whether a track that is to rest so long is better left in the store; that is noted. */
bool pal_endpoint_takes_back(const struct pal_dispatch *dispatch, struct pal_track *track,
			     int64_t wait_ms);
/* One that has room for what it left, which is due; NULL: none. */
struct pal_endpoint *pal_endpoint_to_refill(const struct pal_dispatch *dispatch);

/* --- dispatch_pace.c: likewise ---------------------------------------------------------------- */

/* Whether one more may be sent to the endpoint now, by its settings. */
bool pal_pace_admits(struct pal_dispatch *dispatch, struct pal_endpoint *endpoint);
/* The settings as they are now. */
void pal_pace_renew(struct pal_endpoint *endpoint, const struct pal_dispatch_account *account);
/* Nothing has to be remembered of it. */
bool pal_pace_is_over(struct pal_dispatch *dispatch, struct pal_endpoint *endpoint);

/* Have a place to send on, or have one still; its endpoint admits one. False: it does not. */
bool pal_track_take_place(struct pal_track *track);
/* It was sent on; or it is another's. */
void pal_track_use_place(struct pal_track *track);
void pal_track_give_place(struct pal_track *track);

/* The store has done what an errand asked for. */
void pal_pace_came_back(struct pal_dispatch *dispatch, struct pal_dispatch_note *note);
void pal_pace_drop_errand(struct pal_dispatch_note *note);

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

/* --- dispatch_kept.c -------------------------------------------------------------------------- */

/* Keep what is needed of the reply of `exchange`; NULL when there is no room. Runs on: any. */
struct pal_kept *pal_kept_create(struct pal_dispatch *dispatch, const struct pal_exchange *exchange);
void pal_kept_destroy(struct pal_dispatch *dispatch, struct pal_kept *kept);	/* NULL is fine */
void pal_kept_destroy_all(struct pal_dispatch *dispatch, struct pal_kept_list *list);
/* Give it to its track; NULL is fine. Runs on: the dispatch thread, as all below. */
void pal_kept_put(struct pal_track *track, struct pal_kept *kept);
/* The number of the first that the track has; INT64_MAX: none. */
int64_t pal_kept_first(struct pal_track *track);
/* Make what is next the flight's parcels. False: it is not kept, or others may have to leave first. */
bool pal_kept_take(struct pal_flight *flight);

/* --- dispatch_look.c -------------------------------------------------------------------------- */

/* Read a page of the outbox if it is time, and none is being read. */
void pal_dispatch_look(struct pal_dispatch *dispatch);
/* It is there. */
void pal_dispatch_looked(struct pal_dispatch *dispatch);
/* Free it; none is fine. */
void pal_dispatch_look_end(struct pal_dispatch *dispatch);

/* --- dispatch_counts.c ------------------------------------------------------------------------ */

void pal_dispatch_counts_register(void);
void pal_dispatch_count_attempt(const struct pal_attempt *attempt);
void pal_dispatch_count_end(const struct pal_delivery_state *state, int64_t took_ms);
void pal_dispatch_count_open(void);
void pal_dispatch_gauge(const struct pal_dispatch_counts *counts);

#endif
