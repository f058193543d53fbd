/* SPDX-License-Identifier: Apache-2.0 */
/* From the empty line behind the headers to the end of the request. */
#include "http/parser_state.h"

#include <string.h>

#include "http/chars.h"

static int on_body_start(struct pal_http_parser *p)
{
	p->part = 0;
	if (p->chunked)
		return go(p, ST_CHUNK_SIZE);
	if (p->chunk_left > p->body_max)
		return refuse(p, 413, "body too large");
	return go(p, p->chunk_left ? ST_BODY : ST_DONE);
}

static int on_body(struct pal_http_parser *p, size_t len)
{
	uint64_t n = len - p->at;

	if (n > p->chunk_left)
		n = p->chunk_left;
	p->at += (size_t)n;
	p->body_len += n;
	p->chunk_left -= n;
	return p->chunk_left ? PAL_HTTP_PARSE_MORE : go(p, ST_DONE);
}

/* 1-16 hex digits; part counts them, chunk_left collects them. */
static int on_chunk_size(struct pal_http_parser *p, const char *data)
{
	char c = data[p->at];
	int digit = pal_http_hex(c);

	if (digit >= 0 && p->part < 16) {
		p->chunk_left = p->part ? p->chunk_left << 4 | (unsigned)digit : (unsigned)digit;
		p->part++;
		p->at++;
		return GO;
	}
	if (p->part == 0 || (c != ';' && c != '\r'))
		return refuse(p, 400, "malformed chunk size");
	if (p->chunk_left > p->body_max - p->body_len)
		return refuse(p, 413, "body too large");
	p->part = 0;
	p->at++;
	return go(p, c == ';' ? ST_CHUNK_EXT : ST_CHUNK_LF);
}

static int on_chunk_ext(struct pal_http_parser *p, const char *data)
{
	char c = data[p->at];

	if (c != '\r' && !pal_http_char_is(c, PAL_CHAR_VALUE))
		return refuse(p, 400, "forbidden character in a chunk extension");
	if (c != '\r' && ++p->part > PAL_HTTP_CHUNK_EXT_MAX)
		return refuse(p, 400, "chunk extension too long");
	p->at++;
	return c == '\r' ? go(p, ST_CHUNK_LF) : GO;
}

static int on_chunk_lf(struct pal_http_parser *p, const char *data)
{
	p->part = 0;
	p->mark = 0;
	return expect(p, data, '\n', p->chunk_left ? ST_CHUNK_DATA : ST_TRAILER, "bare CR");
}

/* Moved down to where the body ends: behind it is only what was already looked at. */
static int on_chunk_data(struct pal_http_parser *p, char *data, size_t len)
{
	uint64_t n = len - p->at;
	size_t to = p->head_len + (size_t)p->body_len;

	if (n > p->chunk_left)
		n = p->chunk_left;
	memmove(data + to, data + p->at, (size_t)n);
	p->at += (size_t)n;
	p->body_len += n;
	p->chunk_left -= n;
	return p->chunk_left ? PAL_HTTP_PARSE_MORE : go(p, ST_DATA_CR);
}

static int on_data_lf(struct pal_http_parser *p, const char *data)
{
	p->part = 0;
	return expect(p, data, '\n', ST_CHUNK_SIZE, "malformed end of a chunk");
}

/* Trailers are held to the grammar and limits of headers and dropped; mark counts their bytes and
 * part their lines. */
static int on_trailer(struct pal_http_parser *p, const char *data)
{
	char c = data[p->at];

	if (++p->mark > p->limits->headers_bytes)
		return refuse(p, 431, "trailers too large");
	if (c == '\r') {
		p->at++;
		return go(p, ST_LAST_LF);
	}
	if (!pal_http_char_is(c, PAL_CHAR_TOKEN))
		return refuse(p, 400, "malformed trailer");
	if (++p->part > p->limits->headers_max)
		return refuse(p, 431, "too many trailers");
	p->at++;
	return go(p, ST_TRAILER_NAME);
}

static int on_trailer_byte(struct pal_http_parser *p, const char *data)
{
	bool in_name = p->state == ST_TRAILER_NAME;
	char c = data[p->at], stop = in_name ? ':' : '\r';

	if (++p->mark > p->limits->headers_bytes)
		return refuse(p, 431, "trailers too large");
	if (c != stop && !pal_http_char_is(c, in_name ? PAL_CHAR_TOKEN : PAL_CHAR_VALUE))
		return refuse(p, 400, "malformed trailer");
	p->at++;
	if (c != stop)
		return GO;
	return go(p, in_name ? ST_TRAILER_VALUE : ST_TRAILER_LF);
}

int pal_http_parser_step_body(struct pal_http_parser *p, char *data, size_t len)
{
	if (p->state == ST_BODY_START)
		return on_body_start(p);
	if (p->state == ST_DONE)
		return PAL_HTTP_PARSE_DONE;
	if (p->state == ST_REFUSED)
		return PAL_HTTP_PARSE_REFUSED;
	if (p->at == len)
		return PAL_HTTP_PARSE_MORE;
	switch ((enum pal_http_state)p->state) {
	case ST_BODY:
		return on_body(p, len);
	case ST_CHUNK_SIZE:
		return on_chunk_size(p, data);
	case ST_CHUNK_EXT:
		return on_chunk_ext(p, data);
	case ST_CHUNK_LF:
		return on_chunk_lf(p, data);
	case ST_CHUNK_DATA:
		return on_chunk_data(p, data, len);
	case ST_DATA_CR:
		return expect(p, data, '\r', ST_DATA_LF, "malformed end of a chunk");
	case ST_DATA_LF:
		return on_data_lf(p, data);
	case ST_TRAILER:
		return on_trailer(p, data);
	case ST_TRAILER_LF:
		return expect(p, data, '\n', ST_TRAILER, "bare CR");
	case ST_LAST_LF:
		return expect(p, data, '\n', ST_DONE, "bare CR");
	default:
		return on_trailer_byte(p, data);
	}
}
