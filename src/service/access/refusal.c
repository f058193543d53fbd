/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/refusal.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/store.h"

struct refusal {
	struct pal_query query;		/* first */
	struct pal_tenant_key tenant;
	struct pal_audit_event event;
	struct pal_arena arena;
	struct pal_buf data;
};

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct refusal *r = (struct refusal *)query;

	(void)reader;
	(void)!pal_store_add_audit(store, r->tenant, &r->event, 1, NULL);
}

static void done(struct pal_query *query)
{
	struct refusal *r = (struct refusal *)query;

	pal_arena_release(&r->arena);
	pal_buf_deinit(&r->data);
	free(r);
}

void pal_refusal_audit(struct pal_store_front *front, int64_t now_ms,
		       const struct pal_caller *caller, struct pal_str reason,
		       struct pal_str request_id, struct pal_str ip_address)
{
	struct refusal *r = calloc(1, sizeof(*r));
	bool is_key = caller->key_id.p != NULL;

	if (!r)
		return;
	struct pal_str who = is_key ? caller->key_id : caller->user_id;
	r->query = (struct pal_query){.run = run, .done = done};
	r->tenant = caller->tenant;
	r->event = (struct pal_audit_event){
		.at_ms = now_ms,
		.event_type = PAL_STR("auth.refused"),
		.user_id = pal_arena_copy(&r->arena, who),
		.resource_type = is_key ? PAL_STR("api_key") : PAL_STR("token"),
		.resource_id = pal_arena_copy(&r->arena, who),
		.action = PAL_STR("authenticate"),
		.result = PAL_STR("failure"),
		.request_id = pal_arena_copy(&r->arena, request_id),
		.ip_address = pal_arena_copy(&r->arena, ip_address),
	};
	pal_buf_add_lit(&r->data, "{\"reason\":");
	pal_json_put_string(&r->data, reason);
	pal_buf_add_char(&r->data, '}');
	r->event.data = pal_buf_str(&r->data);
	bool whole = r->event.user_id.p && r->event.resource_id.p && r->event.request_id.p &&
		     r->event.ip_address.p && !r->data.failed;
	if (!whole || pal_store_front_write(front, &r->query) == PAL_PUT_FULL)
		done(&r->query);
}

void pal_refusal_audit_webhook(struct pal_store_front *front, int64_t now_ms,
			       const struct pal_refused_webhook *webhook)
{
	static const char *const names[PAL_VERDICT_COUNT] = {
#define X(id, name) [id] = name,
		PAL_CHANNEL_VERDICTS(X)
#undef X
	};
	struct refusal *r = calloc(1, sizeof(*r));

	if (!r)
		return;
	r->query = (struct pal_query){.run = run, .done = done};
	r->tenant = webhook->tenant;
	r->event = (struct pal_audit_event){
		.at_ms = now_ms,
		.event_type = PAL_STR("webhook.signature_refused"),
		.resource_type = PAL_STR("channel"),
		.resource_id = pal_str(pal_channel_name(webhook->channel)),
		.action = PAL_STR("authenticate"),
		.result = PAL_STR("failure"),
		.request_id = pal_arena_copy(&r->arena, webhook->request_id),
		.ip_address = pal_arena_copy(&r->arena, webhook->ip_address),
	};
	pal_buf_addf(&r->data, "{\"reason\":\"%s\"}", names[webhook->verdict]);
	r->event.data = pal_buf_str(&r->data);
	bool whole = r->event.request_id.p && r->event.ip_address.p && !r->data.failed;
	if (!whole || pal_store_front_write(front, &r->query) == PAL_PUT_FULL)
		done(&r->query);
}
