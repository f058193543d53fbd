/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/actor.h"

#include <assert.h>
#include <stddef.h>

#include "actor/pool.h"

_Static_assert(sizeof(struct pal_actor) <= 56, "an idle conversation pays for every byte");

void pal_actor_init(struct pal_actor *actor, const struct pal_actor_class *class,
		    struct pal_pool *pool, uint32_t capacity)
{
	assert(class->turn && class->drop);

	*actor = (struct pal_actor){.class = class, .worker = pal_pool_pick(pool)};
	pal_mailbox_init(&actor->box, capacity);
}

void pal_actor_deinit(struct pal_actor *actor)
{
	struct pal_msg *msg;

	while ((msg = pal_msg_shift(&actor->box.replies)) ||
	       (msg = pal_msg_shift(&actor->box.inbox)))
		actor->class->drop(actor, msg);
	actor->box.count = 0;
}

enum pal_put pal_actor_put(struct pal_actor *actor, struct pal_msg *msg)
{
	return pal_mailbox_put(&actor->box, msg);
}

void pal_actor_schedule(struct pal_actor *actor)
{
	pal_worker_schedule(actor);
}

enum pal_put pal_actor_send(struct pal_actor *actor, struct pal_msg *msg)
{
	enum pal_put verdict = pal_actor_put(actor, msg);

	if (verdict == PAL_PUT_WAKE)
		pal_worker_schedule(actor);
	return verdict;
}

void pal_actor_reply(struct pal_actor *actor, struct pal_msg *msg)
{
	if (pal_mailbox_reply(&actor->box, msg) == PAL_PUT_WAKE)
		pal_worker_schedule(actor);
}

struct pal_msg *pal_actor_take(struct pal_actor *actor)
{
	return pal_mailbox_take(&actor->box);
}

struct pal_msg *pal_actor_take_reply(struct pal_actor *actor)
{
	return pal_mailbox_take_reply(&actor->box);
}

void pal_actor_park(struct pal_actor *actor)
{
	pal_mailbox_park(&actor->box);
}

void pal_actor_unpark(struct pal_actor *actor)
{
	pal_mailbox_unpark(&actor->box);
}

bool pal_actor_is_parked(const struct pal_actor *actor)
{
	return actor->box.parked;	/* only the awake user writes it, and that is the caller */
}

bool pal_actor_is_idle(struct pal_actor *actor)
{
	return pal_mailbox_is_idle(&actor->box);
}

bool pal_actor_claim(struct pal_actor *actor)
{
	return pal_mailbox_claim(&actor->box);
}

void pal_actor_release(struct pal_actor *actor)
{
	if (pal_mailbox_rest(&actor->box))
		pal_worker_schedule(actor);
}
