/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libfyaml's events are turned into a small tree. Not libfyaml's own document tree: it stops at the
 * first key set twice, while we want all of them, and it resolves what we refuse.
 */
#include "conf/yaml.h"

#include <libfyaml.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct builder {
	const struct pal_conf_input *input;
	struct pal_arena *arena;
	struct pal_conf_report *report;
	struct pal_yaml *open[PAL_YAML_DEPTH_MAX];	/* outermost first */
	unsigned depth;
	unsigned nodes, documents;
	struct pal_yaml *pending;	/* a key without its value so far */
	struct pal_yaml *root;
	struct pal_conf_spot newest;	/* of the last event that had one */
	char stray[128];		/* what libfyaml would have printed */
	bool is_over;			/* nothing after this point can be understood */
	bool is_whole;			/* the end of the text was reached */
	bool is_out_of_memory;
};

static struct pal_conf_spot spot_of(const struct builder *b, const struct fy_event *event)
{
	const struct fy_mark *start = fy_event_start_mark((struct fy_event *)event);
	const struct fy_mark *end = fy_event_end_mark((struct fy_event *)event);
	struct pal_conf_spot spot = {.input = b->input, .width = 1};

	if (start) {
		spot.line = (uint32_t)start->line + 1;
		spot.column = (uint32_t)start->column + 1;
		if (end && end->line == start->line && end->column > start->column)
			spot.width = (uint32_t)(end->column - start->column);
	}
	return spot;
}

/* libfyaml's marks leave the quotation marks out; a caret looks better under them. */
static struct pal_conf_spot with_quotes(struct fy_event *event, struct pal_conf_spot spot,
					bool is_empty)
{
	enum fy_scalar_style style = event->scalar.value
					     ? fy_token_scalar_style(event->scalar.value)
					     : FYSS_PLAIN;

	if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && spot.column > 1) {
		spot.column--;
		spot.width = is_empty ? 2 : spot.width + 2;
	}
	return spot;
}

/* The value of a key is not empty when it could not be read. */
static void break_pending(struct builder *b)
{
	if (b->pending)
		b->pending->kind = PAL_YAML_BROKEN;
}

static void give_up(struct builder *b, struct pal_conf_spot spot, const char *why)
{
	pal_conf_report_error(b->report, spot, PAL_CONF_EXCERPT_PLAIN, "%s", why);
	break_pending(b);
	b->is_over = true;
}

static struct pal_yaml *new_node(struct builder *b, enum pal_yaml_kind kind,
				 struct pal_conf_spot spot)
{
	struct pal_yaml *node = NULL;

	if (++b->nodes > PAL_YAML_NODES_MAX) {
		give_up(b, spot, "the file holds more than 4096 values");
		return NULL;
	}
	node = pal_arena_get(b->arena, sizeof(*node));
	if (!node) {
		b->is_out_of_memory = b->is_over = true;
		return NULL;
	}
	*node = (struct pal_yaml){.kind = kind, .spot = spot};
	return node;
}

