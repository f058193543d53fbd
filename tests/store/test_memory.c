/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/memory.h"

#include "store/conformance.h"
#include "store/store.h"

static enum pal_code open_memory(const char *dir, struct pal_store **ret, struct pal_error *err)
{
	(void)dir;
	return pal_store_open(&(struct pal_store_config){.kind = "memory",
							 .readers = CONFORMANCE_READERS},
			      ret, err);
}

static const struct conformance_kind memory = {"memory", false, open_memory};

CONFORMANCE_SUITE(memory_conformance, &memory)
