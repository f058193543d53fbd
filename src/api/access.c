/* SPDX-License-Identifier: Apache-2.0 */
/* API keys, tokens and the tenant itself, for the tenant's own administrators. */
#include <string.h>

#include "api/api.h"
#include "api/endpoint.h"
#include "conf/address.h"
#include "http/envelope.h"
#include "model/patch.h"
#include "service/access/admin.h"
#include "service/access/key_rules.h"
#include "service/view/answer.h"

#define NAME_POINTS_MAX 255
#define PERMISSION_FORM "category:action, category:* or *"
#define RATE_MAX 1000000
#define GRACE_DEFAULT 1440	/* minutes: a day */
#define REVOKED_AHEAD_MS_MAX (INT64_C(366) * 86400000)

/* One change while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	struct pal_api *api;
	struct pal_admin admin;
	struct pal_http_request const *request;
	int status;
};

static void answer(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_admin *admin = &call->admin;

	pal_arena_release(&admin->arena);
	pal_api_answer(base->exchange, call->status, admin->code, &admin->err, &admin->data);
}

static void done(struct pal_admin *admin)
{
	struct call *call = (struct call *)((char *)admin - offsetof(struct call, admin));

	pal_call_return(&call->base);
}

/* A change of `kind`, still to be filled and put; NULL: the exchange is answered. */
static struct call *begin(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, struct pal_api *api,
			  enum pal_admin_kind kind, int status)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return NULL;
	call->api = api;
	call->request = request;
	call->status = status;
	call->admin.access = api->access;
	call->admin.kind = kind;
	call->admin.caller = *pal_api_caller(exchange);
	call->admin.tenant_id = call->admin.caller.tenant_id;
	call->admin.id = pal_http_request_param(request, "id");
	call->admin.request_id = request->id;
	call->admin.ip_address = pal_api_client_address(api, request);
	call->admin.done = done;
	return call;
}

static void put(struct call *call)
{
	pal_admin_put(call->api->front, &call->admin);
}

/* --- A new key -------------------------------------------------------------------------------- */

/* The words of an array of texts, and what each must be. */
struct words {
	struct pal_str item[PAL_KEY_PERMISSIONS_MAX];
	size_t count;
	bool (*is_good)(struct pal_str word);
	const char *what;
};

static void visit_word(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	struct words *words = arg;
	struct pal_str word = {NULL, 0};

	if (pal_json_type(fields->json, at->node) == PAL_JSON_STRING) {
		word = pal_json_string(fields->json, at->node, fields->arena);
		fields->failed_memory |= !word.p;
	}
	if (word.p && words->is_good(word))
		words->item[words->count++] = word;
	else
		pal_fields_wrong(fields, at, NULL, "must be %s", words->what);
}

static bool is_permission(struct pal_str word)
{
	return !memchr(word.p, ' ', word.n) && pal_permissions_are_formed(word);
}

static bool is_network(struct pal_str word)
{
	struct pal_network network;

	return pal_network_read(word, &network, NULL) == PAL_OK;
}

static struct pal_str join(struct pal_fields *fields, const struct words *words)
{
	struct pal_buf text = pal_buf_of(0);

	for (size_t i = 0; i < words->count; i++) {
		pal_buf_add(&text, " ", i ? 1 : 0);
		pal_buf_add_str(&text, words->item[i]);
	}
	struct pal_str copy = pal_arena_take_buf(fields->arena, &text);
	fields->failed_memory |= !copy.p;
	return copy;
}

static struct pal_str read_permissions(struct pal_body *body)
{
	struct words words = {.is_good = is_permission, .what = PERMISSION_FORM};
	uint32_t given = pal_fields_value(&body->fields, &body->root, "permissions", true);

	pal_fields_array(&body->fields, &body->root, "permissions", PAL_KEY_PERMISSIONS_MAX,
			 visit_word, &words);
	if (given != PAL_JSON_NONE && pal_json_type(body->fields.json, given) == PAL_JSON_ARRAY &&
	    body->fields.json->node[given].count == 0)
		pal_fields_wrong(&body->fields, &body->root, "permissions", "must not be empty");
	return join(&body->fields, &words);
}

static struct pal_str read_rules(struct pal_body *body, const struct pal_caller *caller)
{
	struct pal_fields *fields = &body->fields;
	struct words scopes = {.is_good = is_permission, .what = PERMISSION_FORM};
	struct words networks = {.is_good = is_network,
				 .what = "an address or a network such as 10.0.0.0/8"};
	struct pal_buf text = pal_buf_of(0);

	pal_fields_array(fields, &body->root, "scopes", PAL_KEY_SCOPES_MAX, visit_word, &scopes);
	pal_fields_array(fields, &body->root, "allowed_ips", PAL_KEY_NETWORKS_MAX, visit_word,
			 &networks);
	const struct pal_key_rules rules = {
		.scopes = scopes.item,
		.scopes_count = scopes.count,
		.networks = networks.item,
		.networks_count = networks.count,
		.per_minute = pal_fields_integer(fields, &body->root, "rate_limit_per_minute", 1,
						 RATE_MAX, 0),
		.require_https = pal_fields_bool(fields, &body->root, "require_https", false),
		.created_by = caller->key_id.p ? caller->key_id : caller->user_id,
	};
	pal_key_rules_write(&rules, &text);
	struct pal_str copy = pal_arena_take_buf(fields->arena, &text);
	fields->failed_memory |= !copy.p;
	return copy;
}

