/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner: one loop over the bytes with a stack of open containers. A value opens a node; a
 * container's node is completed when its bracket closes. Keys of open objects leave a 32-bit tag on
 * a stack in json->keys; only keys with equal tags are compared byte by byte.
 */
#include "base/json.h"

#include "base/hex.h"
#include "base/json_escape.h"
#include "base/json_tag.h"
#include "base/utf8.h"

struct level {
	uint32_t node;		/* the open container */
	uint32_t first_tag;	/* OBJECT: where its tags begin in json->keys */
};

struct scan {
	struct pal_json *json;
	const unsigned char *start, *at, *end;
	struct pal_json_fault *fault;
	uint32_t values, tags, depth;
	struct level open[PAL_JSON_DEPTH_MAX];
};

static bool refuse(struct scan *s, const unsigned char *at, const char *why)
{
	s->fault->at = (size_t)(at - s->start);
	s->fault->why = why;
	return false;
}

static bool refuse_here(struct scan *s, const char *why)
{
	return refuse(s, s->at, s->at == s->end ? "unexpected end" : why);
}

static inline void skip_space(struct scan *s)
{
	while (s->at < s->end && *s->at <= ' ' &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

/* The unit behind "\u" at `p`, four hex digits before `end`, or -1. */
static int32_t read_unit(const unsigned char *p, const unsigned char *end)
{
	int32_t unit = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = pal_hex_digit((char)p[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The first byte of "\uXXXX" that is wrong, so that the offset points at it. */
static bool refuse_unit(struct scan *s, const unsigned char *digits)
{
	for (int i = 0; i < 4; i++) {
		if (digits + i == s->end)
			return refuse(s, s->end, "unexpected end");
		if (pal_hex_digit((char)digits[i]) < 0)
			return refuse(s, digits + i, "four hex digits must follow \\u");
	}
	return true;
}

static bool scan_unicode_escape(struct scan *s)
{
	const unsigned char *begin = s->at;
	int32_t unit = read_unit(begin + 2, s->end);

	if (unit < 0)
		return refuse_unit(s, begin + 2);
	s->at += 6;
	if (unit == 0)
		return refuse(s, begin, "\\u0000 is not accepted");
	if (unit < 0xD800 || unit > 0xDFFF)
		return true;
	if (unit > 0xDBFF)
		return refuse(s, begin, "lone surrogate");
	if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
		return refuse(s, begin, "lone surrogate");
	int32_t low = read_unit(s->at + 2, s->end);
	if (low < 0)
		return refuse_unit(s, s->at + 2);
	if (low < 0xDC00 || low > 0xDFFF)
		return refuse(s, begin, "lone surrogate");
	s->at += 6;
	return true;
}

static bool scan_escape(struct scan *s)
{
	if (s->end - s->at < 2)
		return refuse(s, s->end, "unexpected end");
	switch (s->at[1]) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
		s->at += 2;
		return true;
	case 'u':
		return scan_unicode_escape(s);
	default:
		return refuse(s, s->at, "unknown escape");
	}
}

/* The odd byte at s->at, neither plain nor the closing quote. */
static bool scan_odd_byte(struct scan *s, bool *escaped)
{
	if (*s->at == '\\') {
		*escaped = true;
		return scan_escape(s);
	}
	if (*s->at < 0x20)
		return refuse(s, s->at, "control character in a string");
	size_t n = pal_utf8_sequence(s->at, s->end);
	if (n == 0)
		return refuse(s, s->at, "invalid UTF-8");
	s->at += n;
	return true;
}

static inline struct pal_json_node *add_node(struct scan *s, enum pal_json_type type)
{
	uint32_t index = s->json->count++;
	struct pal_json_node *node = &s->json->node[index];

	*node = (struct pal_json_node){
		.type = (uint8_t)type,
		.next = index + 1,
		.at = (uint32_t)(s->at - s->start),
	};
	return node;
}

static bool scan_string(struct scan *s)
{
	bool escaped = false;

	s->at++;
	struct pal_json_node *node = add_node(s, PAL_JSON_STRING);
	for (;;) {
		s->at = pal_utf8_skip_plain(s->at, s->end);
		if (s->at == s->end)
			return refuse(s, s->at, "unexpected end");
		if (*s->at == '"')
			break;
		if (!scan_odd_byte(s, &escaped))
			return false;
	}
	node->escaped = escaped;
	node->len = (uint32_t)(s->at - s->start) - node->at;
	s->at++;
	return true;
}

static inline bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool skip_digits(struct scan *s)
{
	if (s->at == s->end || !is_digit(*s->at))
		return refuse_here(s, "a digit must follow");
	while (s->at < s->end && is_digit(*s->at))
		s->at++;
	return true;
}

static bool scan_number(struct scan *s)
{
	struct pal_json_node *node = add_node(s, PAL_JSON_NUMBER);

	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0') {
		s->at++;
		if (s->at < s->end && is_digit(*s->at))
			return refuse(s, s->at, "a number must not begin with 0");
	} else if (!skip_digits(s)) {
		return false;
	}
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!skip_digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at | 0x20) == 'e') {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!skip_digits(s))
			return false;
	}
	node->len = (uint32_t)(s->at - s->start) - node->at;
	return true;
}

