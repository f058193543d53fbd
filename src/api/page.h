/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h - paging through a list: by page number, by offset, or by an opaque cursor, and the Link
 * header that leads to the next page (RFC 8288).
 *
 * A cursor says where a page ended, in the service's own words, sealed for one route, one caller's
 * view and one set of filters: changed by one character, or taken to another list or tenant, it is
 * refused: 400, naming `cursor`. It stays good over a restart.
 */
#ifndef PALAVER_API_PAGE_H
#define PALAVER_API_PAGE_H

#include "api/endpoint.h"
#include "service/access/caller.h"

#define PAL_PAGE_NUMBER_MAX 1000000000ll
#define PAL_PAGE_CURSOR_MAX 768u	/* bytes that a service may put into a cursor */
#define PAL_PAGE_LIMIT_MAX 100
#define PAL_PAGE_LIMIT_DEFAULT 20

enum pal_page_style {
	PAL_PAGE_OFFSETS,	/* limit, offset, cursor */
	PAL_PAGE_NUMBERS,	/* page_size, page, cursor */
};

struct pal_page {
	int64_t limit;		/* entries wanted, >= 1 */
	int64_t offset;		/* entries to pass over; 0 with a cursor */
	int64_t number;		/* NUMBERS: the page, from 1 */
	struct pal_str after;	/* what the cursor says, in the request's arena; p NULL: none */
	uint64_t scope;		/* of the list: what a cursor is sealed for */
};

/*
 * Read which page is wanted of the list that the other parameters of the query describe; `fallback`
 * and `max` are of the limit. A cursor together with an offset or a page number is wrong. Runs on:
 * loop.
 */
void pal_page_read(struct pal_params *params, const struct pal_api *api,
		   const struct pal_caller *caller, enum pal_page_style style, int64_t fallback,
		   int64_t max, struct pal_page *ret);

/* As pal_page_read with PAL_PAGE_NUMBERS, from the members of a body. */
void pal_page_read_body(struct pal_body *body, const struct pal_http_request *request,
			const struct pal_api *api, const struct pal_caller *caller,
			int64_t fallback, int64_t max, struct pal_page *ret);

/* Append to `out` the cursor that says `after`, 1..PAL_PAGE_CURSOR_MAX bytes. Runs on: any. */
void pal_page_put_cursor(struct pal_buf *out, const struct pal_api *api,
			 const struct pal_page *page, struct pal_str after);

/*
 * Add the header Link: <target>; rel="next", where target is that of the request with
 * `parameter`=`value` instead of what it said of paging; `value` needs no encoding. Runs on: loop.
 */
void pal_page_link_next(struct pal_http_exchange *exchange, const char *parameter,
			struct pal_str value);

#endif
