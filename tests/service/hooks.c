/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include <stdio.h>
#include <stdlib.h>

#include "channel/webhook/sign.h"
#include "store/store.h"
#include "suite.h"

struct hooks hooks;

static void set_up_done(struct pal_channel_call *call)
{
	pal_buf_deinit(&call->data);
	hooks.is_done = true;
}

size_t hooks_set(const char *body, enum pal_code *ret)
{
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_json_fault fault;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {.json = json, .arena = &arena, .errors = &errors};
	const struct pal_fields_at root = {.node = 0, .index = -1};
	struct pal_channel_call call = {.op = PAL_CHANNEL_PUT,
					.caller = &hooks.rig.backend,
					.type = PAL_STR("webhook"),
					.done = set_up_done};

	*ret = PAL_E_SERVICE;
	if (json && pal_json_scan(json, pal_str(body), &fault))
		call.config = pal_channels_read(hooks.channels, hooks.rig.backend.tenant,
						PAL_CHANNEL_WEBHOOK, &fields, &root);
	hooks.is_done = false;
	if (call.config && errors.count == 0 && !fields.failed_memory) {
		pal_channels_run(hooks.channels, &call);
		rig_settle(&hooks.rig);
		CU_ASSERT(hooks.is_done);
		*ret = call.code;
	} else {
		pal_channel_config_unref(call.config);
	}
	free(json);
	pal_arena_release(&arena);
	return fields.failed_memory ? 0 : errors.count;	/* as the API sees it */
}

size_t hooks_put(const char *body)
{
	enum pal_code code;
	size_t wrong = hooks_set(body, &code);

	CU_ASSERT(wrong || code == PAL_OK);
	return wrong;
}

void hooks_begin(void)
{
	const struct pal_channels_options channels = {.front = hooks.rig.front,
						      .access = hooks.access,
						      .clock = &hooks.rig.clock.clock,
						      .guard = &hooks.guard,
						      .key = {7}};
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_channels_create(&channels, &hooks.rig.script.base,
						  &hooks.channels, &err),
			      PAL_OK);
	const struct pal_webhooks_options options = {.front = hooks.rig.front,
						     .access = hooks.access,
						     .channels = hooks.channels,
						     .messages = hooks.rig.service,
						     .clock = &hooks.rig.clock.clock,
						     .rules = pal_request_rules_default()};
	hooks.webhooks = pal_webhooks_create(&options);
	CU_ASSERT_PTR_NOT_NULL_FATAL(hooks.webhooks);
}

void hooks_end(void)
{
	pal_webhooks_drain(hooks.webhooks);
	rig_settle(&hooks.rig);
	CU_ASSERT_EQUAL(pal_webhooks_drain(hooks.webhooks), 0);
	pal_webhooks_destroy(hooks.webhooks);
	pal_channels_destroy(hooks.channels);
}

void hooks_open(void)
{
	const struct pal_access_options access = {.store = &hooks.rig.script.base,
						  .clock = &hooks.rig.clock.clock};
	struct pal_error err;

	memset(&hooks, 0, sizeof(hooks));
	rig_open(&hooks.rig, &(struct rig_spec){.batch_max = 0});
	CU_ASSERT_EQUAL_FATAL(pal_access_create(&access, &hooks.access, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_access_ensure_tenant(hooks.access, PAL_STR("acme"), &err), PAL_OK);
	hooks_begin();
	CU_ASSERT_EQUAL(hooks_put(HOOKS_SETTINGS), 0);
}

void hooks_close(void)
{
	hooks_end();
	pal_buf_deinit(&hooks.call.data);
	pal_buf_deinit(&hooks.signature);
	rig_close(&hooks.rig);
	pal_access_destroy(hooks.access);
}

static void received(struct pal_webhook_call *call)
{
	(void)call;
	hooks.is_done = true;
}

static void add(const char *name, const char *value)
{
	hooks.hook.headers[hooks.hook.header_count++] =
		(struct pal_outgoing_header){pal_str(name), pal_str(value)};
}

void hooks_write(const char *id, const char *body)
{
	int64_t now_ms = pal_clock_wall_ms(&hooks.rig.clock.clock);
	struct pal_webhook_key key;

	pal_buf_deinit(&hooks.call.data);
	memset(&hooks.hook, 0, sizeof(hooks.hook));
	snprintf(hooks.id, sizeof(hooks.id), "%s", id);
	snprintf(hooks.timestamp, sizeof(hooks.timestamp), "%lld", (long long)now_ms / 1000);
	CU_ASSERT_FATAL(pal_webhook_key_read(PAL_STR(HOOKS_SECRET), &key));
	pal_buf_clear(&hooks.signature);
	pal_webhook_sign(&key, pal_str(hooks.id), pal_str(hooks.timestamp), pal_str(body),
			 &hooks.signature);
	pal_buf_add_char(&hooks.signature, '\0');
	add("Webhook-Id", hooks.id);
	add("webhook-timestamp", hooks.timestamp);
	add("webhook-signature", hooks.signature.data);
	hooks.hook.body = pal_str(body);
	hooks.hook.now_ms = now_ms;
	hooks.is_done = false;
	hooks.call = (struct pal_webhook_call){.hook = &hooks.hook,
					       .type = PAL_CHANNEL_WEBHOOK,
					       .tenant_id = PAL_STR("acme"),
					       .integration_id = PAL_STR("default"),
					       .done = received};
}

void hooks_post(const char *id, const char *body)
{
	hooks_write(id, body);
	pal_webhooks_receive(hooks.webhooks, &hooks.call);
}

enum pal_webhook_verdict hooks_take(const char *id, const char *body)
{
	hooks_post(id, body);
	rig_settle(&hooks.rig);
	CU_ASSERT(hooks.is_done);
	return hooks.call.verdict;
}

void hooks_sweep(void)
{
	pal_webhooks_sweep(hooks.webhooks);
	for (unsigned i = 0; i < 4; i++)	/* it does not see walks */
		rig_settle(&hooks.rig);
}
