/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cors.h - which pages of other origins may call the API from a browser (the Fetch standard's CORS
 * protocol; domain.md section 6.1, stage 4). Nobody is told who else is on the list: a listed origin
 * is echoed, any other is not answered at all in this respect.
 */
#ifndef PALAVER_API_CORS_H
#define PALAVER_API_CORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/exchange.h"

#define PAL_CORS_ORIGINS_MAX 64u	/* as many as cors.allowed_origins takes */

struct pal_cors;

/* No origin allowed yet. NULL when out of memory. Runs on: main. */
struct pal_cors *pal_cors_create(void);
void pal_cors_destroy(struct pal_cors *cors);	/* NULL is fine. Runs on: main. */

/*
 * Allow these `count` <= PAL_CORS_ORIGINS_MAX origins and no other; "*" allows any, without
 * credentials. The texts are copied. False when out of memory: what was allowed stays. Runs on: any.
 */
bool pal_cors_set(struct pal_cors *cors, const char *const *origins, size_t count,
		  bool allow_credentials, int64_t max_age_s);

/*
 * Add to the answer of `exchange` what its Origin calls for. True: it was a preflight, and 204 is
 * answered. Runs on: loop.
 */
bool pal_cors_apply(struct pal_cors *cors, struct pal_http_exchange *exchange,
		    const struct pal_http_request *request);

#endif
