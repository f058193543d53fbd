/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser_state.h - private to the parser: its states, and the three moves every step ends with. A
 * state is a place between two bytes. Every step looks at bytes in order and decides at one byte,
 * so that the outcome cannot depend on how the bytes were cut into reads; scans run ahead only over
 * bytes that are fine anyway, and limits are positions at which a scan is cut short.
 */
#ifndef PALAVER_HTTP_PARSER_STATE_H
#define PALAVER_HTTP_PARSER_STATE_H

#include "http/parser.h"

/* In the order a request goes through them. */
enum pal_http_state {
	ST_METHOD,
	ST_TARGET,
	ST_PATH,
	ST_QUERY,
	ST_VERSION,
	ST_LINE_CR,
	ST_LINE_LF,
	ST_FIELD,
	ST_NAME,
	ST_LEAD,
	ST_VALUE,
	ST_VALUE_LF,
	ST_HEAD_LF,
	ST_BODY_START,
	ST_BODY,
	ST_CHUNK_SIZE,
	ST_CHUNK_EXT,
	ST_CHUNK_LF,
	ST_CHUNK_DATA,
	ST_DATA_CR,
	ST_DATA_LF,
	ST_TRAILER,
	ST_TRAILER_NAME,
	ST_TRAILER_VALUE,
	ST_TRAILER_LF,
	ST_LAST_LF,
	ST_DONE,
	ST_REFUSED,
};

/* What a step returns besides enum pal_http_parse: look at the next byte. */
#define GO 100

static inline int refuse(struct pal_http_parser *p, int status, const char *why)
{
	p->state = ST_REFUSED;
	p->status = status;
	p->why = why;
	return PAL_HTTP_PARSE_REFUSED;
}

static inline int go(struct pal_http_parser *p, enum pal_http_state state)
{
	p->state = (uint8_t)state;
	return GO;
}

/* One byte that must be `c`, then on to `next`. */
static inline int expect(struct pal_http_parser *p, const char *data, char c,
			 enum pal_http_state next, const char *why)
{
	if (data[p->at] != c)
		return refuse(p, 400, why);
	p->at++;
	return go(p, next);
}

/* One step from ST_BODY_START on. `data` and `len` as given to pal_http_parser_run. */
int pal_http_parser_step_body(struct pal_http_parser *p, char *data, size_t len);

#endif
