/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/audit.h"

#include <stdlib.h>

#include "store/memory/state.h"

struct pal_memory_event {
	struct pal_memory_event *next;	/* guarded by the trail's lock; the rest is fixed when put */
	int64_t id;
	struct pal_tenant_key tenant;
	struct pal_audit_event event;	/* the views are into `bytes` */
	size_t size;			/* of all of it */
	char bytes[];
};

static const size_t text_offsets[] = {
	offsetof(struct pal_audit_event, event_type),
	offsetof(struct pal_audit_event, user_id),
	offsetof(struct pal_audit_event, resource_type),
	offsetof(struct pal_audit_event, resource_id),
	offsetof(struct pal_audit_event, action),
	offsetof(struct pal_audit_event, result),
	offsetof(struct pal_audit_event, request_id),
	offsetof(struct pal_audit_event, ip_address),
	offsetof(struct pal_audit_event, data),
};
#define TEXTS (sizeof(text_offsets) / sizeof(text_offsets[0]))

void pal_memory_audit_init(struct pal_memory_audit *audit, struct pal_budget *budget)
{
	*audit = (struct pal_memory_audit){.budget = budget};
	audit->end = &audit->first;
	pthread_mutex_init(&audit->lock, NULL);
}

void pal_memory_audit_deinit(struct pal_memory_audit *audit)
{
	for (struct pal_memory_event *e = audit->first, *next; e; e = next) {
		next = e->next;
		pal_memory_event_destroy(audit, e);
	}
	pthread_mutex_destroy(&audit->lock);
}

static struct pal_str *text_at(struct pal_audit_event *event, size_t i)
{
	return (void *)((char *)event + text_offsets[i]);
}

struct pal_memory_event *pal_memory_event_create(struct pal_memory_audit *audit,
						 struct pal_tenant_key tenant,
						 const struct pal_audit_event *event)
{
	struct pal_audit_event copy = *event;
	size_t size = sizeof(struct pal_memory_event);

	for (size_t i = 0; i < TEXTS; i++)
		size += text_at(&copy, i)->n;
	if (!pal_budget_take(audit->budget, size))
		return NULL;
	struct pal_memory_event *made = malloc(size);
	if (!made) {
		pal_budget_give(audit->budget, size);
		return NULL;
	}
	char *at = made->bytes;
	for (size_t i = 0; i < TEXTS; i++) {
		struct pal_str *s = text_at(&copy, i);
		if (s->n)
			memcpy(at, s->p, s->n);
		s->p = s->p ? at : NULL;
		at += s->n;
	}
	made->next = NULL;
	made->tenant = tenant;
	made->event = copy;
	made->size = size;
	return made;
}

void pal_memory_event_destroy(struct pal_memory_audit *audit, struct pal_memory_event *event)
{
	if (!event)
		return;
	pal_budget_give(audit->budget, event->size);
	free(event);
}

static void put_locked(struct pal_memory_audit *audit, struct pal_memory_event *event)
{
	event->id = ++audit->last_id;
	*audit->end = event;
	audit->end = &event->next;
}

void pal_memory_audit_put(struct pal_memory_audit *audit, struct pal_memory_event *event)
{
	pthread_mutex_lock(&audit->lock);
	put_locked(audit, event);
	pthread_mutex_unlock(&audit->lock);
}

/* All or none: they are made before the first is put. */
enum pal_code pal_memory_add_audit(struct pal_store *self, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err)
{
	struct pal_memory_audit *audit = &((struct pal_memory *)self)->audit;
	struct pal_memory_event *made = NULL, **end = &made;
	size_t i = 0;

	while (i < count && (*end = pal_memory_event_create(audit, tenant, &events[i]))) {
		end = &(*end)->next;
		i++;
	}
	bool is_whole = i == count;
	pthread_mutex_lock(&audit->lock);
	for (struct pal_memory_event *next; made; made = next) {
		next = made->next;
		made->next = NULL;
		if (is_whole)
			put_locked(audit, made);
		else
			pal_memory_event_destroy(audit, made);
	}
	pthread_mutex_unlock(&audit->lock);
	return is_whole ? PAL_OK : pal_memory_fail_full(err);
}

/* The tenant's first event behind `at`, or behind the number `after` for NULL. */
static const struct pal_memory_event *next_event(struct pal_memory_audit *audit,
						 const struct pal_memory_event *at,
						 struct pal_tenant_key tenant, int64_t after)
{
	pthread_mutex_lock(&audit->lock);
	at = at ? at->next : audit->first;
	while (at && (at->id <= after || at->tenant.n != tenant.n))
		at = at->next;
	pthread_mutex_unlock(&audit->lock);
	return at;
}

enum pal_code pal_memory_walk_audit(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_memory_audit *audit = &((struct pal_memory *)self)->audit;
	const struct pal_memory_event *at = NULL;

	(void)reader;
	(void)err;
	while (limit-- > 0 && (at = next_event(audit, at, tenant, after)) &&
	       visit(arg, at->id, &at->event))
		;
	return PAL_OK;
}
