/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint.h - what endpoints share: a call that a service answers later, the query's parameters,
 * the JSON body, and the answer. Paging is in page.h. An endpoint reads like this:
 *
 *	struct pal_params params;
 *
 *	pal_params_read(&params, request);
 *	what.limit = pal_param_number(&params, "limit", 1, 100, 20);
 *	if (!pal_params_are_good(&params, exchange))
 *		return;			(answered: 400 with all wrong parameters)
 *	struct call *call = pal_call_create(exchange, sizeof(*call), answer);
 *	if (!call)
 *		return;			(answered: 503)
 */
#ifndef PALAVER_API_ENDPOINT_H
#define PALAVER_API_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "http/exchange.h"
#include "http/query.h"
#include "loop/loop.h"
#include "model/fields.h"

struct pal_api;

/* --- A call: what an endpoint keeps of a request until a service has answered it -------------- */

/* First member of the endpoint's own struct, which lives in the exchange's arena. */
struct pal_call {
	struct pal_http_exchange *exchange;
	/* Answer the exchange, which ends the call. Runs on: loop of the exchange. */
	void (*answer)(struct pal_call *call);
	struct pal_loop_job job;
};

/*
 * `size` zeroed bytes that begin with a struct pal_call. NULL: out of memory, and the exchange is
 * answered. Runs on: loop.
 */
void *pal_call_create(struct pal_http_exchange *exchange, size_t size,
		      void (*answer)(struct pal_call *call));

/* Have call->answer run on its loop, at once when called there. Not again before it has run. Runs
 * on: any. */
void pal_call_return(struct pal_call *call);

/*
 * Answer what a service gave: `status` with `data` as the envelope's data for PAL_OK, else the
 * failure `err`. `data` is freed. Runs on: loop.
 */
void pal_api_answer(struct pal_http_exchange *exchange, int status, enum pal_code code,
		    const struct pal_error *err, struct pal_buf *data);

/* The text of the address that `request` is put down to, in its arena; absent when out of memory.
 * Runs on: loop. */
struct pal_str pal_api_client_address(const struct pal_api *api,
				      const struct pal_http_request *request);

/*
 * What the header Idempotency-Key says (draft-ietf-httpapi-idempotency-key-header: a structured
 * string, in quotes, which may be left out); the absent view without one. PAL_E_VALIDATION. Runs
 * on: loop.
 */
enum pal_code pal_api_idempotency_key(const struct pal_http_request *request, struct pal_str *ret,
				      struct pal_error *err) PAL_MUST_CHECK;

/* --- Parameters: of the query, each at most once; all that is wrong is told together ---------- */

struct pal_params {
	const struct pal_http_request *request;
	struct pal_http_query query;
	struct pal_field_errors errors;
};

/* Decode the query of `request`, which must outlive `params`. Runs on: loop. */
void pal_params_read(struct pal_params *params, const struct pal_http_request *request);

/* Note that parameter `name` is wrong. Runs on: loop. */
void pal_param_wrong(struct pal_params *params, const char *name, const char *fmt, ...)
	PAL_PRINTF(3, 4);

/* Each of these gives `fallback` (or the absent view) when the parameter is absent or wrong. */

/* A whole number within min..max, 0 <= min <= max. */
int64_t pal_param_number(struct pal_params *params, const char *name, int64_t min, int64_t max,
			 int64_t fallback);
/* true or false. */
bool pal_param_flag(struct pal_params *params, const char *name, bool fallback);
/* One of `names`: its index. */
int pal_param_choice(struct pal_params *params, const char *name, const char *const *names,
		     size_t count, int fallback);
/* ISO 8601, Unix seconds, or milliseconds above 1e10; in ms. */
int64_t pal_param_instant(struct pal_params *params, const char *name, int64_t fallback);
/* 1..max code points. */
struct pal_str pal_param_text(struct pal_params *params, const char *name, size_t max);

/* Whether nothing was wrong; else the exchange is answered: 400 with every wrong parameter. */
bool pal_params_are_good(const struct pal_params *params, struct pal_http_exchange *exchange);

/* --- The JSON body ---------------------------------------------------------------------------- */

/* A scanned body: read it through `fields` from `root`, with model/fields.h. */
struct pal_body {
	struct pal_fields fields;
	struct pal_fields_at root;
	struct pal_field_errors errors;
};

/*
 * Scan the body of `request`, which must be a JSON object; when `may_be_empty`, no body at all
 * reads as an object without members. It uses the thread's JSON scratch (pal_thread_json): keep
 * nothing in that meanwhile. False: the exchange is answered, 400 for what is no JSON, 422 for
 * another value. Runs on: loop.
 */
bool pal_body_read(struct pal_body *body, struct pal_http_exchange *exchange,
		   const struct pal_http_request *request, bool may_be_empty);

/* One of `names`, a string member: its index; `fallback` when absent or wrong. */
int pal_body_choice(struct pal_body *body, const char *name, const char *const *names,
		    size_t count, int fallback);

/* One of `names`, the element `at` of an array: its index; -1 when wrong, which is noted. */
int pal_element_choice(struct pal_fields *fields, const struct pal_fields_at *at,
		       const char *const *names, size_t count);

/* Whether nothing was wrong; else the exchange is answered: 422 with every wrong field. */
bool pal_body_is_good(const struct pal_body *body, struct pal_http_exchange *exchange);

/* Answer `err`, with 422 and all of `errors` when it is about them. Runs on: loop. */
void pal_api_fail_fields(struct pal_http_exchange *exchange, const struct pal_field_errors *errors,
			 const struct pal_error *err);

#endif
