/* SPDX-License-Identifier: Apache-2.0 */
/* kinds.h - the table of store kinds: adding one is a folder and a line in kinds.c. */
#ifndef PALAVER_STORE_KINDS_H
#define PALAVER_STORE_KINDS_H

#include "palaver/store.h"

/* The kind named `name`. PAL_E_CONFIG listing those there are. Runs on: any. */
PAL_MUST_CHECK enum pal_code pal_store_find_kind(struct pal_str name,
						 const struct pal_store_kind **ret,
						 struct pal_error *err);

/*
 * Whether `ops` has a name and every slot. PAL_E_CONFIG naming the first one missing. Runs on: any.
 */
PAL_MUST_CHECK enum pal_code pal_store_check_ops(const struct pal_store_ops *ops,
						 struct pal_error *err);

#endif
