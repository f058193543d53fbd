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

/*
 * Count a request of `caller`, or one whose credentials were refused as the client address's own,
 * unless limits are off or the route is exempt. False: it was one too many, and 429 is answered.
 * Runs on: loop.
 */
bool pal_limit_caller(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      struct pal_api *api, const struct pal_caller *caller);
bool pal_limit_stranger(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			struct pal_api *api);

#endif
