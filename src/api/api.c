/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/audited.h"
#include "api/client.h"
#include "api/cors.h"
#include "api/limit.h"
#include "api/quota.h"
#include "api/request_state.h"
#include <stdatomic.h>

#include "base/log.h"
#include "base/metrics.h"
#include "http/envelope.h"
#include "http/server.h"
#include "service/access/refusal.h"

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
	const struct pal_api *api = app;

	struct pal_request_state *state = pal_http_request_context(request);
	if (state && (status < 200 || status > 299))
		pal_usage_give_back(&state->hold, state->hold.messages);
	if (state && api->audit)
		pal_audited_request(api, request, &state->caller, status);
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

struct pal_request_rules pal_api_rules(struct pal_api *api, const struct pal_caller *caller)
{
	return (struct pal_request_rules){
		.content = {.media_types = atomic_load_explicit(&api->media_types,
								memory_order_relaxed),
			    .media_size_max = atomic_load_explicit(&api->media_size_max,
								   memory_order_relaxed)},
		.reject_skewed_timestamps = atomic_load_explicit(&api->reject_skewed_timestamps,
								 memory_order_relaxed),
		.channels = atomic_load_explicit(&caller->live->channels, memory_order_relaxed),
	};
}

const struct pal_caller *pal_api_caller(const struct pal_http_exchange *exchange)
{
	return pal_http_exchange_context(exchange);
}

/* A credential was refused: that it happened is worth a line, why is nobody else's business. */
static void refuse(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		   struct pal_api *api, enum pal_access_verdict verdict,
		   const struct pal_caller *caller)
{
	static const struct {
		int status;
		const char *code, *message;
	} answer[] = {
		[PAL_ACCESS_REFUSED] = {401, "AUTHENTICATION_FAILED",
					"a valid credential is required"},
		[PAL_ACCESS_TOKEN_REFUSED] = {401, "INVALID_TOKEN", "the token is not valid"},
		[PAL_ACCESS_EXPIRED] = {401, "TOKEN_EXPIRED", "the token has expired"},
		[PAL_ACCESS_TENANT_MISSING] = {400, "MISSING_TENANT_ID", "X-Tenant-ID is required"},
		[PAL_ACCESS_TENANT_FOREIGN] = {403, "TENANT_ERROR",
					       "X-Tenant-ID is not the credential's tenant"},
		[PAL_ACCESS_TENANT_INACTIVE] = {403, "TENANT_ERROR", "the tenant is not active"},
		[PAL_ACCESS_ADDRESS_REFUSED] = {403, "ACCESS_DENIED",
						"the API key may not be used from this address"},
		[PAL_ACCESS_PLAIN_REFUSED] = {403, "ACCESS_DENIED",
					      "the API key may be used over HTTPS only"},
		[PAL_ACCESS_UNAVAILABLE] = {503, "SERVICE_UNAVAILABLE", "try again later"},
	};
	static struct pal_log_limit limit = {.burst = 10, .interval_ms = 1000};
	char client[PAL_HTTP_PEER_TEXT_SIZE];
	uint32_t dropped = 0;

	if (verdict != PAL_ACCESS_UNAVAILABLE && !pal_limit_stranger(exchange, request, api))
		return;
	if (pal_log_limit_pass(&limit, &dropped)) {
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("access"), "request refused",
			PAL_F_STR("request_id", request->id), PAL_F_STR("path", request->path),
			PAL_F_TEXT("reason", answer[verdict].code),
			PAL_F_TEXT("client", client_text(api, request, client)),
			PAL_F_I64("not_logged", dropped));
		if (caller && caller->tenant.n)
			pal_refusal_audit(api->front, pal_clock_wall_ms(api->clock), caller,
					  pal_str(answer[verdict].code), request->id,
					  pal_str(client_text(api, request, client)));
	}
	pal_http_fail_with(exchange, answer[verdict].status, answer[verdict].code,
			   answer[verdict].message);
}

static bool is_encrypted(const struct pal_api *api, const struct pal_http_request *request)
{
	return request->is_tls ||
	       (pal_str_equal(pal_http_request_header(request, PAL_HTTP_H_X_FORWARDED_PROTO),
			      PAL_STR("https")) &&
		pal_proxies_have(api->proxies, &request->peer));
}

static enum pal_access_verdict authenticate(const struct pal_http_request *request,
					    struct pal_api *api, struct pal_caller *ret)
{
	const struct pal_http_peer client = pal_client_of(api->proxies, request);
	const struct pal_credentials credentials = {
		.authorization = pal_http_request_header(request, PAL_HTTP_H_AUTHORIZATION),
		.api_key = pal_http_request_header(request, PAL_HTTP_H_X_API_KEY),
		.tenant = pal_http_request_header(request, PAL_HTTP_H_X_TENANT_ID),
		.address = client.address,
		.is_encrypted = is_encrypted(api, request),
	};

	return pal_access_check(api->access, &credentials, request->arena, ret);
}

