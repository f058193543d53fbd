/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processor finds in real messages, and how many a core does in a second: language,
 * entities, intent and the rest, with the analysis as JSON. Prints Markdown.
 * Run it by hand: build/bench/corpus FILE..., each of lines {"turns": [[speaker, text], ...]}, of
 * which the user's are taken, or CSV (named *.csv) with the text in the first column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "process/analysis.h"
#include "process/process.h"

#define RUN_NS 1000000000ll
#define KINDS_MAX 32u

struct texts {
	struct pal_arena arena;
	struct pal_str *item;
	size_t count, cap, bytes;
};

/* How often each word was found. */
struct tally {
	struct pal_str name[KINDS_MAX];
	size_t count[KINDS_MAX];
	size_t kinds;
};

static void die(const char *what)
{
	fprintf(stderr, "corpus: %s\n", what);
	exit(1);
}

static void add_text(struct texts *texts, struct pal_str text)
{
	if (text.n == 0)
		return;
	if (texts->count == texts->cap) {
		texts->cap = texts->cap ? 2 * texts->cap : 1024;
		texts->item = realloc(texts->item, texts->cap * sizeof(*texts->item));
		if (!texts->item)
			die("out of memory");
	}
	texts->item[texts->count] = pal_arena_copy(&texts->arena, text);
	if (!texts->item[texts->count].p)
		die("out of memory");
	texts->bytes += text.n;
	texts->count++;
}

/* --- Reading ----------------------------------------------------------------------------------- */

static void take_turn(struct texts *texts, const struct pal_json *json, uint32_t turn)
{
	if (pal_json_type(json, turn) != PAL_JSON_ARRAY || json->node[turn].count != 2)
		return;
	uint32_t speaker = pal_json_first(json, turn), text = json->node[speaker].next;
	if (pal_json_type(json, speaker) != PAL_JSON_STRING ||
	    pal_json_type(json, text) != PAL_JSON_STRING)
		return;
	if (pal_str_equal(pal_json_string(json, speaker, &texts->arena), PAL_STR("user")))
		add_text(texts, pal_json_string(json, text, &texts->arena));
}

static void take_dialog(struct texts *texts, struct pal_str line)
{
	static struct pal_json json;
	struct pal_json_fault fault;

	if (!pal_json_scan(&json, line, &fault))
		die(fault.why);
	uint32_t turns = pal_json_member(&json, 0, PAL_STR("turns"));
	if (turns == PAL_JSON_NONE || pal_json_type(&json, turns) != PAL_JSON_ARRAY)
		die("a line without turns");
	uint32_t turn = pal_json_first(&json, turns);
	for (unsigned i = 0; i < json.node[turns].count; i++, turn = json.node[turn].next)
		take_turn(texts, &json, turn);
}

/* RFC 4180: the first field of the record at `p`, unquoted into `out`. Return the next record. */
static const char *take_record(struct texts *texts, const char *p, const char *end, char *out)
{
	bool is_quoted = false;
	size_t n = 0;
	unsigned column = 0;

	for (; p < end && (is_quoted || *p != '\n'); p++) {
		if (*p == '"' && is_quoted && p + 1 < end && p[1] == '"')
			p++;
		else if (*p == '"') {
			is_quoted = !is_quoted;
			continue;
		} else if (*p == ',' && !is_quoted) {
			column++;
		}
		if (column == 0)
			out[n++] = *p;
	}
	add_text(texts, (struct pal_str){out, n});
	return p < end ? p + 1 : end;
}

static void read_file(const char *path, struct texts *texts)
{
	FILE *file = fopen(path, "rb");
	size_t len = strlen(path);
	struct pal_buf all = {0};
	size_t n;

	if (!file)
		die(path);
	do {
		char *room = pal_buf_reserve(&all, 65536);
		n = room ? fread(room, 1, 65536, file) : 0;
		all.len += n;
	} while (n > 0);
	fclose(file);
	bool is_csv = len > 4 && strcmp(path + len - 4, ".csv") == 0;
	const char *p = all.data, *end = all.data + all.len;
	const char *head = is_csv ? memchr(p, '\n', all.len) : NULL;
	char *field = malloc(all.len + 1);
	for (p = head ? head + 1 : p; field && p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop : end;
		if (is_csv) {
			p = take_record(texts, p, end, field);
		} else {
			take_dialog(texts, (struct pal_str){p, (size_t)(stop - p)});
			p = stop + 1;
		}
	}
	free(field);
	pal_buf_deinit(&all);
}

