/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.h - bounded message queue that admits one consumer at a time.
 *
 * Two queues in one: the inbox, bounded, for what others ask of the actor; and the replies, for the
 * answers to what the actor itself asked, which are never refused, for there is at most one for
 * each request it has out. Taken in this order: replies, then, unless parked, the inbox.
 *
 * "Awake" means that the actor is scheduled or running: whoever is told PAL_PUT_WAKE makes it so,
 * by scheduling it, and pal_mailbox_rest ends it. Between the two exactly one thread at a time may
 * touch the actor's state, and sees all that the one before it wrote there (README, rules 1 and 2).
 */
#ifndef PALAVER_ACTOR_MAILBOX_H
#define PALAVER_ACTOR_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "actor/msg.h"
#include "base/error.h"

#define PAL_MAILBOX_CAPACITY_MAX 65536u	/* messages */

enum pal_put {
	PAL_PUT_QUEUED,		/* accepted; the consumer is awake, or parked and will come to it */
	PAL_PUT_WAKE,		/* accepted; the caller must schedule the consumer */
	PAL_PUT_FULL,		/* refused; the caller still owns the message */
	/* Said by a directory only, see there; the caller still owns the message: */
	PAL_PUT_ABSENT,		/* there is no such actor, and none was to be made */
	PAL_PUT_REFUSED,	/* it could not be made, or everything is stopping */
};

/* Guarded by a lock of mailbox.c, except that `capacity` is fixed at init. */
struct pal_mailbox {
	struct pal_msg_queue inbox, replies;
	uint32_t count;		/* messages in the inbox */
	uint32_t capacity;
	bool awake;
	bool parked;
};

/*
 * Make an empty mailbox whose inbox holds `capacity` messages, 1..PAL_MAILBOX_CAPACITY_MAX. There
 * is nothing to deinit once it is empty. Runs on: any.
 */
void pal_mailbox_init(struct pal_mailbox *box, uint32_t capacity);

/*
 * Append `msg` to the inbox without blocking. Once accepted, the mailbox owns it. Between two rests
 * exactly one caller of put or reply is told PAL_PUT_WAKE. Runs on: any.
 */
enum pal_put pal_mailbox_put(struct pal_mailbox *box, struct pal_msg *msg);

/* As pal_mailbox_put, to the replies: never full, and wakes a parked consumer too. Runs on: any. */
enum pal_put pal_mailbox_reply(struct pal_mailbox *box, struct pal_msg *msg);

/*
 * Take the oldest reply or else, unless parked, the oldest message; the caller owns it. NULL means
 * nothing is there now; the consumer is awake still. Runs on: the awake consumer.
 */
struct pal_msg *pal_mailbox_take(struct pal_mailbox *box);

/* As pal_mailbox_take, but replies only. Runs on: the awake consumer. */
struct pal_msg *pal_mailbox_take_reply(struct pal_mailbox *box);

/* Park: the inbox waits and wakes nobody, replies do. Runs on: the awake consumer. */
void pal_mailbox_park(struct pal_mailbox *box);
void pal_mailbox_unpark(struct pal_mailbox *box);

/*
 * End a turn. Return true when there is something to take: the consumer stays awake and the caller
 * must run or schedule it again. Return false when it sleeps: the caller must not touch it any
 * more, nor the memory it lives in. Runs on: the awake consumer.
 */
PAL_MUST_CHECK bool pal_mailbox_rest(struct pal_mailbox *box);

/*
 * Wake an idle consumer without a message, so that the caller is its only user until it rests.
 * Return false, changing nothing, unless it sleeps, is not parked and has no message. Runs on: any.
 */
PAL_MUST_CHECK bool pal_mailbox_claim(struct pal_mailbox *box);

/* Whether pal_mailbox_claim would succeed at this moment. Runs on: any. */
bool pal_mailbox_is_idle(struct pal_mailbox *box);

#endif
