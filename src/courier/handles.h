/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handles.h - the libcurl handles of each tenant. Every tenant has a connection cache, a cache of
 * names and TLS sessions of its own (a share of libcurl), and its handles are used for nobody else:
 * a connection opened for one tenant never carries another's request.
 */
#ifndef PALAVER_COURIER_HANDLES_H
#define PALAVER_COURIER_HANDLES_H

#include <stddef.h>
#include <stdint.h>

#include "courier/transfer.h"
#include "model/tenant.h"

struct pal_handles;

struct pal_handles_options {
	struct pal_transfer_options transfer;
	/* Tenants whose connections are kept although nothing of theirs is under way; the one idle
	 * for longest goes first, and each after transfer.idle_ms. */
	size_t idle_tenants_max;
	size_t spare_max;	/* unused handles a tenant keeps */
};

/* NULL when out of memory. Runs on: main, then courier. */
struct pal_handles *pal_handles_create(const struct pal_handles_options *options);
/* All handles must have been put back. NULL is fine. Runs on: main, after courier. */
void pal_handles_destroy(struct pal_handles *handles);

/* A handle of `tenant`, to be put back; NULL when out of memory. Runs on: courier. */
struct pal_transfer *pal_handles_take(struct pal_handles *handles, struct pal_tenant_key tenant);
/* Its request has ended. Runs on: courier. */
void pal_handles_put(struct pal_handles *handles, struct pal_transfer *transfer, int64_t now_ms);

/* Close the connections of tenants idle for too long. Runs on: courier. */
void pal_handles_sweep(struct pal_handles *handles, int64_t now_ms);

/* How many tenants have connections or handles. */
size_t pal_handles_count(const struct pal_handles *handles);

#endif
