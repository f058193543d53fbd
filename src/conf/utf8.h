/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - one character at a time, so that a refusal can say where the text went wrong. */
#ifndef PALAVER_CONF_UTF8_H
#define PALAVER_CONF_UTF8_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Bytes of the character that begins `s`, 1..4, by the well-formed sequences of Unicode table 3-7;
 * 0 when `s` is empty or begins with none. Runs on: any.
 */
size_t pal_utf8_step(struct pal_str s);

/* Whether the character of `n` bytes at `p` is a C0 or C1 control or DEL. Runs on: any. */
bool pal_utf8_is_control(const char *p, size_t n);

#endif
