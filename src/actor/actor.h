/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor.h - a mailbox and a state that one worker at a time may touch.
 *
 * Embed `struct pal_actor` in the state it guards. Send it messages from anywhere; a worker of its
 * pool then calls `turn`, which takes messages in order and touches the state as if it were alone,
 * because it is: turns of one actor never overlap, and each sees everything the turn before it
 * wrote, whichever worker ran that (README, rules 1 and 2). No locks or atomics are needed in the
 * state.
 *
 * A turn never waits. When it needs a disk or a server, it sends a request to the lane or loop that
 * owns the waiting, parks and returns; the answer comes by pal_actor_reply and brings the next
 * turn.
 */
#ifndef PALAVER_ACTOR_ACTOR_H
#define PALAVER_ACTOR_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "actor/mailbox.h"

struct pal_actor;
struct pal_pool;
struct pal_worker;

/* One constant table for each kind of actor. */
struct pal_actor_class {
	const char *name;
	/*
	 * Required. Take what is there, all or some of it. When it returns with messages left that
	 * it could have taken, it is called again after the other actors waiting; so one that waits
	 * for a reply must not leave replies untaken, or it is called for ever: whoever limits how
	 * much he takes should limit asks only, see pal_actor_take_reply. Must not block and must
	 * not free the actor. Runs on: worker.
	 */
	void (*turn)(struct pal_actor *actor);
	/* Required. Free a message that was never taken. Runs on: who calls pal_actor_deinit. */
	void (*drop)(struct pal_actor *actor, struct pal_msg *msg);
};

/* 56 bytes, no heap, no lock of its own. */
struct pal_actor {
	const struct pal_actor_class *class;	/* fixed at init */
	struct pal_worker *worker;		/* where it last ran; its awake user's */
	struct pal_actor *next;			/* its awake user's; the worker's while queued */
	struct pal_mailbox box;
};

/*
 * Make an idle actor of `class` in storage of the caller's, to run on `pool`; `capacity` is how
 * many messages may wait in its inbox, 1..PAL_MAILBOX_CAPACITY_MAX. Runs on: any.
 */
void pal_actor_init(struct pal_actor *actor, const struct pal_actor_class *class,
		    struct pal_pool *pool, uint32_t capacity);

/*
 * Hand what was never taken to class->drop. The storage is then the caller's again. Nothing may run
 * the actor or send to it any more. Runs on: its last user.
 */
void pal_actor_deinit(struct pal_actor *actor);

/*
 * Put `msg` into the inbox and see to it that a turn will come. PAL_PUT_FULL: refused, still the
 * caller's; otherwise the actor owns it. The actor must be kept alive by other means during the
 * call (for those in a directory that is pal_directory_send). Runs on: any.
 */
PAL_MUST_CHECK enum pal_put pal_actor_send(struct pal_actor *actor, struct pal_msg *msg);

/*
 * Answer a request that the actor made; never refused, wakes it even when parked. The actor must
 * not be let go while it has a request out: parking or a veto sees to that. Runs on: any.
 */
void pal_actor_reply(struct pal_actor *actor, struct pal_msg *msg);

/*
 * Take the next message: replies first, then, unless parked, the inbox in the order it came. The
 * caller owns it. NULL: nothing for now; the turn may go on as long as it likes, and a message that
 * arrives after that brings another turn. Runs on: worker, in the actor's turn.
 */
struct pal_msg *pal_actor_take(struct pal_actor *actor);

/* As pal_actor_take, but replies only. Runs on: worker, in the actor's turn. */
struct pal_msg *pal_actor_take_reply(struct pal_actor *actor);

/*
 * Park: until unparked, inbox messages wait in their order and bring no turn; replies do. Both are
 * idempotent. Runs on: worker, in the actor's turn.
 */
void pal_actor_park(struct pal_actor *actor);
void pal_actor_unpark(struct pal_actor *actor);

/* Whether it is parked. Runs on: worker, in the actor's turn. */
bool pal_actor_is_parked(const struct pal_actor *actor);

/*
 * Whether it has no message, is not parked, not scheduled and not running. True stays true only as
 * long as the caller keeps others from sending. Runs on: any.
 */
bool pal_actor_is_idle(struct pal_actor *actor);

/*
 * Become the only user of an idle actor, as if in a turn, without a message; false when it is not
 * idle. pal_actor_release gives it back, and schedules it when something came meanwhile; after that
 * the caller must not touch it. Runs on: any.
 */
PAL_MUST_CHECK bool pal_actor_claim(struct pal_actor *actor);
void pal_actor_release(struct pal_actor *actor);

/*
 * The two halves of pal_actor_send, for a caller who holds a lock between them. Whoever is told
 * PAL_PUT_WAKE must call pal_actor_schedule, once. Runs on: any.
 */
PAL_MUST_CHECK enum pal_put pal_actor_put(struct pal_actor *actor, struct pal_msg *msg);
void pal_actor_schedule(struct pal_actor *actor);

#endif
