/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "http/tls_context.h"

bool pal_http_stream_init(struct pal_http_stream *stream, int fd, struct pal_http_tls *tls)
{
	stream->fd = fd;
	stream->ssl = NULL;
	if (!tls)
		return true;
	stream->ssl = pal_http_tls_open(tls, fd);
	return stream->ssl != NULL;
}

void pal_http_stream_finish(struct pal_http_stream *stream)
{
	if (stream->ssl) {
		ERR_clear_error();
		SSL_shutdown(stream->ssl);	/* close_notify if it fits; theirs is not awaited */
	}
	shutdown(stream->fd, SHUT_WR);
}

void pal_http_stream_deinit(struct pal_http_stream *stream)
{
	if (stream->ssl) {
		ERR_clear_error();
		if (SSL_is_init_finished(stream->ssl) &&
		    !(SSL_get_shutdown(stream->ssl) & SSL_SENT_SHUTDOWN))
			SSL_shutdown(stream->ssl);
		SSL_free(stream->ssl);
	}
	close(stream->fd);
	stream->ssl = NULL;
	stream->fd = -1;
}

/* What a failed TLS call means; WANT_WRITE while reading would be a renegotiation, which is off. */
static ssize_t tls_outcome(struct pal_http_stream *stream, int got)
{
	switch (SSL_get_error(stream->ssl, got)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return PAL_HTTP_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		/* After a fatal error no close_notify may follow. */
		SSL_set_quiet_shutdown(stream->ssl, 1);
		return PAL_HTTP_BROKEN;
	}
}

int pal_http_stream_handshake(struct pal_http_stream *stream, bool *ret_writes)
{
	ERR_clear_error();
	int got = SSL_accept(stream->ssl);
	if (got == 1)
		return 1;
	*ret_writes = SSL_get_error(stream->ssl, got) == SSL_ERROR_WANT_WRITE;
	return tls_outcome(stream, got) == PAL_HTTP_AGAIN ? PAL_HTTP_AGAIN : PAL_HTTP_BROKEN;
}

ssize_t pal_http_stream_read(struct pal_http_stream *stream, void *bytes, size_t size)
{
	if (stream->ssl) {
		ERR_clear_error();
		int got = SSL_read(stream->ssl, bytes, size > INT_MAX ? INT_MAX : (int)size);
		return got > 0 ? got : tls_outcome(stream, got);
	}
	ssize_t n;
	do
		n = recv(stream->fd, bytes, size, 0);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? PAL_HTTP_AGAIN : PAL_HTTP_BROKEN;
}

static ssize_t tls_write(struct pal_http_stream *stream, const struct iovec *parts, int count)
{
	ssize_t sum = 0;

	for (int i = 0; i < count; i++) {
		size_t done = 0;
		while (done < parts[i].iov_len) {
			size_t left = parts[i].iov_len - done;
			ERR_clear_error();
			int got = SSL_write(stream->ssl, (const char *)parts[i].iov_base + done,
					    left > INT_MAX ? INT_MAX : (int)left);
			if (got <= 0) {
				ssize_t outcome = tls_outcome(stream, got);
				bool waits = outcome == PAL_HTTP_AGAIN;
				return waits ? (sum ? sum : PAL_HTTP_AGAIN) : PAL_HTTP_BROKEN;
			}
			done += (size_t)got;
			sum += got;
		}
	}
	return sum;
}

static ssize_t send_parts(int fd, const struct iovec *parts, int count)
{
	const struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
				       .msg_iovlen = (size_t)count};

	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

ssize_t pal_http_stream_write(struct pal_http_stream *stream, const struct iovec *parts, int count)
{
	ssize_t n;

	if (stream->ssl)
		return tls_write(stream, parts, count);
	do
		n = count == 1 ? send(stream->fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL)
			       : send_parts(stream->fd, parts, count);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? PAL_HTTP_AGAIN : PAL_HTTP_BROKEN;
}

bool pal_http_stream_has_pending(const struct pal_http_stream *stream)
{
	return stream->ssl && SSL_has_pending(stream->ssl);
}
