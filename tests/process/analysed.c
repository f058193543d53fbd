/* SPDX-License-Identifier: Apache-2.0 */
#include "analysed.h"

#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

struct analysed *analyse_with(struct pal_str text, const struct pal_process_context *context)
{
	struct analysed *a = calloc(1, sizeof(*a));
	struct pal_error err = {0};

	if (!a || text.n > sizeof(a->text))
		abort();
	/* Not terminated, so that a read beyond the end is one that the sanitizer sees. */
	char *at = a->text + sizeof(a->text) - text.n;
	if (text.n)
		memcpy(at, text.p, text.n);
	struct pal_content content = {.type = PAL_CONTENT_TEXT, .text = {at, text.n}};
	enum pal_code code = pal_process(&content, context, &a->arena, &a->result, &err);
	CU_ASSERT_EQUAL_FATAL(code, PAL_OK);
	return a;
}

struct analysed *analyse(const char *text)
{
	struct pal_process_context context = {.language_mode = PAL_LANGUAGE_BUILTIN};

	return analyse_with(pal_str(text), &context);
}

void analysed_free(struct analysed *a)
{
	pal_arena_release(&a->arena);
	free(a);
}

const char *joined(struct pal_str_list list)
{
	static char out[ANALYSED_TEXT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < list.count && n < sizeof(out); i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", i ? "|" : "",
				      (int)list.item[i].n, list.item[i].p);
	out[n] = '\0';
	return out;
}

const char *plain(struct pal_str s)
{
	static char out[ANALYSED_TEXT_MAX];

	if (!s.p)
		return "(absent)";
	snprintf(out, sizeof(out), "%.*s", (int)s.n, s.p);
	return out;
}

const char *flags_of(uint32_t safety)
{
	static char out[256];

	out[0] = '\0';
#define X(id, bit, name)                                                                           \
	if (safety & id) {                                                                         \
		if (out[0])                                                                        \
			strcat(out, "|");                                                          \
		strcat(out, name);                                                                 \
	}
	PAL_SAFETY_FLAGS(X)
#undef X
	return out;
}

void check_entity(enum pal_entity kind, const char *text, const char *want)
{
	struct analysed *a = analyse(text);
	const char *got = joined(a->result.entities[kind]);

	if (strcmp(got, want) != 0)
		printf("# \"%s\": got \"%s\", want \"%s\"\n", text, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
	analysed_free(a);
}