/* --- Counting ---------------------------------------------------------------------------------- */

static void count(struct tally *tally, struct pal_str name, size_t by)
{
	size_t i = 0;

	while (i < tally->kinds && !pal_str_equal(tally->name[i], name))
		i++;
	if (i == KINDS_MAX || by == 0)
		return;
	if (i == tally->kinds)
		tally->name[tally->kinds++] = name;	/* all names are constants */
	tally->count[i] += by;
}

static void print_tally(const char *what, struct tally *tally)
{
	printf("| %s | ", what);
	for (bool is_first = true;; is_first = false) {
		size_t best = KINDS_MAX;
		for (size_t i = 0; i < tally->kinds; i++)
			if (tally->count[i] && (best == KINDS_MAX ||
						tally->count[i] > tally->count[best]))
				best = i;
		if (best == KINDS_MAX)
			break;
		printf("%s%.*s %zu", is_first ? "" : ", ", (int)tally->name[best].n,
		       tally->name[best].p, tally->count[best]);
		tally->count[best] = 0;
	}
	puts(" |");
}

struct found {
	struct tally languages, intents, entities, categories, flags;
};

static void note(struct found *found, const struct pal_process_result *r)
{
	static const char *const kinds[] = {
#define X(id, key) [id] = key,
		PAL_ENTITIES(X)
#undef X
	};

	count(&found->languages,
	      r->detected_language.p ? r->detected_language : PAL_STR("undecided"), 1);
	count(&found->intents, r->intent.name, 1);
	for (size_t i = 0; i < PAL_ENTITY_INTENT; i++)
		count(&found->entities, pal_str(kinds[i]), r->entities[i].count);
	for (size_t i = 0; i < r->categories.count; i++)
		count(&found->categories, r->categories.item[i], 1);
#define X(id, bit, name) count(&found->flags, PAL_STR(name), r->safety_flags & id ? 1 : 0);
	PAL_SAFETY_FLAGS(X)
#undef X
}

/* All texts once; `found` NULL: only for the time it takes. */
static void process_all(const struct texts *texts, enum pal_language_mode mode, struct found *found)
{
	static char memory[1 << 20];
	static struct pal_buf out;
	struct pal_process_context context = {.tenant_id = PAL_STR("demo"), .language_mode = mode};

	for (size_t i = 0; i < texts->count; i++) {
		struct pal_arena arena = {.at = memory, .end = memory + sizeof(memory)};
		struct pal_content content = {.type = PAL_CONTENT_TEXT, .text = texts->item[i]};
		struct pal_process_result result;
		if (pal_process(&content, &context, &arena, &result, NULL) != PAL_OK)
			die("out of memory");
		pal_buf_clear(&out);
		pal_process_write_analysis(&out, &result);
		if (found && result.success)
			note(found, &result);
		pal_arena_release(&arena);
	}
}

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void report(const struct texts *texts, enum pal_language_mode mode, const char *name)
{
	struct found found = {.languages = {.kinds = 0}};
	long long begin, spent = 0;
	size_t rounds = 0;

	process_all(texts, mode, &found);
	begin = now_ns();
	for (; spent < RUN_NS; spent = now_ns() - begin, rounds++)
		process_all(texts, mode, NULL);
	printf("\n| detector `%s` | %zu messages, %zu bytes |\n|---|---|\n", name, texts->count,
	       texts->bytes);
	printf("| messages/s on one core | %.0f |\n",
	       (double)rounds * (double)texts->count * 1e9 / (double)spent);
	print_tally("languages", &found.languages);
	print_tally("intents", &found.intents);
	print_tally("entities", &found.entities);
	print_tally("categories", &found.categories);
	print_tally("flags", &found.flags);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("which files?");
	for (int i = 1; i < argc; i++) {
		struct texts texts = {.count = 0};
		read_file(argv[i], &texts);
		if (texts.count == 0)
			die("no messages in it");
		printf("\n### %s\n", argv[i]);
		report(&texts, PAL_LANGUAGE_BUILTIN, "builtin");
		report(&texts, PAL_LANGUAGE_AUTO, "auto");
		free(texts.item);
		pal_arena_release(&texts.arena);
	}
	return 0;
}
