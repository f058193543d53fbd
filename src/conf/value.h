/* SPDX-License-Identifier: Apache-2.0 */
/* value.h - the text of an option to its value, and back. */
#ifndef PALAVER_CONF_VALUE_H
#define PALAVER_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "conf/options.h"

/* A value of any type. Which members mean something follows from the option's type. */
struct pal_value {
	int64_t number;			/* BOOL 0/1, INT, SIZE bytes, DURATION ms, ENUM index */
	const char *text;		/* STRING, PATH: NUL-terminated, never NULL */
	const char *const *items;	/* LIST: `count` texts */
	size_t count;
};

/*
 * Read `text` as a value of the scalar option `option` (any type but LIST); texts are copied to
 * `arena`. PAL_E_CONFIG when it is none or out of range, with a sentence that tells what is
 * allowed and, for a secret, does not repeat it; PAL_E_SERVICE when out of memory. Runs on: any.
 */
enum pal_code pal_value_read(enum pal_option option, struct pal_str text, struct pal_arena *arena,
			     struct pal_value *ret, struct pal_error *err) PAL_MUST_CHECK;

/* As above for one item of the LIST `option`; ret->text is the item. Runs on: any. */
enum pal_code pal_value_read_item(enum pal_option option, struct pal_str text,
				  struct pal_arena *arena, struct pal_value *ret,
				  struct pal_error *err) PAL_MUST_CHECK;

/* Append a value as a user would write it: 64KiB, 30s, true; items joined by ", ". Runs on: any. */
void pal_value_write(enum pal_option option, const struct pal_value *value, struct pal_buf *out);

/* Append a number of `option`'s type in its unit. Runs on: any. */
void pal_value_write_number(enum pal_option option, int64_t number, struct pal_buf *out);

/* Append what is allowed: "0 to 4", "1KiB to 64MiB", "memory or sqlite". Runs on: any. */
void pal_value_write_range(enum pal_option option, struct pal_buf *out);

/* Whether two values of `option` are the same. Runs on: any. */
bool pal_value_equal(enum pal_option option, const struct pal_value *a, const struct pal_value *b);

#endif
