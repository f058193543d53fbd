/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h - growable byte buffer with a ceiling and a sticky failure: append freely, check once. */
#ifndef PALAVER_BASE_BUF_H
#define PALAVER_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct pal_buf {
	char *data;
	size_t len, cap;
	size_t max;	/* 0: no ceiling but memory */
	bool failed;	/* an append did not fit or memory ran out; everything since was ignored */
};

/* An empty buffer that refuses to grow beyond `max` bytes (0: unlimited). Runs on: any. */
static inline struct pal_buf pal_buf_of(size_t max)
{
	return (struct pal_buf){.max = max};
}

/* Free the bytes and leave a valid empty buffer with the same ceiling. Runs on: any. */
void pal_buf_deinit(struct pal_buf *buf);

/* Forget the contents and the failure, keep the memory. Runs on: any. */
static inline void pal_buf_clear(struct pal_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

/* As pal_buf_reserve, for the buffer that has no room or failed. Runs on: any. */
char *pal_buf_grow(struct pal_buf *buf, size_t extra);

/*
 * Make room for `extra` more bytes. Return where to write them, or NULL (and the buffer failed);
 * the caller then adds what it wrote to `len`. Runs on: any.
 */
static inline char *pal_buf_reserve(struct pal_buf *buf, size_t extra)
{
	if (buf->data && extra <= buf->cap - buf->len && !buf->failed)
		return buf->data + buf->len;
	return pal_buf_grow(buf, extra);
}

/* Append `n` bytes. Failure is sticky, see `failed`. Runs on: any. */
static inline void pal_buf_add(struct pal_buf *buf, const void *bytes, size_t n)
{
	if (buf->cap - buf->len < n || buf->failed) {
		if (!pal_buf_grow(buf, n))
			return;
	}
	if (n)
		memcpy(buf->data + buf->len, bytes, n);
	buf->len += n;
}

static inline void pal_buf_add_str(struct pal_buf *buf, struct pal_str s)
{
	pal_buf_add(buf, s.p, s.n);
}

static inline void pal_buf_add_char(struct pal_buf *buf, char c)
{
	pal_buf_add(buf, &c, 1);
}

#define pal_buf_add_lit(buf, literal) pal_buf_add((buf), "" literal, sizeof(literal) - 1)

/* Append the decimal digits of `v`. Runs on: any. */
void pal_buf_add_u64(struct pal_buf *buf, uint64_t v);
void pal_buf_add_i64(struct pal_buf *buf, int64_t v);

/* Append formatted text; for paths that are not hot. Runs on: any. */
void pal_buf_addf(struct pal_buf *buf, const char *fmt, ...) PAL_PRINTF(2, 3);

/* Drop the first `n` bytes, n <= len. Runs on: any. */
void pal_buf_drain(struct pal_buf *buf, size_t n);

static inline struct pal_str pal_buf_str(const struct pal_buf *buf)
{
	return (struct pal_str){buf->data, buf->len};
}

#endif
