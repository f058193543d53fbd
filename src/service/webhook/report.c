/* SPDX-License-Identifier: Apache-2.0 */
/* What the tenant is told of its webhooks. */
#include "channel/channel.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "service/webhook/parts.h"
#include "store/store.h"

#define FAILED_SHOWN 20u
#define RETRY_AFTER_MS 1000u

static void finish(struct pal_webhook_report *report, enum pal_code code)
{
	report->code = code;
	if (code == PAL_OK && report->data.failed)
		report->code = pal_fail_memory(&report->err, "webhook");
	if (report->code != PAL_OK)
		pal_buf_deinit(&report->data);
	pal_arena_release(&report->arena);
	report->done(report);
}

/* --- Status ----------------------------------------------------------------------------------- */

static struct pal_webhook_report *report_of(struct pal_query *query)
{
	return (struct pal_webhook_report *)((char *)query -
					     offsetof(struct pal_webhook_report, query));
}

static bool put_failed(void *arg, const struct pal_record *record)
{
	struct pal_buf *out = arg;
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	uint32_t at = PAL_JSON_NONE;

	if (pal_json_scan(json, record->body, &fault))
		at = pal_json_member(json, 0, PAL_STR("results"));
	pal_buf_add_char(out, '{');
	pal_view_text(out, "webhook_id", record->id);
	pal_view_time(out, "received_at", record->created_ms);
	pal_view_raw(out, "events", at == PAL_JSON_NONE ? PAL_STR("[]") : pal_json_raw(json, at));
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
	return true;
}

static void find_failed(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_webhook_report *report = report_of(query);

	pal_buf_add_lit(&report->data, "\"failed\":[");
	size_t start = report->data.len;
	report->code = pal_store_walk_records(store, reader, report->caller->tenant,
					      PAL_WEBHOOK_SEEN_KIND, PAL_WEBHOOK_FAILED_OWNER, 0,
					      (struct pal_str){NULL, 0}, FAILED_SHOWN, put_failed,
					      &report->data, &report->err);
	if (report->data.len > start)
		report->data.len--;
	pal_buf_add_lit(&report->data, "]}");
}

static void failed_found(struct pal_query *query)
{
	struct pal_webhook_report *report = report_of(query);

	finish(report, report->code);
}

static void put_channels(struct pal_webhook_report *report)
{
	struct pal_channels *channels = report->webhooks->options.channels;
	struct pal_buf *out = &report->data;
	const struct pal_channel_ops *ops;
	enum pal_channel_type type;

	pal_view_key(out, "channels");
	pal_buf_add_char(out, '[');
	for (size_t i = 0; (ops = pal_channel_at(i)) != NULL; i++) {
		if (!ops->is_signed || !pal_channel_parse(pal_str(ops->name), &type))
			continue;
		struct pal_channel_config *config =
			pal_channels_get(channels, report->caller->tenant, type);
		pal_buf_add_char(out, '{');
		pal_view_text(out, "channel_type", pal_str(ops->name));
		pal_view_flag(out, "configured", config != NULL);
		pal_view_flag(out, "enabled", config && config->enabled);
		pal_view_text(out, "integration_id",
			      config ? config->integration_id : (struct pal_str){NULL, 0});
		pal_channel_config_unref(config);
		pal_channels_put_health(channels, report->caller->tenant, type, out);
		pal_view_close(out, '}');
		pal_buf_add_char(out, ',');
	}
	pal_view_close(out, ']');
	pal_buf_add_char(out, ',');
}

static void tell_status(struct pal_webhook_report *report)
{
	struct pal_webhooks *webhooks = report->webhooks;

	pal_buf_add_char(&report->data, '{');
	pal_view_text(&report->data, "tenant_id", report->caller->tenant_id);
	put_channels(report);
	report->query = (struct pal_query){.run = find_failed, .done = failed_found};
	if (pal_store_front_query(webhooks->options.front, &report->query) == PAL_PUT_FULL)
		finish(report, pal_fail_retry(&report->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
					      "the store has more to read than it can take"));
}

/* --- Test ------------------------------------------------------------------------------------- */

