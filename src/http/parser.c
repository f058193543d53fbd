/* SPDX-License-Identifier: Apache-2.0 */
#include "http/parser.h"

#include <assert.h>
#include <string.h>

#include "http/chars.h"
#include "http/parser_state.h"

static const struct pal_str method_names[] = {
#define X(name) {#name, sizeof(#name) - 1},
	PAL_HTTP_METHODS(X)
#undef X
};

static const struct {
	const char *name;
	uint8_t len;
	bool once;
} known_headers[PAL_HTTP_H_COUNT] = {
#define X(id, name, once) {name, sizeof(name) - 1, once},
	PAL_HTTP_HEADERS(X)
#undef X
};

struct pal_str pal_http_method_name(enum pal_http_method method)
{
	assert(method < PAL_HTTP_METHOD_COUNT);
	return method_names[method];
}

void pal_http_parser_init(struct pal_http_parser *parser, const struct pal_http_limits *limits)
{
	assert(limits->headers_max <= PAL_HTTP_HEADERS_MAX);
	assert(limits->request_line_bytes + limits->headers_bytes <= PAL_HTTP_HEAD_BYTES_MAX);
	memset(parser, 0, offsetof(struct pal_http_parser, field));
	parser->limits = limits;
	parser->body_max = limits->body_bytes;
	parser->state = ST_METHOD;
}

static struct pal_http_span span(size_t from, size_t to)
{
	return (struct pal_http_span){(uint16_t)from, (uint16_t)(to - from)};
}

/* --- Request line --------------------------------------------------------------------------- */

static int known_method(const char *p, size_t n)
{
	for (int i = 0; i < PAL_HTTP_METHOD_COUNT; i++)
		if (n == method_names[i].n && memcmp(p, method_names[i].p, n) == 0)
			return i;
	return -1;
}

static int on_method(struct pal_http_parser *p, const char *data, size_t end)
{
	size_t at = p->at;

	for (; at < end && pal_http_char_is(data[at], PAL_CHAR_TOKEN); at++)
		if (at == PAL_HTTP_METHOD_MAX)
			return refuse(p, 501, "unknown method");
	p->at = at;
	if (at == end)
		return PAL_HTTP_PARSE_MORE;
	if (at == 0 || data[at] != ' ')
		return refuse(p, 400, "malformed method");
	int method = known_method(data, at);
	if (method < 0)
		return refuse(p, 501, "unknown method");
	p->method = (uint8_t)method;
	p->at++;
	return go(p, ST_TARGET);
}

static int on_target(struct pal_http_parser *p, const char *data)
{
	if (data[p->at] != '/')
		return refuse(p, 400, "request target must start with a slash");
	p->mark = (uint32_t)p->at;
	return go(p, ST_PATH);
}

static int on_target_part(struct pal_http_parser *p, const char *data, size_t end, unsigned mask)
{
	size_t at = p->at;

	while (at < end && pal_http_char_is(data[at], mask))
		at++;
	p->at = at;
	if (at == end)
		return PAL_HTTP_PARSE_MORE;
	bool in_path = p->state == ST_PATH;
	if (data[at] != ' ' && !(in_path && data[at] == '?'))
		return refuse(p, 400, "forbidden character in the request target");
	if (in_path)
		p->path = span(p->mark, at);
	else
		p->query = span((size_t)p->path.at + p->path.len + 1u, at);
	p->at++;
	if (data[at] == '?')
		return go(p, ST_QUERY);
	p->target = span(p->mark, at);
	p->part = 0;
	return go(p, ST_VERSION);
}

