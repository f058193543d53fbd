/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SUBJECT "control.socket"
#define GROUPS_MAX 256

static bool is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served =
		fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
			    errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return served;
}

/* A daemon that was killed leaves its socket file; only a dead one may be taken over. */
static enum pal_code clear_path(const struct sockaddr_un *address, struct pal_error *err)
{
	struct stat st;

	if (lstat(address->sun_path, &st) != 0) {
		if (errno == ENOENT)
			return PAL_OK;
		return pal_fail_errno(err, PAL_E_CONFIG, SUBJECT, "cannot look at %s",
				      address->sun_path);
	}
	if (!S_ISSOCK(st.st_mode))
		return pal_fail(err, PAL_E_CONFIG, SUBJECT, "%s exists and is not a socket",
				address->sun_path);
	if (is_served(address))
		return pal_fail(err, PAL_E_CONFIG, SUBJECT, "another daemon listens on %s",
				address->sun_path);
	if (unlink(address->sun_path) != 0)
		return pal_fail_errno(err, PAL_E_CONFIG, SUBJECT, "cannot remove the old %s",
				      address->sun_path);
	return PAL_OK;
}

enum pal_code pal_ctl_listen(const char *path, int *ret_fd, struct pal_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return pal_fail(err, PAL_E_CONFIG, SUBJECT, "the path has more than %zu bytes",
				sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	enum pal_code code = clear_path(&address, err);
	if (code != PAL_OK)
		return code;

	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return pal_fail_errno(err, PAL_E_SERVICE, SUBJECT, "cannot make a socket");
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		code = pal_fail_errno(err, PAL_E_CONFIG, SUBJECT, "cannot bind %s", path);
		close(fd);
		return code;
	}
	/* Nobody can connect before listen, so the mode is never wider than this for a client. */
	if (chmod(path, 0660) != 0 || listen(fd, 16) != 0) {
		code = pal_fail_errno(err, PAL_E_SERVICE, SUBJECT, "cannot listen on %s", path);
		unlink(path);
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return PAL_OK;
}

static bool is_in_group(int fd, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
		return false;
	for (size_t i = 0; i < size / sizeof(groups[0]); i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

bool pal_ctl_peer_may_enter(int fd, unsigned gid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() || peer.gid == gid || is_in_group(fd, gid);
}
