/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two rings: tenants of which something may go, and within each tenant the hosts to which something
 * may go. Whoever had its turn goes to the end of its ring. Tenants and hosts are known only as long
 * as something of theirs waits or flies, so both tables are as bounded as the queue.
 */
#include "courier/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include <uthash.h>

TAILQ_HEAD(items, pal_queue_item);
TAILQ_HEAD(hosts, pal_queue_host);
TAILQ_HEAD(tenants, tenant);

struct tenant {
	UT_hash_handle hh;
	int64_t key;
	struct pal_queue_host *table;
	struct hosts ready;
	TAILQ_ENTRY(tenant) link;	/* while is_ready */
	bool is_ready;
	unsigned in_flight;
};

struct pal_queue_host {
	UT_hash_handle hh;
	struct tenant *tenant;
	struct items waiting;
	TAILQ_ENTRY(pal_queue_host) link;	/* while is_ready */
	bool is_ready;
	unsigned in_flight, waiting_count;
	size_t name_len;
	char name[];
};

struct pal_courier_queue {
	struct pal_queue_limits limits;	/* fixed at create */
	struct tenant *table;
	struct tenants ready;
	size_t waiting;
};

struct pal_courier_queue *pal_courier_queue_create(const struct pal_queue_limits *limits)
{
	struct pal_courier_queue *queue = calloc(1, sizeof(*queue));

	if (queue) {
		queue->limits = *limits;
		TAILQ_INIT(&queue->ready);
	}
	return queue;
}

void pal_courier_queue_destroy(struct pal_courier_queue *queue)
{
	assert(!queue || !queue->table);
	free(queue);
}

/* --- Rings ------------------------------------------------------------------------------------ */

static void settle_tenant(struct pal_courier_queue *queue, struct tenant *tenant)
{
	bool wanted = !TAILQ_EMPTY(&tenant->ready) &&
		      tenant->in_flight < queue->limits.flight_per_tenant;

	if (wanted && !tenant->is_ready)
		TAILQ_INSERT_TAIL(&queue->ready, tenant, link);
	else if (!wanted && tenant->is_ready)
		TAILQ_REMOVE(&queue->ready, tenant, link);
	tenant->is_ready = wanted;
}

/* Put `host` and its tenant into their rings, or take them out, as their counts say. */
static void settle_host(struct pal_courier_queue *queue, struct pal_queue_host *host)
{
	struct tenant *tenant = host->tenant;
	bool wanted = host->waiting_count > 0 && host->in_flight < queue->limits.flight_per_host;

	if (wanted && !host->is_ready)
		TAILQ_INSERT_TAIL(&tenant->ready, host, link);
	else if (!wanted && host->is_ready)
		TAILQ_REMOVE(&tenant->ready, host, link);
	host->is_ready = wanted;
	settle_tenant(queue, tenant);
}

/* To the end of both rings. */
static void rotate(struct pal_courier_queue *queue, struct pal_queue_host *host)
{
	struct tenant *tenant = host->tenant;

	TAILQ_REMOVE(&tenant->ready, host, link);
	TAILQ_INSERT_TAIL(&tenant->ready, host, link);
	TAILQ_REMOVE(&queue->ready, tenant, link);
	TAILQ_INSERT_TAIL(&queue->ready, tenant, link);
}

/* --- Tables ----------------------------------------------------------------------------------- */

static void drop_tenant_if_idle(struct pal_courier_queue *queue, struct tenant *tenant)
{
	if (!tenant->table) {
		HASH_DEL(queue->table, tenant);
		free(tenant);
	}
}

static void drop_if_idle(struct pal_courier_queue *queue, struct pal_queue_host *host)
{
	struct tenant *tenant = host->tenant;

	if (host->waiting_count == 0 && host->in_flight == 0) {
		HASH_DEL(tenant->table, host);
		free(host);
		drop_tenant_if_idle(queue, tenant);
	}
}

static struct tenant *get_tenant(struct pal_courier_queue *queue, struct pal_tenant_key key)
{
	struct tenant *tenant;

