/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openapi.h - the API's contract as an OpenAPI 3.1 document, made of the list of routes, their
 * descriptions (doc.h) and the schemas (schemas.h), and of nothing else.
 */
#ifndef PALAVER_API_OPENAPI_H
#define PALAVER_API_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "http/router.h"

/*
 * Append the document of these `count` routes, each of which has a description. A failed buffer
 * means out of memory. Runs on: any.
 */
void pal_openapi_write(struct pal_buf *out, const struct pal_http_route *routes, size_t count);

/* Whether `route` is described to fail with `status` at times. Runs on: any. */
bool pal_openapi_may_fail(const struct pal_http_route *route, int status);

#endif
