/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - the gate every JSON text from outside passes: one linear scan, strict RFC 8259, no
 * allocation. It leaves a flat list of values ("tape") from which a route reads what it needs.
 */
#ifndef PALAVER_BASE_JSON_H
#define PALAVER_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define PAL_JSON_DEPTH_MAX 32u
#define PAL_JSON_VALUES_MAX 4096u
#define PAL_JSON_KEYS_MAX 256u		/* per object */
#define PAL_JSON_INTEGER_MAX 9007199254740992ll	/* 2^53 */

enum pal_json_type {
	PAL_JSON_NULL,
	PAL_JSON_FALSE,
	PAL_JSON_TRUE,
	PAL_JSON_NUMBER,
	PAL_JSON_STRING,
	PAL_JSON_ARRAY,
	PAL_JSON_OBJECT,
};

/*
 * One value. A key is a STRING node just before its value. Children of a container follow it
 * directly; `next` is the index of the node after the whole value.
 */
struct pal_json_node {
	uint8_t type;		/* enum pal_json_type */
	bool escaped;		/* STRING: holds at least one backslash */
	uint16_t count;		/* ARRAY: elements, OBJECT: members */
	uint32_t next;		/* index of the node behind this value */
	uint32_t at, len;	/* bytes in the text; for STRING without the quotes */
};

/* A scanned text. About 100 KiB: one per thread, reused. The text must outlive its use. */
struct pal_json {
	const char *text;
	size_t len;
	uint32_t count;
	struct pal_json_node node[2 * PAL_JSON_VALUES_MAX];
	uint32_t keys[PAL_JSON_VALUES_MAX];	/* scratch: hashes for the duplicate-key check */
};

/*
 * The calling thread's own, for who needs one for a moment: what it held is gone. Each thread pays
 * for it with its memory, so let there be no other. Runs on: any.
 */
struct pal_json *pal_thread_json(void);

/* Where and why a text was refused. */
struct pal_json_fault {
	size_t at;		/* byte offset, 0-based */
	const char *why;	/* static, e.g. "duplicate key" */
};

/*
 * Scan `text`. True: `json` holds it, node 0 is the root. False: `fault` says where and why.
 * Refuses everything that RFC 8259 does not allow, invalid UTF-8, lone surrogates, \u0000 in any
 * key or string, equal keys in one object (compared after unescaping), and anything beyond the
 * limits above. Runs on: any.
 */
bool pal_json_scan(struct pal_json *json, struct pal_str text, struct pal_json_fault *fault);

#define PAL_JSON_NONE UINT32_MAX

/* Index of the value of member `key` of object `obj`, or PAL_JSON_NONE (also for a non-object). */
uint32_t pal_json_member(const struct pal_json *json, uint32_t obj, struct pal_str key);

/* Walk: first child of a container (a key, for an object), or PAL_JSON_NONE when it is empty. */
uint32_t pal_json_first(const struct pal_json *json, uint32_t container);

static inline enum pal_json_type pal_json_type(const struct pal_json *json, uint32_t at)
{
	return (enum pal_json_type)json->node[at].type;
}

/* The raw bytes of any value as they stand in the text (strings with their quotes). */
struct pal_str pal_json_raw(const struct pal_json *json, uint32_t at);

/*
 * The characters of STRING `at`: a view into the text when nothing is escaped, else unescaped into
 * `arena`. p is NULL when out of memory.
 */
struct pal_str pal_json_string(const struct pal_json *json, uint32_t at, struct pal_arena *arena);

/* The value of NUMBER `at` when an integer within +-2^53 (1, -0, not 1.0 or 1e3), else false. */
bool pal_json_integer(const struct pal_json *json, uint32_t at, int64_t *ret);
/* The value of NUMBER `at`; false when it overflows a double or has over 512 characters. */
bool pal_json_double(const struct pal_json *json, uint32_t at, double *ret);

/* --- Writing: append to a buffer; the caller keeps the grammar. ------------------------------- */

/* Append `s` as a quoted JSON string; invalid UTF-8 becomes U+FFFD, control bytes are escaped. */
void pal_json_put_string(struct pal_buf *out, struct pal_str s);
/* Append `"key":`; `key` needs no escaping. */
#define pal_json_put_key(out, key) pal_buf_add_lit((out), "\"" key "\":")
/* Append the shortest decimal that reads back as `v`; NaN and infinities become null. */
void pal_json_put_double(struct pal_buf *out, double v);

/* --- Text rules shared by every validator ----------------------------------------------------- */

/* Number of code points when `s` is strict UTF-8 without NUL, else false. Runs on: any. */
bool pal_utf8_count(struct pal_str s, size_t *ret_points);

#endif
