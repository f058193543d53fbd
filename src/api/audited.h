/* SPDX-License-Identifier: Apache-2.0 */
/* audited.h - what requests did goes to the audit trail where no service has told it already. */
#ifndef PALAVER_API_AUDITED_H
#define PALAVER_API_AUDITED_H

#include "api/api.h"
#include "service/access/caller.h"

/*
 * Tell of a request that was answered with `status`: of each that changes something, and of each
 * that was forbidden. What was shed (429, 503) is counted, not told: a flood must not become one of
 * the store. `caller` asked. Runs on: loop.
 */
void pal_audited_request(const struct pal_api *api, const struct pal_http_request *request,
			 const struct pal_caller *caller, int status);

#endif
