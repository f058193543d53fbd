/* SPDX-License-Identifier: Apache-2.0 */
#include "service/channel/channels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "channel/channel.h"
#include "service/access/live.h"
#include "service/channel/sending.h"
#include "service/view/view.h"
#include "store/store.h"

#include <uthash.h>

#define RECORDS_MAX 64u		/* of one tenant: as many as there are kinds, and more */
#define RETRY_AFTER_MS 1000u

struct slot_key {
	int64_t tenant, type;
};

/* One channel of one tenant; never removed. */
struct slot {
	struct slot_key key;
	struct pal_channel_config *config;	/* NULL: not set up */
	struct pal_channel_health health;
	UT_hash_handle hh;
};

struct pal_channels {
	struct pal_channels_options options;	/* fixed at create */
	pthread_mutex_t lock;			/* guards the rest */
	struct slot *slots;
};

/* --- Slots ------------------------------------------------------------------------------------ */

static struct slot *find_locked(struct pal_channels *channels, struct pal_tenant_key tenant,
				enum pal_channel_type type)
{
	const struct slot_key key = {tenant.n, type};
	struct slot *slot = NULL;

	HASH_FIND(hh, channels->slots, &key, sizeof(key), slot);
	return slot;
}

/* NULL without memory. */
static struct slot *make_locked(struct pal_channels *channels, struct pal_tenant_key tenant,
				enum pal_channel_type type)
{
	struct slot *slot = find_locked(channels, tenant, type);

	if (slot)
		return slot;
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->key = (struct slot_key){tenant.n, type};
	HASH_ADD(hh, channels->slots, key, sizeof(slot->key), slot);
	if (slot->hh.tbl)
		return slot;
	free(slot);
	return NULL;
}

/* Whether a channel is there without being set up: it needs nothing. */
static bool needs_nothing(const struct pal_channel_ops *ops)
{
	return !ops->settings[0].name;
}

/* Let requests see whether the channel is on. */
static void publish(struct pal_channels *channels, struct pal_tenant_key tenant,
		    enum pal_channel_type type, bool enabled)
{
	struct pal_tenant_key key;
	struct pal_str id;

	if (!pal_access_next_tenant(channels->options.access,
				    (struct pal_tenant_key){tenant.n - 1}, &key, &id) ||
	    key.n != tenant.n)
		return;
	struct pal_live_tenant *live = pal_access_live(channels->options.access, id);
	if (!live)
		return;
	if (enabled)
		atomic_fetch_or(&live->channels, 1u << type);
	else
		atomic_fetch_and(&live->channels, ~(1u << type));
}

/* Put `config` (NULL: none), which is taken over, in the place of what there was. */
static bool place(struct pal_channels *channels, struct pal_tenant_key tenant,
		  enum pal_channel_type type, struct pal_channel_config *config)
{
	const struct pal_channel_ops *ops = pal_channel_find(pal_str(pal_channel_name(type)));

	pthread_mutex_lock(&channels->lock);
	struct slot *slot = make_locked(channels, tenant, type);
	struct pal_channel_config *old = slot ? slot->config : config;
	if (slot)
		slot->config = config;
	if (slot)
		publish(channels, tenant, type, config ? config->enabled : needs_nothing(ops));
	pthread_mutex_unlock(&channels->lock);
	pal_channel_config_unref(old);
	return slot != NULL;
}

struct pal_channel_config *pal_channels_get(struct pal_channels *channels,
					    struct pal_tenant_key tenant,
					    enum pal_channel_type type)
{
	const struct pal_channel_ops *ops = pal_channel_find(pal_str(pal_channel_name(type)));
	struct pal_channel_config *config = NULL;

	pthread_mutex_lock(&channels->lock);
	struct slot *slot = find_locked(channels, tenant, type);
	if (slot && slot->config)
		config = pal_channel_config_ref(slot->config);
	pthread_mutex_unlock(&channels->lock);
	if (!config && ops && needs_nothing(ops))
		config = pal_channel_config_create(tenant, type, ops);
	return config;
}

