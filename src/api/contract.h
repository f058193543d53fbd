/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contract.h - /openapi.json and /docs as they are served: made once, before the first request, and
 * never changed, so that both are told by an ETag.
 */
#ifndef PALAVER_API_CONTRACT_H
#define PALAVER_API_CONTRACT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "http/router.h"

struct pal_contract;

/* Make both for these routes. The caller owns it. NULL when out of memory. Runs on: main. */
struct pal_contract *pal_contract_create(const struct pal_http_route *routes, size_t count);
void pal_contract_destroy(struct pal_contract *contract);	/* NULL is fine. Runs on: main. */

/*
 * Append the Content-Security-Policy of `page`: nothing from elsewhere, no script and no style but those
 * that stand in it, each told by its hash. Runs on: any.
 */
void pal_contract_policy(struct pal_buf *out, struct pal_str page);

#endif
