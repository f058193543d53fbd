/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "ctl/server.h"

#define READ_BYTES 65536u

struct pal_ctl_client {
	int fd;
	int timeout_ms;		/* -1: none */
	struct pal_buf in;
	size_t line_bytes;	/* of the line given last */
};

enum pal_code pal_ctl_client_create(const char *path, unsigned timeout_ms,
				    struct pal_ctl_client **ret, struct pal_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pal_ctl_client *client = calloc(1, sizeof(*client));

	if (!client)
		return pal_fail_memory(err, "ctl");
	client->timeout_ms = timeout_ms == 0 ? -1 : (int)timeout_ms;
	client->in = pal_buf_of(PAL_CTL_ANSWER_BYTES_MAX + READ_BYTES);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0) {
		enum pal_code code =
			pal_fail_errno(err, PAL_E_SERVICE, "ctl", "cannot make a socket");
		pal_ctl_client_destroy(client);
		return code;
	}
	size_t n = strlen(path);
	if (n >= sizeof(address.sun_path)) {
		pal_ctl_client_destroy(client);
		return pal_fail(err, PAL_E_EXTERNAL, path, "the path has more than %zu bytes",
				sizeof(address.sun_path) - 1);
	}
	memcpy(address.sun_path, path, n + 1);
	if (connect(client->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		enum pal_code code = pal_fail_errno(err, PAL_E_EXTERNAL, path,
						    "no daemon answers on %s", path);
		pal_ctl_client_destroy(client);
		return code;
	}
	*ret = client;
	return PAL_OK;
}

void pal_ctl_client_destroy(struct pal_ctl_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	pal_buf_deinit(&client->in);
	free(client);
}

static enum pal_code send_all(struct pal_ctl_client *client, struct pal_str bytes,
			      struct pal_error *err)
{
	while (bytes.n > 0) {
		ssize_t n = send(client->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pal_fail_errno(err, PAL_E_EXTERNAL, "daemon", "the daemon has gone");
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return PAL_OK;
}

enum pal_code pal_ctl_client_ask(struct pal_ctl_client *client, const char *command,
				 struct pal_str args, struct pal_error *err)
{
	struct pal_buf line = pal_buf_of(PAL_CTL_REQUEST_BYTES_MAX);
	enum pal_code code;

	pal_buf_add_lit(&line, "{\"command\":");
	pal_json_put_string(&line, pal_str(command));
	if (args.n > 0) {
		pal_buf_add_lit(&line, ",\"args\":");
		pal_buf_add_str(&line, args);
	}
	pal_buf_add_lit(&line, "}\n");
	if (line.failed)
		code = pal_fail(err, PAL_E_VALIDATION, "request", "more than %u bytes",
				PAL_CTL_REQUEST_BYTES_MAX);
	else
		code = send_all(client, pal_buf_str(&line), err);
	pal_buf_deinit(&line);
	return code;
}

static enum pal_code read_more(struct pal_ctl_client *client, struct pal_error *err)
{
	struct pollfd set = {.fd = client->fd, .events = POLLIN};
	char *room = pal_buf_reserve(&client->in, READ_BYTES);

	if (!room)
		return pal_fail(err, PAL_E_EXTERNAL, "daemon", "the answer is too long");
	int ready = poll(&set, 1, client->timeout_ms);
	if (ready == 0)
		return pal_fail(err, PAL_E_EXTERNAL, "daemon", "no answer in %d ms",
				client->timeout_ms);
	ssize_t n = ready < 0 ? -1 : recv(client->fd, room, READ_BYTES, 0);
	if (n < 0 && errno != EINTR)
		return pal_fail_errno(err, PAL_E_EXTERNAL, "daemon", "cannot read the answer");
	if (n == 0)
		return pal_fail(err, PAL_E_NOT_FOUND, "daemon", "the daemon closed the connection");
	client->in.len += n > 0 ? (size_t)n : 0;
	return PAL_OK;
}

enum pal_code pal_ctl_client_next(struct pal_ctl_client *client, struct pal_str *ret_line,
				  struct pal_error *err)
{
	const char *end = NULL;

	pal_buf_drain(&client->in, client->line_bytes);
	client->line_bytes = 0;
	for (size_t seen = 0; !end; ) {
		if (client->in.len > seen)
			end = memchr(client->in.data + seen, '\n', client->in.len - seen);
		seen = client->in.len;
		enum pal_code code = end ? PAL_OK : read_more(client, err);
		if (code != PAL_OK)
			return code;
	}
	size_t n = (size_t)(end - client->in.data);
	client->line_bytes = n + 1;
	*ret_line = (struct pal_str){client->in.data, n};
	return PAL_OK;
}
