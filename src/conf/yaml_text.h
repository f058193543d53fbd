/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_text.h - values written as YAML that reads back as the same. */
#ifndef PALAVER_CONF_YAML_TEXT_H
#define PALAVER_CONF_YAML_TEXT_H

#include "base/buf.h"
#include "conf/value.h"

/* Append the blanks before a line at `depth`. Runs on: any. */
void pal_yaml_put_indent(struct pal_buf *out, unsigned depth);

/*
 * Append `text` in double quotes, as JSON and YAML read it; it has no control characters. Runs on:
 * any.
 */
void pal_conf_put_quoted(struct pal_buf *out, struct pal_str text);

/* Append `text`, in double quotes unless it is safe without. Runs on: any. */
void pal_yaml_put_text(struct pal_buf *out, struct pal_str text);

/* Append the value of `option`; a LIST as ["a", "b"]. Runs on: any. */
void pal_yaml_put_value(struct pal_buf *out, enum pal_option option, const struct pal_value *value);

#endif
