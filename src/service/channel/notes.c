/* SPDX-License-Identifier: Apache-2.0 */
/* How channels do: what happened to each of them. */
#include "service/channel/channels_parts.h"

void pal_channels_note(struct pal_channels *channels, struct pal_tenant_key tenant,
		       enum pal_channel_type type, enum pal_channel_outcome outcome,
		       const char *code, int64_t took_ms)
{
	int64_t now_ms = pal_clock_wall_ms(channels->options.clock);

	pthread_mutex_lock(&channels->lock);
	struct pal_channel_slot *slot = pal_channel_slot_make_locked(channels, tenant, type);
	if (slot)
		pal_channel_health_note(&slot->health, now_ms, outcome, code, took_ms);
	pthread_mutex_unlock(&channels->lock);
}

enum pal_channel_state pal_channels_state(struct pal_channels *channels,
					  struct pal_tenant_key tenant, enum pal_channel_type type)
{
	int64_t now_ms = pal_clock_wall_ms(channels->options.clock);

	pthread_mutex_lock(&channels->lock);
	struct pal_channel_slot *slot = pal_channel_slot_find_locked(channels, tenant, type);
	enum pal_channel_state state = slot ? pal_channel_health_state(&slot->health, now_ms)
					    : PAL_CHANNEL_UNKNOWN;
	pthread_mutex_unlock(&channels->lock);
	return state;
}

void pal_channels_note_webhook(struct pal_channels *channels, struct pal_tenant_key tenant,
			       enum pal_channel_type type, enum pal_channel_came what)
{
	pthread_mutex_lock(&channels->lock);
	struct pal_channel_slot *slot = pal_channel_slot_make_locked(channels, tenant, type);
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
	struct pal_channel_slot *slot = pal_channel_slot_find_locked(channels, tenant, type);
	pal_channel_health_view(slot ? &slot->health : &none, now_ms, out);
	pthread_mutex_unlock(&channels->lock);
}
