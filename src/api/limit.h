/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit.h - the rate limit stages of a request (domain.md section 6.1, stages 6 and 9) and the
 * headers that tell of them: X-RateLimit-*, and RateLimit-Policy and RateLimit of
 * draft-ietf-httpapi-ratelimit-headers-11.
 */
#ifndef PALAVER_API_LIMIT_H
#define PALAVER_API_LIMIT_H

#include <stdbool.h>

#include "api/api.h"
#include "service/access/live.h"
#include "service/limits/limits.h"

/*
 * Count a request of `caller` and of its tenant, whose quotas may set a ceiling, or one whose credentials were refused as the client address's own,
 * unless limits are off or the route is exempt. False: it was one too many, and 429 is answered.
 * Runs on: loop.
 */
bool pal_limit_caller(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      struct pal_api *api, const struct pal_caller *caller);
bool pal_limit_stranger(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			struct pal_api *api);

/* Count a webhook whose signature was refused as the client address's own, by limits for these alone
 * (domain.md section 5.3). False: one too many, and 429 is answered. Runs on: loop. */
bool pal_limit_webhook(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       struct pal_api *api);

/*
 * Count a bulk request of `items` > 0 messages against bulk's own limits: a fifth of the caller's
 * requests a minute, and ten times as many messages. Beside pal_limit_caller, which every request
 * passes. False: one too many, and 429 is answered. Runs on: loop.
 */
bool pal_limit_bulk(struct pal_http_exchange *exchange, struct pal_api *api, uint32_t items);

/* Whom a request of `caller` is counted for. Runs on: any. */
struct pal_limits_id pal_limit_id_of(const struct pal_caller *caller);

/* The same for all of `tenant`; false when its quotas limit no requests. Runs on: any. */
bool pal_limit_id_of_tenant(const struct pal_live_tenant *tenant, struct pal_limits_id *ret);

#endif
