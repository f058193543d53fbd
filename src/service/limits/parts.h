/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what limits.c and judge.c share. */
#ifndef PALAVER_SERVICE_LIMITS_PARTS_H
#define PALAVER_SERVICE_LIMITS_PARTS_H

#include <stdatomic.h>

#include "base/clock.h"
#include "service/limits/shard.h"

struct pal_limits {
	const struct pal_clock *clock;		/* fixed at create, as is the next */
	int64_t wall_offset_ns;			/* wall clock less monotonic, at create */
	_Atomic bool enabled;
	_Atomic uint32_t burst;
	_Atomic uint32_t requests[PAL_TIER_COUNT][PAL_LIMITS_WINDOW_COUNT];
	struct pal_limits_shard shard[PAL_LIMITS_SHARDS];
};

#endif
