/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health, metrics and info: what machines ask. Liveness touches nothing; readiness asks the store.
 */
#include "api/api.h"

#include <stdatomic.h>

#include "base/json.h"
#include "base/metrics.h"
#include "base/version.h"
#include "http/envelope.h"
#include "service/conversation/health.h"

static void put_head(struct pal_buf *out, const struct pal_api *api, const char *status)
{
	int64_t now_ms = pal_clock_wall_ms(api->clock);
	char text[PAL_TIME_TEXT_SIZE];

	pal_buf_addf(
		out,
		"{\"status\":\"%s\",\"version\":\"%s\",\"timestamp\":\"%s\",\"uptime_seconds\":",
		status, pal_version(), pal_time_format(now_ms, text));
	pal_buf_add_i64(out, (now_ms - api->started_ms) / 1000);
}

static void respond(struct pal_http_exchange *exchange, int status, struct pal_buf *body)
{
	struct pal_error err;

	if (body->failed) {
		pal_buf_deinit(body);
		pal_fail_memory(&err, "health");
		pal_http_fail(exchange, &err, NULL, 0);
		return;
	}
	pal_http_respond_take(exchange, status, "application/json", body);
}

void pal_api_health_live(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			 void *app)
{
	struct pal_buf body = {0};

	(void)request;
	put_head(&body, app, "healthy");
	pal_buf_add_char(&body, '}');
	respond(exchange, 200, &body);
}

static void answer_health(struct pal_http_exchange *exchange, const struct pal_api *api,
			  int status_when_not)
{
	char text[PAL_HEALTH_TEXT_SIZE];
	bool healthy = pal_health_of_store(api->front, text);
	bool ready = healthy && !atomic_load(&api->stopping);
	struct pal_buf body = {0};

	put_head(&body, api,
		 ready			       ? "healthy"
		 : atomic_load(&api->stopping) ? "stopped"
					       : "unhealthy");
	pal_buf_addf(&body, ",\"databases\":{\"store\":{\"status\":\"%s\",\"detail\":",
		     healthy ? "healthy" : "unhealthy");
	pal_json_put_string(&body, pal_str(text));
	pal_buf_add_lit(&body, "}}}");
	if (!ready)
		pal_http_header(exchange, PAL_STR("Retry-After"), PAL_STR("1"));
	respond(exchange, ready ? 200 : status_when_not, &body);
}

void pal_api_health_ready(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	(void)request;
	answer_health(exchange, app, 503);
}

void pal_api_health(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	(void)request;
	answer_health(exchange, app, 503);
}

void pal_api_info(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  void *app)
{
	const struct pal_api *api = app;
	struct pal_buf body = {0};

	(void)request;
	pal_buf_addf(&body, "{\"name\":\"palaver\",\"version\":\"%s\",\"api_version\":\"v2\","
			    "\"environment\":\"%s\"}", pal_version(), api->environment);
	respond(exchange, 200, &body);
}

/* ::ffff:127.0.0.0/104 and ::1 */
static bool is_loopback(const struct pal_http_peer *peer)
{
	static const uint8_t v4[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
	static const uint8_t v6[16] = {[15] = 1};

	return memcmp(peer->address, v4, sizeof(v4)) == 0 ||
	       memcmp(peer->address, v6, sizeof(v6)) == 0;
}

/*
 * Metrics tell about every tenant: they are for this machine only, and not for those elsewhere for
 * whom a proxy on this machine asks.
 */
void pal_api_metrics(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		     void *app)
{
	struct pal_api *api = app;
	struct pal_buf body = {0};

	bool from_elsewhere =
		!is_loopback(&request->peer) ||
		pal_http_request_header(request, PAL_HTTP_H_X_FORWARDED_FOR).p;

	if (!atomic_load(&api->metrics_enabled) || from_elsewhere) {
		pal_http_fail_with(exchange, 404, "RESOURCE_NOT_FOUND", "there is nothing here");
		return;
	}
	pal_metrics_write(&body);
	if (body.failed) {
		respond(exchange, 503, &body);
		return;
	}
	pal_http_respond_take(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}
