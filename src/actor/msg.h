/* SPDX-License-Identifier: Apache-2.0 */
/* msg.h - the link every message carries, and the queue it needs: no allocation to send. */
#ifndef PALAVER_ACTOR_MSG_H
#define PALAVER_ACTOR_MSG_H

#include <stddef.h>

/* First member of every message. A message is in one queue at a time. */
struct pal_msg {
	struct pal_msg *next;	/* the queue's while queued */
};

/* First in, first out; zeroed is empty. Circular, so that one pointer is enough. */
struct pal_msg_queue {
	struct pal_msg *tail;	/* NULL: empty; tail->next is the oldest */
};

/* Append `msg`, which the queue then owns. Runs on: the queue's owner. */
static inline void pal_msg_push(struct pal_msg_queue *queue, struct pal_msg *msg)
{
	if (queue->tail) {
		msg->next = queue->tail->next;
		queue->tail->next = msg;
	} else {
		msg->next = msg;
	}
	queue->tail = msg;
}

/* Take the oldest message, NULL when empty. Runs on: the queue's owner. */
static inline struct pal_msg *pal_msg_shift(struct pal_msg_queue *queue)
{
	if (!queue->tail)
		return NULL;

	struct pal_msg *msg = queue->tail->next;
	if (msg == queue->tail)
		queue->tail = NULL;
	else
		queue->tail->next = msg->next;
	msg->next = NULL;
	return msg;
}

/* Look at the oldest message, NULL when empty. Runs on: the queue's owner. */
static inline struct pal_msg *pal_msg_peek(const struct pal_msg_queue *queue)
{
	return queue->tail ? queue->tail->next : NULL;
}

#endif
