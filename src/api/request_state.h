/* SPDX-License-Identifier: Apache-2.0 */
/* request_state.h - what the stages of api.c know of a request: the context of its exchange. */
#ifndef PALAVER_API_REQUEST_STATE_H
#define PALAVER_API_REQUEST_STATE_H

#include "service/access/caller.h"
#include "service/access/usage.h"

struct pal_request_state {
	struct pal_caller caller;	/* first: pal_api_caller */
	struct pal_usage_hold hold;	/* of the tenant's messages */
};

#endif
