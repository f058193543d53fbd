/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quota.h - the tenant's monthly messages (domain.md section 6.1, stage 10), and what is told of any
 * quota that is used up. A route with
 * PAL_ROUTE_MESSAGE holds one from when it is admitted; an endpoint whose messages are counted only
 * in its body takes them itself. What a request holds is given back when its answer is no 2xx.
 */
#ifndef PALAVER_API_QUOTA_H
#define PALAVER_API_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "model/tenant_profile.h"

/*
 * Hold `messages` of the caller's tenant. False: the quota has not so many left, and 429 is
 * answered: X-Quota-Name, -Limit, -Used, -Remaining. Once per request. Runs on: loop.
 */
bool pal_quota_take(struct pal_http_exchange *exchange, struct pal_api *api, int64_t messages);

/* Add the headers X-Quota-Name, -Limit, -Used and -Remaining. Runs on: loop. */
void pal_quota_tell(struct pal_http_exchange *exchange, const struct pal_live_tenant *tenant,
		    enum pal_quota quota, int64_t used);

/* Give `messages` of them back: they turned out to be repeats, or failed. Before the answer. Runs
 * on: loop. */
void pal_quota_give_back(struct pal_http_exchange *exchange, int64_t messages);

#endif
