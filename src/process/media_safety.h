/* SPDX-License-Identifier: Apache-2.0 */
/* media_safety.h - whether a medium looks dangerous, told by its name and address alone. */
#ifndef PALAVER_PROCESS_MEDIA_SAFETY_H
#define PALAVER_PROCESS_MEDIA_SAFETY_H

#include "palaver/processor.h"

struct pal_media_safety {
	uint32_t flags;		/* enum pal_safety bits */
	double score;		/* 1 less what each flag takes off, 0..1 */
	bool is_safe;		/* an address that is not safe must never be fetched */
};

/*
 * Judge `media` (domain.md section 4.3): its extensions, and its addresses, which are at fault when
 * they lead into a private network, climb out of their folder, or name no machine. An address that
 * cannot be taken apart is not safe; nor is anything when `arena` is exhausted. Runs on: worker.
 */
struct pal_media_safety pal_media_judge(const struct pal_media *media, struct pal_arena *arena);

/* What stands behind the last dot of the last part of `path`; empty when there is none. */
struct pal_str pal_media_extension(struct pal_str path);

#endif
