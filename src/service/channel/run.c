/* SPDX-License-Identifier: Apache-2.0 */
/* The calls: what one asks for, and what is only read. */
#include "base/log.h"
#include "channel/channel.h"
#include "service/channel/channels_parts.h"
#include "service/channel/sending.h"
#include "service/view/view.h"

enum pal_code pal_channels_find(enum pal_channel_op op, struct pal_str name,
				enum pal_channel_type *ret, struct pal_error *err)
{
	enum pal_channel_type type;

	if (!pal_channel_parse(name, &type))
		return pal_fail(err, PAL_E_NOT_FOUND, "channel", "there is no such channel");
	if (!pal_channel_find(name))
		return pal_fail(err, op == PAL_CHANNEL_PUT ? PAL_E_VALIDATION : PAL_E_NOT_FOUND,
				"channel", "the channel %s is not built in this version",
				pal_channel_name(type));
	*ret = type;
	return PAL_OK;
}

struct pal_channel_config *pal_channels_read(struct pal_channels *channels,
					     struct pal_tenant_key tenant,
					     enum pal_channel_type type, struct pal_fields *fields,
					     const struct pal_fields_at *root)
{
	struct pal_channel_config *config = pal_channel_config_create(
		tenant, type, pal_channel_find(pal_str(pal_channel_name(type))));

	if (!config)
		return NULL;
	struct pal_channel_config *old = pal_channels_get(channels, tenant, type);
	pal_channel_config_read(fields, root, old, channels->options.guard,
				pal_clock_wall_ms(channels->options.clock), config);
	pal_channel_config_unref(old);
	return config;
}

void pal_channel_call_finish(struct pal_channel_call *call, enum pal_code code)
{
	call->code = code;
	if (code == PAL_OK && call->data.failed)
		call->code = pal_fail_memory(&call->err, "channel");
	if (call->code != PAL_OK)
		pal_buf_deinit(&call->data);
	pal_buf_deinit(&call->body);
	pal_buf_deinit(&call->told);
	pal_channel_config_unref(call->config);
	call->config = NULL;
	call->done(call);
}

/* The members of one channel, without brackets. */
static void put_summary(struct pal_channels *channels, struct pal_tenant_key tenant,
			enum pal_channel_type type, struct pal_buf *out)
{
	struct pal_channel_config *config = pal_channels_get(channels, tenant, type);

	pal_view_text(out, "channel_type", pal_str(pal_channel_name(type)));
	pal_view_flag(out, "configured", config != NULL);
	pal_view_flag(out, "enabled", config && config->enabled);
	pal_view_number(out, "version", config ? config->version : 0);
	pal_channel_config_unref(config);
	pal_channels_put_health(channels, tenant, type, out);
}

static void list(struct pal_channels *channels, struct pal_channel_call *call)
{
	const struct pal_channel_ops *ops;
	enum pal_channel_type type;

	pal_buf_add_lit(&call->data, "{\"channels\":[");
	for (size_t i = 0; (ops = pal_channel_at(i)) != NULL; i++) {
		if (!pal_channel_parse(pal_str(ops->name), &type))
			continue;
		pal_buf_add_char(&call->data, '{');
		put_summary(channels, call->caller->tenant, type, &call->data);
		pal_view_close(&call->data, '}');
		pal_buf_add_char(&call->data, ',');
	}
	pal_view_close(&call->data, ']');
	pal_buf_add_char(&call->data, '}');
	pal_channel_call_finish(call, PAL_OK);
}

void pal_channel_call_put_config(struct pal_channel_call *call,
				 const struct pal_channel_config *config)
{
	struct pal_buf *out = &call->data;

	pal_buf_add_char(out, '{');
	pal_channel_config_view(config, pal_clock_wall_ms(call->channels->options.clock), out);
	if (config->ops->is_signed)
		pal_buf_addf(out, "\"webhook_path\":\"/api/v2/webhooks/generic/%.*s?integration_id=%.*s\",",
			     (int)call->caller->tenant_id.n, call->caller->tenant_id.p,
			     (int)config->integration_id.n, config->integration_id.p);
	pal_view_close(out, '}');
}

static enum pal_code not_set_up(struct pal_channel_call *call)
{
	return pal_fail(&call->err, PAL_E_NOT_FOUND, "channel", "the channel %.*s is not set up",
			(int)call->type.n, call->type.p);
}

static void run_on(struct pal_channels *channels, struct pal_channel_call *call,
		   struct pal_channel_config *config, enum pal_channel_type type)
{
	switch (call->op) {
	case PAL_CHANNEL_GET:
		pal_channel_call_put_config(call, config);
		pal_channel_call_finish(call, PAL_OK);
		break;
	case PAL_CHANNEL_HEALTH:
		pal_buf_add_char(&call->data, '{');
		put_summary(channels, config->tenant, type, &call->data);
		pal_view_close(&call->data, '}');
		pal_channel_call_finish(call, PAL_OK);
		break;
	case PAL_CHANNEL_TEST:
		pal_channel_sending_start(call, channels->options.courier, channels->options.clock,
					  config, pal_channel_call_finish);
		break;
	default:
		pal_channel_call_switch(channels, call, config);
		break;
	}
}

void pal_channels_run(struct pal_channels *channels, struct pal_channel_call *call)
{
	enum pal_channel_type type;

	call->channels = channels;
	call->is_first = false;
	call->data = call->body = call->told = pal_buf_of(0);
	if (call->op == PAL_CHANNEL_LIST) {
		list(channels, call);
		return;
	}
	enum pal_code code = pal_channels_find(call->op, call->type, &type, &call->err);
	if (code != PAL_OK) {
		pal_channel_call_finish(call, code);
		return;
	}
	if (call->op == PAL_CHANNEL_PUT) {
		pal_channel_call_change(channels, call);
		return;
	}
	struct pal_channel_config *config = pal_channels_get(channels, call->caller->tenant, type);
	bool is_there = config && (call->op != PAL_CHANNEL_DELETE || config->version);
	if (is_there)
		run_on(channels, call, config, type);
	else if (!config && pal_channel_needs_nothing(pal_channel_find(call->type)))
		pal_channel_call_finish(call, pal_fail_memory(&call->err, "channel"));
	else
		pal_channel_call_finish(call, not_set_up(call));
	pal_channel_config_unref(config);
}
