/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canonical.h - read the members of an object by rule and write what is right again, in one
 * spelling: the JSON that is stored and shown. What a rule refuses is noted in the fields and not
 * written.
 */
#ifndef PALAVER_MODEL_CANONICAL_H
#define PALAVER_MODEL_CANONICAL_H

#include "base/buf.h"
#include "model/fields.h"

#define PAL_VERBATIM_BYTES_MAX 10240u	/* of a client's own object; domain.md section 0 */
#define PAL_VERBATIM_DEPTH_MAX 16u
#define PAL_URL_POINTS_MAX 2048u

struct pal_canonical {
	struct pal_fields *fields;
	struct pal_buf *raw;
};

/*
 * Begin a member (`name` NULL: an element, or the whole) that is an object `{` or an array `[`; end
 * it with the counterpart. Runs on: any.
 */
void pal_canonical_open(const struct pal_canonical *c, const char *name, char bracket);
void pal_canonical_close(const struct pal_canonical *c, char bracket);

/* Write a text member; nothing when it is absent. Runs on: any. */
void pal_canonical_put(const struct pal_canonical *c, const char *name, struct pal_str value);

/* As pal_fields_text, and written. Runs on: any. */
struct pal_str pal_canonical_text(const struct pal_canonical *c, const struct pal_fields_at *at,
				  const char *name, const struct pal_text_rule *rule);

/* An http or https URL of at most PAL_URL_POINTS_MAX with a host, and written. Runs on: any. */
struct pal_str pal_canonical_url(const struct pal_canonical *c, const struct pal_fields_at *at,
				 const char *name, bool required);

/*
 * One of `words`, which NULL ends; `list` names them for the client. Return its index, or their
 * number when it is absent or wrong. Runs on: any.
 */
size_t pal_canonical_word(const struct pal_canonical *c, const struct pal_fields_at *at,
			  const char *name, bool required, const char *const *words,
			  const char *list);

/* Integer, number and boolean members (false when absent) as in fields.h, written when there. */
int64_t pal_canonical_integer(const struct pal_canonical *c, const struct pal_fields_at *at,
			      const char *name, int64_t min, int64_t max, int64_t fallback);
bool pal_canonical_number(const struct pal_canonical *c, const struct pal_fields_at *at,
			  const char *name, bool required, double min, double max, double *ret);
bool pal_canonical_bool(const struct pal_canonical *c, const struct pal_fields_at *at,
			const char *name);

/* A client's own object within the caps above, written without white space. Runs on: any. */
void pal_canonical_verbatim(const struct pal_canonical *c, const struct pal_fields_at *at,
			    const char *name);

/*
 * An array member of at most `max` objects: `visit` writes the members of each between brackets
 * that are written here. Return how many elements there are, 0 when it is absent or no array.
 * Runs on: any.
 */
typedef void pal_canonical_visit_fn(const struct pal_canonical *c,
				    const struct pal_fields_at *element, void *arg);
size_t pal_canonical_objects(const struct pal_canonical *c, const struct pal_fields_at *at,
			     const char *name, size_t max, pal_canonical_visit_fn *visit,
			     void *arg);

/* An array member of at most `max` texts of 1 to `points_max` characters. Runs on: any. */
void pal_canonical_texts(const struct pal_canonical *c, const struct pal_fields_at *at,
			 const char *name, size_t max, size_t points_max);

#endif
