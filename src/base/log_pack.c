/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_line.h"

#include <string.h>

struct header {
	int64_t wall_ms;
	uint32_t size;		/* of the whole record */
	uint32_t left_out;
	uint8_t level, count;
};

struct field_header {
	uint8_t kind;
	uint8_t key_len;	/* the key is followed by NUL */
	uint32_t len;		/* of the value behind the key; 0 for I64 and SECRET */
	int64_t i;
};

static char *put(char *at, const void *bytes, size_t n)
{
	if (n)
		memcpy(at, bytes, n);
	return at + n;
}

/* One byte beyond the limit tells the formatter that there was more. */
static uint32_t length_of(struct pal_str s, size_t max)
{
	return (uint32_t)(s.n > max ? max + 1 : s.n);
}

static char *put_text(char *at, struct pal_str s)
{
	uint32_t len = length_of(s, PAL_LOG_TEXT_MAX);

	at = put(at, &len, sizeof(len));
	return put(at, s.p, len);
}

/* Return where the next field goes, or NULL when this one does not fit before `end`. */
static char *put_field(char *at, const char *end, const struct pal_log_field *field)
{
	size_t key_len = strnlen(field->key, PAL_LOG_KEY_MAX);
	struct field_header header = {.kind = (uint8_t)field->kind, .key_len = (uint8_t)key_len};

	if (pal_redact_is_secret((struct pal_str){field->key, key_len}))
		header.kind = PAL_FIELD_SECRET;
	if (header.kind == PAL_FIELD_STR)
		header.len = length_of(field->s, PAL_LOG_TEXT_MAX);
	else if (header.kind == PAL_FIELD_JSON)
		header.len = length_of(field->s, PAL_LOG_JSON_MAX);
	else if (header.kind == PAL_FIELD_I64)
		header.i = field->i;
	if ((size_t)(end - at) < sizeof(header) + key_len + 1 + header.len)
		return NULL;
	at = put(at, &header, sizeof(header));
	at = put(at, field->key, key_len);
	*at++ = '\0';
	return put(at, field->s.p, header.len);
}

size_t pal_log_pack(const struct pal_log_line *line, char out[PAL_LOG_RECORD_MAX])
{
	struct header header = {
		.wall_ms = line->wall_ms,
		.left_out = line->left_out,
		.level = (uint8_t)line->level,
	};
	char *at = out + sizeof(header);

	at = put_text(at, line->message);
	at = put_text(at, line->subject);
	at = put_text(at, line->context.request_id);
	at = put_text(at, line->context.tenant);
	at = put_text(at, line->context.user);
	for (size_t i = 0; i < line->count; i++) {
		char *next = header.count == PAL_LOG_FIELDS_MAX
				     ? NULL
				     : put_field(at, out + PAL_LOG_RECORD_MAX, &line->fields[i]);
		if (next) {
			at = next;
			header.count++;
		} else {
			header.left_out++;
		}
	}
	header.size = (uint32_t)(at - out);
	memcpy(out, &header, sizeof(header));
	return header.size;
}

static struct pal_str get_text(const char **at)
{
	uint32_t len;

	memcpy(&len, *at, sizeof(len));
	struct pal_str s = {*at + sizeof(len), len};
	*at += sizeof(len) + len;
	return s;
}

static struct pal_log_field get_field(const char **at)
{
	struct field_header header;

	memcpy(&header, *at, sizeof(header));
	const char *key = *at + sizeof(header);
	const char *value = key + header.key_len + 1;
	*at = value + header.len;
	struct pal_log_field field = {.key = key, .s = {value, header.len}, .i = header.i};
	field.kind = header.kind;
	return field;
}

size_t pal_log_unpack(const char *in, struct pal_log_line *ret,
		      struct pal_log_field fields[PAL_LOG_FIELDS_MAX])
{
	struct header header;
	const char *at = in + sizeof(header);

	memcpy(&header, in, sizeof(header));
	*ret = (struct pal_log_line){
		.wall_ms = header.wall_ms,
		.level = (enum pal_log_level)header.level,
		.left_out = header.left_out,
		.fields = fields,
		.count = header.count,
	};
	ret->message = get_text(&at);
	ret->subject = get_text(&at);
	ret->context.request_id = get_text(&at);
	ret->context.tenant = get_text(&at);
	ret->context.user = get_text(&at);
	for (size_t i = 0; i < header.count; i++)
		fields[i] = get_field(&at);
	return header.size;
}
