/* SPDX-License-Identifier: Apache-2.0 */
/* openapi_parts.h - the part of the document that operations refer to. Runs on: any. */
#ifndef PALAVER_API_OPENAPI_PARTS_H
#define PALAVER_API_OPENAPI_PARTS_H

#include "base/buf.h"

/* Append `"components":{...}`: schemas, credentials, common parameters, headers, failures. */
void pal_openapi_components(struct pal_buf *out);

/* Append `{"$ref":"#/components/KIND/NAME"}`. */
void pal_openapi_ref(struct pal_buf *out, const char *kind, const char *name);

/* Append `"STATUS":` and a reference to the answer of failure `status`. */
void pal_openapi_failure(struct pal_buf *out, int status);

/* Append the headers of an answer: the common ones, and those that the flags ask for. */
enum pal_openapi_headers {
	PAL_OPENAPI_RATE = 1,	/* RateLimit and its kin */
	PAL_OPENAPI_LINK = 2,	/* Link to the next page */
	PAL_OPENAPI_TENANT = 4,	/* whose answer it is */
	PAL_OPENAPI_ETAG = 8,
	PAL_OPENAPI_FILE = 16,	/* the name to keep it under */
};
void pal_openapi_headers(struct pal_buf *out, unsigned flags);

#endif
