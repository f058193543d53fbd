/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - chooses the processor for a content and runs it. */
#ifndef PALAVER_PROCESS_PROCESS_H
#define PALAVER_PROCESS_PROCESS_H

#include "palaver/processor.h"

/* The processor of `type`, or NULL when there is none. Constant. Runs on: any. */
const struct pal_processor *pal_processor_get(enum pal_content_type type);

/*
 * Process `content` with the processor of its type into `*ret`, which need not be initialised; what
 * it points to lives in `arena`, in `content` or in `context`. PAL_OK with ret->success = false
 * when the content is at fault. PAL_E_PROCESSING when no processor takes the type; PAL_E_SERVICE
 * when memory is out. Runs on: worker.
 */
enum pal_code pal_process(const struct pal_content *content,
			  const struct pal_process_context *context, struct pal_arena *arena,
			  struct pal_process_result *ret, struct pal_error *err);

#endif
