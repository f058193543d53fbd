/* SPDX-License-Identifier: Apache-2.0 */
#include "api/limit.h"

#include "api/client.h"
#include "http/envelope.h"

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

static void tell(struct pal_http_exchange *exchange, const struct pal_api *api, const char *type,
		 const struct pal_limits_verdict *verdict)
{
	uint64_t reset_ms = (uint64_t)pal_clock_wall_ms(api->clock) + verdict->reset_ms;

	add_header(exchange, PAL_STR("X-RateLimit-Limit"), verdict->limit[verdict->window]);
	add_header(exchange, PAL_STR("X-RateLimit-Remaining"), verdict->remaining);
	add_header(exchange, PAL_STR("X-RateLimit-Reset"), (reset_ms + 999) / 1000);
	pal_http_header(exchange, PAL_STR("X-RateLimit-Type"), pal_str(type));
	add_policy(exchange, verdict);
	add_state(exchange, verdict);
}

/* Whose limit it is, as X-RateLimit-Type says it. */
static const char *type_of(const struct pal_limits_id *who)
{
	switch (who->kind) {
	case PAL_LIMITS_TENANT:
		return "tenant";
	case PAL_LIMITS_BULK:
	case PAL_LIMITS_BULK_ITEMS:
		return "bulk";
	default:
		return pal_tier_name(who->tier);
	}
}

static void refuse(struct pal_http_exchange *exchange, const struct pal_limits_id *who,
		   const struct pal_limits_verdict *verdict)
{
	const char *window = pal_limits_window_name(verdict->window);
	const char *what = who->kind == PAL_LIMITS_BULK		? "bulk requests"
			   : who->kind == PAL_LIMITS_BULK_ITEMS ? "messages in bulk"
								: "requests";
	struct pal_error err;

	pal_fail_retry(&err, PAL_E_RATE_LIMIT, verdict->reset_ms, window,
		       "at most %u %s a %s are allowed here%s", verdict->limit[verdict->window],
		       what, window,
		       who->kind == PAL_LIMITS_TENANT ? ", of the whole tenant" : "");
	pal_http_fail(exchange, &err, NULL, 0);
}

static bool admit(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  struct pal_api *api, const struct pal_limits_id *who, size_t count)
{
	struct pal_limits_verdict verdict;
	size_t which = 0;

	if (request->match.route->flags & PAL_ROUTE_RATE_EXEMPT)
		return true;
	bool admitted = pal_limits_admit_all(api->limits, who, count, &verdict, &which);
	tell(exchange, api, type_of(&who[which]), &verdict);
	if (!admitted)
		refuse(exchange, &who[which], &verdict);
	return admitted;
}

struct pal_limits_id pal_limit_id_of(const struct pal_caller *caller)
{
	bool is_key = caller->key_id.p != NULL;

	return (struct pal_limits_id){
		.kind = is_key ? PAL_LIMITS_KEY : PAL_LIMITS_USER,
		.tenant = caller->tenant,
		.text = is_key ? caller->key_id : caller->user_id,
		.tier = caller->tier,
		.own = {[PAL_LIMITS_MINUTE] = caller->per_minute},
	};
}

static uint32_t quota_of(const struct pal_live_tenant *tenant, enum pal_quota quota)
{
	int64_t n = pal_live_quota(tenant, quota);

	/* a quota of none admits nobody; 0 would mean the tier's figure */
	return n == PAL_QUOTA_NONE || n >= PAL_LIMITS_NONE ? PAL_LIMITS_NONE
	       : n < 1					    ? 1
							    : (uint32_t)n;
}

bool pal_limit_id_of_tenant(const struct pal_live_tenant *tenant, struct pal_limits_id *ret)
{
	*ret = (struct pal_limits_id){
		.kind = PAL_LIMITS_TENANT,
		.tenant = tenant->key,
		.own = {[PAL_LIMITS_MINUTE] = quota_of(tenant, PAL_QUOTA_CALLS_MINUTE),
			[PAL_LIMITS_HOUR] = PAL_LIMITS_NONE,
			[PAL_LIMITS_DAY] = quota_of(tenant, PAL_QUOTA_CALLS_DAY)},
	};
	return ret->own[PAL_LIMITS_MINUTE] != PAL_LIMITS_NONE ||
	       ret->own[PAL_LIMITS_DAY] != PAL_LIMITS_NONE;
}

bool pal_limit_caller(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      struct pal_api *api, const struct pal_caller *caller)
{
	struct pal_limits_id who[2];

	if (!pal_limits_are_enabled(api->limits))
		return true;
	who[0] = pal_limit_id_of(caller);
	bool has_ceiling = pal_limit_id_of_tenant(caller->live, &who[1]);
	return admit(exchange, request, api, who, has_ceiling ? 2 : 1);
}

/* domain.md section 6.2: a fifth of the tier's requests a minute, ten times as many messages. */
bool pal_limit_bulk(struct pal_http_exchange *exchange, struct pal_api *api, uint32_t items)
{
	const struct pal_caller *caller = pal_api_caller(exchange);
	struct pal_limits_id who[2] = {pal_limit_id_of(caller), pal_limit_id_of(caller)};
	struct pal_limits_verdict verdict;
	size_t which = 0;

	if (!pal_limits_are_enabled(api->limits))
		return true;
	uint64_t per_minute = caller->per_minute ? caller->per_minute
						 : pal_limits_of(api->limits, caller->tier,
								 PAL_LIMITS_MINUTE);
	uint64_t messages = per_minute * 10;
	for (size_t i = 0; i < 2; i++)
		who[i].own[PAL_LIMITS_HOUR] = who[i].own[PAL_LIMITS_DAY] = PAL_LIMITS_NONE;
	who[0].kind = PAL_LIMITS_BULK;
	who[0].own[PAL_LIMITS_MINUTE] = per_minute < 5 ? 1 : (uint32_t)(per_minute / 5);
	who[1].kind = PAL_LIMITS_BULK_ITEMS;
	who[1].own[PAL_LIMITS_MINUTE] =
		messages > PAL_LIMITS_NONE ? PAL_LIMITS_NONE : (uint32_t)messages;
	who[1].cost = items;
	if (pal_limits_admit_all(api->limits, who, 2, &verdict, &which))
		return true;
	refuse(exchange, &who[which], &verdict);
	return false;
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
		     },
		     1);
}

bool pal_limit_webhook(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       struct pal_api *api)
{
	if (!pal_limits_are_enabled(api->limits))
		return true;
	const struct pal_http_peer client = pal_client_of(api->proxies, request);
	return admit(exchange, request, api,
		     &(struct pal_limits_id){.kind = PAL_LIMITS_ADDRESS,
					     .text = pal_client_bytes(&client),
					     .tier = PAL_TIER_BASIC,
					     .own = {500, 10000, 100000}},
		     1);
}
