/* SPDX-License-Identifier: Apache-2.0 */
#include "api/quota.h"

#include "api/request_state.h"
#include "http/envelope.h"

static void add_number(struct pal_http_exchange *exchange, struct pal_str name, int64_t value)
{
	char bytes[24];
	struct pal_buf digits = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};

	pal_buf_add_i64(&digits, value);
	pal_http_header(exchange, name, pal_buf_str(&digits));
}

void pal_quota_tell(struct pal_http_exchange *exchange, const struct pal_live_tenant *tenant,
		    enum pal_quota quota, int64_t used)
{
	int64_t limit = pal_live_quota(tenant, quota);

	pal_http_header(exchange, PAL_STR("X-Quota-Name"), pal_str(pal_quota_name(quota)));
	add_number(exchange, PAL_STR("X-Quota-Limit"), limit);
	add_number(exchange, PAL_STR("X-Quota-Used"), used);
	add_number(exchange, PAL_STR("X-Quota-Remaining"), used < limit ? limit - used : 0);
}

static void refuse(struct pal_http_exchange *exchange, struct pal_live_tenant *tenant,
		   int64_t now_ms)
{
	int64_t ends_ms = atomic_load(&tenant->usage.month_ends_ms);

	pal_quota_tell(exchange, tenant, PAL_QUOTA_MESSAGES, pal_usage_messages(tenant, now_ms));
	int64_t wait_ms = ends_ms - now_ms;
	pal_http_fail_as(exchange,
			 &(struct pal_http_failure){
				 .status = 429,
				 .code = "QUOTA_EXCEEDED",
				 .message = PAL_STR("the tenant's messages of this month are used up"),
				 .retry_after_ms = wait_ms > UINT32_MAX ? UINT32_MAX
								       : (uint32_t)wait_ms});
}

bool pal_quota_take(struct pal_http_exchange *exchange, struct pal_api *api, int64_t messages)
{
	struct pal_request_state *state = pal_http_exchange_context(exchange);
	struct pal_live_tenant *tenant = state->caller.live;
	int64_t now_ms = pal_clock_wall_ms(api->clock);

	if (pal_usage_take(tenant, messages, now_ms, &state->hold))
		return true;
	refuse(exchange, tenant, now_ms);
	return false;
}

void pal_quota_give_back(struct pal_http_exchange *exchange, int64_t messages)
{
	struct pal_request_state *state = pal_http_exchange_context(exchange);

	pal_usage_give_back(&state->hold, messages);
}
