/* SPDX-License-Identifier: Apache-2.0 */
/* failure.h - a failure as a line of the protocol; the daemon and the tool write the same. */
#ifndef PALAVER_CTL_FAILURE_H
#define PALAVER_CTL_FAILURE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* Append the line of `err`, with `detail` when it is not empty; see README.md. Runs on: any. */
void pal_ctl_put_failure(struct pal_buf *out, const struct pal_error *err, struct pal_str detail);

#endif
