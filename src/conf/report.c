/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "conf/options.h"
#include "conf/utf8.h"

#define LINE_SHOWN_MAX 100u	/* characters of a source line */
#define LINE_BEFORE_CARET 60u	/* of them, at most before the caret */
#define MASK "********"

void pal_conf_report_deinit(struct pal_conf_report *report)
{
	pal_arena_release(&report->memory);
	*report = (struct pal_conf_report){0};
}

/* Append the first character of `s`, made harmless for a terminal. Return its bytes. */
static size_t put_clean_char(struct pal_buf *out, struct pal_str s)
{
	size_t n = pal_utf8_step(s);

	if (n == 0 || (pal_utf8_is_control(s.p, n) && s.p[0] != '\t'))
		pal_buf_add_char(out, '?');
	else
		pal_buf_add(out, s.p, n);
	return n ? n : 1;
}

static void put_clean(struct pal_buf *out, struct pal_str s)
{
	while (s.n) {
		size_t n = put_clean_char(out, s);
		s.p += n;
		s.n -= n;
	}
}

static struct pal_str skip_char(struct pal_str s)
{
	size_t n = pal_utf8_step(s);

	n = n ? n : 1;
	return (struct pal_str){s.p + n, s.n - n};
}

static bool begins_with(struct pal_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

/*
 * Bytes of `line` before the value of something called `name`, which may be misquoted or mistyped.
 */
static size_t before_value_of(struct pal_str line, const char *name)
{
	for (size_t at = 0; at < line.n; at++) {
		struct pal_str rest = {line.p + at, line.n - at};
		if (!begins_with(rest, name))
			continue;
		at += strlen(name);
		rest = (struct pal_str){line.p + at, line.n - at};
		if (begins_with(rest, "_file"))
			continue;
		while (at < line.n && line.p[at] != ':' && line.p[at] != '=')
			at++;
		while (at < line.n && memchr(":= \"'", line.p[at], 5))
			at++;
		return at;
	}
	return line.n;
}

/*
 * Bytes of `line` that come before the value of a secret option, or all of them. It goes by the
 * last part of the option's key alone, for the line may be the very one that failed to parse.
 */
static size_t before_secret(struct pal_str line)
{
	size_t least = line.n;

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const char *key = pal_option_get(o)->key, *dot = strrchr(key, '.');
		if (!pal_option_get(o)->secret)
			continue;
		size_t before = before_value_of(line, dot ? dot + 1 : key);
		least = before < least ? before : least;
	}
	return least;
}

/* What of a line is shown, and how. */
struct view {
	struct pal_str shown;
	size_t caret;	/* characters of `shown` before the caret */
	bool is_cut_before, is_masked_after;
};

static size_t bytes_of(struct pal_str s, size_t chars)
{
	struct pal_str rest = s;

	while (rest.n && chars-- > 0)
		rest = skip_char(rest);
	return s.n - rest.n;
}

static struct view view_of(struct pal_conf_spot spot, enum pal_conf_excerpt excerpt)
{
	struct pal_str line = pal_conf_input_line(spot.input, spot.line);
	size_t visible = line.n ? before_secret(line) : 0;
	struct view view = {.caret = spot.column - 1};

	if (excerpt != PAL_CONF_EXCERPT_PLAIN) {
		bool is_key = excerpt == PAL_CONF_EXCERPT_SECRET_KEY;
		size_t before = bytes_of(line, view.caret + (is_key ? spot.width + 1 : 0));
		visible = before < visible ? before : visible;
	}
	view.is_masked_after = visible < line.n;
	view.shown = (struct pal_str){line.p, visible};
	if (view.caret > LINE_BEFORE_CARET) {
		size_t cut = bytes_of(view.shown, view.caret - LINE_BEFORE_CARET);
		view.shown.p += cut;
		view.shown.n -= cut;
		view.caret = LINE_BEFORE_CARET;
		view.is_cut_before = true;
	}
	size_t most = bytes_of(view.shown, LINE_SHOWN_MAX);
	view.is_masked_after = view.is_masked_after && most == view.shown.n;
	view.shown.n = most;
	return view;
}

/* The caret line repeats the tabs of the line above, so that both look alike at any tab width. */
static void put_caret(struct pal_buf *out, const struct view *view, uint32_t width)
{
	struct pal_str rest = view->shown;

	if (view->is_cut_before)
		pal_buf_add_lit(out, "...");
	for (size_t i = 0; i < view->caret; i++) {
		pal_buf_add_char(out, rest.n && rest.p[0] == '\t' ? '\t' : ' ');
		if (rest.n)
			rest = skip_char(rest);
	}
	pal_buf_add_char(out, '^');
	for (uint32_t i = 1; i < width && rest.n; i++) {
		rest = skip_char(rest);
		if (rest.n)
			pal_buf_add_char(out, '~');
	}
	pal_buf_add_char(out, '\n');
}

