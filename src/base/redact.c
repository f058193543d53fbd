/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_escape.h"

#define WORD_MAX 16u		/* longer than any word below */
#define KEY_UNESCAPED_MAX 256u	/* an escaped key longer than this counts as a secret */

/* domain.md section 2.1, with the spellings that run two of its words together. */
static const char *const secret_words[] = {
	"accesstoken", "apikey",     "auth",       "authorization", "authtoken", "cookie",
	"credential",  "jwt",        "key",        "password",      "passwd",    "privatekey",
	"secret",      "secretkey",  "token",
};

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
	return is_upper(c) ? (char)(c | 0x20) : c;
}

static bool equals_lowered(const char *text, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (lower(text[i]) != word[i])
			return false;
	}
	return word[n] == '\0';
}

static bool may_begin_secret(char c)
{
	static const bool first[26] = {
		['a' - 'a'] = true, ['c' - 'a'] = true, ['j' - 'a'] = true, ['k' - 'a'] = true,
		['p' - 'a'] = true, ['s' - 'a'] = true, ['t' - 'a'] = true,
	};

	return first[lower(c) - 'a'];
}

static bool is_secret_word(const char *text, size_t n)
{
	if (n < 3 || n > WORD_MAX || !may_begin_secret(text[0]))
		return false;
	for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++) {
		const char *word = secret_words[i];
		if (lower(text[0]) != word[0])
			continue;
		if (equals_lowered(text, n, word))
			return true;
		if (lower(text[n - 1]) == 's' && equals_lowered(text, n - 1, word))
			return true;
	}
	return false;
}

/* The end of the word that starts at `p`: "apiKey" is api Key, "APIKey" is API Key. */
static const char *word_end(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && is_upper(*at))
		at++;
	if (at - p > 1) {
		/* an acronym: its last capital begins the next word if letters follow */
		return at < end && is_lower(*at) ? at - 1 : at;
	}
	while (at < end && is_lower(*at))
		at++;
	return at;
}

static bool names_secret(struct pal_str key)
{
	static const char session_header[] = "x-session-id";
	const char *end = key.n ? key.p + key.n : key.p;

	for (const char *p = key.p; p < end;) {
		if (!is_lower(*p) && !is_upper(*p)) {
			p++;
			continue;
		}
		const char *stop = word_end(p, end);
		if (is_secret_word(p, (size_t)(stop - p)))
			return true;
		p = stop;
	}
	return key.n == sizeof(session_header) - 1 &&
	       equals_lowered(key.p, key.n, session_header);
}

/* The same few keys come again and again: each thread remembers what it found out about some. */
bool pal_redact_is_secret(struct pal_str key)
{
	static _Thread_local struct known {
		char text[23];
		uint8_t len;	/* 0: free; a key is never empty here */
		bool secret;
	} known[64];

	if (key.n == 0 || key.n > sizeof(known[0].text))
		return names_secret(key);
	unsigned mix = (unsigned char)key.p[0] * 31u + (unsigned char)key.p[key.n / 2] * 7u +
		       (unsigned char)key.p[key.n - 1];
	struct known *k = &known[(mix + key.n) % (sizeof(known) / sizeof(known[0]))];
	if (k->len != key.n || memcmp(k->text, key.p, key.n) != 0) {
		memcpy(k->text, key.p, key.n);
		k->len = (uint8_t)key.n;
		k->secret = names_secret(key);
	}
	return k->secret;
}

static bool is_secret_escaped(struct pal_str raw)
{
	struct pal_json_bytes in = pal_json_bytes_of(raw);
	char text[KEY_UNESCAPED_MAX];
	size_t n = 0;

	for (int c; (c = pal_json_bytes_next(&in)) >= 0; n++) {
		if (n == sizeof(text))
			return true;
		text[n] = (char)c;
	}
	return pal_redact_is_secret((struct pal_str){text, n});
}

static bool is_secret_node(const struct pal_json *json, uint32_t at)
{
	struct pal_str raw = {json->text + json->node[at].at, json->node[at].len};

	return json->node[at].escaped ? is_secret_escaped(raw) : pal_redact_is_secret(raw);
}

