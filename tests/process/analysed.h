/* SPDX-License-Identifier: Apache-2.0 */
/* analysed.h - what the text processor makes of a C string, in forms that compare easily. */
#ifndef PALAVER_TESTS_PROCESS_ANALYSED_H
#define PALAVER_TESTS_PROCESS_ANALYSED_H

#include "process/process.h"

#define ANALYSED_TEXT_MAX 65536

/* Free with analysed_free. */
struct analysed {
	struct pal_arena arena;
	struct pal_process_result result;
	char text[ANALYSED_TEXT_MAX];
};

/* Process `text` with the builtin detector; the call must succeed, the result need not. */
struct analysed *analyse(const char *text);
struct analysed *analyse_with(struct pal_str text, const struct pal_process_context *context);
void analysed_free(struct analysed *a);

/* `list` joined by '|'; of `s` a C string. Both live until the next calls overwrite them. */
const char *joined(struct pal_str_list list);
const char *plain(struct pal_str s);

/* Safety flags' bits, or any other set, as "a|b" in the order of `names`. */
const char *flags_of(uint32_t safety);

/* Analyse `text`, compare its `kind` list with `want` (joined) and say so when it differs. */
void check_entity(enum pal_entity kind, const char *text, const char *want);

#endif
