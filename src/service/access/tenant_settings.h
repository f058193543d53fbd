/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_settings.h - what a tenant's own settings, a JSON object, change about its messages: which
 * flags hold a reply back, what its order numbers look like. Other members are the tenant's affair.
 */
#ifndef PALAVER_SERVICE_ACCESS_TENANT_SETTINGS_H
#define PALAVER_SERVICE_ACCESS_TENANT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define PAL_ORDER_PREFIX_MAX 8u		/* bytes */

/* Zeroed: nothing is set. */
struct pal_tenant_settings {
	bool has_block;			/* moderation.block is given: it stands for the option */
	uint32_t block;			/* enum pal_safety bits */
	char order_prefix[PAL_ORDER_PREFIX_MAX];	/* filled up with NUL; empty: as usual */
	uint32_t order_digits;		/* 0: as usual */
};

/*
 * Read the settings `text`; absent is {}. PAL_E_VALIDATION naming the field, such as
 * "settings.moderation.block", for what is known and wrong; PAL_E_SERVICE when out of memory.
 * Runs on: any.
 */
enum pal_code pal_tenant_settings_read(struct pal_str text, struct pal_tenant_settings *ret,
				       struct pal_error *err) PAL_MUST_CHECK;

#endif
