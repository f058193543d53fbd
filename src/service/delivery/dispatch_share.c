/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many conversations an endpoint may have in memory, and what it left in the store for it. Each
 * may have as many as are free: one that is dead leaves half of all places to the others, two leave
 * a third, and nobody has to be put out.
 */
#include "service/delivery/dispatch_parts.h"

#define ALWAYS 16u		/* places of any endpoint */
#define LEAVES_MS 1000		/* who rests shorter stays in memory */
#define SLACK_MS 1000		/* between the record's time and ours */

uint32_t pal_endpoint_room(const struct pal_dispatch *d, const struct pal_endpoint *e)
{
	uint32_t count = atomic_load(&d->tracks_count);
	uint32_t share = count < d->options.tracks_max ? d->options.tracks_max - count : 0;

	if (share < ALWAYS)
		share = ALWAYS;
	return e->tracks < share ? share - e->tracks : 0;
}

void pal_endpoint_leave(struct pal_endpoint *e, int64_t due_ms)
{
	if (due_ms < e->left_ms)
		e->left_ms = due_ms;
	if (due_ms > e->left_last_ms)
		e->left_last_ms = due_ms;
}

bool pal_endpoint_takes_back(const struct pal_dispatch *d, struct pal_track *t, int64_t wait_ms)
{
	struct pal_endpoint *e = t->endpoint;

	if (e->left_ms == PAL_NONE_LEFT || wait_ms <= LEAVES_MS || t->below ||
	    t->after + 1 < t->last)
		return false;
	int64_t due_ms = pal_dispatch_wall_ms(d) + wait_ms;
	pal_endpoint_leave(e, due_ms - SLACK_MS);
	pal_endpoint_leave(e, due_ms + SLACK_MS);
	return true;
}

struct pal_endpoint *pal_endpoint_to_refill(const struct pal_dispatch *d)
{
	int64_t now_ms = pal_dispatch_now_ms(d), wall_ms = pal_dispatch_wall_ms(d);
	struct pal_endpoint *e;

	TAILQ_FOREACH(e, &d->endpoints, link) {
		if (e->left_ms <= wall_ms && e->refill_ms <= now_ms &&
		    e->paused_until_ms <= now_ms && pal_endpoint_room(d, e) > e->tracks / 2)
			return e;
	}
	return NULL;
}