/* The string as it stands, but for DEL and U+0080..U+009F, which terminals obey. */
static void put_raw_string(struct pal_buf *out, struct pal_str raw)
{
	bool is_suspect = memchr(raw.p, 0x7F, raw.n) || memchr(raw.p, 0xC2, raw.n);
	size_t from = 0;

	for (size_t i = 0; is_suspect && i < raw.n; i++) {
		unsigned c = (unsigned char)raw.p[i];
		unsigned next = i + 1 < raw.n ? (unsigned char)raw.p[i + 1] : 0;
		bool is_c1 = c == 0xC2 && next >= 0x80 && next <= 0x9F;
		if (c != 0x7F && !is_c1)
			continue;
		pal_buf_add(out, raw.p + from, i - from);
		pal_buf_addf(out, "\\u%04x", is_c1 ? next : c);
		i += is_c1;
		from = i + 1;
	}
	pal_buf_add(out, raw.p + from, raw.n - from);
}

/* Recursion is bounded by PAL_JSON_DEPTH_MAX. White space between values is left out. */
static void put_value(struct pal_buf *out, const struct pal_json *json, uint32_t at)
{
	const struct pal_json_node *node = &json->node[at];
	bool is_object = node->type == PAL_JSON_OBJECT;

	if (!is_object && node->type != PAL_JSON_ARRAY) {
		put_raw_string(out, pal_json_raw(json, at));
		return;
	}
	pal_buf_add_char(out, is_object ? '{' : '[');
	for (uint32_t child = at + 1; child < node->next; child = json->node[child].next) {
		if (child > at + 1)
			pal_buf_add_char(out, ',');
		bool is_secret = false;
		if (is_object) {
			is_secret = is_secret_node(json, child);
			put_raw_string(out, pal_json_raw(json, child));
			pal_buf_add_char(out, ':');
			child++;
		}
		if (is_secret)
			pal_buf_add_lit(out, "\"[REDACTED]\"");
		else
			put_value(out, json, child);
	}
	pal_buf_add_char(out, is_object ? '}' : ']');
}

/* The tape is too large for a stack: one on the heap for each thread that redacts. */
static pthread_key_t tape_key;
static pthread_once_t tape_once = PTHREAD_ONCE_INIT;
static bool tape_has_key;

static void create_tape_key(void)
{
	tape_has_key = pthread_key_create(&tape_key, free) == 0;
}

static struct pal_json *thread_tape(void)
{
	pthread_once(&tape_once, create_tape_key);
	struct pal_json *json = tape_has_key ? pthread_getspecific(tape_key) : NULL;

	if (json || !tape_has_key)
		return json;
	json = malloc(sizeof(*json));
	if (json && pthread_setspecific(tape_key, json) != 0) {
		free(json);
		return NULL;
	}
	return json;
}

void pal_redact_json(struct pal_buf *out, struct pal_str text)
{
	struct pal_json *json = thread_tape();
	struct pal_json_fault fault;

	/* What cannot be read cannot be searched for secrets either. */
	if (!json || !pal_json_scan(json, text, &fault)) {
		pal_buf_add_lit(out, "\"[UNREADABLE]\"");
		return;
	}
	put_value(out, json, 0);
}

enum pal_code pal_secret_set(struct pal_secret *secret, struct pal_str value, struct pal_error *err)
{
	char *bytes = malloc(value.n + 1);

	if (!bytes)
		return pal_fail_memory(err, "secret");
	if (value.n)
		memcpy(bytes, value.p, value.n);
	bytes[value.n] = '\0';
	pal_secret_deinit(secret);
	secret->bytes = bytes;
	secret->len = value.n;
	return PAL_OK;
}

void pal_secret_deinit(struct pal_secret *secret)
{
	if (secret->bytes)
		explicit_bzero(secret->bytes, secret->len);
	free(secret->bytes);
	*secret = (struct pal_secret){0};
}
