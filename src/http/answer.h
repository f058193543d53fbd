/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - private to src/http: the head of an answer. */
#ifndef PALAVER_HTTP_ANSWER_H
#define PALAVER_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/home.h"

struct pal_http_answer {
	int status;
	const char *content_type;	/* NULL: none */
	size_t body_len;
	bool is_flow;			/* the length is not known (flow.h) */
	bool is_chunked;
	int64_t elapsed_ns;
	bool keep_alive;
};

/* Append the head of `answer` to `exchange`, with the header lines the handler added. */
void pal_http_answer_write_head(struct pal_buf *out, const struct pal_http_exchange *exchange,
				const struct pal_http_answer *answer);

#endif