/* `HTTP/` DIGIT `.` DIGIT, one byte at a time; part counts them. */
static int on_version(struct pal_http_parser *p, const char *data, size_t end)
{
	static const char form[] = "HTTP/0.0";

	for (; p->part < sizeof(form) - 1; p->part++, p->at++) {
		if (p->at == end)
			return PAL_HTTP_PARSE_MORE;
		char c = data[p->at];
		bool fits = form[p->part] == '0' ? c >= '0' && c <= '9' : c == form[p->part];
		if (!fits)
			return refuse(p, 400, "malformed protocol version");
	}
	p->version_minor = (uint8_t)(data[p->at - 1] - '0');
	if (data[p->at - 3] != '1' || p->version_minor > 1)
		return refuse(p, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
	p->keep_alive = p->version_minor == 1;
	return go(p, ST_LINE_CR);
}

/* --- Header fields ---------------------------------------------------------------------------- */

/* The index of a known name, else PAL_HTTP_H_COUNT. A name is all tchar, and for those `| 0x20`
 * folds letters and leaves `-` alone without making anything else look like either. */
static unsigned known_header(const char *name, size_t n)
{
	for (unsigned id = 0; id < PAL_HTTP_H_COUNT; id++) {
		if (known_headers[id].len != n || known_headers[id].name[0] != (name[0] | 0x20))
			continue;
		size_t i = 1;
		while (i < n && (name[i] | 0x20) == known_headers[id].name[i])
			i++;
		if (i == n)
			return id;
	}
	return PAL_HTTP_H_COUNT;
}

static int on_field(struct pal_http_parser *p, const char *data)
{
	char c = data[p->at];

	if (c == '\r') {
		p->at++;
		return go(p, ST_HEAD_LF);
	}
	if (!pal_http_char_is(c, PAL_CHAR_TOKEN))
		return refuse(p, 400,
			      c == ' ' || c == '\t' ? "folded header" : "malformed header name");
	if (p->field_count >= p->limits->headers_max)
		return refuse(p, 431, "too many headers");
	p->mark = (uint32_t)p->at;
	return go(p, ST_NAME);
}

static int on_name(struct pal_http_parser *p, const char *data, size_t end)
{
	size_t at = p->at;

	while (at < end && pal_http_char_is(data[at], PAL_CHAR_TOKEN))
		at++;
	p->at = at;
	if (at == end)
		return PAL_HTTP_PARSE_MORE;
	if (data[at] != ':')
		return refuse(p, 400, "malformed header name");
	struct pal_http_field *field = &p->field[p->field_count++];
	field->name = span(p->mark, at);
	field->value = span(at, at);	/* empty until it is complete */
	unsigned id = known_header(data + p->mark, field->name.len);
	if (id < PAL_HTTP_H_COUNT) {
		if (p->known[id] && known_headers[id].once)
			return refuse(p, 400, "a header that must be single is repeated");
		if (!p->known[id])
			p->known[id] = p->field_count;
	}
	p->part = id;
	p->at++;
	return go(p, ST_LEAD);
}

static int on_lead(struct pal_http_parser *p, const char *data, size_t end)
{
	while (p->at < end && (data[p->at] == ' ' || data[p->at] == '\t'))
		p->at++;
	if (p->at == end)
		return PAL_HTTP_PARSE_MORE;
	p->mark = (uint32_t)p->at;
	return go(p, ST_VALUE);
}

/* Eight bytes at a time while none is a control byte (HTAB included) or DEL; then byte by byte. */
static size_t scan_value(const char *data, size_t at, size_t end)
{
	const uint64_t ones = 0x0101010101010101u, high = ones << 7;

	for (; end - at >= 8; at += 8) {
		uint64_t v, del;
		memcpy(&v, data + at, sizeof(v));
		del = v ^ (ones * 0x7F);
		if ((((v - ones * 0x20) & ~v) | ((del - ones) & ~del)) & high)
			break;
	}
	while (at < end && pal_http_char_is(data[at], PAL_CHAR_VALUE))
		at++;
	return at;
}

/* Tokens of Connection, from each such header; `close` wins over `keep-alive`. */
static void take_connection(struct pal_http_parser *p, struct pal_str list)
{
	struct pal_str token;

	while (pal_http_list_next(&list, &token)) {
		if (pal_http_equal_nocase(token, PAL_STR("close")))
			p->closes = true;
		else if (pal_http_equal_nocase(token, PAL_STR("keep-alive")))
			p->keep_alive = true;
		else if (pal_http_equal_nocase(token, PAL_STR("upgrade")))
			p->upgrade = true;
	}
}

static int on_value(struct pal_http_parser *p, const char *data, size_t end)
{
	p->at = scan_value(data, p->at, end);
	if (p->at == end)
		return PAL_HTTP_PARSE_MORE;
	if (data[p->at] != '\r')
		return refuse(p, 400, "forbidden character in a header value");
	size_t stop = p->at++;
	while (stop > p->mark && (data[stop - 1] == ' ' || data[stop - 1] == '\t'))
		stop--;
	struct pal_http_field *field = &p->field[p->field_count - 1];
	field->value = span(p->mark, stop);
	if (p->part == PAL_HTTP_H_CONNECTION)
		take_connection(p, pal_http_span_str(data, field->value));
	return go(p, ST_VALUE_LF);
}

/* --- End of the head: what the headers mean together ------------------------------------------ */

static int take_length(struct pal_http_parser *p, struct pal_str value)
{
	uint64_t length = 0;

	if (value.n < 1 || value.n > 19)
		return refuse(p, 400, "malformed Content-Length");
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return refuse(p, 400, "malformed Content-Length");
		length = length * 10 + (uint64_t)(value.p[i] - '0');
	}
	p->has_length = true;
	p->chunk_left = length;
	return GO;
}

static int take_framing(struct pal_http_parser *p, const char *data)
{
	struct pal_str length = pal_http_parser_header(p, data, PAL_HTTP_H_CONTENT_LENGTH);
	struct pal_str coding = pal_http_parser_header(p, data, PAL_HTTP_H_TRANSFER_ENCODING);

	if (length.p && coding.p)
		return refuse(p, 400, "Content-Length and Transfer-Encoding together");
	if (length.p)
		return take_length(p, length);
	if (!coding.p)
		return GO;
	if (p->version_minor == 0)
		return refuse(p, 400, "Transfer-Encoding in HTTP/1.0");
	if (coding.n == 0)
		return refuse(p, 400, "empty Transfer-Encoding");
	if (!pal_http_equal_nocase(coding, PAL_STR("chunked")))
		return refuse(p, 501, "only the chunked transfer coding is spoken here");
	p->chunked = true;
	return GO;
}

