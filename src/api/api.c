/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/client.h"
#include "api/limit.h"
#include <stdatomic.h>

#include "base/log.h"
#include "base/metrics.h"
#include "http/envelope.h"
#include "http/server.h"

static pal_metric answers[5];	/* by the first digit of the status, 1xx never answered */
static pal_metric took;

void pal_api_register_metrics(void)
{
	/* domain.md section 8 */
	static const double bounds[] = {0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
	static const char *const labels[5] = {NULL, "status=\"2xx\"", "status=\"3xx\"",
					      "status=\"4xx\"", "status=\"5xx\""};

	for (size_t i = 1; i < 5; i++)
		answers[i] = pal_metric_register(&(struct pal_metric_desc){
			.name = "http_requests_total",
			.help = "HTTP requests answered, by class of status.",
			.kind = PAL_METRIC_COUNTER,
			.labels = labels[i]});
	took = pal_metric_register(&(struct pal_metric_desc){
		.name = "http_request_duration_seconds",
		.help = "Time from the first byte of a request to its answer.",
		.kind = PAL_METRIC_HISTOGRAM,
		.bounds = bounds,
		.bounds_count = sizeof(bounds) / sizeof(bounds[0])});
}

static const char *client_text(const struct pal_api *api, const struct pal_http_request *request,
			       char out[PAL_HTTP_PEER_TEXT_SIZE])
{
	const struct pal_http_peer client = pal_client_of(api->proxies, request);

	return pal_http_peer_format(&client, out);
}

void pal_api_answered(const struct pal_http_request *request, int status, size_t body_bytes,
		      int64_t elapsed_ns, void *app)
{
	char client[PAL_HTTP_PEER_TEXT_SIZE];

	if (status >= 200 && status < 600)
		pal_metric_add(answers[status / 100 - 1], 1);
	pal_metric_observe(took, (double)elapsed_ns / 1e9);
	PAL_LOG(PAL_LOG_DEBUG, PAL_STR("http"), "request", PAL_F_STR("request_id", request->id),
		PAL_F_STR("path", request->path), PAL_F_I64("status", status),
		PAL_F_I64("bytes", (int64_t)body_bytes), PAL_F_I64("took_us", elapsed_ns / 1000),
		PAL_F_TEXT("client", client_text(app, request, client)));
}

void pal_api_set_rules(struct pal_api *api, const struct pal_request_rules *rules)
{
	atomic_store(&api->media_types, rules->content.media_types);
	atomic_store(&api->media_size_max, rules->content.media_size_max);
	atomic_store(&api->reject_skewed_timestamps, rules->reject_skewed_timestamps);
}

struct pal_request_rules pal_api_rules(struct pal_api *api)
{
	return (struct pal_request_rules){
		.content = {.media_types = atomic_load_explicit(&api->media_types,
								memory_order_relaxed),
			    .media_size_max = atomic_load_explicit(&api->media_size_max,
								   memory_order_relaxed)},
		.reject_skewed_timestamps = atomic_load_explicit(&api->reject_skewed_timestamps,
								 memory_order_relaxed),
	};
}

const struct pal_caller *pal_api_caller(const struct pal_http_exchange *exchange)
{
	return pal_http_exchange_context(exchange);
}

/* A credential was refused: that it happened is worth a line, why is nobody else's business. */
static void refuse(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		   struct pal_api *api, enum pal_access_verdict verdict)
{
	static const struct {
		int status;
		const char *code, *message;
	} answer[] = {
		[PAL_ACCESS_REFUSED] = {401, "AUTHENTICATION_FAILED",
					"a valid credential is required"},
		[PAL_ACCESS_EXPIRED] = {401, "TOKEN_EXPIRED", "the token has expired"},
		[PAL_ACCESS_TENANT_MISSING] = {400, "MISSING_TENANT_ID", "X-Tenant-ID is required"},
		[PAL_ACCESS_TENANT_FOREIGN] = {403, "TENANT_ERROR",
					       "X-Tenant-ID is not the credential's tenant"},
		[PAL_ACCESS_TENANT_INACTIVE] = {403, "TENANT_ERROR", "the tenant is not active"},
		[PAL_ACCESS_UNAVAILABLE] = {503, "SERVICE_UNAVAILABLE", "try again later"},
	};
	static struct pal_log_limit limit = {.burst = 10, .interval_ms = 1000};
	char client[PAL_HTTP_PEER_TEXT_SIZE];
	uint32_t dropped = 0;

	if (verdict != PAL_ACCESS_UNAVAILABLE && !pal_limit_stranger(exchange, request, api))
		return;
	if (pal_log_limit_pass(&limit, &dropped))
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("access"), "request refused",
			PAL_F_STR("request_id", request->id), PAL_F_STR("path", request->path),
			PAL_F_TEXT("reason", answer[verdict].code),
			PAL_F_TEXT("client", client_text(api, request, client)),
			PAL_F_I64("not_logged", dropped));
	pal_http_fail_with(exchange, answer[verdict].status, answer[verdict].code,
			   answer[verdict].message);
}

/* Stages 6 to 10 of domain.md section 6.1. False: answered. */
static bool admit(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  struct pal_api *api)
{
	const struct pal_credentials credentials = {
		.authorization = pal_http_request_header(request, PAL_HTTP_H_AUTHORIZATION),
		.api_key = pal_http_request_header(request, PAL_HTTP_H_X_API_KEY),
		.tenant = pal_http_request_header(request, PAL_HTTP_H_X_TENANT_ID),
	};
	const char *permission = request->match.route->permission;
	struct pal_caller *caller = pal_arena_get(request->arena, sizeof(*caller));
	enum pal_access_verdict verdict =
		caller ? pal_access_check(api->access, &credentials, request->arena, caller)
		       : PAL_ACCESS_UNAVAILABLE;

	if (verdict != PAL_ACCESS_GRANTED) {
		refuse(exchange, request, api, verdict);
		return false;
	}
	if (!pal_limit_caller(exchange, request, api, caller))
		return false;
	if (permission && !pal_caller_may(caller, pal_str(permission))) {
		struct pal_error err;
		pal_fail(&err, PAL_E_UNAUTHORIZED, permission, "this needs the permission %s",
			 permission);
		pal_http_fail(exchange, &err, NULL, 0);
		return false;
	}
	pal_http_exchange_set_context(exchange, caller);
	return true;
}

/* RFC 9110 section 8.3: the media type without its parameters, in any case. */
static bool is_json(struct pal_str content_type)
{
	const struct pal_str json = PAL_STR("application/json");

	return content_type.n >= json.n && strncasecmp(content_type.p, json.p, json.n) == 0 &&
	       (content_type.n == json.n || content_type.p[json.n] == ';' ||
		content_type.p[json.n] == ' ');
}

/* Whatever the method: what has a body says that it is JSON. Without one the endpoint decides. */
static bool is_json_or_nothing(const struct pal_http_request *request)
{
	return request->body.n == 0 ||
	       is_json(pal_http_request_header(request, PAL_HTTP_H_CONTENT_TYPE));
}

void pal_api_handle(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	const struct pal_http_route *route = request->match.route;

	if (request->match.kind == PAL_HTTP_MATCH_ROUTE) {
		if ((route->flags & PAL_ROUTE_AUTH) && !admit(exchange, request, app))
			return;
		if (!is_json_or_nothing(request)) {
			pal_http_fail_with(exchange, 415, "UNSUPPORTED_MEDIA_TYPE",
					   "the body must be application/json");
			return;
		}
	}
	pal_http_dispatch(exchange);
}
