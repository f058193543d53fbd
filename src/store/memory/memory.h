/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h - the reference store: everything in this process, gone with it. For tests, development
 * and measurements: it never forgets anything, so it grows until `max_bytes` and then refuses.
 */
#ifndef PALAVER_STORE_MEMORY_MEMORY_H
#define PALAVER_STORE_MEMORY_MEMORY_H

#include "palaver/store.h"

extern const struct pal_store_kind pal_memory_kind;

#endif
