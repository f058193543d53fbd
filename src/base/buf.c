/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_CAP_MIN 64u

void pal_buf_deinit(struct pal_buf *buf)
{
	free(buf->data);
	*buf = pal_buf_of(buf->max);
}

static size_t grown(const struct pal_buf *buf, size_t need)
{
	size_t cap = buf->cap ? buf->cap : BUF_CAP_MIN;

	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	return buf->max && cap > buf->max ? buf->max : cap;
}

char *pal_buf_grow(struct pal_buf *buf, size_t extra)
{
	if (buf->failed)
		return NULL;
	size_t limit = buf->max ? buf->max : SIZE_MAX;
	char *data = NULL;
	if (extra <= limit - buf->len) {
		size_t cap = grown(buf, buf->len + extra);
		data = realloc(buf->data, cap);
		if (data) {
			buf->data = data;
			buf->cap = cap;
		}
	}
	buf->failed = !data;
	return data ? data + buf->len : NULL;
}

void pal_buf_add_u64(struct pal_buf *buf, uint64_t v)
{
	size_t width = 1;

	for (uint64_t left = v; left >= 10; left /= 10)
		width++;
	char *at = pal_buf_reserve(buf, width);
	if (!at)
		return;
	buf->len += width;
	for (; width > 0; v /= 10)
		at[--width] = (char)('0' + v % 10);
}

void pal_buf_add_i64(struct pal_buf *buf, int64_t v)
{
	if (v < 0)
		pal_buf_add_char(buf, '-');
	pal_buf_add_u64(buf, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void pal_buf_addf(struct pal_buf *buf, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *at = n < 0 ? NULL : pal_buf_reserve(buf, (size_t)n + 1);
	if (at) {
		vsnprintf(at, (size_t)n + 1, fmt, again);
		buf->len += (size_t)n;
	}
	va_end(again);
}

void pal_buf_drain(struct pal_buf *buf, size_t n)
{
	assert(n <= buf->len);
	if (n == 0)
		return;		/* also for the empty buffer, which has no bytes to point to */
	memmove(buf->data, buf->data + n, buf->len - n);
	buf->len -= n;
}
