/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.h - a whole configuration that never changes. A turn takes one reference and reads one
 * snapshot throughout; a reload makes a new one and the old one goes with its last reader.
 */
#ifndef PALAVER_CONF_SNAPSHOT_H
#define PALAVER_CONF_SNAPSHOT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "conf/options.h"
#include "conf/value.h"

/* Fixed once loaded, but for `refs`. Read it through the functions below. */
struct pal_conf {
	_Atomic unsigned refs;
	bool is_dev;				/* loaded for --dev */
	struct pal_value value[PAL_OPT_COUNT];
	const char *origin[PAL_OPT_COUNT];
	struct pal_arena memory;
};

/* Take one more reference to `conf`, not NULL, and return it. Runs on: any. */
struct pal_conf *pal_conf_ref(struct pal_conf *conf);

/*
 * Give a reference back; the last one wipes the secrets and frees all. NULL is fine. Runs on: any.
 */
void pal_conf_unref(struct pal_conf *conf);

/* The value of a BOOL. Runs on: any. */
static inline bool pal_conf_bool(const struct pal_conf *conf, enum pal_option option)
{
	return conf->value[option].number != 0;
}

/* The value of an INT, SIZE (bytes), DURATION (ms) or ENUM (index). Runs on: any. */
static inline int64_t pal_conf_int(const struct pal_conf *conf, enum pal_option option)
{
	return conf->value[option].number;
}

/* The value of a STRING or PATH, "" when unset; lives as long as `conf`. Runs on: any. */
static inline const char *pal_conf_str(const struct pal_conf *conf, enum pal_option option)
{
	return conf->value[option].text;
}

/*
 * Length of a LIST, and its items, 0 <= index < length; they live as long as `conf`. Runs on: any.
 */
static inline size_t pal_conf_list_count(const struct pal_conf *conf, enum pal_option option)
{
	return conf->value[option].count;
}

static inline const char *pal_conf_list_item(const struct pal_conf *conf, enum pal_option option,
					     size_t index)
{
	assert(index < conf->value[option].count);
	return conf->value[option].items[index];
}

/*
 * Who set the value: "palaver.yaml:12", "environment PALAVER_HTTP_LISTEN", "-D", "--dev",
 * "default". Lives as long as `conf`. Runs on: any.
 */
static inline const char *pal_conf_origin(const struct pal_conf *conf, enum pal_option option)
{
	return conf->origin[option];
}

/*
 * Append the value as a user would write it, ******** for a secret that is set, nothing for one
 * that is not. Runs on: any.
 */
void pal_conf_put_value(const struct pal_conf *conf, enum pal_option option, struct pal_buf *out);

#endif
