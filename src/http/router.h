/* SPDX-License-Identifier: Apache-2.0 */
/* router.h - the one list of routes, looked up segment by segment; plain segments beat
 * parameters. */
#ifndef PALAVER_HTTP_ROUTER_H
#define PALAVER_HTTP_ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "http/parser.h"

#define PAL_HTTP_PARAMS_MAX 4u		/* parameters in one path */
#define PAL_HTTP_SEGMENTS_MAX 16u	/* segments of one route */

struct pal_http_exchange;
struct pal_http_request;
struct pal_http_router;

/*
 * Answer a request, now or later (exchange.h). `request` lives as long as the exchange; `app` is
 * the server's option of that name. Runs on: the loop of the connection.
 */
typedef void pal_http_handler_fn(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app);

enum pal_http_route_flag {
	PAL_ROUTE_AUTH = 1,		/* a credential is required */
	PAL_ROUTE_TENANT = 2,		/* X-Tenant-ID is required */
	PAL_ROUTE_RATE_EXEMPT = 4,	/* not counted by the rate limits */
	PAL_ROUTE_MESSAGE = 8,		/* is one message of the tenant's quota */
	PAL_ROUTE_ANALYTICS = 16,	/* needs the tenant's feature of that name, as do the next */
	PAL_ROUTE_EXPORT = 32,
	PAL_ROUTE_API_KEYS = 64,
	PAL_ROUTE_SENDS = 128,		/* the permission "messages:send" will do too */
	PAL_ROUTE_SIGNED = 256,		/* the body is looked at by nobody before its signature is */
};

/* One row of the list. Strings are static. */
struct pal_http_route {
	enum pal_http_method method;
	const char *path;	/* "/api/v2/sessions/{id}"; a parameter is a whole segment */
	const char *operation;	/* operation id, unique in the list */
	const char *summary;
	const char *permission;	/* "conversations:read"; NULL: none */
	unsigned flags;		/* enum pal_http_route_flag */
	size_t body_max;	/* bytes; 0: the server's default */
	pal_http_handler_fn *handler;
	const void *doc;	/* the application's own description; the router does not look at it */
};

enum pal_http_match_kind {
	PAL_HTTP_MATCH_NONE,	/* 404 */
	PAL_HTTP_MATCH_METHOD,	/* 405: the path exists, `methods` says for which */
	PAL_HTTP_MATCH_BAD_PARAM,	/* 400: a parameter does not decode; set by the server */
	PAL_HTTP_MATCH_ROUTE,
};

/* What a lookup found. Views point into the path looked up, still percent-encoded; those of a
 * request are decoded. */
struct pal_http_match {
	enum pal_http_match_kind kind;
	const struct pal_http_route *route;	/* ROUTE */
	unsigned methods;	/* bits 1 << method; HEAD where GET is, and OPTIONS */
	unsigned param_count;
	struct pal_str param[PAL_HTTP_PARAMS_MAX];	/* in the order of the path */
};

/*
 * Check the list and build the lookup. `routes` must outlive the router, which the caller owns.
 * Fails with PAL_E_CONFIG naming the operation whose row is wrong: bad path, a parameter twice, the
 * same method and path twice, an operation id twice, no handler. Runs on: main.
 */
enum pal_code pal_http_router_create(const struct pal_http_route *routes, size_t count,
				     struct pal_http_router **ret_router, struct pal_error *err)
	PAL_MUST_CHECK;
void pal_http_router_destroy(struct pal_http_router *router);	/* NULL is fine */

/*
 * Look `path` up as it came, without the query. GET routes answer HEAD too. A parameter matches one
 * non-empty segment. Runs on: any.
 */
void pal_http_router_find(const struct pal_http_router *router, enum pal_http_method method,
			  struct pal_str path, struct pal_http_match *ret_match);

/* Write the methods of `mask` as an Allow header value, "GET, HEAD, OPTIONS". Return `out`. */
#define PAL_HTTP_ALLOW_SIZE 64
char *pal_http_allow_format(unsigned mask, char out[PAL_HTTP_ALLOW_SIZE]);

#endif
