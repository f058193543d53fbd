/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_rules.h - what is laid down for an API key beside its permissions, as it is stored and shown:
 * a JSON object with scopes, allowed_ips, rate_limit_per_minute, require_https, created_by.
 */
#ifndef PALAVER_SERVICE_ACCESS_KEY_RULES_H
#define PALAVER_SERVICE_ACCESS_KEY_RULES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "service/access/live.h"

#define PAL_KEY_SCOPES_MAX 32u

struct pal_key_rules {
	const struct pal_str *scopes;	/* permissions; borrowed, as are the networks' texts */
	size_t scopes_count;
	const struct pal_str *networks;	/* 10.0.0.0/8 or an address, at most PAL_KEY_NETWORKS_MAX */
	size_t networks_count;
	int64_t per_minute;		/* 0: none of its own */
	bool require_https;
	struct pal_str created_by;
};

/* Append the JSON object. Runs on: any. */
void pal_key_rules_write(const struct pal_key_rules *rules, struct pal_buf *out);

/*
 * Take what a request is held against from the stored `text`, which `key` views from then on, over
 * into `key`; absent and {} lay nothing down. False when it does not read, or out of memory. Runs on: any.
 */
bool pal_key_rules_apply(struct pal_str text, struct pal_live_key *key);

#endif
