/* SPDX-License-Identifier: Apache-2.0 */
#include "api/audited.h"

#include "api/endpoint.h"
#include "base/json.h"
#include "http/parser.h"
#include "service/audit/log.h"
#include "service/audit/view.h"

/* Their services write what they did with the change itself; a failure they leave to us. */
static const char *const told[] = {
	"sendMessage",		 "sendBulk",		  "closeChat",
	"createConversation",	 "updateConversation",	  "deleteConversation",
	"updateContext",	 "closeConversation",	  "transferConversation",
	"reopenConversation",	 "restoreConversation",	  "escalateConversation",
	"exportConversationByBody", "exportChatConversationByBody", "createSession",
	"updateSession",	 "deleteSession",	  "updateSessionContext",
	"extendSession",	 "transferSession",	  "eraseUser",
	"createApiKey",		 "revokeApiKey",	  "rotateApiKey",
	"revokeToken",		 "patchTenantSettings",	  "reportAudit",
	"retryDeliveries",
};

static bool is_told(const char *operation)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (strcmp(told[i], operation) == 0)
			return true;
	return false;
}

static bool is_change(enum pal_http_method method)
{
	return method == PAL_HTTP_POST || method == PAL_HTTP_PUT || method == PAL_HTTP_PATCH ||
	       method == PAL_HTTP_DELETE;
}

static bool is_worth_it(const struct pal_http_request *request, int status)
{
	if (status == 403)
		return true;
	return is_change(request->method) && status != 429 && status != 503 &&
	       (status >= 400 || !is_told(request->match.route->operation));
}

void pal_audited_request(const struct pal_api *api, const struct pal_http_request *request,
			 const struct pal_caller *caller, int status)
{
	struct pal_str method = pal_http_method_name(request->method);
	struct pal_buf data = pal_buf_of(0), path = pal_buf_of(0);

	if (!is_worth_it(request, status))
		return;
	pal_audit_put_cut(&path, request->path);
	pal_buf_addf(&data, "{\"metadata\":{\"method\":\"%.*s\",\"status\":%d,\"path\":",
		     (int)method.n, method.p, status);
	pal_json_put_string(&data, pal_buf_str(&path));
	pal_buf_add_lit(&data, "}}");
	const struct pal_audit_event event = {
		.at_ms = pal_clock_wall_ms(api->clock),
		.event_type = status == 403 ? PAL_STR("auth.denied") : PAL_STR("api.request"),
		.user_id = caller->key_id.p ? caller->key_id : caller->user_id,
		.resource_type = PAL_STR("api"),
		.action = pal_str(request->match.route->operation),
		.result = status < 400   ? PAL_STR("success")
			  : status < 500 ? PAL_STR("failure")
					 : PAL_STR("error"),
		.request_id = request->id,
		.ip_address = pal_api_client_address(api, request),
		.data = pal_buf_str(&data),
	};
	if (!data.failed && !path.failed)
		pal_audit_log_event(api->audit, caller->tenant, &event);
	pal_buf_deinit(&data);
	pal_buf_deinit(&path);
}