static void put_excerpt(struct pal_buf *out, struct pal_conf_spot spot,
			enum pal_conf_excerpt excerpt)
{
	if (spot.line == 0 || !pal_conf_input_line(spot.input, spot.line).n)
		return;
	struct view view = view_of(spot, excerpt);
	if (view.is_cut_before)
		pal_buf_add_lit(out, "...");
	put_clean(out, view.shown);
	if (view.is_masked_after)
		pal_buf_add_lit(out, MASK);
	pal_buf_add_char(out, '\n');
	put_caret(out, &view, spot.width);
}

static void put_where(struct pal_buf *out, struct pal_conf_spot spot)
{
	put_clean(out, pal_str(spot.input->label));
	if (spot.input->kind == PAL_CONF_INPUT_FILE && spot.line)
		pal_buf_addf(out, ":%u:%u", (unsigned)spot.line, (unsigned)spot.column);
}

/* Keep what `out` holds in the report; what could not be kept reads as nothing. */
static const char *keep(struct pal_conf_report *report, struct pal_buf *out)
{
	struct pal_str kept = {0};

	if (!out->failed && out->len)
		kept = pal_arena_copy(&report->memory, pal_buf_str(out));
	pal_buf_clear(out);
	return kept.p ? kept.p : "";
}

/* Number of the input, the next one when it is new. Addresses are compared here, never followed. */
static unsigned number_of(struct pal_conf_report *report, const struct pal_conf_input *input)
{
	unsigned n = 0;

	while (n < 2 * PAL_CONF_PROBLEMS_MAX - 1 && report->inputs[n] && report->inputs[n] != input)
		n++;
	report->inputs[n] = input;
	return n;
}

static void add(struct pal_conf_report *report, struct pal_conf_problem *problem,
		struct pal_conf_spot spot, enum pal_conf_excerpt excerpt, const char *fmt,
		va_list args)
{
	struct pal_buf out = {0};
	char sentence[512];

	vsnprintf(sentence, sizeof(sentence), fmt, args);
	problem->input = number_of(report, spot.input);
	problem->line = spot.line;
	problem->column = spot.column;
	put_where(&out, spot);
	problem->where = keep(report, &out);
	put_clean(&out, pal_str(sentence));
	problem->message = keep(report, &out);
	put_excerpt(&out, spot, excerpt);
	problem->excerpt = keep(report, &out);
	pal_buf_deinit(&out);
}

void pal_conf_report_error(struct pal_conf_report *report, struct pal_conf_spot spot,
			   enum pal_conf_excerpt excerpt, const char *fmt, ...)
{
	if (report->errors_count < PAL_CONF_PROBLEMS_MAX) {
		va_list args;
		va_start(args, fmt);
		add(report, &report->errors[report->errors_count], spot, excerpt, fmt, args);
		va_end(args);
	}
	report->errors_count++;
}

void pal_conf_report_warn(struct pal_conf_report *report, struct pal_conf_spot spot,
			  enum pal_conf_excerpt excerpt, const char *fmt, ...)
{
	if (report->warnings_count < PAL_CONF_PROBLEMS_MAX) {
		va_list args;
		va_start(args, fmt);
		add(report, &report->warnings[report->warnings_count], spot, excerpt, fmt, args);
		va_end(args);
	}
	report->warnings_count++;
}

static bool is_before(const struct pal_conf_problem *a, const struct pal_conf_problem *b)
{
	if (a->input != b->input)
		return a->input < b->input;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Insertion keeps two problems of one place in the order they were found in. */
static void sort(struct pal_conf_problem *problems, size_t count)
{
	size_t kept = count < PAL_CONF_PROBLEMS_MAX ? count : PAL_CONF_PROBLEMS_MAX;

	for (size_t i = 1; i < kept; i++) {
		struct pal_conf_problem problem = problems[i];
		size_t at = i;
		for (; at > 0 && is_before(&problem, &problems[at - 1]); at--)
			problems[at] = problems[at - 1];
		problems[at] = problem;
	}
}

void pal_conf_report_sort(struct pal_conf_report *report)
{
	sort(report->errors, report->errors_count);
	sort(report->warnings, report->warnings_count);
}

static void write_all(const struct pal_conf_problem *problems, size_t count, const char *kind,
		      const char *plural, struct pal_buf *out)
{
	size_t kept = count < PAL_CONF_PROBLEMS_MAX ? count : PAL_CONF_PROBLEMS_MAX;

	for (size_t i = 0; i < kept; i++)
		pal_buf_addf(out, "%s: %s%s\n%s", problems[i].where, kind, problems[i].message,
			     problems[i].excerpt);
	if (count > kept)
		pal_buf_addf(out, "and %zu more %s\n", count - kept, plural);
}

void pal_conf_report_write(const struct pal_conf_report *report, struct pal_buf *out)
{
	write_all(report->errors, report->errors_count, "", "errors", out);
	write_all(report->warnings, report->warnings_count, "warning: ", "warnings", out);
}
