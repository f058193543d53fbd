/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

static const struct {
	const char *name;
	const char *padded;	/* for the plain format */
	char priority;		/* of the journal, sd-daemon(3) */
} levels[] = {
	[PAL_LOG_DEBUG] = {"debug", "DEBUG    ", '7'},
	[PAL_LOG_INFO] = {"info", "INFO     ", '6'},
	[PAL_LOG_WARNING] = {"warning", "WARNING  ", '4'},
	[PAL_LOG_ERROR] = {"error", "ERROR    ", '3'},
	[PAL_LOG_CRITICAL] = {"critical", "CRITICAL ", '2'},
};

bool pal_log_is_journal(int fd, const char *stream)
{
	unsigned long long device, inode;
	struct stat st;
	char excess;

	if (!stream || sscanf(stream, "%llu:%llu%c", &device, &inode, &excess) != 2)
		return false;
	return fstat(fd, &st) == 0 && (unsigned long long)st.st_dev == device &&
	       (unsigned long long)st.st_ino == inode;
}

struct pal_log_style pal_log_style_of(enum pal_log_format format, int fd, bool is_file)
{
	bool journal = !is_file && pal_log_is_journal(fd, getenv("JOURNAL_STREAM"));

	if (format == PAL_LOG_AUTO) {
		if (journal)
			format = PAL_LOG_LOGFMT;
		else if (!is_file && isatty(fd))
			format = PAL_LOG_PLAIN;
		else
			format = PAL_LOG_JSON;
	}
	return (struct pal_log_style){.format = format, .journal = journal};
}

/* --- Texts: quotable in every format, one line, nothing a terminal obeys ---------------------- */

static void put_char(struct pal_buf *out, const unsigned char *p, size_t n)
{
	if (n == 0 || *p == '\0')
		pal_buf_addf(out, "\\\\x%02x", *p);	/* not text: the byte in words */
	else if (*p == '"' || *p == '\\')
		pal_buf_addf(out, "\\%c", *p);
	else if (*p == '\n')
		pal_buf_add_lit(out, "\\n");
	else if (*p == '\t')
		pal_buf_add_lit(out, "\\t");
	else if (*p < 0x20 || *p == 0x7F)
		pal_buf_addf(out, "\\u%04x", *p);
	else if (n == 2 && *p == 0xC2 && p[1] < 0xA0)
		pal_buf_addf(out, "\\u%04x", p[1]);
	else
		pal_buf_add(out, p, n);
}

/* The inside of a JSON string; a text beyond the limit is cut between characters and marked. */
static void put_escaped(struct pal_buf *out, struct pal_str s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = s.n ? p + s.n : p;
	const unsigned char *limit = s.n > PAL_LOG_TEXT_MAX ? p + PAL_LOG_TEXT_MAX : end;

	if (limit == end && pal_utf8_skip_plain(p, end) == end &&
	    (s.n == 0 || !memchr(p, 0x7F, s.n))) {
		pal_buf_add(out, s.p, s.n);
		return;
	}
	while (p < limit) {
		size_t n = *p < 0x80 ? 1 : pal_utf8_sequence(p, end);
		if (n > (size_t)(limit - p))
			break;
		put_char(out, p, n);
		p += n ? n : 1;
	}
	if (limit < end)
		pal_buf_add_lit(out, "...[cut]");
}

static void put_quoted(struct pal_buf *out, struct pal_str s)
{
	pal_buf_add_char(out, '"');
	put_escaped(out, s);
	pal_buf_add_char(out, '"');
}

/* Quotes only where logfmt needs them. */
static void put_logfmt(struct pal_buf *out, struct pal_str s)
{
	bool bare = s.n > 0 && s.n <= PAL_LOG_TEXT_MAX;

	for (size_t i = 0; bare && i < s.n; i++) {
		char c = s.p[i];
		bare = c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '=';
	}
	if (bare)
		pal_buf_add_str(out, s);
	else
		put_quoted(out, s);
}

/* --- Pairs ------------------------------------------------------------------------------------ */

static void put_key(struct pal_buf *out, const char *key, struct pal_log_style style)
{
	struct pal_str name = pal_str(key);

	if (style.format == PAL_LOG_JSON) {
		pal_buf_add_char(out, ',');
		put_quoted(out, name);
		pal_buf_add_char(out, ':');
		return;
	}
	pal_buf_add_char(out, ' ');
	put_logfmt(out, name);
	pal_buf_add_char(out, '=');
}

static void put_text(struct pal_buf *out, struct pal_str s, struct pal_log_style style)
{
	if (style.format == PAL_LOG_JSON)
		put_quoted(out, s);
	else
		put_logfmt(out, s);
}

