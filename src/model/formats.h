/* SPDX-License-Identifier: Apache-2.0 */
/* formats.h - how the texts with a form of their own look (domain.md section 1.2, Formats). */
#ifndef PALAVER_MODEL_FORMATS_H
#define PALAVER_MODEL_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The host of `url`, without user and port, an IPv6 address with its brackets; absent unless `url`
 * is http or https in any case with a host that is not empty, and free of blanks and control bytes.
 * Runs on: any.
 */
struct pal_str pal_url_host(struct pal_str url);

/* What stands behind the host and port of such a `url`, up to `?` or `#`; may be empty. */
struct pal_str pal_url_path(struct pal_str url);

/* A plus, a digit 1-9, then 1 to 14 more digits. Runs on: any. */
bool pal_is_e164(struct pal_str s);

/* One mail address: local part, `@`, labels, a last one of two letters or more. Runs on: any. */
bool pal_is_email(struct pal_str s);

/* Two lower-case letters. Runs on: any. */
bool pal_is_language(struct pal_str s);

/* A UUID as 8-4-4-4-12 hexadecimal digits of any case. Runs on: any. */
bool pal_is_uuid(struct pal_str s);

#endif
