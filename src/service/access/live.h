/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.h - tenants and API keys as requests see them: made once, there as long as the ring, and what
 * may change of them is a number that changes under the reader. So a look at them takes no lock, and
 * a suspension or a revocation bites with the next request of a running connection.
 */
#ifndef PALAVER_SERVICE_ACCESS_LIVE_H
#define PALAVER_SERVICE_ACCESS_LIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/address.h"
#include "model/tenant.h"
#include "model/tenant_profile.h"

#define PAL_KEY_NETWORKS_MAX 16u
#define PAL_KEY_USE_KIND "key_use"	/* records of when a key was last used, by its id */

#define PAL_LIVE_RETENTION_UNSET (-1)
#define PAL_LIVE_BLOCK_UNSET (UINT64_C(1) << 63)

/* Messages of the running month; usage.h has the rules. */
struct pal_usage {
	_Atomic int64_t month;		/* months since 1970, UTC */
	_Atomic int64_t month_ends_ms;
	_Atomic int64_t messages;
	_Atomic int64_t written;	/* what the store was told last; main only */
};

struct pal_live_tenant {
	struct pal_tenant_key key;	/* fixed, as is the next */
	struct pal_str id;
	_Atomic int status;		/* enum pal_tenant_status */
	_Atomic int64_t trial_ends_ms;
	_Atomic int residency;		/* enum pal_residency */
	_Atomic uint32_t features;	/* bits 1 << enum pal_feature */
	_Atomic int64_t quota[PAL_QUOTA_COUNT];
	_Atomic int64_t retention_days;	/* 0: for ever; PAL_LIVE_RETENTION_UNSET: the option's */
	/* of its settings (tenant_settings.h) */
	_Atomic uint64_t block;		/* enum pal_safety bits; PAL_LIVE_BLOCK_UNSET: the option's */
	_Atomic uint64_t order_prefix;	/* its bytes; 0: as usual */
	_Atomic uint32_t order_digits;	/* 0: as usual */
	_Atomic uint32_t channels;	/* bits 1 << enum pal_channel_type: those enabled */
	_Atomic int64_t keys_count;	/* all ever made, the revoked ones too */
	struct pal_usage usage;
};

struct pal_live_key {
	struct pal_api_key record;	/* fixed, but for status and expires_ms: those are here */
	struct pal_live_tenant *tenant;	/* fixed, as is the rest down to the numbers */
	uint32_t per_minute;		/* its own limit; 0: that of all keys */
	bool require_https;
	struct pal_str scopes;		/* of caller.h; views record.rules */
	size_t networks_count;		/* 0: from anywhere */
	struct pal_network networks[PAL_KEY_NETWORKS_MAX];
	_Atomic int status;		/* enum pal_api_key_status */
	_Atomic int64_t expires_ms;	/* 0: never */
	_Atomic int64_t last_used_ms;	/* a minute late at most; 0: not yet */
	_Atomic bool is_noted;		/* in the list of those whose use is to be written */
	struct pal_live_key *noted;	/* behind it in that list */
};

/* Whether requests of `tenant` are served at `now_ms`. Runs on: any. */
static inline bool pal_live_tenant_is_open(const struct pal_live_tenant *tenant, int64_t now_ms)
{
	int status = atomic_load_explicit(&tenant->status, memory_order_relaxed);
	int64_t ends_ms = atomic_load_explicit(&tenant->trial_ends_ms, memory_order_relaxed);

	return status == PAL_TENANT_ACTIVE ||
	       (status == PAL_TENANT_TRIAL && (ends_ms == 0 || now_ms < ends_ms));
}

/* Whether `key` is good at `now_ms`. Runs on: any. */
static inline bool pal_live_key_is_good(const struct pal_live_key *key, int64_t now_ms)
{
	int64_t expires_ms = atomic_load_explicit(&key->expires_ms, memory_order_relaxed);

	return atomic_load_explicit(&key->status, memory_order_relaxed) == PAL_API_KEY_ACTIVE &&
	       (expires_ms == 0 || now_ms < expires_ms);
}

static inline int64_t pal_live_quota(const struct pal_live_tenant *tenant, enum pal_quota quota)
{
	return atomic_load_explicit(&tenant->quota[quota], memory_order_relaxed);
}

static inline bool pal_live_has_feature(const struct pal_live_tenant *tenant,
					enum pal_feature feature)
{
	return atomic_load_explicit(&tenant->features, memory_order_relaxed) & 1u << feature;
}

#endif