/* --- How they do ------------------------------------------------------------------------------ */

void pal_channels_note(struct pal_channels *channels, struct pal_tenant_key tenant,
		       enum pal_channel_type type, enum pal_channel_outcome outcome,
		       const char *code, int64_t took_ms)
{
	int64_t now_ms = pal_clock_wall_ms(channels->options.clock);

	pthread_mutex_lock(&channels->lock);
	struct slot *slot = make_locked(channels, tenant, type);
	if (slot)
		pal_channel_health_note(&slot->health, now_ms, outcome, code, took_ms);
	pthread_mutex_unlock(&channels->lock);
}

enum pal_channel_state pal_channels_state(struct pal_channels *channels,
					  struct pal_tenant_key tenant, enum pal_channel_type type)
{
	int64_t now_ms = pal_clock_wall_ms(channels->options.clock);

	pthread_mutex_lock(&channels->lock);
	struct slot *slot = find_locked(channels, tenant, type);
	enum pal_channel_state state = slot ? pal_channel_health_state(&slot->health, now_ms)
					    : PAL_CHANNEL_UNKNOWN;
	pthread_mutex_unlock(&channels->lock);
	return state;
}

void pal_channels_note_webhook(struct pal_channels *channels, struct pal_tenant_key tenant,
			       enum pal_channel_type type, enum pal_channel_came what)
{
	pthread_mutex_lock(&channels->lock);
	struct slot *slot = make_locked(channels, tenant, type);
	if (slot) {
		uint64_t *counts[] = {&slot->health.received, &slot->health.duplicates,
				      &slot->health.refused, &slot->health.faulty};
		++*counts[what];
	}
	pthread_mutex_unlock(&channels->lock);
}

void pal_channels_put_health(struct pal_channels *channels, struct pal_tenant_key tenant,
			     enum pal_channel_type type, struct pal_buf *out)
{
	static const struct pal_channel_health none;
	int64_t now_ms = pal_clock_wall_ms(channels->options.clock);

	pthread_mutex_lock(&channels->lock);
	struct slot *slot = find_locked(channels, tenant, type);
	pal_channel_health_view(slot ? &slot->health : &none, now_ms, out);
	pthread_mutex_unlock(&channels->lock);
}

/* --- Life cycle ------------------------------------------------------------------------------- */

struct load {
	struct pal_channels *channels;
	struct pal_tenant_key tenant;
};

static bool load_one(void *arg, const struct pal_record *record)
{
	struct load *load = arg;
	struct pal_channel_config *config =
		pal_channel_config_load(load->tenant, record, load->channels->options.key);

	if (!config || !place(load->channels, load->tenant, config->type, config))
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("channel"),
			"a configuration cannot be read: its channel is off",
			PAL_F_STR("channel", record->id), PAL_F_I64("tenant", load->tenant.n));
	return true;
}

static enum pal_code load_all(struct pal_channels *channels, struct pal_store *store,
			      struct pal_error *err)
{
	struct load load = {.channels = channels};
	enum pal_code code = PAL_OK;
	struct pal_str id;

	while (code == PAL_OK &&
	       pal_access_next_tenant(channels->options.access, load.tenant, &load.tenant, &id))
		code = pal_store_walk_records(store, 0, load.tenant, PAL_CHANNEL_KIND,
					      (struct pal_str){NULL, 0}, 0,
					      (struct pal_str){NULL, 0}, RECORDS_MAX, load_one,
					      &load, err);
	return code;
}

enum pal_code pal_channels_create(const struct pal_channels_options *options,
				  struct pal_store *store, struct pal_channels **ret,
				  struct pal_error *err)
{
	struct pal_channels *channels = calloc(1, sizeof(*channels));

