/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revoked.h - tokens that are good but no longer wanted, by tenant and jti, until they would have
 * expired anyway. Stored as records of the kind "revoked_token", so they stay so over a restart.
 */
#ifndef PALAVER_SERVICE_ACCESS_REVOKED_H
#define PALAVER_SERVICE_ACCESS_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/tenant.h"

#define PAL_REVOKED_KIND "revoked_token"
#define PAL_REVOKED_MAX 65536u

struct pal_revoked;

/* An empty list; NULL when out of memory. Runs on: main. */
struct pal_revoked *pal_revoked_create(void);
void pal_revoked_destroy(struct pal_revoked *revoked);	/* NULL is fine. Runs on: main. */

/*
 * Add one, or move its end; it stays until `ends_ms`. False when out of memory or when there are
 * PAL_REVOKED_MAX. Runs on: any.
 */
bool pal_revoked_add(struct pal_revoked *revoked, struct pal_tenant_key tenant, struct pal_str jti,
		     int64_t ends_ms);

/* Whether the token is there; without a lock while the list is empty. Runs on: any. */
bool pal_revoked_has(struct pal_revoked *revoked, struct pal_tenant_key tenant,
		     struct pal_str jti);

/* Forget those that have ended by `now_ms`. Runs on: any. */
void pal_revoked_sweep(struct pal_revoked *revoked, int64_t now_ms);

/* How many there are. Runs on: any. */
size_t pal_revoked_count(const struct pal_revoked *revoked);

#endif
