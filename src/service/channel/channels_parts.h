/* SPDX-License-Identifier: Apache-2.0 */
/* channels_parts.h - the channel service as its own files see it. */
#ifndef PALAVER_SERVICE_CHANNEL_CHANNELS_PARTS_H
#define PALAVER_SERVICE_CHANNEL_CHANNELS_PARTS_H

#include <pthread.h>

#include "base/hash.h"
#include "service/channel/channels.h"

#include <uthash.h>

struct pal_channel_slot_key {
	int64_t tenant, type;
};

/* One channel of one tenant; never removed. */
struct pal_channel_slot {
	struct pal_channel_slot_key key;
	struct pal_channel_config *config;	/* NULL: not set up */
	unsigned making;		/* calls under way that set it up for the first time */
	struct pal_channel_health health;
	UT_hash_handle hh;
};

struct pal_channels {
	struct pal_channels_options options;	/* fixed at create */
	pthread_mutex_t lock;			/* guards the rest */
	struct pal_channel_slot *slots;
};

/* --- channels.c ------------------------------------------------------------------------------- */

/* Whether a channel is there without being set up: it needs nothing. Runs on: any. */
bool pal_channel_needs_nothing(const struct pal_channel_ops *ops);

/* NULL when nothing is known of it. */
struct pal_channel_slot *pal_channel_slot_find_locked(struct pal_channels *channels,
						      struct pal_tenant_key tenant,
						      enum pal_channel_type type);
/* Made when nothing is; NULL without memory. */
struct pal_channel_slot *pal_channel_slot_make_locked(struct pal_channels *channels,
						      struct pal_tenant_key tenant,
						      enum pal_channel_type type);

/*
 * Put `config` (NULL: none), which is taken over, in the place of what there was. False without
 * memory. Runs on: any.
 */
bool pal_channels_place(struct pal_channels *channels, struct pal_tenant_key tenant,
			enum pal_channel_type type, struct pal_channel_config *config);

/* --- run.c: all run on any -------------------------------------------------------------------- */

/* Free what the call does not need any more, and call its `done`. */
void pal_channel_call_finish(struct pal_channel_call *call, enum pal_code code);
/* Let `config` be its answer. */
void pal_channel_call_put_config(struct pal_channel_call *call,
				 const struct pal_channel_config *config);

/* --- change.c --------------------------------------------------------------------------------- */

/* Write call->config, then put it in place and finish. Runs on: any. */
void pal_channel_call_change(struct pal_channels *channels, struct pal_channel_call *call);
/* Likewise with one like `from`, on, off or removed as the call says. Runs on: any. */
void pal_channel_call_switch(struct pal_channels *channels, struct pal_channel_call *call,
			     const struct pal_channel_config *from);

#endif