/* Whether the tenant has what a route with `flags` needs. */
static bool has_features(const struct pal_live_tenant *tenant, unsigned flags,
			 struct pal_error *err)
{
	static const struct {
		unsigned flag;
		enum pal_feature feature;
	} needs[] = {{PAL_ROUTE_ANALYTICS, PAL_FEATURE_ANALYTICS},
		     {PAL_ROUTE_EXPORT, PAL_FEATURE_EXPORT},
		     {PAL_ROUTE_API_KEYS, PAL_FEATURE_API_KEYS}};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const char *name = pal_feature_name(needs[i].feature);
		if (!(flags & needs[i].flag) || pal_live_has_feature(tenant, needs[i].feature))
			continue;
		pal_fail(err, PAL_E_UNAUTHORIZED, name, "the tenant's plan has not the feature %s",
			 name);
		return false;
	}
	return true;
}

/* domain.md section 6.2: who may write conversations may send messages, or who may do just that. */
static bool is_permitted(const struct pal_http_route *route, const struct pal_caller *caller)
{
	return !route->permission || pal_caller_may(caller, pal_str(route->permission)) ||
	       ((route->flags & PAL_ROUTE_SENDS) &&
		pal_caller_may(caller, PAL_STR("messages:send")));
}

/* Stage 10: what the caller and its tenant may. False: answered. */
static bool permit(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		   struct pal_api *api, const struct pal_caller *caller)
{
	const struct pal_http_route *route = request->match.route;
	struct pal_error err;

	if (!is_permitted(route, caller)) {
		pal_fail(&err, PAL_E_UNAUTHORIZED, route->permission,
			 "this needs the permission %s", route->permission);
		pal_http_fail(exchange, &err, NULL, 0);
		return false;
	}
	if (!has_features(caller->live, route->flags, &err)) {
		pal_http_fail(exchange, &err, NULL, 0);
		return false;
	}
	return !(route->flags & PAL_ROUTE_MESSAGE) || pal_quota_take(exchange, api, 1);
}

/* Whom the answer is for, and where its data stays. */
static void name_tenant(struct pal_http_exchange *exchange, const struct pal_live_tenant *tenant)
{
	enum pal_residency residency = (enum pal_residency)atomic_load_explicit(
		&tenant->residency, memory_order_relaxed);

	pal_http_header(exchange, PAL_STR("X-Tenant-ID"), tenant->id);
	pal_http_header(exchange, PAL_STR("X-Data-Residency"),
			pal_str(pal_residency_name(residency)));
}

/* Stages 6 to 10 of domain.md section 6.1. False: answered. */
static bool admit(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  struct pal_api *api)
{
	struct pal_request_state *state = pal_arena_get(request->arena, sizeof(*state));
	struct pal_caller *caller = state ? &state->caller : NULL;
	enum pal_access_verdict verdict =
		caller ? authenticate(request, api, caller) : PAL_ACCESS_UNAVAILABLE;

	if (verdict != PAL_ACCESS_GRANTED) {
		refuse(exchange, request, api, verdict, caller);
		return false;
	}
	state->hold = (struct pal_usage_hold){.messages = 0};
	pal_http_exchange_set_context(exchange, state);
	name_tenant(exchange, caller->live);
	return pal_limit_caller(exchange, request, api, caller) &&
	       permit(exchange, request, api, caller);
}

/* As X-Request-ID: nothing that a log or a header could stumble over. */
static bool is_safe_id(struct pal_str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!((id.p[i] >= 'a' && id.p[i] <= 'z') || (id.p[i] >= 'A' && id.p[i] <= 'Z') ||
		      (id.p[i] >= '0' && id.p[i] <= '9') || memchr("-_.:", id.p[i], 4)))
			return false;
	return true;
}

/* Who follows a request through several services finds it again by these (domain.md 6.1, stage 2). */
static void echo_ids(struct pal_http_exchange *exchange, const struct pal_http_request *request)
{
	static const struct {
		enum pal_http_header_id id;
		const char *name;
	} ids[] = {{PAL_HTTP_H_X_CORRELATION_ID, "X-Correlation-ID"},
		   {PAL_HTTP_H_X_TRACE_ID, "X-Trace-ID"}};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct pal_str given = pal_http_request_header(request, ids[i].id);
		if (given.n && given.n <= PAL_HTTP_REQUEST_ID_MAX && is_safe_id(given))
			pal_http_header(exchange, pal_str(ids[i].name), given);
	}
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
	const struct pal_api *api = app;

	echo_ids(exchange, request);
	if (pal_cors_apply(api->cors, exchange, request))
		return;
	if (request->match.kind == PAL_HTTP_MATCH_ROUTE) {
		if ((route->flags & PAL_ROUTE_AUTH) && !admit(exchange, request, app))
			return;
		if (!(route->flags & PAL_ROUTE_SIGNED) && !is_json_or_nothing(request)) {
			pal_http_fail_with(exchange, 415, "UNSUPPORTED_MEDIA_TYPE",
					   "the body must be application/json");
			return;
		}
	}
	pal_http_dispatch(exchange);
}
