/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - the one shape of every answer (domain.md section 1.3), and problem+json (RFC 9457)
 * for errors when Accept names it. Each function answers and so ends the exchange. Runs on: the
 * loop of the exchange.
 */
#ifndef PALAVER_HTTP_ENVELOPE_H
#define PALAVER_HTTP_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "http/exchange.h"

/* One field the client got wrong. */
struct pal_http_field_error {
	struct pal_str field, message;
};

/*
 * What an error answer says beyond its status. Zeroed means: nothing more. API codes that are not
 * in the list of base/error.h are named by domain.md section 1.7.
 */
struct pal_http_failure {
	int status;			/* 400..599 */
	const char *code;		/* API code: "INVALID_TOKEN" */
	struct pal_str message;		/* one sentence fit for the client */
	uint32_t retry_after_ms;	/* 0: no Retry-After */
	const struct pal_http_field_error *fields;	/* become error.details.fields */
	size_t field_count;
	struct pal_str details;		/* a JSON object as error.details instead; p NULL: none */
};

/*
 * Answer {"status":"success","data":DATA,"meta":{...}} where DATA is the JSON text in `data`, which
 * is left as it is and may be reused at once. An empty `data` gives null. A failed buffer answers
 * 503.
 */
void pal_http_success(struct pal_http_exchange *exchange, int status, const struct pal_buf *data);

/*
 * Answer the failure `err`: status and API code from the list in base/error.h, its subject as the
 * one field when there are no `fields` (PAL_E_VALIDATION). Retry-After from retry_after_ms, rounded
 * up; 60 for PAL_E_EXTERNAL and 1 for PAL_E_RATE_LIMIT when unknown. PAL_E_SERVICE says only a
 * generic sentence (500); with a retry time it is a passing trouble: 503 SERVICE_UNAVAILABLE.
 */
void pal_http_fail(struct pal_http_exchange *exchange, const struct pal_error *err,
		   const struct pal_http_field_error *fields, size_t field_count);

/* Answer a failure with an explicit status and API code; 401 adds WWW-Authenticate: Bearer unless
 * the caller added one. */
void pal_http_fail_as(struct pal_http_exchange *exchange, const struct pal_http_failure *failure);

/* As pal_http_fail_as with just these three. */
void pal_http_fail_with(struct pal_http_exchange *exchange, int status, const char *code,
			const char *message);

/*
 * 400 VALIDATION_ERROR for what is wrong outside the body: a header or a query parameter, named by
 * err->subject (domain.md section 1.7).
 */
void pal_http_fail_parameter(struct pal_http_exchange *exchange, const struct pal_error *err);

/* 400 VALIDATION_ERROR for a body that is not JSON, naming the byte offset. */
void pal_http_fail_json(struct pal_http_exchange *exchange, size_t offset, const char *why);

#endif
