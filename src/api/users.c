/* SPDX-License-Identifier: Apache-2.0 */
/* DELETE /users/{user_id}/data: the right to be forgotten. */
#include "api/api.h"
#include "api/endpoint.h"
#include "service/erasure/user_erasure.h"

/* One request while the service has it. */
struct call {
	struct pal_call base;	/* first */
	struct pal_user_erasure user;
};

static void answer(struct pal_call *base)
{
	struct pal_user_erasure *u = &((struct call *)base)->user;

	pal_api_answer(base->exchange, 200, u->code, &u->err, &u->data);
}

static void done(struct pal_user_erasure *user)
{
	pal_call_return(&((struct call *)((char *)user - offsetof(struct call, user)))->base);
}

void pal_api_user_erase(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	struct pal_api *api = app;
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return;
	call->user.caller = pal_api_caller(exchange);
	call->user.user_id = pal_http_request_param(request, "user_id");
	call->user.request_id = request->id;
	call->user.ip_address = pal_api_client_address(api, request);
	call->user.now_ms = pal_clock_wall_ms(api->clock);
	call->user.done = done;
	pal_erase_user(api->messages, &call->user);
}
