/* SPDX-License-Identifier: Apache-2.0 */
/* --dev: a tenant and a key that are there at once, and stay the same in the same state folder. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/parts.h"
#include "service/access/keyring.h"

#define DEV_TENANT "demo"
#define DEV_PERMISSIONS "*"

/* Read the key from `path`; *ret_len is 0 when there is no such file. */
static enum pal_code read_key(const char *path, char *text, size_t size, size_t *ret_len,
			      struct pal_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = 0;

	*ret_len = 0;
	if (fd < 0 && errno == ENOENT)
		return PAL_OK;
	if (fd >= 0)
		n = read(fd, text, size);
	if (fd < 0 || n < 0) {
		enum pal_code code =
			pal_fail_errno(err, PAL_E_CONFIG, "state_dir", "cannot read %s", path);
		if (fd >= 0)
			close(fd);
		return code;
	}
	close(fd);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	*ret_len = (size_t)n;
	return PAL_OK;
}

/* Write under another name first: a key file is whole or not there. */
static enum pal_code write_key(const char *path, const char *text, struct pal_error *err)
{
	char draft[PATH_MAX];

	snprintf(draft, sizeof(draft), "%s.new", path);
	unlink(draft);
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = fd >= 0 && dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!good || rename(draft, path) != 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "state_dir", "cannot write %s", path);
	return PAL_OK;
}

enum pal_code pal_dev_prepare(struct pal_server *server, struct pal_error *err)
{
	char path[PATH_MAX - 8], text[PAL_API_KEY_TEXT_SIZE + 16];
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/dev.key", pal_conf_str(server->conf, PAL_OPT_STATE_DIR));
	enum pal_code code = pal_access_ensure_tenant(server->access, PAL_STR(DEV_TENANT), err);
	if (code == PAL_OK)
		code = read_key(path, text, sizeof(text), &len, err);
	if (code == PAL_OK && len == 0) {
		pal_api_key_make(false, text);
		len = strlen(text);
		code = write_key(path, text, err);
	}
	if (code == PAL_OK)
		code = pal_access_ensure_key(server->access, PAL_STR(DEV_TENANT),
					     (struct pal_str){text, len}, PAL_STR(DEV_PERMISSIONS),
					     err);
	explicit_bzero(text, sizeof(text));
	return code;
}