static int take_head(struct pal_http_parser *p, const char *data)
{
	struct pal_str host = pal_http_parser_header(p, data, PAL_HTTP_H_HOST);
	struct pal_str expected = pal_http_parser_header(p, data, PAL_HTTP_H_EXPECT);

	if (!host.p)
		return refuse(p, 400, "missing Host");
	if (host.n == 0 || !pal_http_chars_are(host, PAL_CHAR_HOST))
		return refuse(p, 400, "malformed Host");
	if (take_framing(p, data) != GO)
		return PAL_HTTP_PARSE_REFUSED;
	if (p->closes)
		p->keep_alive = false;
	if (expected.p && !pal_http_equal_nocase(expected, PAL_STR("100-continue")))
		return refuse(p, 417, "only 100-continue can be expected here");
	p->expects_continue = expected.p && p->version_minor == 1;
	return GO;
}

static int on_head_lf(struct pal_http_parser *p, const char *data)
{
	if (expect(p, data, '\n', ST_BODY_START, "bare CR") != GO ||
	    take_head(p, data) != GO)
		return PAL_HTTP_PARSE_REFUSED;
	p->head_len = p->at;
	return PAL_HTTP_PARSE_HEAD;
}

/* --- Running ---------------------------------------------------------------------------------- */

static int step_line(struct pal_http_parser *p, const char *data, size_t end)
{
	switch ((enum pal_http_state)p->state) {
	case ST_METHOD:
		return on_method(p, data, end);
	case ST_TARGET:
		return on_target(p, data);
	case ST_PATH:
		return on_target_part(p, data, end, PAL_CHAR_PATH);
	case ST_QUERY:
		return on_target_part(p, data, end, PAL_CHAR_QUERY);
	case ST_VERSION:
		return on_version(p, data, end);
	case ST_LINE_CR:
		return expect(p, data, '\r', ST_LINE_LF, "malformed request line");
	default:
		p->head_len = p->at + 1;	/* until the head ends: where the headers begin */
		return expect(p, data, '\n', ST_FIELD, "bare CR");
	}
}

static int step_field(struct pal_http_parser *p, const char *data, size_t end)
{
	switch ((enum pal_http_state)p->state) {
	case ST_FIELD:
		return on_field(p, data);
	case ST_NAME:
		return on_name(p, data, end);
	case ST_LEAD:
		return on_lead(p, data, end);
	case ST_VALUE:
		return on_value(p, data, end);
	case ST_VALUE_LF:
		return expect(p, data, '\n', ST_FIELD, "bare CR");
	default:
		return on_head_lf(p, data);
	}
}

/* Run the states of one part of the head, whose bytes must end before position `limit`. */
static int run_part(struct pal_http_parser *p, const char *data, size_t len, size_t limit,
		    enum pal_http_state last, int too_long)
{
	size_t end = len < limit ? len : limit;
	int got = GO;

	while (got == GO && p->state <= last && p->at < end)
		got = last == ST_LINE_LF ? step_line(p, data, end) : step_field(p, data, end);
	if ((got == GO || got == PAL_HTTP_PARSE_MORE) && p->state <= last && p->at >= limit)
		return refuse(p, too_long, too_long == 414 ? "request line too long"
							   : "headers too large");
	return got == GO && p->state <= last ? PAL_HTTP_PARSE_MORE : got;
}

enum pal_http_parse pal_http_parser_run(struct pal_http_parser *p, char *data, size_t len)
{
	int got = GO;

	if (p->state <= ST_LINE_LF)
		got = run_part(p, data, len, p->limits->request_line_bytes, ST_LINE_LF, 414);
	if (got == GO && p->state <= ST_HEAD_LF)
		got = run_part(p, data, len, p->head_len + p->limits->headers_bytes, ST_HEAD_LF,
			       431);
	while (got == GO)
		got = pal_http_parser_step_body(p, data, len);
	if (got == PAL_HTTP_PARSE_MORE)
		p->at = pal_http_parser_kept(p);
	return (enum pal_http_parse)got;
}

size_t pal_http_parser_kept(const struct pal_http_parser *p)
{
	bool drops = p->state > ST_BODY && p->state < ST_DONE;

	return drops ? p->head_len + (size_t)p->body_len : p->at;
}

struct pal_str pal_http_parser_find(const struct pal_http_parser *p, const char *data,
				    struct pal_str name)
{
	for (unsigned i = 0; i < p->field_count; i++)
		if (pal_http_equal_nocase(pal_http_span_str(data, p->field[i].name), name))
			return pal_http_span_str(data, p->field[i].value);
	return (struct pal_str){NULL, 0};
}