static const char *verdict_name(enum pal_channel_verdict verdict)
{
	static const char *const names[PAL_VERDICT_COUNT] = {
#define X(id, name) [id] = name,
		PAL_CHANNEL_VERDICTS(X)
#undef X
	};

	return names[verdict];
}

static void taken(struct pal_webhook_call *call)
{
	struct pal_webhook_report *report =
		(struct pal_webhook_report *)((char *)call -
					      offsetof(struct pal_webhook_report, call));
	struct pal_buf *out = &report->data;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "channel_type", pal_str(pal_channel_name(report->type)));
	pal_view_flag(out, "success", call->verdict == PAL_WEBHOOK_TAKEN);
	pal_view_text(out, "signature", pal_str(verdict_name(call->signature)));
	pal_view_raw(out, "answer", pal_buf_str(&call->data));
	pal_view_close(out, '}');
	pal_buf_deinit(&call->data);
	finish(report, call->verdict == PAL_WEBHOOK_BUSY
			       ? pal_fail_retry(&report->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
						"the event could not be kept")
			       : PAL_OK);
}

/* A message of ours, told back: signed as all that leaves is, and of no effect. */
static enum pal_code sign(struct pal_webhook_report *report,
			  const struct pal_channel_config *config, int64_t now_ms)
{
	struct pal_uuid id = pal_uuid_v4();
	struct pal_str text = pal_str(pal_uuid_format(&id, report->id));
	const struct pal_message message = {.message_id = text,
					    .user_id = PAL_STR("bot"),
					    .sequence = 1,
					    .direction = PAL_OUTBOUND,
					    .timestamp_ms = now_ms,
					    .content = {.raw = PAL_STR("{\"type\":\"text\","
								       "\"text\":\"A test.\"}")}};
	const struct pal_channel_send send = {.account = &report->account,
					      .delivery_id = text,
					      .tenant_id = report->caller->tenant_id,
					      .conversation_id = PAL_STR("test"),
					      .channel = pal_str(config->ops->name),
					      .recipient = PAL_STR("test"),
					      .message = &message,
					      .content = message.content.raw,
					      .now_ms = now_ms};
	struct pal_outgoing out;

	pal_channel_config_account(config, now_ms, &report->account);
	enum pal_code code =
		pal_channel_format(config->ops, &send, &report->arena, &out, &report->err);
	if (code != PAL_OK)
		return code;
	report->hook.header_count = out.header_count;
	for (size_t i = 0; i < out.header_count; i++)
		report->hook.headers[i] = out.headers[i];
	report->hook.body = out.body;
	report->hook.now_ms = now_ms;
	return PAL_OK;
}

static void test(struct pal_webhook_report *report)
{
	struct pal_webhooks *webhooks = report->webhooks;
	struct pal_channel_config *config =
		pal_channels_get(webhooks->options.channels, report->caller->tenant, report->type);
	enum pal_code code =
		config && config->ops->is_signed
			? sign(report, config, pal_clock_wall_ms(webhooks->options.clock))
			: pal_fail(&report->err, PAL_E_NOT_FOUND, "channel",
				   "the channel %s is not set up", pal_channel_name(report->type));
	struct pal_str integration =
		code == PAL_OK ? pal_arena_copy(&report->arena, config->integration_id)
			       : (struct pal_str){NULL, 0};

	pal_channel_config_unref(config);
	if (code != PAL_OK) {
		finish(report, code);
		return;
	}
	report->call = (struct pal_webhook_call){.hook = &report->hook,
						 .type = report->type,
						 .tenant_id = report->caller->tenant_id,
						 .integration_id = integration,
						 .request_id = report->request_id,
						 .ip_address = report->ip_address,
						 .done = taken};
	pal_webhooks_receive(webhooks, &report->call);
}

void pal_webhooks_report(struct pal_webhooks *webhooks, struct pal_webhook_report *report)
{
	report->webhooks = webhooks;
	report->data = pal_buf_of(0);
	report->arena = pal_arena_of(0);
	if (report->question == PAL_WEBHOOK_STATUS)
		tell_status(report);
	else
		test(report);
}