	if (!channels)
		return pal_fail_memory(err, "channels");
	channels->options = *options;
	pthread_mutex_init(&channels->lock, NULL);
	enum pal_code code = load_all(channels, store, err);
	if (code == PAL_OK)
		*ret = channels;
	else
		pal_channels_destroy(channels);
	return code;
}

void pal_channels_destroy(struct pal_channels *channels)
{
	struct slot *slot, *next;

	if (!channels)
		return;
	HASH_ITER(hh, channels->slots, slot, next) {
		HASH_DEL(channels->slots, slot);
		pal_channel_config_unref(slot->config);
		free(slot);
	}
	explicit_bzero(channels->options.key, sizeof(channels->options.key));
	pthread_mutex_destroy(&channels->lock);
	free(channels);
}

/* --- Reading ---------------------------------------------------------------------------------- */

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

static void finish(struct pal_channel_call *call, enum pal_code code)
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
	finish(call, PAL_OK);
}

static void put_config(struct pal_channel_call *call, const struct pal_channel_config *config)
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

/* --- Changing --------------------------------------------------------------------------------- */

static const struct {
	const char *event, *action;
} deeds[] = {
	[PAL_CHANNEL_PUT] = {"channel.configured", "configure"},
	[PAL_CHANNEL_DELETE] = {"channel.deleted", "delete"},
	[PAL_CHANNEL_ENABLE] = {"channel.enabled", "enable"},
	[PAL_CHANNEL_DISABLE] = {"channel.disabled", "disable"},
};

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
		put_config(call, config);
	PAL_LOG(PAL_LOG_INFO, PAL_STR("channel"), deeds[call->op].event,
		PAL_F_STR("request_id", call->request_id),
		PAL_F_STR("tenant_id", call->caller->tenant_id),
		PAL_F_TEXT("channel", config->ops->name));
	if (!place(call->channels, tenant, type,
		   is_gone ? NULL : pal_channel_config_ref(config)))
		pal_log_error("channel", "out of memory: a channel's change waits for a restart");
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
		.data = call->told.failed ? (struct pal_str){NULL, 0} : pal_buf_str(&call->told),
	};
}

/* Write call->config. */
static void change(struct pal_channels *channels, struct pal_channel_call *call)
{
	struct pal_channel_config *config = call->config;

	tell(call, config);
	pal_channel_config_write(config, channels->options.key, &call->body);
	if (call->body.failed) {
		finish(call, pal_fail_memory(&call->err, "channel"));
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
		put_config(call, config);
		finish(call, PAL_OK);
		break;
	case PAL_CHANNEL_HEALTH:
		pal_buf_add_char(&call->data, '{');
		put_summary(channels, config->tenant, type, &call->data);
		pal_view_close(&call->data, '}');
		finish(call, PAL_OK);
		break;
	case PAL_CHANNEL_TEST:
		pal_channel_sending_start(call, channels->options.courier, channels->options.clock,
					  config, finish);
		break;
	default:
		call->config = changed(call, config);
		if (call->config)
			change(channels, call);
		else
			finish(call, pal_fail_memory(&call->err, "channel"));
		break;
	}
}

void pal_channels_run(struct pal_channels *channels, struct pal_channel_call *call)
{
	enum pal_channel_type type;

	call->channels = channels;
	call->data = call->body = call->told = pal_buf_of(0);
	if (call->op == PAL_CHANNEL_LIST) {
		list(channels, call);
		return;
	}
	enum pal_code code = pal_channels_find(call->op, call->type, &type, &call->err);
	if (code != PAL_OK) {
		finish(call, code);
		return;
	}
	if (call->op == PAL_CHANNEL_PUT) {
		change(channels, call);
		return;
	}
	struct pal_channel_config *config = pal_channels_get(channels, call->caller->tenant, type);
	bool is_there = config && (call->op != PAL_CHANNEL_DELETE || config->version);
	if (is_there)
		run_on(channels, call, config, type);
	else
		finish(call, not_set_up(call));
	pal_channel_config_unref(config);
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
