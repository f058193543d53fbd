/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl/server.h"

#define READ_BYTES 4096u

void pal_ctl_conn_init(struct pal_ctl_conn *conn, int fd, uint64_t id)
{
	*conn = (struct pal_ctl_conn){
		.fd = fd,
		.id = id,
		.in = pal_buf_of(PAL_CTL_REQUEST_BYTES_MAX + READ_BYTES),
		.out = pal_buf_of(PAL_CTL_ANSWER_BYTES_MAX + PAL_CTL_BACKLOG_BYTES_MAX),
	};
}

void pal_ctl_conn_deinit(struct pal_ctl_conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	pal_buf_deinit(&conn->in);
	pal_buf_deinit(&conn->out);
	free(conn->tenant);
	*conn = (struct pal_ctl_conn){.fd = -1};
}

static void drop_line(struct pal_ctl_conn *conn)
{
	pal_buf_drain(&conn->in, conn->line_bytes);
	conn->line_bytes = 0;
}

bool pal_ctl_conn_read(struct pal_ctl_conn *conn)
{
	drop_line(conn);
	if (conn->in.len > PAL_CTL_REQUEST_BYTES_MAX)
		return true;	/* enough to call it too long, or to work on */
	char *room = pal_buf_reserve(&conn->in, READ_BYTES);
	if (!room)
		return false;
	ssize_t n = recv(conn->fd, room, READ_BYTES, 0);
	if (n > 0)
		conn->in.len += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool pal_ctl_conn_flush(struct pal_ctl_conn *conn)
{
	while (conn->out.len > 0) {
		ssize_t n = send(conn->fd, conn->out.data, conn->out.len, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		pal_buf_drain(&conn->out, (size_t)n);
	}
	return true;
}

enum pal_ctl_line pal_ctl_conn_next(struct pal_ctl_conn *conn, struct pal_str *ret)
{
	drop_line(conn);
	if (conn->in.len == 0)
		return PAL_CTL_LINE_NONE;
	const char *end = memchr(conn->in.data, '\n', conn->in.len);
	size_t n = end ? (size_t)(end - conn->in.data) : conn->in.len;
	if (n > PAL_CTL_REQUEST_BYTES_MAX)
		return PAL_CTL_LINE_TOO_LONG;
	if (!end)
		return PAL_CTL_LINE_NONE;
	conn->line_bytes = n + 1;
	*ret = (struct pal_str){conn->in.data, n};
	return PAL_CTL_LINE_READY;
}
