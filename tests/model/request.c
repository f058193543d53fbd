/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

#define TEXT_BYTES_MAX 65536u

struct pal_request_rules rules;

void reading_begin(struct reading *r, struct pal_str text)
{
	struct pal_json_fault fault = {0};

	memset(r, 0, sizeof(*r));
	if (!rules.content.media_types)
		rules = pal_request_rules_default();
	r->fields = (struct pal_fields){
		.json = &r->json, .arena = &r->arena, .errors = &r->errors};
	if (!pal_json_scan(&r->json, text, &fault)) {
		fprintf(stderr, "byte %zu: %s in %.*s\n", fault.at, fault.why, (int)text.n, text.p);
		abort();
	}
}

void reading_end(struct reading *r)
{
	pal_arena_release(&r->arena);
}

void read_request(struct reading *r, struct pal_str text)
{
	reading_begin(r, text);
	r->code = pal_send_request_read(&r->fields, NOW_MS, &rules, &r->request, &r->err);
}

void read_requestf(struct reading *r, const char *fmt, ...)
{
	struct pal_arena arena = pal_arena_of(0);
	char *text = pal_arena_get(&arena, TEXT_BYTES_MAX);
	va_list args;

	if (!text)
		abort();
	va_start(args, fmt);
	int n = vsnprintf(text, TEXT_BYTES_MAX, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= TEXT_BYTES_MAX)
		abort();
	reading_begin(r, (struct pal_str){text, (size_t)n});
	r->arena = arena;
	r->code = pal_send_request_read(&r->fields, NOW_MS, &rules, &r->request, &r->err);
}

bool is_wrong(const struct reading *r, const char *field, const char *message)
{
	for (size_t i = 0; i < r->errors.count; i++)
		if (strcmp(r->errors.item[i].field, field) == 0)
			return !message || strcmp(r->errors.item[i].message, message) == 0;
	return false;
}
