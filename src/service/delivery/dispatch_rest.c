/* SPDX-License-Identifier: Apache-2.0 */
/* The tracks that rest, the next to wake first: a binary heap by wake_ms. */
#include <stdlib.h>

#include "service/delivery/dispatch_parts.h"

#define ROOM_MIN 1024u

static void heap_set(struct pal_dispatch *d, size_t at, struct pal_track *t)
{
	d->heap[at] = t;
	t->heap_at = at;
}

static void heap_up(struct pal_dispatch *d, struct pal_track *t, size_t at)
{
	for (size_t above; at > 0 && d->heap[above = (at - 1) / 2]->wake_ms > t->wake_ms;
	     at = above)
		heap_set(d, at, d->heap[above]);
	heap_set(d, at, t);
}

static void heap_down(struct pal_dispatch *d, struct pal_track *t, size_t at)
{
	for (size_t below; (below = 2 * at + 1) < d->heap_count; at = below) {
		if (below + 1 < d->heap_count &&
		    d->heap[below + 1]->wake_ms < d->heap[below]->wake_ms)
			below++;
		if (d->heap[below]->wake_ms >= t->wake_ms)
			break;
		heap_set(d, at, d->heap[below]);
	}
	heap_set(d, at, t);
}

struct pal_track *pal_rest_take(struct pal_dispatch *d)
{
	struct pal_track *first = d->heap[0], *last = d->heap[--d->heap_count];

	if (d->heap_count)
		heap_down(d, last, 0);
	return first;
}

void pal_rest_put(struct pal_dispatch *d, struct pal_track *t, int64_t wait_ms)
{
	t->wake_ms = pal_dispatch_now_ms(d) + (wait_ms > 0 ? wait_ms : 0);
	heap_up(d, t, d->heap_count++);
}

void pal_rest_hasten(struct pal_dispatch *d, struct pal_track *t, int64_t wake_ms)
{
	if (t->wake_ms <= wake_ms)
		return;
	t->wake_ms = wake_ms;
	heap_up(d, t, t->heap_at);
}

bool pal_rest_reserve(struct pal_dispatch *d, size_t count)
{
	size_t room = d->heap_room ? 2 * d->heap_room : ROOM_MIN;

	if (count < d->heap_room)
		return true;
	struct pal_track **heap = realloc(d->heap, room * sizeof(heap[0]));
	if (!heap)
		return false;
	d->heap = heap;
	d->heap_room = room;
	return true;
}
