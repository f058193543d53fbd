/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"

bool pal_log_limit_pass_at(struct pal_log_limit *limit, int64_t now_ms, uint32_t *ret_dropped)
{
	int64_t start_ms = atomic_load_explicit(&limit->window_start_ms, memory_order_relaxed);

	*ret_dropped = 0;
	if (now_ms - start_ms >= limit->interval_ms &&
	    atomic_compare_exchange_strong(&limit->window_start_ms, &start_ms, now_ms))
		atomic_store(&limit->passed, 0);
	if (atomic_fetch_add(&limit->passed, 1) >= limit->burst) {
		atomic_fetch_sub(&limit->passed, 1);	/* or it would wrap in a long storm */
		atomic_fetch_add(&limit->dropped, 1);
		return false;
	}
	*ret_dropped = atomic_exchange(&limit->dropped, 0);
	return true;
}

bool pal_log_limit_pass(struct pal_log_limit *limit, uint32_t *ret_dropped)
{
	return pal_log_limit_pass_at(limit, pal_clock_mono_ms(pal_clock_system()), ret_dropped);
}
