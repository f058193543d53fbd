/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser.h - strict HTTP/1.1 request parser (RFC 9112): bytes in, one request out. It may stop and
 * go on at any byte, allocates nothing, knows no socket and has no lenient mode.
 */
#ifndef PALAVER_HTTP_PARSER_H
#define PALAVER_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The methods this server knows; any other token is answered 501. */
#define PAL_HTTP_METHODS(X)                                                                        \
	X(GET)                                                                                     \
	X(HEAD)                                                                                    \
	X(POST)                                                                                    \
	X(PUT)                                                                                     \
	X(PATCH)                                                                                   \
	X(DELETE)                                                                                  \
	X(OPTIONS)

enum pal_http_method {
#define X(name) PAL_HTTP_##name,
	PAL_HTTP_METHODS(X)
#undef X
	PAL_HTTP_METHOD_COUNT
};

/*
 * The one list of headers found without a search: id, name, whether a second one is refused (400)
 * because two would be ambiguous. Of the others the first is indexed. Names: letters and `-` only.
 */
#define PAL_HTTP_HEADERS(X)                                                                        \
	X(HOST, "host", true)                                                                      \
	X(ACCEPT, "accept", false)                                                                 \
	X(ORIGIN, "origin", true)                                                                  \
	X(COOKIE, "cookie", false)                                                                 \
	X(EXPECT, "expect", true)                                                                  \
	X(UPGRADE, "upgrade", false)                                                               \
	X(IF_MATCH, "if-match", true)                                                              \
	X(X_API_KEY, "x-api-key", true)                                                            \
	X(CONNECTION, "connection", false)                                                         \
	X(USER_AGENT, "user-agent", false)                                                         \
	X(X_TRACE_ID, "x-trace-id", true)                                                          \
	X(TRACEPARENT, "traceparent", true)                                                        \
	X(X_TENANT_ID, "x-tenant-id", true)                                                        \
	X(CONTENT_TYPE, "content-type", true)                                                      \
	X(X_REQUEST_ID, "x-request-id", true)                                                      \
	X(IF_NONE_MATCH, "if-none-match", false)                                                   \
	X(LAST_EVENT_ID, "last-event-id", true)                                                    \
	X(AUTHORIZATION, "authorization", true)                                                    \
	X(CONTENT_LENGTH, "content-length", true)                                                  \
	X(IDEMPOTENCY_KEY, "idempotency-key", true)                                                \
	X(X_FORWARDED_FOR, "x-forwarded-for", false)                                               \
	X(CONTENT_ENCODING, "content-encoding", true)                                              \
	X(X_CORRELATION_ID, "x-correlation-id", true)                                              \
	X(X_FORWARDED_PROTO, "x-forwarded-proto", true)                                            \
	X(TRANSFER_ENCODING, "transfer-encoding", true)                                            \
	X(SEC_WEBSOCKET_KEY, "sec-websocket-key", true)                                            \
	X(SEC_WEBSOCKET_VERSION, "sec-websocket-version", true)                                    \
	X(SEC_WEBSOCKET_PROTOCOL, "sec-websocket-protocol", false)                                 \
	X(ACCESS_CONTROL_REQUEST_METHOD, "access-control-request-method", true)                    \
	X(ACCESS_CONTROL_REQUEST_HEADERS, "access-control-request-headers", false)

enum pal_http_header_id {
#define X(id, name, once) PAL_HTTP_H_##id,
	PAL_HTTP_HEADERS(X)
#undef X
	PAL_HTTP_H_COUNT
};

#define PAL_HTTP_HEADERS_MAX 100u	/* header lines */
#define PAL_HTTP_HEAD_BYTES_MAX 65535u	/* request line and headers: their offsets are 16 bits */
#define PAL_HTTP_CHUNK_EXT_MAX 256u	/* bytes of extensions after one chunk size */
#define PAL_HTTP_METHOD_MAX 32u		/* bytes of an unknown method before 501 */

/* What a request may take. request_line_bytes + headers_bytes <= PAL_HTTP_HEAD_BYTES_MAX. */
struct pal_http_limits {
	uint32_t request_line_bytes;	/* with its CRLF; beyond: 414 */
	uint32_t headers_bytes;		/* all header lines and the empty one; beyond: 431 */
	uint32_t headers_max;		/* lines, <= PAL_HTTP_HEADERS_MAX; beyond: 431 */
	uint64_t body_bytes;		/* unless set per request after the head; beyond: 413 */
};