	HASH_FIND(hh, queue->table, &key.n, sizeof(key.n), tenant);
	if (tenant || !(tenant = calloc(1, sizeof(*tenant))))
		return tenant;
	tenant->key = key.n;
	TAILQ_INIT(&tenant->ready);
	HASH_ADD(hh, queue->table, key, sizeof(tenant->key), tenant);
	if (!tenant->hh.tbl) {	/* uthash ran out of memory and left it out */
		free(tenant);
		return NULL;
	}
	return tenant;
}

static struct pal_queue_host *get_host(struct tenant *tenant, struct pal_str name)
{
	struct pal_queue_host *host;

	HASH_FIND(hh, tenant->table, name.p, name.n, host);
	if (host || !(host = calloc(1, sizeof(*host) + name.n)))
		return host;
	memcpy(host->name, name.p, name.n);
	host->name_len = name.n;
	host->tenant = tenant;
	TAILQ_INIT(&host->waiting);
	HASH_ADD_KEYPTR(hh, tenant->table, host->name, host->name_len, host);
	if (!host->hh.tbl) {
		free(host);
		return NULL;
	}
	return host;
}

/* --- Verbs ------------------------------------------------------------------------------------ */

enum pal_queue_put pal_courier_queue_put(struct pal_courier_queue *queue,
					 struct pal_tenant_key tenant_key, struct pal_str name,
					 struct pal_queue_item *item)
{
	struct tenant *tenant = get_tenant(queue, tenant_key);

	if (!tenant)
		return PAL_QUEUE_NO_MEMORY;
	struct pal_queue_host *host = get_host(tenant, name);
	if (!host) {
		drop_tenant_if_idle(queue, tenant);
		return PAL_QUEUE_NO_MEMORY;
	}
	if (host->waiting_count >= queue->limits.waiting_per_host)
		return PAL_QUEUE_FULL;
	item->host = host;
	TAILQ_INSERT_TAIL(&host->waiting, item, link);
	host->waiting_count++;
	queue->waiting++;
	settle_host(queue, host);
	return PAL_QUEUE_TAKEN;
}

static void take_out(struct pal_courier_queue *queue, struct pal_queue_item *item)
{
	TAILQ_REMOVE(&item->host->waiting, item, link);
	item->host->waiting_count--;
	queue->waiting--;
}

struct pal_queue_item *pal_courier_queue_take(struct pal_courier_queue *queue)
{
	struct tenant *tenant = TAILQ_FIRST(&queue->ready);

	if (!tenant)
		return NULL;
	struct pal_queue_host *host = TAILQ_FIRST(&tenant->ready);
	struct pal_queue_item *item = TAILQ_FIRST(&host->waiting);
	rotate(queue, host);
	take_out(queue, item);
	host->in_flight++;
	tenant->in_flight++;
	settle_host(queue, host);
	return item;
}

void pal_courier_queue_release(struct pal_courier_queue *queue, struct pal_queue_item *item)
{
	struct pal_queue_host *host = item->host;

	item->host = NULL;
	assert(host->in_flight > 0);
	host->in_flight--;
	host->tenant->in_flight--;
	settle_host(queue, host);
	drop_if_idle(queue, host);
}

static struct pal_queue_item *expired_of(struct pal_queue_host *host, int64_t now_ms)
{
	struct pal_queue_item *item;

	TAILQ_FOREACH(item, &host->waiting, link) {
		if (item->expires_ms <= now_ms)
			return item;
	}
	return NULL;
}

struct pal_queue_item *pal_courier_queue_expire(struct pal_courier_queue *queue, int64_t now_ms)
{
	for (struct tenant *tenant = queue->table; tenant; tenant = tenant->hh.next) {
		for (struct pal_queue_host *host = tenant->table; host; host = host->hh.next) {
			struct pal_queue_item *item = expired_of(host, now_ms);
			if (!item)
				continue;
			take_out(queue, item);
			settle_host(queue, host);
			item->host = NULL;
			drop_if_idle(queue, host);
			return item;
		}
	}
	return NULL;
}

size_t pal_courier_queue_waiting(const struct pal_courier_queue *queue)
{
	return queue->waiting;
}
