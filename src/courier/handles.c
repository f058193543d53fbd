/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All handles are in one multi handle, whose own connection cache stays empty: a handle with a share
 * that shares connections uses the share's cache instead (libcurl: curl_share_setopt). One thread
 * uses them all, so the shares need no locks. Closing a cache is closing its share.
 */
#include "courier/handles.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/hash.h"
#include <uthash.h>

struct pal_handles_tenant {
	UT_hash_handle hh;
	int64_t key;
	CURLSH *share;
	struct pal_transfers spare;
	size_t spare_count;
	unsigned in_use;
	int64_t idle_since_ms;			/* while in_use is 0 */
	TAILQ_ENTRY(pal_handles_tenant) link;	/* likewise */
};

TAILQ_HEAD(idle, pal_handles_tenant);

struct pal_handles {
	struct pal_handles_options options;	/* fixed at create */
	struct pal_handles_tenant *table;
	struct idle idle;			/* longest first */
	size_t idle_count;
};

struct pal_handles *pal_handles_create(const struct pal_handles_options *options)
{
	struct pal_handles *handles = calloc(1, sizeof(*handles));

	if (handles) {
		handles->options = *options;
		TAILQ_INIT(&handles->idle);
	}
	return handles;
}

static void free_tenant(struct pal_handles_tenant *tenant)
{
	struct pal_transfer *transfer;

	while ((transfer = TAILQ_FIRST(&tenant->spare))) {
		TAILQ_REMOVE(&tenant->spare, transfer, link);
		pal_transfer_destroy(transfer);
	}
	if (tenant->share)
		curl_share_cleanup(tenant->share);
	free(tenant);
}

static void leave_idle(struct pal_handles *handles, struct pal_handles_tenant *tenant)
{
	TAILQ_REMOVE(&handles->idle, tenant, link);
	handles->idle_count--;
}

static void drop_tenant(struct pal_handles *handles, struct pal_handles_tenant *tenant)
{
	assert(tenant->in_use == 0);
	leave_idle(handles, tenant);
	HASH_DEL(handles->table, tenant);
	free_tenant(tenant);
}

void pal_handles_destroy(struct pal_handles *handles)
{
	struct pal_handles_tenant *tenant, *following;

	if (!handles)
		return;
	HASH_ITER(hh, handles->table, tenant, following)
		drop_tenant(handles, tenant);
	free(handles);
}

static struct pal_handles_tenant *new_tenant(struct pal_handles *handles, int64_t key)
{
	struct pal_handles_tenant *tenant = calloc(1, sizeof(*tenant));

	if (!tenant)
		return NULL;
	tenant->key = key;
	TAILQ_INIT(&tenant->spare);
	tenant->share = pal_library_load() ? curl_share_init() : NULL;
	if (!tenant->share ||
	    curl_share_setopt(tenant->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK ||
	    curl_share_setopt(tenant->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK ||
	    curl_share_setopt(tenant->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) !=
		    CURLSHE_OK)
		goto fail;
	HASH_ADD(hh, handles->table, key, sizeof(tenant->key), tenant);
	if (!tenant->hh.tbl)	/* uthash ran out of memory and left it out */
		goto fail;
	TAILQ_INSERT_TAIL(&handles->idle, tenant, link);
	handles->idle_count++;
	return tenant;
fail:
	free_tenant(tenant);
	return NULL;
}

struct pal_transfer *pal_handles_take(struct pal_handles *handles, struct pal_tenant_key key)
{
	struct pal_handles_tenant *tenant;

	HASH_FIND(hh, handles->table, &key.n, sizeof(key.n), tenant);
	if (!tenant && !(tenant = new_tenant(handles, key.n)))
		return NULL;
	struct pal_transfer *transfer = TAILQ_FIRST(&tenant->spare);
	if (transfer) {
		TAILQ_REMOVE(&tenant->spare, transfer, link);
		tenant->spare_count--;
	} else {
		transfer = pal_transfer_create(&handles->options.transfer, tenant->share);
	}
	if (!transfer)
		return NULL;
	if (tenant->in_use++ == 0)
		leave_idle(handles, tenant);
	transfer->owner = tenant;
	return transfer;
}

void pal_handles_put(struct pal_handles *handles, struct pal_transfer *transfer, int64_t now_ms)
{
	struct pal_handles_tenant *tenant = transfer->owner;

	transfer->request = NULL;
	if (tenant->spare_count < handles->options.spare_max) {
		TAILQ_INSERT_HEAD(&tenant->spare, transfer, link);
		tenant->spare_count++;
	} else {
		pal_transfer_destroy(transfer);
	}
	if (--tenant->in_use > 0)
		return;
	tenant->idle_since_ms = now_ms;
	TAILQ_INSERT_TAIL(&handles->idle, tenant, link);
	if (++handles->idle_count > handles->options.idle_tenants_max)
		drop_tenant(handles, TAILQ_FIRST(&handles->idle));
}

void pal_handles_sweep(struct pal_handles *handles, int64_t now_ms)
{
	struct pal_handles_tenant *tenant;

	while ((tenant = TAILQ_FIRST(&handles->idle)) &&
	       now_ms - tenant->idle_since_ms >= handles->options.transfer.idle_ms)
		drop_tenant(handles, tenant);
}

size_t pal_handles_count(const struct pal_handles *handles)
{
	return HASH_COUNT(handles->table);
}
