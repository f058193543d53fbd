/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h - private to src/http: bytes in and out of one socket, plain or TLS, never blocking. */
#ifndef PALAVER_HTTP_STREAM_H
#define PALAVER_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

struct ssl_st;
struct pal_http_tls;

struct pal_http_stream {
	int fd;
	struct ssl_st *ssl;	/* NULL: plain */
};

#define PAL_HTTP_AGAIN (-1)	/* nothing now */
#define PAL_HTTP_BROKEN (-2)	/* nothing ever again */

/* Take `fd` over; `tls` NULL: plain. False when out of memory: the caller still owns fd. */
bool pal_http_stream_init(struct pal_http_stream *stream, int fd, struct pal_http_tls *tls);
/* Close it; a TLS peer is told when that costs no waiting. */
void pal_http_stream_deinit(struct pal_http_stream *stream);

/* Go on with the handshake: 1 done, PAL_HTTP_AGAIN (`ret_writes`: it waits to write), BROKEN. */
int pal_http_stream_handshake(struct pal_http_stream *stream, bool *ret_writes);

/* At most `size` > 0 bytes: how many, 0 at the end, PAL_HTTP_AGAIN or PAL_HTTP_BROKEN. */
ssize_t pal_http_stream_read(struct pal_http_stream *stream, void *bytes, size_t size);
/* Write what fits of `parts`: how many bytes, PAL_HTTP_AGAIN for none, or PAL_HTTP_BROKEN. */
ssize_t pal_http_stream_write(struct pal_http_stream *stream, const struct iovec *parts, int count);
/* Whether bytes wait in memory that the socket will not announce. */
bool pal_http_stream_has_pending(const struct pal_http_stream *stream);
/* No more will be written; reading goes on. */
void pal_http_stream_finish(struct pal_http_stream *stream);

#endif
