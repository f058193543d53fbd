/* SPDX-License-Identifier: Apache-2.0 */
/* The state folder, whose lock keeps a second daemon out, and the pid file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/parts.h"

/* The folder holds keys and messages: whoever else could own or rewrite it could read them. */
static enum pal_code make_folder(const char *dir, struct pal_error *err)
{
	struct stat st;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return pal_fail_errno(err, PAL_E_CONFIG, "state_dir", "cannot make %s", dir);
	if (stat(dir, &st) != 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "state_dir", "cannot look at %s", dir);
	if (!S_ISDIR(st.st_mode))
		return pal_fail(err, PAL_E_CONFIG, "state_dir", "%s is no folder", dir);
	if (st.st_uid != geteuid())
		return pal_fail(err, PAL_E_CONFIG, "state_dir", "%s belongs to another user", dir);
	if (st.st_mode & S_IWOTH)
		return pal_fail(err, PAL_E_CONFIG, "state_dir", "everybody may write to %s", dir);
	return PAL_OK;
}

enum pal_code pal_start_state(struct pal_server *server, struct pal_error *err)
{
	const char *dir = pal_conf_str(server->conf, PAL_OPT_STATE_DIR);
	char path[PATH_MAX];
	enum pal_code code = make_folder(dir, err);

	if (code != PAL_OK)
		return code;
	if ((size_t)snprintf(path, sizeof(path), "%s/palaverd.lock", dir) >= sizeof(path))
		return pal_fail(err, PAL_E_CONFIG, "state_dir", "the path is too long");
	server->state_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (server->state_fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "state_dir", "cannot write to %s", dir);
	if (flock(server->state_fd, LOCK_EX | LOCK_NB) != 0)
		return pal_fail(err, PAL_E_CONFIG, "state_dir", "another palaverd uses %s", dir);
	return PAL_OK;
}

void pal_stop_state(struct pal_server *server)
{
	if (server->state_fd >= 0)
		close(server->state_fd);
	server->state_fd = -1;
}

enum pal_code pal_start_pid_file(struct pal_server *server, struct pal_error *err)
{
	const char *path = pal_conf_str(server->conf, PAL_OPT_PID_FILE);

	if (!*path)
		return PAL_OK;
	server->pid_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (server->pid_fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "pid_file", "cannot write %s", path);
	if (flock(server->pid_fd, LOCK_EX | LOCK_NB) != 0)
		return pal_fail(err, PAL_E_CONFIG, "pid_file", "another process holds %s", path);
	if (ftruncate(server->pid_fd, 0) != 0 || dprintf(server->pid_fd, "%d\n", (int)getpid()) < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "pid_file", "cannot write %s", path);
	return PAL_OK;
}

void pal_stop_pid_file(struct pal_server *server)
{
	if (server->pid_fd < 0)
		return;
	unlink(pal_conf_str(server->conf, PAL_OPT_PID_FILE));
	close(server->pid_fd);
	server->pid_fd = -1;
}
