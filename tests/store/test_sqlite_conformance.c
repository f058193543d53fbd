/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "store/conformance.h"
#include "store/store.h"

static enum pal_code open_sqlite(const char *dir, struct pal_store **ret, struct pal_error *err)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/store.db", dir);
	return pal_store_open(&(struct pal_store_config){.kind = "sqlite",
							 .path = path,
							 .readers = CONFORMANCE_READERS},
			      ret, err);
}

static const struct conformance_kind sqlite = {"sqlite", true, open_sqlite};

CONFORMANCE_SUITE(sqlite_conformance, &sqlite)