static void append(struct pal_yaml *parent, struct pal_yaml *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

/*
 * Put a finished or just opened value where it belongs: root, list item, or value of the last key.
 */
static struct pal_yaml *place(struct builder *b, enum pal_yaml_kind kind, struct pal_conf_spot spot)
{
	struct pal_yaml *node = b->pending;

	if (node) {
		b->pending = NULL;
		node->kind = kind;
		node->spot = spot;
		return node;
	}
	if (b->depth && b->open[b->depth - 1]->kind == PAL_YAML_MAP) {
		give_up(b, spot, "a key must be a plain name");
		return NULL;
	}
	node = new_node(b, kind, spot);
	if (node && b->depth)
		append(b->open[b->depth - 1], node);
	else if (node)
		b->root = node;
	return node;
}

static bool is_in_map(const struct builder *b)
{
	return b->depth && b->open[b->depth - 1]->kind == PAL_YAML_MAP;
}

/* Spot of the first member called `key`, or NULL. */
static const struct pal_yaml *find_key(const struct pal_yaml *map, struct pal_str key)
{
	for (const struct pal_yaml *m = map->first; m; m = m->next) {
		if (pal_str_equal(m->key, key))
			return m;
	}
	return NULL;
}

static void on_key(struct builder *b, struct pal_str key, struct pal_conf_spot spot)
{
	struct pal_yaml *map = b->open[b->depth - 1];
	const struct pal_yaml *first = find_key(map, key);

	if (key.n == 0) {
		give_up(b, spot.line ? spot : map->spot, "a key must be a plain name");
		return;
	}
	struct pal_yaml *node = new_node(b, PAL_YAML_EMPTY, spot);
	if (!node)
		return;
	node->key = key;
	node->key_spot = spot;
	b->pending = node;
	/* A second member is checked for errors of its own, but belongs nowhere. */
	if (first)
		pal_conf_report_error(b->report, spot, PAL_CONF_EXCERPT_PLAIN,
				      "`%.*s` is here a second time, first in line %u", (int)key.n,
				      key.p, (unsigned)first->key_spot.line);
	else
		append(map, node);
}

/* "\0" in double quotes: a C string would end there, and its meaning with it. */
static bool has_nul(struct builder *b, struct pal_str text, struct pal_conf_spot spot)
{
	if (!text.n || !memchr(text.p, '\0', text.n))
		return false;
	give_up(b, spot, "a NUL character may not stand here");
	return true;
}

static void on_scalar(struct builder *b, struct fy_event *event, struct pal_conf_spot spot)
{
	size_t n = 0;
	const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &n) : NULL;
	struct pal_str copy = {0};

	if (text) {
		copy = pal_arena_copy(b->arena, (struct pal_str){text, n});
		if (!copy.p) {
			b->is_out_of_memory = b->is_over = true;
			return;
		}
	}
	bool is_quoted = text && fy_token_scalar_style(event->scalar.value) != FYSS_PLAIN;
	spot = with_quotes(event, spot, n == 0);
	if (has_nul(b, copy, spot))
		return;
	if (is_in_map(b) && !b->pending) {
		on_key(b, copy, spot);
		return;
	}
	/* Without a token there is no place: an empty value stands where its key or list does. */
	if (spot.line == 0)
		spot = b->pending ? b->pending->key_spot : b->newest;
	struct pal_yaml *node = place(b, n || is_quoted ? PAL_YAML_SCALAR : PAL_YAML_EMPTY, spot);
	if (node)
		node->text = copy;
}

static void on_open(struct builder *b, enum pal_yaml_kind kind, struct pal_conf_spot spot)
{
	if (b->depth == PAL_YAML_DEPTH_MAX) {
		give_up(b, spot, "nested too deeply");
		return;
	}
	struct pal_yaml *node = place(b, kind, spot);
	if (node)
		b->open[b->depth++] = node;
}

static void on_document(struct builder *b, struct pal_conf_spot spot)
{
	if (++b->documents > 1)
		give_up(b, spot, "a second document begins here; there must be one");
}

/* Report what is never allowed on a value. */
static void check_properties(struct builder *b, struct fy_event *event, struct pal_conf_spot spot)
{
	if (event->type == FYET_ALIAS)
		pal_conf_report_error(b->report, spot, PAL_CONF_EXCERPT_PLAIN,
				      "aliases are not allowed; write the value out");
	else if (fy_event_get_anchor_token(event))
		pal_conf_report_error(b->report, spot, PAL_CONF_EXCERPT_PLAIN,
				      "anchors are not allowed; write the value where it is "
				      "needed");
	else if (fy_event_get_tag_token(event))
		pal_conf_report_error(b->report, spot, PAL_CONF_EXCERPT_PLAIN,
				      "tags are not allowed; an option has the type it has");
}

static void on_event(struct builder *b, struct fy_event *event)
{
	struct pal_conf_spot spot = spot_of(b, event);

	if (spot.line)
		b->newest = spot;
	check_properties(b, event, spot);
	switch (event->type) {
	case FYET_DOCUMENT_START:
		on_document(b, spot);
		break;
	case FYET_SCALAR:
		on_scalar(b, event, spot);
		break;
	case FYET_ALIAS:
		(void)place(b, PAL_YAML_BROKEN, spot);
		break;
	case FYET_MAPPING_START:
		on_open(b, PAL_YAML_MAP, spot);
		break;
	case FYET_SEQUENCE_START:
		on_open(b, PAL_YAML_LIST, spot);
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		b->depth--;
		b->pending = NULL;
		break;
	default:
		break;
	}
}

/* The last line of the input: errors at the end are told one line behind it. */
static struct pal_conf_spot clamp(struct pal_conf_spot spot)
{
	struct pal_str line = pal_conf_input_line(spot.input, spot.line);

