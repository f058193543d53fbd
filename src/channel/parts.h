/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - one message as the requests that it takes on a channel: what does not fit into one leaves
 * in several, in order, each under a key of its own (channels.md section 1.3). Pure.
 */
#ifndef PALAVER_CHANNEL_PARTS_H
#define PALAVER_CHANNEL_PARTS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "palaver/channel.h"

/* JSON by our content model each; what makes one whole is the content itself. */
struct pal_channel_parts {
	struct pal_str *contents;
	size_t count;		/* >= 1 */
};

/*
 * Cut `content`, as the model writes it, for the kind `ops` and for texts of at most `units_max`
 * UTF-16 units (0: as the kind says); of both limits the smaller holds. What is not text goes first,
 * choices and what else a content holds go with the last part. Texts lie in `arena` and in `content`;
 * `json` is scratch. The same content and limits always give the same parts. PAL_E_VALIDATION when
 * it is no content, PAL_E_SERVICE without memory. Runs on: any.
 */
enum pal_code pal_channel_cut(const struct pal_channel_ops *ops, struct pal_str content,
			      size_t units_max, struct pal_json *json, struct pal_arena *arena,
			      struct pal_channel_parts *ret, struct pal_error *err) PAL_MUST_CHECK;

/*
 * What the receiver knows part `part` (from 1) of the message `id` by: "id_1", in `arena`; of a whole
 * message, part 0, it is `id`. Absent without memory. Runs on: any.
 */
struct pal_str pal_channel_part_key(struct pal_str id, unsigned part, struct pal_arena *arena);

/* The message's id in the key of a part or of a whole, a view into it: only what stands behind a
 * UUID is taken for the number of a part. Runs on: any. */
struct pal_str pal_channel_key_message(struct pal_str key);

#endif
