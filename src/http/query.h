/* SPDX-License-Identifier: Apache-2.0 */
/* query.h - percent-decoding and query strings, strictly: what is not well-formed is refused. */
#ifndef PALAVER_HTTP_QUERY_H
#define PALAVER_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define PAL_HTTP_QUERY_MAX 64u	/* pairs in one query */

struct pal_http_query {
	size_t count;
	struct {
		struct pal_str key, value;
	} pair[PAL_HTTP_QUERY_MAX];
};

/*
 * Decode %XX in `text`, and `+` as a space when `plus_is_space`. The result is `text` itself when
 * nothing is encoded, else a copy in `arena`. False when a `%` is not followed by two hex digits,
 * the result is not UTF-8 or holds a control byte, or memory ran out. Runs on: any.
 */
bool pal_http_decode(struct pal_str text, bool plus_is_space, struct pal_arena *arena,
		     struct pal_str *ret);

/*
 * Split and decode `query` (without `?`; absent or empty gives no pairs). Views live as long as the
 * query text and the arena. Fails with PAL_E_VALIDATION naming the pair. Runs on: any.
 */
enum pal_code pal_http_query_parse(struct pal_str query, struct pal_arena *arena,
				   struct pal_http_query *ret, struct pal_error *err)
	PAL_MUST_CHECK;

/* The first value of `key`, p NULL when absent. Runs on: any. */
struct pal_str pal_http_query_get(const struct pal_http_query *query, const char *key);

/* The value of `key`, p NULL when absent; PAL_E_VALIDATION when it is given twice. Runs on: any. */
enum pal_code pal_http_query_get_once(const struct pal_http_query *query, const char *key,
				      struct pal_str *ret, struct pal_error *err) PAL_MUST_CHECK;

#endif