static bool scan_word(struct scan *s, const char *word, uint32_t len, enum pal_json_type type)
{
	struct pal_json_node *node = add_node(s, type);

	node->len = len;
	for (uint32_t i = 0; i < len; i++, s->at++) {
		if (s->at == s->end || *s->at != (unsigned char)word[i])
			return refuse_here(s, "expected a value");
	}
	return true;
}

static bool open_container(struct scan *s, enum pal_json_type type)
{
	if (s->depth == PAL_JSON_DEPTH_MAX)
		return refuse(s, s->at, "nested too deeply");
	s->open[s->depth++] = (struct level){.node = s->json->count, .first_tag = s->tags};
	add_node(s, type);
	s->at++;
	return true;
}

/* One value, or the opening of a container, at s->at. */
static bool scan_value(struct scan *s)
{
	if (s->at == s->end)
		return refuse(s, s->at, "unexpected end");
	if (s->values++ == PAL_JSON_VALUES_MAX)
		return refuse(s, s->at, "too many values");
	switch (*s->at) {
	case '"':
		return scan_string(s);
	case '{':
		return open_container(s, PAL_JSON_OBJECT);
	case '[':
		return open_container(s, PAL_JSON_ARRAY);
	case 't':
		return scan_word(s, "true", 4, PAL_JSON_TRUE);
	case 'f':
		return scan_word(s, "false", 5, PAL_JSON_FALSE);
	case 'n':
		return scan_word(s, "null", 4, PAL_JSON_NULL);
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return scan_number(s);
	default:
		return refuse(s, s->at, "expected a value");
	}
}

static struct pal_str raw_string(const struct pal_json *json, const struct pal_json_node *node)
{
	return (struct pal_str){json->text + node->at, node->len};
}

/* Whether member number `index` of object `box` has the key `key`. */
static bool has_key(const struct pal_json *json, uint32_t box, uint32_t index,
		    const struct pal_json_node *key)
{
	const struct pal_json_node *other = &json->node[box + 1];

	while (index-- > 0)
		other = &json->node[other[1].next];
	if (!key->escaped && !other->escaped)
		return pal_str_equal(raw_string(json, key), raw_string(json, other));
	return pal_json_equal_unescaped(raw_string(json, key), raw_string(json, other));
}

static bool is_duplicate(struct scan *s, const struct level *top, const struct pal_json_node *key)
{
	struct pal_str raw = raw_string(s->json, key);
	uint32_t tag = pal_json_tag(raw, key->escaped);
	const uint32_t *tags = s->json->keys + top->first_tag;
	uint32_t count = s->tags - top->first_tag;

	for (uint32_t i = 0; i < count; i++) {
		if (tags[i] == tag && has_key(s->json, top->node, i, key))
			return true;
	}
	s->json->keys[s->tags++] = tag;
	return false;
}

/* A key and its colon. */
static bool scan_key(struct scan *s, const struct level *top)
{
	const unsigned char *begin = s->at;
	uint32_t index = s->json->count;

	if (s->at == s->end || *s->at != '"')
		return refuse_here(s, "expected a key");
	if (s->json->node[top->node].count == PAL_JSON_KEYS_MAX)
		return refuse_here(s, "too many keys in an object");
	if (!scan_string(s))
		return false;
	if (is_duplicate(s, top, &s->json->node[index]))
		return refuse(s, begin, "duplicate key");
	skip_space(s);
	if (s->at == s->end || *s->at != ':')
		return refuse_here(s, "expected ':'");
	s->at++;
	skip_space(s);
	return true;
}

static void close_container(struct scan *s, struct pal_json_node *box)
{
	s->at++;
	box->len = (uint32_t)(s->at - s->start) - box->at;
	box->next = s->json->count;
	s->tags = s->open[--s->depth].first_tag;
}

/* The next member, element or closing bracket of the innermost open container. */
static bool scan_next(struct scan *s)
{
	const struct level *top = &s->open[s->depth - 1];
	struct pal_json_node *box = &s->json->node[top->node];
	bool is_object = box->type == PAL_JSON_OBJECT;

	skip_space(s);
	if (s->at < s->end && *s->at == (is_object ? '}' : ']')) {
		close_container(s, box);
		return true;
	}
	if (box->count > 0) {
		if (s->at == s->end || *s->at != ',')
			return refuse_here(s, is_object ? "expected ',' or '}'"
							: "expected ',' or ']'");
		s->at++;
		skip_space(s);
	}
	if (is_object && !scan_key(s, top))
		return false;
	box->count++;
	return scan_value(s);
}

struct pal_json *pal_thread_json(void)
{
	static _Thread_local struct pal_json scratch;

	return &scratch;
}

bool pal_json_scan(struct pal_json *json, struct pal_str text, struct pal_json_fault *fault)
{
	static const char none[1] = "";
	const unsigned char *start = (const unsigned char *)(text.p ? text.p : none);
	struct scan s = {.json = json, .start = start, .at = start, .end = start + text.n,
			 .fault = fault};

	json->text = (const char *)start;
	json->len = text.n;
	json->count = 0;
	if (text.n >= UINT32_MAX)
		return refuse(&s, start, "text too long");
	skip_space(&s);
	if (!scan_value(&s))
		return false;
	while (s.depth > 0) {
		if (!scan_next(&s))
			return false;
	}
	skip_space(&s);
	return s.at == s.end || refuse(&s, s.at, "text after the value");
}