/* An instant ahead of now; 0 when absent or wrong. */
static int64_t read_end(struct pal_body *body, const char *name, bool required, int64_t now_ms)
{
	uint32_t given = pal_fields_value(&body->fields, &body->root, name, required);
	int64_t at_ms = pal_fields_time(&body->fields, &body->root, name, 0);

	if (given != PAL_JSON_NONE && at_ms && at_ms <= now_ms)
		pal_fields_wrong(&body->fields, &body->root, name, "must lie in the future");
	return at_ms;
}

void pal_api_key_create(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	static const char *const environments[] = {"live", "test"};
	struct pal_api *api = app;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct pal_key_wish wish = {
		.name = pal_fields_text(&body.fields, &body.root, "name",
					&(struct pal_text_rule){.required = true,
								.trim = true,
								.min = 1,
								.max = NAME_POINTS_MAX}),
		.permissions = read_permissions(&body),
		.expires_ms =
			read_end(&body, "expires_at", false, pal_clock_wall_ms(api->clock)),
		.rules = read_rules(&body, pal_api_caller(exchange)),
		.live = pal_body_choice(&body, "environment", environments, 2, 0) == 0,
	};
	if (!pal_body_is_good(&body, exchange))
		return;
	struct call *call = begin(exchange, request, api, PAL_ADMIN_KEY_CREATE, 201);
	if (!call)
		return;
	call->admin.wish = wish;
	put(call);
}

/* --- The others ------------------------------------------------------------------------------- */

void pal_api_key_list(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      void *app)
{
	struct pal_api *api = app;
	struct pal_buf data = pal_buf_of(0);
	struct pal_error err;
	enum pal_code code =
		pal_admin_list_keys(api->access, pal_api_caller(exchange)->tenant, request->arena,
				    &data, &err);

	pal_api_answer(exchange, 200, code, &err, &data);
}

void pal_api_key_get(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		     void *app)
{
	struct pal_api *api = app;
	struct pal_buf data = pal_buf_of(0);
	struct pal_error err;
	enum pal_code code = pal_admin_get_key(api->access, pal_api_caller(exchange)->tenant,
					       pal_http_request_param(request, "id"), &data, &err);

	pal_api_answer(exchange, 200, code, &err, &data);
}

void pal_api_key_revoke(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	struct call *call = begin(exchange, request, app, PAL_ADMIN_KEY_REVOKE, 200);

	if (call)
		put(call);
}

void pal_api_key_rotate(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, true))
		return;
	int64_t grace = pal_fields_integer(&body.fields, &body.root, "grace_minutes", 0,
					   PAL_KEY_GRACE_MINUTES_MAX, GRACE_DEFAULT);
	if (!pal_body_is_good(&body, exchange))
		return;
	struct call *call = begin(exchange, request, app, PAL_ADMIN_KEY_ROTATE, 201);
	if (!call)
		return;
	call->admin.grace_minutes = grace;
	put(call);
}

void pal_api_token_revoke(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	int64_t now_ms = pal_clock_wall_ms(api->clock);
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct pal_str jti = pal_fields_text(
		&body.fields, &body.root, "jti",
		&(struct pal_text_rule){.required = true, .min = 1, .max = NAME_POINTS_MAX});
	int64_t until_ms = read_end(&body, "exp", true, now_ms);
	if (until_ms > now_ms + REVOKED_AHEAD_MS_MAX)
		pal_fields_wrong(&body.fields, &body.root, "exp",
				 "must lie within the next 366 days");
	if (!pal_body_is_good(&body, exchange))
		return;
	struct call *call = begin(exchange, request, api, PAL_ADMIN_TOKEN_REVOKE, 200);
	if (!call)
		return;
	call->admin.id = jti;
	call->admin.until_ms = until_ms;
	put(call);
}

void pal_api_tenant_get(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	struct pal_api *api = app;
	struct pal_buf data = pal_buf_of(0);
	struct pal_error err;
	enum pal_code code = pal_admin_get_tenant(api->access, pal_api_caller(exchange)->tenant_id,
						  request->arena, &data, &err);

	pal_api_answer(exchange, 200, code, &err, &data);
}

void pal_api_tenant_settings(struct pal_http_exchange *exchange,
			     const struct pal_http_request *request, void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct pal_str patch =
		pal_fields_verbatim(&body.fields, &body.root, "settings",
				    PAL_TENANT_SETTINGS_BYTES_MAX, PAL_ADMIN_SETTINGS_DEPTH_MAX);
	if (!patch.p && body.errors.count == 0)
		pal_fields_wrong(&body.fields, &body.root, "settings", "is required");
	if (!pal_body_is_good(&body, exchange))
		return;
	struct call *call = begin(exchange, request, app, PAL_ADMIN_TENANT_SETTINGS, 200);
	if (!call)
		return;
	call->admin.wish.rules = patch;
	put(call);
}
