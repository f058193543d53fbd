/* SPDX-License-Identifier: Apache-2.0 */
/* header.h - the one way in which headers get into a request. Pure. */
#ifndef PALAVER_COURIER_HEADER_H
#define PALAVER_COURIER_HEADER_H

#include <stdbool.h>

#include "base/str.h"
#include "courier/library.h"

/*
 * Append "name: value" to *list. False, and nothing is appended, when the name is no token or one
 * that libcurl writes itself (Host, Content-Length and the like), when the value holds CR, LF, NUL
 * or another control character, when both are too long, or without memory. All headers go through
 * here. Runs on: any.
 */
bool pal_header_add(struct curl_slist **list, struct pal_str name, struct pal_str value);

/* Append `line`, a literal of ours, as it is; false without memory. Runs on: any. */
bool pal_header_append(struct curl_slist **list, const char *line);

#endif
