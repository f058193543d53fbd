/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tables take turns: one is noted into while the other is being written, so that what is noted
 * stays on show until the store has it.
 */
#include "service/session/touch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/id.h"
#include "service/session/change.h"

#define ID_BYTES (PAL_UUID_TEXT_SIZE - 1)	/* all ids are our own */
#define SLOTS (PAL_SESSION_TOUCHES_MAX * 2)	/* a power of two */
#define WRITINGS_MAX 512u	/* at once: others need the store's lanes too */

struct touch {
	struct pal_tenant_key tenant;
	int64_t at_ms;			/* 0: the slot is free */
	char id[ID_BYTES];
};

struct table {
	size_t count;
	struct touch slot[SLOTS];
};

/* A touch on its way to the store. */
struct writing {
	struct pal_session_change change;	/* first */
	struct touch touch;
};

struct pal_session_touches {
	_Atomic size_t noted;		/* spares readers the lock while there is nothing */
	_Atomic size_t in_flight;
	pthread_mutex_t lock;		/* guards the rest */
	struct table *fresh, *old;
	size_t next;			/* main's: the slot of `old` to write next; SLOTS: all are */
};

struct pal_session_touches *pal_session_touches_create(void)
{
	struct pal_session_touches *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fresh = calloc(1, sizeof(*t->fresh));
	t->old = calloc(1, sizeof(*t->old));
	t->next = SLOTS;
	if (!t->fresh || !t->old || pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t->fresh);
		free(t->old);
		free(t);
		return NULL;
	}
	return t;
}

void pal_session_touches_destroy(struct pal_session_touches *touches)
{
	if (!touches)
		return;
	pthread_mutex_destroy(&touches->lock);
	free(touches->fresh);
	free(touches->old);
	free(touches);
}

/* The slot of a session, or the free one where it belongs; there always is one. */
static struct touch *slot_of(struct table *table, struct pal_tenant_key tenant, struct pal_str id)
{
	static const uint8_t key[16] = "palaver touches";
	size_t at = (size_t)(pal_siphash13(key, id.p, id.n) + (uint64_t)tenant.n) % SLOTS;

	while (table->slot[at].at_ms && (table->slot[at].tenant.n != tenant.n ||
					 memcmp(table->slot[at].id, id.p, ID_BYTES) != 0))
		at = (at + 1) % SLOTS;
	return &table->slot[at];
}

static void note(struct pal_session_touches *t, struct pal_tenant_key tenant, struct pal_str id,
		 int64_t at_ms)
{
	pthread_mutex_lock(&t->lock);
	struct touch *touch = slot_of(t->fresh, tenant, id);
	if (!touch->at_ms && t->fresh->count < PAL_SESSION_TOUCHES_MAX) {
		t->fresh->count++;
		touch->tenant = tenant;
		memcpy(touch->id, id.p, ID_BYTES);
		touch->at_ms = at_ms;
		atomic_fetch_add(&t->noted, 1);
	} else if (touch->at_ms && at_ms > touch->at_ms) {
		touch->at_ms = at_ms;
	}
	pthread_mutex_unlock(&t->lock);
}

void pal_session_touch(struct pal_sessions *sessions, struct pal_tenant_key tenant,
		       struct pal_str id)
{
	if (id.n == ID_BYTES)
		note(sessions->touches, tenant, id, pal_sessions_now_ms(sessions));
}

/* Who noted it has seen it alive. */
static void be_active(const struct pal_sessions *sessions, struct pal_session *session,
		      int64_t at_ms)
{
	if (at_ms <= session->last_activity_ms)
		return;
	session->last_activity_ms = at_ms;
	session->expires_ms =
		pal_session_extended(sessions, session, at_ms, session->lifetime_ms);
}

void pal_session_touches_show(struct pal_sessions *sessions, struct pal_tenant_key tenant,
			      struct pal_session *session)
{
	struct pal_session_touches *t = sessions->touches;

	if (atomic_load(&t->noted) == 0 || session->id.n != ID_BYTES)
		return;
	pthread_mutex_lock(&t->lock);
	int64_t old_ms = slot_of(t->old, tenant, session->id)->at_ms;
	int64_t fresh_ms = slot_of(t->fresh, tenant, session->id)->at_ms;
	pthread_mutex_unlock(&t->lock);
	be_active(sessions, session, fresh_ms > old_ms ? fresh_ms : old_ms);
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Loading has put in what is noted already. */
static enum pal_code decide(struct pal_session_change *c, enum pal_session_deed *ret,
			    struct pal_error *err)
{
	const struct writing *w = (const struct writing *)c;

	(void)err;
	be_active(c->sessions, &c->session, w->touch.at_ms);
	*ret = PAL_SESSION_WRITE;
	return PAL_OK;
}

static void written(struct pal_session_change *c)
{
	struct pal_session_touches *t = c->sessions->touches;

	pal_session_change_deinit(c);
	free(c);
	atomic_fetch_sub(&t->in_flight, 1);
}

static void write_touch(struct pal_sessions *sessions, const struct touch *touch)
{
	struct writing *w = calloc(1, sizeof(*w));

	if (!w)
		return;
	w->touch = *touch;
	w->change = (struct pal_session_change){.sessions = sessions,
						.tenant = touch->tenant,
						.id = {w->touch.id, ID_BYTES},
						.decide = decide,
						.done = written};
	atomic_fetch_add(&sessions->touches->in_flight, 1);
	pal_session_change_start(&w->change);
}

/* All of `old` is in the store: what was noted since takes its place. */
static void swap(struct pal_session_touches *t)
{
	pthread_mutex_lock(&t->lock);
	struct table *empty = t->old;
	atomic_fetch_sub(&t->noted, empty->count);
	if (empty->count)
		memset(empty, 0, sizeof(*empty));
	t->old = t->fresh;
	t->fresh = empty;
	t->next = t->old->count ? 0 : SLOTS;
	pthread_mutex_unlock(&t->lock);
}

size_t pal_session_touches_flush(struct pal_sessions *sessions)
{
	struct pal_session_touches *t = sessions->touches;

	if (atomic_load(&t->in_flight) || atomic_load(&t->noted) == 0)
		return atomic_load(&t->noted);
	if (t->next == SLOTS)
		swap(t);
	/* nobody but main changes `old` */
	for (size_t n = 0; n < WRITINGS_MAX && t->next < SLOTS; t->next++) {
		if (!t->old->slot[t->next].at_ms)
			continue;
		write_touch(sessions, &t->old->slot[t->next]);
		n++;
	}
	return atomic_load(&t->noted);
}
