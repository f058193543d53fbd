/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that change a channel: written and audited first, then in place for every request. */
#include <stdlib.h>

#include "base/log.h"
#include "channel/channel.h"
#include "service/access/live.h"
#include "service/channel/channels_parts.h"
#include "service/view/view.h"

#define RETRY_AFTER_MS 1000u

static const struct {
	const char *event, *action;
} deeds[] = {
	[PAL_CHANNEL_PUT] = {"channel.configured", "configure"},
	[PAL_CHANNEL_DELETE] = {"channel.deleted", "delete"},
	[PAL_CHANNEL_ENABLE] = {"channel.enabled", "enable"},
	[PAL_CHANNEL_DISABLE] = {"channel.disabled", "disable"},
};

/* --- The quota: channels that connect something outside are integrations ---------------------- */

/* Of the tenant, those that are being set up among them. */
static int64_t integrations_locked(struct pal_channels *channels, struct pal_tenant_key tenant)
{
	const struct pal_channel_ops *ops;
	enum pal_channel_type type;
	int64_t count = 0;

	for (size_t i = 0; (ops = pal_channel_at(i)) != NULL; i++) {
		if (pal_channel_needs_nothing(ops) || !pal_channel_parse(pal_str(ops->name), &type))
			continue;
		const struct pal_channel_slot *slot =
			pal_channel_slot_find_locked(channels, tenant, type);
		count += slot && (slot->config || slot->making);
	}
	return count;
}

/* Take of the quota what `call` needs, or fail. */
static enum pal_code take_quota_locked(struct pal_channel_call *call, struct pal_channel_slot *slot)
{
	const struct pal_channel_config *config = call->config;
	const struct pal_live_tenant *tenant = call->caller->live;

	if (call->op != PAL_CHANNEL_PUT || slot->config || pal_channel_needs_nothing(config->ops))
		return PAL_OK;
	int64_t limit = tenant ? pal_live_quota(tenant, PAL_QUOTA_INTEGRATIONS) : PAL_QUOTA_NONE;
	call->integrations = integrations_locked(call->channels, config->tenant);
	if (limit != PAL_QUOTA_NONE && !slot->making && call->integrations >= limit)
		return pal_fail(&call->err, PAL_E_QUOTA,
				pal_quota_name(PAL_QUOTA_INTEGRATIONS),
				"the tenant has as many channels set up as its quota of integrations "
				"allows: %lld",
				(long long)limit);
	call->is_first = true;
	slot->making++;
	return PAL_OK;
}

