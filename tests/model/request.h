/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - bodies read as the API reads them, for the suites of fields and send_request. */
#ifndef PALAVER_TESTS_MODEL_REQUEST_H
#define PALAVER_TESTS_MODEL_REQUEST_H

#include "base/json.h"
#include "model/send_request.h"

#define NOW_MS 1790000000000ll

/* One text, what it was read as, and what was wrong with it. */
struct reading {
	struct pal_json json;
	struct pal_arena arena;
	struct pal_field_errors errors;
	struct pal_fields fields;
	struct pal_send_request request;
	enum pal_code code;
	struct pal_error err;
};

/* By which requests are read: the default ones, unless a case sets its own and zeroes them then. */
extern struct pal_request_rules rules;

/* Scan `text`, which must be JSON and outlive `r`; nothing is read yet. */
void reading_begin(struct reading *r, struct pal_str text);
void reading_end(struct reading *r);

/* Begin and read `text` as a SendMessageRequest received at NOW_MS. */
void read_request(struct reading *r, struct pal_str text);

/* The same with a formatted text of at most 64 KiB, kept in the reading. */
void read_requestf(struct reading *r, const char *fmt, ...) PAL_PRINTF(2, 3);

/* Whether `field` is among the wrong ones; the words do not matter when `message` is NULL. */
bool is_wrong(const struct reading *r, const char *field, const char *message);

#endif
