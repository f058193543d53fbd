/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_part.h - the header or the claims of a token: JSON behind base64url, both strict. Runs on: any.
 */
#ifndef PALAVER_SERVICE_ACCESS_JWT_PART_H
#define PALAVER_SERVICE_ACCESS_JWT_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

/* One scanned part of a token, its strings unescaped into the caller's arena. */
struct pal_jwt_part {
	struct pal_json *json;
	struct pal_arena *arena;
	bool no_memory;		/* what seems absent may be there */
};

/*
 * Decode `text` into `decoded`, and with scan read the JSON object that it is; false when it is
 * none. No part is longer than a token, so what does not fit `decoded` does not fit into memory.
 */
bool pal_jwt_part_decode(struct pal_jwt_part *part, struct pal_str text, struct pal_buf *decoded);
bool pal_jwt_part_scan(struct pal_jwt_part *part, struct pal_str text, struct pal_buf *decoded);

bool pal_jwt_part_has(const struct pal_jwt_part *part, const char *name);

/* A string of 1 to 255 characters, at a node or by its name; absent for anything else. */
struct pal_str pal_jwt_part_text_at(struct pal_jwt_part *part, uint32_t at);
struct pal_str pal_jwt_part_text(struct pal_jwt_part *part, const char *name);

/* As pal_jwt_part_text; false when it is there but unfit. */
bool pal_jwt_part_optional(struct pal_jwt_part *part, const char *name, struct pal_str *ret);

/* RFC 7519 section 2, NumericDate; seconds may have a fraction. */
bool pal_jwt_part_date(const struct pal_jwt_part *part, const char *name, double *ret);

#endif
