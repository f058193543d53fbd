/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay_run.h - play a plan against the API: dialogs in parallel, turns in order, then read back.
 */
#ifndef PALAVER_PALAVERCTL_REPLAY_RUN_H
#define PALAVER_PALAVERCTL_REPLAY_RUN_H

#include "palaverctl/api.h"
#include "palaverctl/replay_plan.h"

#define PAL_REPLAY_TRIES_MAX 10u	/* of one call, the first included */

struct pal_replay_tally {
	size_t messages;		/* to send */
	size_t replies, errors, retries, skipped;
	size_t checked;			/* conversations read back */
	double send_s;			/* first message to last answer */
};

/* Called a few times a second: what is done of how much. */
typedef void pal_replay_progress_fn(const char *what, size_t done, size_t total, double elapsed_s);

/*
 * Send every turn of `plan` and read every conversation back, `parallel` dialogs at once. Trouble
 * is noted in its dialog. PAL_E_EXTERNAL: the daemon cannot be reached any more; PAL_E_SERVICE: out
 * of memory. `tally` holds what was done in any case.
 */
enum pal_code pal_replay_run(struct pal_replay_plan *plan, const struct pal_api *api,
			     unsigned parallel, pal_replay_progress_fn *progress,
			     struct pal_replay_tally *tally, struct pal_error *err) PAL_MUST_CHECK;

#endif
