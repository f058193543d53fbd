/* SPDX-License-Identifier: Apache-2.0 */
#include "api/etag.h"

#include <string.h>

#include "http/chars.h"

void pal_etag_put(struct pal_http_exchange *exchange, struct pal_str tag)
{
	char bytes[128];
	struct pal_buf quoted = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};

	pal_buf_add_char(&quoted, '"');
	pal_buf_add_str(&quoted, tag);
	pal_buf_add_char(&quoted, '"');
	pal_http_header(exchange, PAL_STR("ETag"), pal_buf_str(&quoted));
}

static bool is_weak(struct pal_str item)
{
	return item.n >= 2 && memcmp(item.p, "W/", 2) == 0;
}

/* What stands between the quotes; false when it is no tag. */
static bool unquote(struct pal_str item, struct pal_str *ret)
{
	if (is_weak(item))
		item = (struct pal_str){item.p + 2, item.n - 2};
	if (item.n < 2 || item.p[0] != '"' || item.p[item.n - 1] != '"' ||
	    memchr(item.p + 1, '"', item.n - 2))
		return false;
	*ret = (struct pal_str){item.p + 1, item.n - 2};
	return true;
}

bool pal_etag_is_known(const struct pal_http_request *request, struct pal_str tag)
{
	struct pal_str list = pal_http_request_header(request, PAL_HTTP_H_IF_NONE_MATCH);
	struct pal_str item, known;

	while (pal_http_list_next(&list, &item))
		if (pal_str_equal(item, PAL_STR("*")) ||
		    (unquote(item, &known) && pal_str_equal(known, tag)))
			return true;
	return false;
}

/* Append the version that `item` names. */
static bool add_version(struct pal_buf *out, struct pal_str item)
{
	struct pal_str version = item;

	if (!pal_str_equal(item, PAL_STR("*")) && !unquote(item, &version))
		return false;
	const char *stop = version.n ? memchr(version.p, '.', version.n) : NULL;
	if (stop)
		version.n = (size_t)(stop - version.p);
	if (!is_weak(item)) {
		pal_buf_add_str(out, version);
		pal_buf_add_char(out, ' ');
	}
	return true;
}

enum pal_code pal_etag_versions(const struct pal_http_request *request, struct pal_str *ret,
				struct pal_error *err)
{
	struct pal_str list = pal_http_request_header(request, PAL_HTTP_H_IF_MATCH), item;
	struct pal_buf out = {0};
	bool is_good = list.n > 0;

	*ret = (struct pal_str){NULL, 0};
	if (!list.p)
		return PAL_OK;
	while (is_good && pal_http_list_next(&list, &item))
		is_good = add_version(&out, item);
	*ret = pal_arena_take_buf(request->arena, &out);
	if (!is_good)
		return pal_fail(err, PAL_E_VALIDATION, "If-Match",
				"If-Match must be a list of entity tags in quotes, or *");
	return ret->p ? PAL_OK : pal_fail_memory(err, "api");
}