/* It is set up by now, or will not be. */
static void leave_quota(struct pal_channel_call *call)
{
	struct pal_channels *channels = call->channels;

	if (!call->is_first)
		return;
	pthread_mutex_lock(&channels->lock);
	pal_channel_slot_find_locked(channels, call->config->tenant, call->config->type)->making--;
	pthread_mutex_unlock(&channels->lock);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void finish(struct pal_channel_call *call, enum pal_code code)
{
	leave_quota(call);
	pal_channel_call_finish(call, code);
}

static void written(struct pal_record_commit *commit)
{
	struct pal_channel_call *call =
		(struct pal_channel_call *)((char *)commit -
					    offsetof(struct pal_channel_call, commit));
	struct pal_channel_config *config = call->config;
	struct pal_tenant_key tenant = commit->write.tenant;
	enum pal_channel_type type = config->type;

	if (commit->write.verdict == PAL_RECORD_FAILED) {
		call->err = commit->write.err;
		finish(call, call->err.code);
		return;
	}
	if (commit->write.verdict == PAL_RECORD_CONFLICT) {
		finish(call, pal_fail(&call->err, PAL_E_CONFLICT, "channel",
				      "somebody else changed this channel at the same time"));
		return;
	}
	config->version = commit->write.record.version;
	bool is_gone = call->op == PAL_CHANNEL_DELETE;
	if (is_gone)
		pal_buf_addf(&call->data, "{\"channel_type\":\"%s\",\"deleted\":true}",
			     config->ops->name);
	else
		pal_channel_call_put_config(call, config);
	PAL_LOG(PAL_LOG_INFO, PAL_STR("channel"), deeds[call->op].event,
		PAL_F_STR("request_id", call->request_id),
		PAL_F_STR("tenant_id", call->caller->tenant_id),
		PAL_F_TEXT("channel", config->ops->name));
	/* there is a place, so this cannot fail */
	(void)pal_channels_place(call->channels, tenant, type,
				 is_gone ? NULL : pal_channel_config_ref(config));
	finish(call, PAL_OK);
}

/* What the audit trail is told of it: all but the secrets. */
static void tell(struct pal_channel_call *call, const struct pal_channel_config *config)
{
	const struct pal_caller *caller = call->caller;

	pal_buf_add_lit(&call->told, "{\"new_values\":{");
	if (call->op == PAL_CHANNEL_PUT)
		pal_channel_config_view(config, config->updated_ms, &call->told);
	else
		pal_view_flag(&call->told, "enabled", config->enabled);
	pal_view_close(&call->told, '}');
	pal_buf_add_char(&call->told, '}');
	call->audit = (struct pal_audit_event){
		.at_ms = config->updated_ms,
		.event_type = pal_str(deeds[call->op].event),
		.user_id = caller->user_id.p ? caller->user_id : caller->key_id,
		.resource_type = PAL_STR("channel"),
		.resource_id = pal_str(config->ops->name),
		.action = pal_str(deeds[call->op].action),
		.result = PAL_STR("success"),
		.request_id = call->request_id,
		.ip_address = call->ip_address,
		.data = pal_buf_str(&call->told),
	};
}

/* What is written takes its place at once: have the place before. */
static enum pal_code reserve(struct pal_channels *channels, struct pal_channel_call *call)
{
	const struct pal_channel_config *config = call->config;

	pthread_mutex_lock(&channels->lock);
	struct pal_channel_slot *slot =
		pal_channel_slot_make_locked(channels, config->tenant, config->type);
	enum pal_code code = slot ? take_quota_locked(call, slot)
				  : pal_fail_memory(&call->err, "channel");
	pthread_mutex_unlock(&channels->lock);
	return code;
}

void pal_channel_call_change(struct pal_channels *channels, struct pal_channel_call *call)
{
	struct pal_channel_config *config = call->config;

	tell(call, config);
	pal_channel_config_write(config, channels->options.key, &call->body);
	enum pal_code code = call->body.failed || call->told.failed
				     ? pal_fail_memory(&call->err, "channel")
				     : reserve(channels, call);
	if (code != PAL_OK) {
		pal_channel_call_finish(call, code);
		return;
	}
	call->commit = (struct pal_record_commit){
		.write = {.tenant = config->tenant,
			  .record = {.kind = PAL_CHANNEL_KIND,
				     .id = pal_str(config->ops->name),
				     .body = pal_buf_str(&call->body),
				     .created_ms = config->created_ms,
				     .updated_ms = config->updated_ms},
			  .expected = config->version,
			  .remove = call->op == PAL_CHANNEL_DELETE,
			  .audit = &call->audit},
		.done = written};
	if (pal_store_front_record(channels->options.front, &call->commit) == PAL_PUT_FULL)
		finish(call, pal_fail_retry(&call->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
					    "the store has more to write than it can take"));
}

/* Another configuration like this one, on or off. NULL without memory. */
static struct pal_channel_config *changed(struct pal_channel_call *call,
					  const struct pal_channel_config *from)
{
	struct pal_channel_config *config = pal_channel_config_copy(from);

	if (!config)
		return NULL;
	config->updated_ms = pal_clock_wall_ms(call->channels->options.clock);
	if (!config->version)
		config->created_ms = config->updated_ms;
	if (call->op != PAL_CHANNEL_DELETE)
		config->enabled = call->op == PAL_CHANNEL_ENABLE;
	return config;
}

void pal_channel_call_switch(struct pal_channels *channels, struct pal_channel_call *call,
			     const struct pal_channel_config *from)
{
	call->config = changed(call, from);
	if (call->config)
		pal_channel_call_change(channels, call);
	else
		pal_channel_call_finish(call, pal_fail_memory(&call->err, "channel"));
}

/* --- Stopped by its receiver ------------------------------------------------------------------ */

/* A call of our own. */
struct stop {
	struct pal_channel_call call;	/* first */
	struct pal_caller us;
};

static void stopped(struct pal_channel_call *call)
{
	pal_buf_deinit(&call->data);
	free(call);
}

void pal_channels_stop(struct pal_channels *channels, struct pal_tenant_key tenant,
		       enum pal_channel_type type, const char *why)
{
	struct stop *stop = calloc(1, sizeof(*stop));

	PAL_LOG(PAL_LOG_WARNING, PAL_STR("channel"), "its receiver wants nothing any more",
		PAL_F_I64("tenant", tenant.n), PAL_F_TEXT("channel", pal_channel_name(type)),
		PAL_F_TEXT("reason", why));
	if (!stop)
		return;
	stop->us = (struct pal_caller){.tenant = tenant, .key_id = PAL_STR("system")};
	stop->call = (struct pal_channel_call){.op = PAL_CHANNEL_DISABLE,
					       .caller = &stop->us,
					       .type = pal_str(pal_channel_name(type)),
					       .done = stopped};
	pal_channels_run(channels, &stop->call);
}
