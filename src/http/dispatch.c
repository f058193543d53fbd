/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "http/envelope.h"
#include "http/home.h"

static void answer_method(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request)
{
	char allow[PAL_HTTP_ALLOW_SIZE];

	pal_http_allow_format(request->match.methods, allow);
	pal_http_header(exchange, PAL_STR("Allow"), pal_str(allow));
	if (request->method == PAL_HTTP_OPTIONS)
		pal_http_respond(exchange, 204, NULL, (struct pal_str){NULL, 0});
	else
		pal_http_fail_with(exchange, 405, "METHOD_NOT_ALLOWED",
				   "The resource does not know this method.");
}

void pal_http_dispatch(struct pal_http_exchange *exchange)
{
	const struct pal_http_request *request = &exchange->request;
	void *app = pal_http_home_options(exchange->home)->app;
	struct pal_error err;

	switch (request->match.kind) {
	case PAL_HTTP_MATCH_ROUTE:
		request->match.route->handler(exchange, request, app);
		break;
	case PAL_HTTP_MATCH_METHOD:
		answer_method(exchange, request);
		break;
	case PAL_HTTP_MATCH_BAD_PARAM:
		pal_fail(&err, PAL_E_VALIDATION, "path",
			 "a path parameter must be percent-encoded UTF-8 without control characters");
		pal_http_fail_parameter(exchange, &err);
		break;
	case PAL_HTTP_MATCH_NONE:
		pal_http_fail_with(exchange, 404, "RESOURCE_NOT_FOUND", "No such resource.");
		break;
	}
}
