/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

/*
 * A hundred thousand idle actors would carry 4 MB of mutexes that nobody holds. Instead a mailbox
 * borrows one of these by its address. They are leaves: whoever holds one takes no other lock. And
 * since none lives inside an actor, the actor may be freed as soon as it has been seen at rest.
 */
#define STRIPES 64u

struct stripe {
	_Alignas(64) pthread_mutex_t lock;
};

#define ONE {PTHREAD_MUTEX_INITIALIZER}
#define FOUR ONE, ONE, ONE, ONE
#define SIXTEEN FOUR, FOUR, FOUR, FOUR

static struct stripe stripes[STRIPES] = {SIXTEEN, SIXTEEN, SIXTEEN, SIXTEEN};

static pthread_mutex_t *lock(const struct pal_mailbox *box)
{
	uint64_t mixed = (uint64_t)(uintptr_t)box * UINT64_C(0x9e3779b97f4a7c15);
	pthread_mutex_t *mutex = &stripes[mixed >> 58].lock;

	pthread_mutex_lock(mutex);
	return mutex;
}

/* What take would find. Invariant at every unlock: is_ready implies awake (README, rule 3). */
static bool is_ready_locked(const struct pal_mailbox *box)
{
	return box->replies.tail || (box->inbox.tail && !box->parked);
}

static bool is_idle_locked(const struct pal_mailbox *box)
{
	return !box->awake && !box->parked && !box->inbox.tail && !box->replies.tail;
}

static enum pal_put wake_locked(struct pal_mailbox *box)
{
	if (box->awake || !is_ready_locked(box))
		return PAL_PUT_QUEUED;
	box->awake = true;
	return PAL_PUT_WAKE;
}

void pal_mailbox_init(struct pal_mailbox *box, uint32_t capacity)
{
	assert(capacity > 0 && capacity <= PAL_MAILBOX_CAPACITY_MAX);

	*box = (struct pal_mailbox){.capacity = capacity};
}

enum pal_put pal_mailbox_put(struct pal_mailbox *box, struct pal_msg *msg)
{
	enum pal_put verdict = PAL_PUT_FULL;

	assert(msg);
	pthread_mutex_t *held = lock(box);
	if (box->count < box->capacity) {
		pal_msg_push(&box->inbox, msg);
		box->count++;
		verdict = wake_locked(box);
	}
	pthread_mutex_unlock(held);
	return verdict;
}

enum pal_put pal_mailbox_reply(struct pal_mailbox *box, struct pal_msg *msg)
{
	assert(msg);
	pthread_mutex_t *held = lock(box);
	pal_msg_push(&box->replies, msg);
	enum pal_put verdict = wake_locked(box);
	pthread_mutex_unlock(held);
	return verdict;
}

struct pal_msg *pal_mailbox_take(struct pal_mailbox *box)
{
	pthread_mutex_t *held = lock(box);
	assert(box->awake);
	struct pal_msg *msg = pal_msg_shift(&box->replies);
	if (!msg && !box->parked) {
		msg = pal_msg_shift(&box->inbox);
		box->count -= msg != NULL;
	}
	pthread_mutex_unlock(held);
	return msg;
}

struct pal_msg *pal_mailbox_take_reply(struct pal_mailbox *box)
{
	pthread_mutex_t *held = lock(box);
	assert(box->awake);
	struct pal_msg *msg = pal_msg_shift(&box->replies);
	pthread_mutex_unlock(held);
	return msg;
}

static void set_parked(struct pal_mailbox *box, bool parked)
{
	pthread_mutex_t *held = lock(box);
	assert(box->awake);
	box->parked = parked;
	pthread_mutex_unlock(held);
}

void pal_mailbox_park(struct pal_mailbox *box)
{
	set_parked(box, true);
}

void pal_mailbox_unpark(struct pal_mailbox *box)
{
	set_parked(box, false);
}

bool pal_mailbox_rest(struct pal_mailbox *box)
{
	pthread_mutex_t *held = lock(box);
	assert(box->awake);
	bool ready = is_ready_locked(box);
	box->awake = ready;
	pthread_mutex_unlock(held);
	return ready;
}

bool pal_mailbox_claim(struct pal_mailbox *box)
{
	pthread_mutex_t *held = lock(box);
	bool idle = is_idle_locked(box);
	if (idle)
		box->awake = true;
	pthread_mutex_unlock(held);
	return idle;
}

bool pal_mailbox_is_idle(struct pal_mailbox *box)
{
	pthread_mutex_t *held = lock(box);
	bool idle = is_idle_locked(box);
	pthread_mutex_unlock(held);
	return idle;
}
