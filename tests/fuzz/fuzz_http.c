/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of requests, parsed whole, byte by byte and in pieces drawn from its own bytes: all
 * three must see the same requests and the same refusal, and what was accepted must keep the
 * grammar.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/chars.h"
#include "http/parser.h"
#include "http/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

/* What a pass over the stream saw, as a running hash, and how it ended. */
struct pass {
	uint64_t seen;
	unsigned requests;
	int status;
};

static void mix(struct pass *pass, struct pal_str s)
{
	pass->seen = (pass->seen ^ s.n) * 0x100000001b3u;
	for (size_t i = 0; i < s.n; i++)
		pass->seen = (pass->seen ^ (unsigned char)s.p[i]) * 0x100000001b3u;
}

static void check_fields(struct pass *pass, const struct pal_http_parser *p, const char *data)
{
	unsigned hosts = 0;

	for (unsigned i = 0; i < p->field_count; i++) {
		struct pal_str name = pal_http_span_str(data, p->field[i].name);
		struct pal_str value = pal_http_span_str(data, p->field[i].value);
		require(name.n > 0 && pal_http_chars_are(name, PAL_CHAR_TOKEN));
		require(pal_http_chars_are(value, PAL_CHAR_VALUE));
		require(value.n == 0 || (value.p[0] != ' ' && value.p[value.n - 1] != ' '));
		require((size_t)p->field[i].value.at + value.n < p->head_len);
		hosts += pal_http_equal_nocase(name, PAL_STR("host"));
		mix(pass, name);
		mix(pass, value);
	}
	require(hosts == 1);
}

static void check_request(struct pass *pass, const struct pal_http_parser *p, const char *data)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_http_query query;
	struct pal_str path = pal_http_span_str(data, p->path);
	struct pal_str text = pal_http_span_str(data, p->query);

	require(path.n > 0 && path.p[0] == '/' && pal_http_chars_are(path, PAL_CHAR_PATH));
	require(pal_http_chars_are(text, PAL_CHAR_QUERY));
	require(p->body_len <= p->body_max && p->head_len + p->body_len <= p->at);
	require(!(p->chunked && p->has_length));
	if (pal_http_query_parse(text, &arena, &query, NULL) == PAL_OK)
		mix(pass, pal_http_query_get(&query, "a"));
	pal_arena_release(&arena);
	check_fields(pass, p, data);
	mix(pass, path);
	mix(pass, text);
	mix(pass, pal_http_parser_body(p, data));
	pass->seen += p->method * 31u + p->version_minor * 7u + p->keep_alive * 3u + p->upgrade;
	pass->requests++;
}

struct feed {
	const uint8_t *data;
	size_t size, at;
	unsigned style;		/* 0: whole, 1: bytes, 2: pieces */
};

static size_t piece(const struct feed *feed)
{
	size_t left = feed->size - feed->at, n = left;

	if (feed->style == 1)
		n = 1;
	else if (feed->style == 2)
		n = 1u + feed->data[feed->at] % 23u;
	return n < left ? n : left;
}

/* One request from the feed; false at its end or after a refusal. The buffer is always of the exact
 * size, so that the address sanitizer sees a byte looked at too many. */
static bool parse_one(struct feed *feed, struct pass *pass)
{
	const struct pal_http_limits limits = {
		.request_line_bytes = 64, .headers_bytes = 256, .headers_max = 8, .body_bytes = 64};
	struct pal_http_parser p;
	enum pal_http_parse got = PAL_HTTP_PARSE_MORE;
	char *buffer = NULL;
	size_t len = 0;

	pal_http_parser_init(&p, &limits);
	while (got == PAL_HTTP_PARSE_MORE && feed->at < feed->size) {
		size_t n = piece(feed);
		buffer = realloc(buffer, len + n);
		require(buffer != NULL);
		memcpy(buffer + len, feed->data + feed->at, n);
		len += n;
		feed->at += n;
		while ((got = pal_http_parser_run(&p, buffer, len)) == PAL_HTTP_PARSE_HEAD)
			pass->seen++;
		if (got == PAL_HTTP_PARSE_MORE) {
			len = pal_http_parser_kept(&p);
			require(pal_http_parser_expected(&p) == 0 ||
				pal_http_parser_expected(&p) > len);
		}
	}
	if (got == PAL_HTTP_PARSE_DONE) {
		check_request(pass, &p, buffer);
		feed->at -= len - p.at;		/* what follows is the next request's */
	}
	if (got == PAL_HTTP_PARSE_REFUSED)
		pass->status = p.status;
	free(buffer);
	return got == PAL_HTTP_PARSE_DONE;
}

static struct pass run(const uint8_t *data, size_t size, unsigned style)
{
	struct feed feed = {.data = data, .size = size, .style = style};
	struct pass pass = {0};

	while (parse_one(&feed, &pass))
		;
	return pass;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pass whole = run(data, size, 0);

	for (unsigned style = 1; style < 3; style++) {
		struct pass other = run(data, size, style);
		require(other.seen == whole.seen && other.requests == whole.requests &&
			other.status == whole.status);
	}
	return 0;
}
