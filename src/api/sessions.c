/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/endpoint.h"
#include "api/page.h"
#include "http/envelope.h"
#include "service/session/sessions.h"

/* One request while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	struct pal_api *api;
	struct pal_session_call session;
	struct pal_page page;	/* of a list */
};

static void answer(struct pal_call *base)
{
	struct pal_session_call *s = &((struct call *)base)->session;

	pal_api_answer(base->exchange, s->op == PAL_SESSION_CREATE ? 201 : 200, s->code, &s->err,
		       &s->data);
}

static void done(struct pal_session_call *session)
{
	struct call *call = (struct call *)((char *)session - offsetof(struct call, session));

	pal_call_return(&call->base);
}

/* A call of `op`, still to be filled and run; NULL: the exchange is answered. */
static struct call *begin(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, struct pal_api *api,
			  enum pal_session_op op)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return NULL;
	call->api = api;
	call->session.op = op;
	call->session.caller = pal_api_caller(exchange);
	call->session.request_id = request->id;
	call->session.ip_address = pal_api_client_address(api, request);
	call->session.id = pal_http_request_param(request, "id");
	call->session.done = done;
	return call;
}

static void run(struct call *call)
{
	pal_sessions_run(call->api->sessions, &call->session);
}

/* --- Without a body --------------------------------------------------------------------------- */

static void run_plain(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      struct pal_api *api, enum pal_session_op op)
{
	struct call *call = begin(exchange, request, api, op);

	if (call)
		run(call);
}

void pal_api_session_get(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			 void *app)
{
	run_plain(exchange, request, app, PAL_SESSION_GET);
}

void pal_api_session_context_get(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_SESSION_GET_CONTEXT);
}

void pal_api_session_delete(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_SESSION_DELETE);
}

void pal_api_session_cleanup(struct pal_http_exchange *exchange,
			     const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_SESSION_CLEANUP);
}

/* --- With one --------------------------------------------------------------------------------- */

void pal_api_session_create(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	struct pal_body body;
	struct pal_error err;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = begin(exchange, request, api, PAL_SESSION_CREATE);
	if (!call)
		return;
	pal_session_create_read(&body.fields, &body.root, pal_sessions_max_ms(api->sessions),
				&call->session.ask.create);
	if (!pal_body_is_good(&body, exchange))
		return;
	if (pal_api_idempotency_key(request, &call->session.idempotency_key, &err) != PAL_OK)
		pal_http_fail_parameter(exchange, &err);
	else
		run(call);
}

void pal_api_session_update(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = begin(exchange, request, app, PAL_SESSION_UPDATE);
	if (!call)
		return;
	pal_session_update_read(&body.fields, &body.root, &call->session.ask.update);
	if (pal_body_is_good(&body, exchange))
		run(call);
}

void pal_api_session_context_put(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = begin(exchange, request, app, PAL_SESSION_PUT_CONTEXT);
	if (!call)
		return;
	pal_session_context_read(&body.fields, &body.root, &call->session.ask.update);
	if (pal_body_is_good(&body, exchange))
		run(call);
}

void pal_api_session_extend(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, true))
		return;
	struct call *call = begin(exchange, request, api, PAL_SESSION_EXTEND);
	if (!call)
		return;
	pal_session_extend_read(&body.fields, &body.root, pal_sessions_max_ms(api->sessions),
				&call->session.ask.extend);
	if (pal_body_is_good(&body, exchange))
		run(call);
}

void pal_api_session_transfer(struct pal_http_exchange *exchange,
			      const struct pal_http_request *request, void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = begin(exchange, request, app, PAL_SESSION_TRANSFER);
	if (!call)
		return;
	pal_session_transfer_read(&body.fields, &body.root, &call->session.ask.transfer);
	if (pal_body_is_good(&body, exchange))
		run(call);
}

/* --- Lists ------------------------------------------------------------------------------------ */

static const char *const channels[PAL_CHANNEL_COUNT] = {
#define X(id, name) [id] = name,
	PAL_CHANNELS(X)
#undef X
};

/* The page, and where the next one begins: in the data as a cursor, and as a Link. */
static void put_page(struct call *call, struct pal_buf *out)
{
	const struct pal_session_call *s = &call->session;
	struct pal_buf cursor = pal_buf_of(0);

	pal_buf_add_lit(out, "{\"sessions\":");
	pal_buf_add_str(out, pal_buf_str(&s->data));
	pal_buf_addf(out, ",\"limit\":%lld,\"offset\":%lld,\"has_next\":%s,\"next_cursor\":",
		     (long long)s->ask.list.limit, (long long)s->ask.list.offset,
		     s->has_more ? "true" : "false");
	if (s->has_more) {
		pal_page_put_cursor(&cursor, call->api, &call->page, pal_str(s->next));
		pal_json_put_string(out, pal_buf_str(&cursor));
		pal_page_link_next(call->base.exchange, "cursor", pal_buf_str(&cursor));
	} else {
		pal_buf_add_lit(out, "null");
	}
	pal_buf_add_char(out, '}');
	out->failed |= cursor.failed;
	pal_buf_deinit(&cursor);
}

static void answer_list(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_buf page = pal_buf_of(0);

	if (call->session.code == PAL_OK)
		put_page(call, &page);
	pal_buf_deinit(&call->session.data);
	pal_api_answer(base->exchange, 200, call->session.code, &call->session.err, &page);
}

static void list(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		 struct pal_api *api, enum pal_session_op op)
{
	struct call *call = begin(exchange, request, api, op);
	struct pal_params params;

	if (!call)
		return;
	call->base.answer = answer_list;
	struct pal_session_list *ask = &call->session.ask.list;
	pal_params_read(&params, request);
	ask->user_id = pal_http_request_param(request, "user_id");
	ask->channel = -1;
	if (op == PAL_SESSION_LIST) {
		ask->channel = pal_param_choice(&params, "channel", channels, PAL_CHANNEL_COUNT, -1);
		ask->active_only = pal_param_flag(&params, "active_only", true);
	}
	pal_page_read(&params, api, call->session.caller, PAL_PAGE_OFFSETS,
		      PAL_SESSIONS_LIMIT_DEFAULT, PAL_SESSIONS_LIMIT_MAX, &call->page);
	ask->limit = call->page.limit;
	ask->offset = call->page.offset;
	ask->after = call->page.after;
	if (ask->offset > PAL_SESSIONS_OFFSET_MAX)
		pal_param_wrong(&params, "offset", "must be at most %d: go on with a cursor",
				PAL_SESSIONS_OFFSET_MAX);
	if (pal_params_are_good(&params, exchange))
		run(call);
}

void pal_api_session_list(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	list(exchange, request, app, PAL_SESSION_LIST);
}

void pal_api_session_list_user(struct pal_http_exchange *exchange,
			       const struct pal_http_request *request, void *app)
{
	list(exchange, request, app, PAL_SESSION_LIST_USER);
}