	if (!line.p && spot.line > 1) {
		spot.line--;
		line = pal_conf_input_line(spot.input, spot.line);
		spot.column = (uint32_t)line.n + 1;
	}
	return spot;
}

static void report_collected(struct builder *b, const struct fy_diag_error *e)
{
	const struct pal_yaml *open = b->depth ? b->open[b->depth - 1] : NULL;
	struct pal_conf_spot spot = {.input = b->input,
				     .line = e->line > 0 ? (uint32_t)e->line : 1,
				     .column = e->column > 0 ? (uint32_t)e->column : 1,
				     .width = 1};

	if (open && strstr(e->msg, "without a closing"))
		pal_conf_report_error(b->report, clamp(spot), PAL_CONF_EXCERPT_PLAIN,
				      "%s, opened at %u:%u", e->msg, (unsigned)open->spot.line,
				      (unsigned)open->spot.column);
	else
		pal_conf_report_error(b->report, clamp(spot), PAL_CONF_EXCERPT_PLAIN, "%s", e->msg);
}

/*
 * Some errors (`a: |0`) are not collected but printed, without a place: they reach us through
 * catch_stray, and the last event tells roughly where.
 */
static void report_syntax(struct builder *b, struct fy_diag *diag)
{
	unsigned count = 0;
	void *at = NULL;

	for (struct fy_diag_error *e; (e = fy_diag_errors_iterate(diag, &at)) != NULL; count++)
		report_collected(b, e);
	if (count == 0)
		pal_conf_report_error(b->report, b->newest, PAL_CONF_EXCERPT_PLAIN,
				      "cannot be read from here on%s%s", *b->stray ? ": " : "",
				      b->stray);
	break_pending(b);
}

static void catch_stray(struct fy_diag *diag, void *user, const char *text, size_t n)
{
	struct builder *b = user;
	static const char prefix[] = "[ERR]: ";

	(void)diag;
	if (n > strlen(prefix) && memcmp(text, prefix, strlen(prefix)) == 0) {
		text += strlen(prefix);
		n -= strlen(prefix);
	}
	while (n && text[n - 1] == '\n')
		n--;
	snprintf(b->stray, sizeof(b->stray), "%.*s", (int)n, text);
}

static struct fy_diag *make_diag(struct builder *b)
{
	struct fy_diag_cfg cfg;

	fy_diag_cfg_default(&cfg);
	cfg.fp = NULL;
	cfg.output_fn = catch_stray;
	cfg.user = b;
	cfg.colorize = false;
	struct fy_diag *diag = fy_diag_create(&cfg);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

static bool parse(struct builder *b, struct fy_diag *diag)
{
	const struct fy_parse_cfg cfg = {
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
			 FYPCF_JSON_NONE,
		.diag = diag,
	};
	struct fy_parser *parser = fy_parser_create(&cfg);
	struct pal_str text = b->input->text;
	bool is_set = parser && fy_parser_set_string(parser, text.p, text.n) == 0;

	for (struct fy_event *e; is_set && !b->is_over && (e = fy_parser_parse(parser)) != NULL; ) {
		on_event(b, e);
		b->is_whole = e->type == FYET_STREAM_END;
		fy_parser_event_free(parser, e);
	}
	fy_parser_destroy(parser);
	return is_set && !b->is_out_of_memory;
}

enum pal_code pal_yaml_read(const struct pal_conf_input *input, struct pal_arena *arena,
			    struct pal_conf_report *report, struct pal_yaml **ret)
{
	struct builder b = {.input = input, .arena = arena, .report = report,
			    .newest = {.input = input}};
	struct pal_conf_spot bad;

	*ret = NULL;
	if (pal_conf_input_find_bad_byte(input, &bad)) {
		pal_conf_report_error(report, bad, PAL_CONF_EXCERPT_PLAIN,
				      "not UTF-8 text: a byte or control character that may not "
				      "stand here");
		return PAL_OK;
	}
	if (input->text.n == 0)
		return PAL_OK;
	struct fy_diag *diag = make_diag(&b);
	bool is_read = diag && parse(&b, diag);
	if (is_read && !b.is_over && !b.is_whole)
		report_syntax(&b, diag);
	fy_diag_destroy(diag);
	if (!is_read)
		return PAL_E_SERVICE;
	*ret = b.root;
	return PAL_OK;
}
