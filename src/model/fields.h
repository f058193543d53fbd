/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - read the members of a JSON object by rule and collect every violation: one bad request
 * names all its wrong fields at once.
 */
#ifndef PALAVER_MODEL_FIELDS_H
#define PALAVER_MODEL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

#define PAL_FIELD_ERRORS_MAX 16u

/* What is wrong with one field. `field` is a path: "content.buttons[1].title". */
struct pal_field_error {
	char field[PAL_ERROR_SUBJECT_MAX];
	char message[96];
};

struct pal_field_errors {
	size_t count;		/* kept; further ones are dropped */
	struct pal_field_error item[PAL_FIELD_ERRORS_MAX];
};

/* Reads one scanned text. `failed_memory` is set when `arena` could not give what was needed. */
struct pal_fields {
	const struct pal_json *json;
	struct pal_arena *arena;
	struct pal_field_errors *errors;
	bool failed_memory;
};

/* Where an object stands in its text: the prefix of its members' paths. */
struct pal_fields_at {
	uint32_t node;			/* the object; PAL_JSON_NONE reads as an empty one */
	const struct pal_fields_at *parent;
	const char *name;		/* NULL for the root */
	int index;			/* element of an array, -1: not one */
};

/* Note that member `name` of `at` (NULL: `at` itself) is wrong. Runs on: any. */
void pal_fields_wrong(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		      const char *fmt, ...) PAL_PRINTF(4, 5);

/*
 * The value of member `name`, or PAL_JSON_NONE when it is absent or null; then, if `required`, the
 * violation is noted. Runs on: any.
 */
uint32_t pal_fields_value(struct pal_fields *fields, const struct pal_fields_at *at,
			  const char *name, bool required);

struct pal_text_rule {
	bool required;		/* absent and null are violations */
	bool trim;		/* drop white space at both ends before counting */
	size_t min, max;	/* code points */
};

/* A string member by rule; the absent view when there is none or it is wrong. Runs on: any. */
struct pal_str pal_fields_text(struct pal_fields *fields, const struct pal_fields_at *at,
			       const char *name, const struct pal_text_rule *rule);

/* A boolean member, `fallback` when absent or wrong. Runs on: any. */
bool pal_fields_bool(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		     bool fallback);

/* An integer member within min..max, `fallback` when absent or wrong. Runs on: any. */
int64_t pal_fields_integer(struct pal_fields *fields, const struct pal_fields_at *at,
			   const char *name, int64_t min, int64_t max, int64_t fallback);

/*
 * A number member within min..max. False when there is none, which is noted if `required`, or it is
 * wrong. Runs on: any.
 */
bool pal_fields_number(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		       bool required, double min, double max, double *ret);

/*
 * An instant: ISO 8601, epoch seconds, or epoch milliseconds (above 1e10; domain.md section 0).
 * `fallback` when absent or wrong. Runs on: any.
 */
int64_t pal_fields_time(struct pal_fields *fields, const struct pal_fields_at *at,
			const char *name, int64_t fallback);

/*
 * An object member to descend into: `ret->node` is PAL_JSON_NONE when there is none or it is no
 * object (noted). `at` must outlive `ret`. Runs on: any.
 */
void pal_fields_object(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		       bool required, struct pal_fields_at *ret);

/*
 * An array member of at most `max` elements; each element is handed over, in order. Elements beyond
 * `max` are not visited, the violation is noted. Runs on: any.
 */
typedef void pal_fields_visit_fn(struct pal_fields *fields, const struct pal_fields_at *element,
				 void *arg);
void pal_fields_array(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
		      size_t max, pal_fields_visit_fn *visit, void *arg);

/*
 * A client's object that is kept as it is: at most `bytes_max` as written and `depth_max` deep, no
 * key that starts with `$` or contains `.` (domain.md section 0). Return its text, or the absent
 * view. Runs on: any.
 */
struct pal_str pal_fields_verbatim(struct pal_fields *fields, const struct pal_fields_at *at,
				   const char *name, size_t bytes_max, unsigned depth_max);

/*
 * Put the first violation into `err` as PAL_E_VALIDATION. PAL_OK when there is none. Runs on: any.
 */
enum pal_code pal_field_errors_result(const struct pal_field_errors *errors, struct pal_error *err);

#endif
