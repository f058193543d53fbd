/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch.h - a growing buffer that each thread keeps between uses and that goes with the thread.
 *
 *	static _Thread_local struct pal_scratch mine;
 *	struct pal_buf *draft = pal_scratch_get(&mine);
 */
#ifndef PALAVER_BASE_SCRATCH_H
#define PALAVER_BASE_SCRATCH_H

#include <stdbool.h>

#include "base/buf.h"

/* Zeroed and _Thread_local; only pal_scratch_get looks inside. */
struct pal_scratch {
	struct pal_buf buf;
	struct pal_scratch *next;	/* of this thread */
	bool is_known;			/* will be freed when the thread ends */
};

/* Have `scratch` freed when the calling thread ends. Runs on: any. */
void pal_scratch_keep(struct pal_scratch *scratch);

/*
 * The calling thread's buffer, emptied, with the memory it had. It lives as long as the thread and
 * is good until the next call with the same `scratch`. Runs on: any.
 */
static inline struct pal_buf *pal_scratch_get(struct pal_scratch *scratch)
{
	if (!scratch->is_known)
		pal_scratch_keep(scratch);
	pal_buf_clear(&scratch->buf);
	return &scratch->buf;
}

#endif
