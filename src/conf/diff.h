/* SPDX-License-Identifier: Apache-2.0 */
/* diff.h - what a reload changes, and -T: what is in effect and why. */
#ifndef PALAVER_CONF_DIFF_H
#define PALAVER_CONF_DIFF_H

#include "base/buf.h"
#include "conf/options.h"
#include "conf/snapshot.h"

/*
 * One changed option, with both values as a user would write them; secrets are masked on both
 * sides.
 */
struct pal_conf_change {
	enum pal_option option;
	const char *key;
	struct pal_str before, after;	/* valid during the call; may be empty */
	const char *origin;		/* of the new value */
	enum pal_reload reload;
};

/* `user` is that of pal_conf_diff. Runs on: the caller of pal_conf_diff. */
typedef void pal_conf_change_fn(void *user, const struct pal_conf_change *change);

/*
 * Call `fn` (NULL: nothing) for every option whose value differs, in table order. Return the
 * reload scopes concerned as bits of enum pal_reload, 0 when nothing changed. Runs on: main.
 */
unsigned pal_conf_diff(const struct pal_conf *before, const struct pal_conf *after,
		       pal_conf_change_fn *fn, void *user);

/*
 * Append `conf` as YAML that loads again to the same values, each with its origin as a comment. A
 * secret is a comment, ******** when set. Runs on: any.
 */
void pal_conf_dump(const struct pal_conf *conf, struct pal_buf *out);

#endif
