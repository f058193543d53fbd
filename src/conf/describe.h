/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.h - an option in words, as `palaverctl config explain`, sample file and manual say it.
 */
#ifndef PALAVER_CONF_DESCRIBE_H
#define PALAVER_CONF_DESCRIBE_H

#include "base/buf.h"
#include "base/error.h"
#include "conf/options.h"

/* Append what values `option` takes: "size, 1KiB to 64MiB", "list of addresses, at most 16". */
void pal_option_put_kind(enum pal_option option, struct pal_buf *out);

/*
 * Append the default as a user would write it, as it is on a system with /var and without systemd's
 * $STATE_DIRECTORY. Nothing for an empty one. Runs on: any.
 */
void pal_option_put_default(enum pal_option option, struct pal_buf *out);

/* When a change takes effect: "on reload" or "at the next start". Runs on: any. */
const char *pal_option_effect(enum pal_option option);

/*
 * Append all there is to know about the option `key`, or about each option of the section `key`.
 * PAL_E_NOT_FOUND, with a suggestion, when there is neither. Runs on: any.
 */
enum pal_code pal_conf_explain(const char *key, struct pal_buf *out, struct pal_error *err)
	PAL_MUST_CHECK;

#endif