#define PAL_HTTP_LIMITS_DEFAULT                                                                    \
	((struct pal_http_limits){.request_line_bytes = 8192,                                      \
				  .headers_bytes = 16384,                                          \
				  .headers_max = PAL_HTTP_HEADERS_MAX,                             \
				  .body_bytes = 262144})

struct pal_http_span {
	uint16_t at, len;
};

struct pal_http_field {
	struct pal_http_span name, value;	/* value without the white space around it */
};

/* All offsets count from the first byte of the request. Read it, but let the parser write it. */
struct pal_http_parser {
	const struct pal_http_limits *limits;	/* the caller's; outlives the parser, may change */
	uint8_t state;
	uint8_t method;			/* enum pal_http_method */
	uint8_t version_minor;		/* HTTP/1.x */
	bool keep_alive;		/* what version and Connection ask for */
	bool closes, upgrade;		/* Connection: close, upgrade */
	bool chunked, has_length, expects_continue;
	uint8_t field_count;
	uint8_t known[PAL_HTTP_H_COUNT];	/* 1 + index into field; 0: absent */
	int status;			/* after REFUSED: the answer to give */
	const char *why;		/* after REFUSED: static, one clause */
	struct pal_http_span target, path, query;	/* query without the `?` */
	uint32_t mark;			/* where the current token or part began */
	uint32_t part;			/* digits, extension bytes, ... seen of the current part */
	size_t at;			/* next byte to look at */
	size_t head_len;		/* bytes up to the body */
	uint64_t body_max, body_len, chunk_left;
	struct pal_http_field field[PAL_HTTP_HEADERS_MAX];
};

enum pal_http_parse {
	PAL_HTTP_PARSE_MORE,	/* all bytes looked at; call again with more */
	PAL_HTTP_PARSE_HEAD,	/* head complete: told once; call again for the body */
	PAL_HTTP_PARSE_DONE,	/* request complete: `at` bytes belong to it */
	PAL_HTTP_PARSE_REFUSED,	/* answer `status`, close, never parse on */
};

/* Make `parser` ready for the first byte of a request. Runs on: any. */
void pal_http_parser_init(struct pal_http_parser *parser, const struct pal_http_limits *limits);

/*
 * Look at the request in `data`, which holds its `len` bytes received so far from the first one on.
 * After MORE the caller keeps the first pal_http_parser_kept() bytes and presents them again with
 * what came behind; the address may change. A chunked body is moved together in place, behind the
 * head. Runs on: any.
 */
enum pal_http_parse pal_http_parser_run(struct pal_http_parser *parser, char *data, size_t len);

/* After MORE: how many of the bytes presented must be presented again. Runs on: any. */
size_t pal_http_parser_kept(const struct pal_http_parser *parser);

/* Between HEAD and the next run: the most this request's body may hold. Runs on: any. */
static inline void pal_http_parser_set_body_max(struct pal_http_parser *parser, uint64_t bytes)
{
	parser->body_max = bytes;
}

/* After MORE: bytes of head and body this request needs in all, 0 while unknown. Runs on: any. */
static inline size_t pal_http_parser_expected(const struct pal_http_parser *parser)
{
	return parser->chunked || !parser->has_length ? 0 : parser->at + (size_t)parser->chunk_left;
}

static inline struct pal_str pal_http_span_str(const char *data, struct pal_http_span span)
{
	return (struct pal_str){data + span.at, span.len};
}

/* The value of a known header, p NULL when absent. `data` as given to run. Runs on: any. */
static inline struct pal_str pal_http_parser_header(const struct pal_http_parser *parser,
						    const char *data, enum pal_http_header_id id)
{
	if (!parser->known[id])
		return (struct pal_str){NULL, 0};
	return pal_http_span_str(data, parser->field[parser->known[id] - 1].value);
}

/* The value of the first header called `name`, in any case; p NULL when absent. Runs on: any. */
struct pal_str pal_http_parser_find(const struct pal_http_parser *parser, const char *data,
				    struct pal_str name);

/* The body received so far. Runs on: any. */
static inline struct pal_str pal_http_parser_body(const struct pal_http_parser *parser,
						  const char *data)
{
	return (struct pal_str){data + parser->head_len, (size_t)parser->body_len};
}

/* "GET", ... Runs on: any. */
struct pal_str pal_http_method_name(enum pal_http_method method);

#endif