static void put_json(struct pal_buf *out, struct pal_str s, struct pal_log_style style)
{
	if (s.n > PAL_LOG_JSON_MAX) {
		put_text(out, PAL_STR("[TOO LONG]"), style);
		return;
	}
	if (style.format == PAL_LOG_JSON) {
		pal_redact_json(out, s);
		return;
	}
	struct pal_buf text = pal_buf_of(8 * PAL_LOG_JSON_MAX);
	pal_redact_json(&text, s);
	put_quoted(out, text.failed ? PAL_STR("[TOO LONG]") : pal_buf_str(&text));
	pal_buf_deinit(&text);
}

static void put_field(struct pal_buf *out, const struct pal_log_field *field,
		      struct pal_log_style style)
{
	put_key(out, field->key, style);
	if (field->kind == PAL_FIELD_SECRET || pal_redact_is_secret(pal_str(field->key)))
		put_text(out, PAL_STR("[REDACTED]"), style);
	else if (field->kind == PAL_FIELD_I64)
		pal_buf_add_i64(out, field->i);
	else if (field->kind == PAL_FIELD_JSON)
		put_json(out, field->s, style);
	else
		put_text(out, field->s, style);
}

static bool has_field(const struct pal_log_line *line, const char *key)
{
	for (size_t i = 0; i < line->count; i++) {
		if (strcmp(line->fields[i].key, key) == 0)
			return true;
	}
	return false;
}

/* A field of the same name says it better, and an object must not have a key twice. */
static void put_context(struct pal_buf *out, const struct pal_log_line *line, const char *key,
			struct pal_str value, struct pal_log_style style)
{
	if (value.n == 0 || has_field(line, key))
		return;
	put_key(out, key, style);
	put_text(out, value, style);
}

static void put_pairs(struct pal_buf *out, const struct pal_log_line *line,
		      struct pal_log_style style)
{
	put_context(out, line, "request_id", line->context.request_id, style);
	put_context(out, line, "tenant_id", line->context.tenant, style);
	put_context(out, line, "user_id", line->context.user, style);
	for (size_t i = 0; i < line->count; i++)
		put_field(out, &line->fields[i], style);
	if (line->left_out) {
		put_key(out, "fields_left_out", style);
		pal_buf_add_u64(out, line->left_out);
	}
}

/* --- Heads ------------------------------------------------------------------------------------ */

static void put_json_head(struct pal_buf *out, const struct pal_log_line *line, const char *time)
{
	pal_buf_add_lit(out, "{\"time\":\"");
	pal_buf_add_str(out, pal_str(time));
	pal_buf_add_lit(out, "\",\"level\":\"");
	pal_buf_add_str(out, pal_str(levels[line->level].name));
	pal_buf_add_lit(out, "\",\"subject\":");
	put_quoted(out, line->subject);
	pal_buf_add_lit(out, ",\"message\":");
	put_quoted(out, line->message);
}

static void put_logfmt_head(struct pal_buf *out, const struct pal_log_line *line, const char *time,
			    bool journal)
{
	if (!journal) {
		pal_buf_add_lit(out, "time=");
		pal_buf_add_str(out, pal_str(time));
		pal_buf_add_char(out, ' ');
	}
	pal_buf_add_lit(out, "level=");
	pal_buf_add_str(out, pal_str(levels[line->level].name));
	pal_buf_add_lit(out, " subject=");
	put_logfmt(out, line->subject);
	pal_buf_add_lit(out, " message=");
	put_logfmt(out, line->message);
}

static void put_plain_head(struct pal_buf *out, const struct pal_log_line *line, const char *time,
			   bool journal)
{
	if (!journal) {
		pal_buf_add_str(out, pal_str(time));
		pal_buf_add_char(out, ' ');
	}
	pal_buf_add_str(out, pal_str(levels[line->level].padded));
	if (line->subject.n) {
		put_escaped(out, line->subject);
		pal_buf_add_lit(out, ": ");
	}
	put_escaped(out, line->message);
}

void pal_log_format_line(struct pal_buf *out, const struct pal_log_line *line,
			 struct pal_log_style style)
{
	char time[PAL_TIME_TEXT_SIZE];

	pal_time_format(line->wall_ms, time);
	if (style.journal) {
		const char prefix[] = {'<', levels[line->level].priority, '>'};
		pal_buf_add(out, prefix, sizeof(prefix));
	}
	if (style.format == PAL_LOG_JSON)
		put_json_head(out, line, time);
	else if (style.format == PAL_LOG_LOGFMT)
		put_logfmt_head(out, line, time, style.journal);
	else
		put_plain_head(out, line, time, style.journal);
	put_pairs(out, line, style);
	if (style.format == PAL_LOG_JSON)
		pal_buf_add_char(out, '}');
	pal_buf_add_char(out, '\n');
}
