/* SPDX-License-Identifier: Apache-2.0 */
/* etag.h - entity tags and what requests say of them (RFC 9110 sections 8.8.3 and 13.1). */
#ifndef PALAVER_API_ETAG_H
#define PALAVER_API_ETAG_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/exchange.h"

/* Add the header ETag with `tag`, which has no quotes yet. Runs on: the exchange's loop. */
void pal_etag_put(struct pal_http_exchange *exchange, struct pal_str tag);

/*
 * Whether If-None-Match names `tag`, or anything: a GET is answered 304 then. Weak tags count.
 * Runs on: any.
 */
bool pal_etag_is_known(const struct pal_http_request *request, struct pal_str tag);

/*
 * The tags of If-Match up to their first full stop, without quotes, separated by blanks; absent
 * when there is no If-Match. Weak tags match nothing, so they are left out. PAL_E_VALIDATION,
 * subject "If-Match", for what is no list of tags. In the request's arena. Runs on: the exchange's
 * loop.
 */
enum pal_code pal_etag_versions(const struct pal_http_request *request, struct pal_str *ret,
				struct pal_error *err) PAL_MUST_CHECK;

#endif
