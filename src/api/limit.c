/* SPDX-License-Identifier: Apache-2.0 */
#include "api/limit.h"

#include "api/client.h"
#include "http/envelope.h"
#include "service/limits.h"

#define VALUE_BYTES 128		/* the longest is the policy: three times name, quota, length */

static void add_header(struct pal_http_exchange *exchange, struct pal_str name, uint64_t value)
{
	char bytes[24];
	struct pal_buf digits = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};

	pal_buf_add_u64(&digits, value);
	pal_http_header(exchange, name, pal_buf_str(&digits));
}

static void add_policy(struct pal_http_exchange *exchange, const struct pal_limits_verdict *verdict)
{
	char bytes[VALUE_BYTES];
	struct pal_buf value = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};

	for (int w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		pal_buf_add(&value, ", ", w ? 2 : 0);
		pal_buf_add_char(&value, '"');
		pal_buf_add_str(&value, pal_str(pal_limits_window_name((enum pal_limits_window)w)));
		pal_buf_add_lit(&value, "\";q=");
		pal_buf_add_u64(&value, verdict->limit[w]);
		pal_buf_add_lit(&value, ";w=");
		pal_buf_add_u64(&value, pal_limits_window_s((enum pal_limits_window)w));
	}
	pal_http_header(exchange, PAL_STR("RateLimit-Policy"), pal_buf_str(&value));
}

static void add_state(struct pal_http_exchange *exchange, const struct pal_limits_verdict *verdict)
{
	char bytes[VALUE_BYTES];
	struct pal_buf value = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};

	pal_buf_add_char(&value, '"');
	pal_buf_add_str(&value, pal_str(pal_limits_window_name(verdict->window)));
	pal_buf_add_lit(&value, "\";r=");
	pal_buf_add_u64(&value, verdict->remaining);
	pal_buf_add_lit(&value, ";t=");
	pal_buf_add_u64(&value, ((uint64_t)verdict->reset_ms + 999) / 1000);
	pal_http_header(exchange, PAL_STR("RateLimit"), pal_buf_str(&value));
}

static void tell(struct pal_http_exchange *exchange, const struct pal_api *api,
		 enum pal_tier tier, const struct pal_limits_verdict *verdict)
{
	uint64_t reset_ms = (uint64_t)pal_clock_wall_ms(api->clock) + verdict->reset_ms;

	add_header(exchange, PAL_STR("X-RateLimit-Limit"), verdict->limit[verdict->window]);
	add_header(exchange, PAL_STR("X-RateLimit-Remaining"), verdict->remaining);
	add_header(exchange, PAL_STR("X-RateLimit-Reset"), (reset_ms + 999) / 1000);
	pal_http_header(exchange, PAL_STR("X-RateLimit-Type"), pal_str(pal_tier_name(tier)));
	add_policy(exchange, verdict);
	add_state(exchange, verdict);
}

static bool admit(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  struct pal_api *api, const struct pal_limits_id *who)
{
	struct pal_limits_verdict verdict;
	struct pal_error err;

	if (request->match.route->flags & PAL_ROUTE_RATE_EXEMPT)
		return true;
	bool admitted = pal_limits_admit(api->limits, who, &verdict);
	tell(exchange, api, who->tier, &verdict);
	if (admitted)
		return true;
	const char *window = pal_limits_window_name(verdict.window);
	pal_fail_retry(&err, PAL_E_RATE_LIMIT, verdict.reset_ms, window,
		       "at most %u requests a %s are allowed here", verdict.limit[verdict.window],
		       window);
	pal_http_fail(exchange, &err, NULL, 0);
	return false;
}

bool pal_limit_caller(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      struct pal_api *api, const struct pal_caller *caller)
{
	bool is_key = caller->key_id.p != NULL;

	if (!pal_limits_are_enabled(api->limits))
		return true;
	return admit(exchange, request, api,
		     &(struct pal_limits_id){
			     .kind = is_key ? PAL_LIMITS_KEY : PAL_LIMITS_USER,
			     .tenant = caller->tenant,
			     .text = is_key ? caller->key_id : caller->user_id,
			     .tier = caller->tier,
		     });
}

bool pal_limit_stranger(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			struct pal_api *api)
{
	if (!pal_limits_are_enabled(api->limits))
		return true;
	const struct pal_http_peer client = pal_client_of(api->proxies, request);
	return admit(exchange, request, api,
		     &(struct pal_limits_id){
			     .kind = PAL_LIMITS_ADDRESS,
			     .text = pal_client_bytes(&client),
			     .tier = PAL_TIER_BASIC,
		     });
}
