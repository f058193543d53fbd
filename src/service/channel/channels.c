/* SPDX-License-Identifier: Apache-2.0 */
#include "service/channel/channels.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "channel/channel.h"
#include "service/access/live.h"
#include "service/channel/channels_parts.h"
#include "store/store.h"

#define RECORDS_MAX 64u		/* of one tenant: as many as there are kinds, and more */

/* --- Slots ------------------------------------------------------------------------------------ */

struct pal_channel_slot *pal_channel_slot_find_locked(struct pal_channels *channels,
						      struct pal_tenant_key tenant,
						      enum pal_channel_type type)
{
	const struct pal_channel_slot_key key = {tenant.n, type};
	struct pal_channel_slot *slot = NULL;

	HASH_FIND(hh, channels->slots, &key, sizeof(key), slot);
	return slot;
}

struct pal_channel_slot *pal_channel_slot_make_locked(struct pal_channels *channels,
						      struct pal_tenant_key tenant,
						      enum pal_channel_type type)
{
	struct pal_channel_slot *slot = pal_channel_slot_find_locked(channels, tenant, type);

	if (slot)
		return slot;
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->key = (struct pal_channel_slot_key){tenant.n, type};
	HASH_ADD(hh, channels->slots, key, sizeof(slot->key), slot);
	if (slot->hh.tbl)
		return slot;
	free(slot);
	return NULL;
}

bool pal_channel_needs_nothing(const struct pal_channel_ops *ops)
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

bool pal_channels_place(struct pal_channels *channels, struct pal_tenant_key tenant,
			enum pal_channel_type type, struct pal_channel_config *config)
{
	const struct pal_channel_ops *ops = pal_channel_find(pal_str(pal_channel_name(type)));

	pthread_mutex_lock(&channels->lock);
	struct pal_channel_slot *slot = pal_channel_slot_make_locked(channels, tenant, type);
	struct pal_channel_config *old = slot ? slot->config : config;
	if (slot)
		slot->config = config;
	if (slot)
		publish(channels, tenant, type,
			config ? config->enabled : pal_channel_needs_nothing(ops));
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
	struct pal_channel_slot *slot = pal_channel_slot_find_locked(channels, tenant, type);
	if (slot && slot->config)
		config = pal_channel_config_ref(slot->config);
	pthread_mutex_unlock(&channels->lock);
	if (!config && ops && pal_channel_needs_nothing(ops))
		config = pal_channel_config_create(tenant, type, ops);
	return config;
}

/* --- Life cycle ------------------------------------------------------------------------------- */

struct load {
	struct pal_channels *channels;
	struct pal_tenant_key tenant;
	bool failed;	/* without memory */
};

static bool load_one(void *arg, const struct pal_record *record)
{
	struct load *load = arg;
	struct pal_channel_config *config = NULL;
	struct pal_error err;
	enum pal_code code = pal_channel_config_load(
		load->tenant, record, load->channels->options.key, &config, &err);

	if (code == PAL_E_CONFIG)
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("channel"),
			"a configuration cannot be read: its channel is off",
			PAL_F_STR("channel", record->id), PAL_F_I64("tenant", load->tenant.n),
			PAL_F_TEXT("reason", err.message));
	else
		load->failed = code != PAL_OK || !pal_channels_place(load->channels, load->tenant,
								     config->type, config);
	return !load->failed;
}

static enum pal_code load_all(struct pal_channels *channels, struct pal_store *store,
			      struct pal_error *err)
{
	struct load load = {.channels = channels};
	enum pal_code code = PAL_OK;
	struct pal_str id;

	while (code == PAL_OK && !load.failed &&
	       pal_access_next_tenant(channels->options.access, load.tenant, &load.tenant, &id))
		code = pal_store_walk_records(store, 0, load.tenant, PAL_CHANNEL_KIND,
					      (struct pal_str){NULL, 0}, 0,
					      (struct pal_str){NULL, 0}, RECORDS_MAX, load_one,
					      &load, err);
	return code == PAL_OK && load.failed ? pal_fail_memory(err, "channels") : code;
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
	struct pal_channel_slot *slot, *next;

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
