/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one message costs in processor and rules, in ns of CPU time, so that a busy machine does not
 * count; prints one line a text and mode.
 * Run it by hand: build/bench/micro-process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "process/analysis.h"
#include "process/process.h"
#include "respond/respond.h"
#include "respond/rules/rules.h"

#define RUN_NS 300000000ll
#define SHORT_TEXT "Hello, I would like to check the status of my order 4711 please"

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* `n` bytes of sentences as customers write them. */
static struct pal_str fill(char *out, size_t n)
{
	static const char sample[] =
		"I ordered two small lattes on 12/05/2026 and paid $14.50, but the app says that "
		"the payment did not go through. Please mail me at jane.doe@example.com or call "
		"+1 (555) 123-4567, the order is ORD123456. It's really URGENT! Thanks a lot. ";

	for (size_t i = 0; i < n; i++)
		out[i] = sample[i % (sizeof(sample) - 1)];
	return (struct pal_str){out, n};
}

/* `n` code points of Japanese, three bytes each: the path that decodes. */
static struct pal_str fill_wide(char *out, size_t n)
{
	static const char sample[] = "注文した商品がまだ届きません。配送状況を教えてください。";

	for (size_t i = 0; i < 3 * n; i++)
		out[i] = sample[i % (sizeof(sample) - 1)];
	return (struct pal_str){out, 3 * n};
}

static bool turn(struct pal_str text, enum pal_language_mode mode, bool is_written,
		 struct pal_buf *out)
{
	static char memory[1 << 20];
	struct pal_arena arena = {.at = memory, .end = memory + sizeof(memory)};
	struct pal_content content = {.type = PAL_CONTENT_TEXT, .text = text};
	struct pal_process_context context = {.tenant_id = PAL_STR("demo"), .language_mode = mode};
	struct pal_rules_responder rules = pal_rules_responder_of(NULL);
	struct pal_process_result result;
	struct pal_respond_result reply;
	struct pal_respond_input input = {
		.content = &content, .analysis = &result, .context = &context};

	bool is_fine = pal_process(&content, &context, &arena, &result, NULL) == PAL_OK &&
		       pal_respond(&rules.base, &input, &arena, &reply, NULL) == PAL_OK;
	if (is_fine && is_written) {
		pal_buf_clear(out);
		pal_process_write_analysis(out, &result);
	}
	pal_arena_release(&arena);
	return is_fine;
}

static void measure(const char *name, struct pal_str text, enum pal_language_mode mode,
		    bool is_written)
{
	static const char *const modes[] = {
#define X(id, label) [id] = label,
		PAL_LANGUAGE_MODES(X)
#undef X
	};
	struct pal_buf out = pal_buf_of(0);
	long long begin = now_ns(), spent = 0, turns = 0;

	for (; spent < RUN_NS; spent = now_ns() - begin)
		for (int i = 0; i < 100; i++, turns++)
			if (!turn(text, mode, is_written, &out))
				exit(1);
	printf("%-22s %-8s %-16s %8.0f ns  %6.2f ns/byte\n", name, modes[mode],
	       is_written ? "and JSON" : "", (double)spent / turns,
	       (double)spent / turns / (double)text.n);
	pal_buf_deinit(&out);
}

int main(void)
{
	static char middle[300], large[4096], wide[3 * 4096];
	const struct {
		const char *name;
		struct pal_str text;
	} texts[] = {
		{"short (62 characters)", PAL_STR(SHORT_TEXT)},
		{"300 characters", fill(middle, sizeof(middle))},
		{"4096 characters", fill(large, sizeof(large))},
		{"4096 Japanese", fill_wide(wide, 4096)},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		measure(texts[i].name, texts[i].text, PAL_LANGUAGE_BUILTIN, false);
		measure(texts[i].name, texts[i].text, PAL_LANGUAGE_BUILTIN, true);
		measure(texts[i].name, texts[i].text, PAL_LANGUAGE_AUTO, false);
		measure(texts[i].name, texts[i].text, PAL_LANGUAGE_CLD2, false);
	}
	return 0;
}
