/* SPDX-License-Identifier: Apache-2.0 */
/*
 * removal.h - sessions to be removed together, each only while it is as it was when it was
 * found to be over.
 */
#ifndef PALAVER_SERVICE_SESSION_REMOVAL_H
#define PALAVER_SERVICE_SESSION_REMOVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/record.h"
#include "model/tenant.h"

#define PAL_SESSION_REMOVALS_MAX 128u

struct pal_session_removal;
struct pal_store;

/* NULL when out of memory. Runs on: any. */
struct pal_session_removal *pal_session_removal_create(void);
void pal_session_removal_destroy(struct pal_session_removal *removal);	/* NULL is fine */

/* Add one; false when there is no room. Runs on: its owner. */
bool pal_session_removal_add(struct pal_session_removal *removal, struct pal_tenant_key tenant,
			     const struct pal_record *record);

size_t pal_session_removal_count(const struct pal_session_removal *removal);

/* Remove them; return how many were really removed (domain.md B37). Runs on: write lane. */
size_t pal_session_removal_run(struct pal_session_removal *removal, struct pal_store *store);

/* Of those removed, how many were `tenant`'s. Runs on: its owner. */
size_t pal_session_removal_of(const struct pal_session_removal *removal,
			      struct pal_tenant_key tenant);

#endif
