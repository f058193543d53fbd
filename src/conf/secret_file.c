/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/input.h"

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/*
 * systemd hands a credential to a service user by an access control list, whose mask shows as group
 * permission in the mode: no sign that the group may read it.
 */
static enum pal_code check_access(const struct stat *st, bool is_credential, const char *path,
				  struct pal_error *err)
{
	mode_t open_to = is_credential ? S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		return pal_fail(err, PAL_E_CONFIG, NULL, "%s is no regular file", path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return pal_fail(err, PAL_E_CONFIG, NULL,
				"%s belongs to user %u; it must belong to the user of palaverd or "
				"root", path, (unsigned)st->st_uid);
	if (st->st_mode & open_to)
		return pal_fail(err, PAL_E_CONFIG, NULL,
				"%s has mode %04o; group and others must have no access, use 0600",
				path, (unsigned)(st->st_mode & 07777));
	return PAL_OK;
}

static enum pal_code read_secret(int fd, const char *path, struct pal_arena *arena,
				 struct pal_str *ret, struct pal_error *err)
{
	char bytes[PAL_SECRET_FILE_SIZE_MAX + 1];
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, bytes + n, sizeof(bytes) - n);
		n += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && n < sizeof(bytes)) || (got < 0 && errno == EINTR));
	enum pal_code code = PAL_OK;
	if (got < 0)
		code = pal_fail_errno(err, PAL_E_CONFIG, NULL, "cannot read %s", path);
	else if (n > PAL_SECRET_FILE_SIZE_MAX)
		code = pal_fail(err, PAL_E_CONFIG, NULL, "%s holds more than %u bytes", path,
				PAL_SECRET_FILE_SIZE_MAX);
	if (n && bytes[n - 1] == '\n')
		n--;
	if (n && bytes[n - 1] == '\r')
		n--;
	if (code == PAL_OK && n == 0)
		code = pal_fail(err, PAL_E_CONFIG, NULL, "%s is empty", path);
	if (code == PAL_OK) {
		*ret = pal_arena_copy(arena, (struct pal_str){bytes, n});
		code = ret->p ? PAL_OK : pal_fail_memory(err, "configuration");
	}
	explicit_bzero(bytes, sizeof(bytes));
	return code;
}

enum pal_code pal_secret_file_read(const char *name, const struct pal_secret_places *places,
				   struct pal_arena *arena, struct pal_str *ret,
				   const char **ret_path, struct pal_error *err)
{
	bool is_credential = places->credentials && name[0] != '/';
	const char *path = pal_conf_path_join(is_credential ? places->credentials : places->folder,
					      name, arena);
	int fd = path ? open_file(path) : -1;

	if (path && fd < 0 && errno == ENOENT && is_credential) {
		is_credential = false;
		path = pal_conf_path_join(places->folder, name, arena);
		fd = path ? open_file(path) : -1;
	}
	if (!path)
		return pal_fail_memory(err, "configuration");
	if (fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, NULL, "cannot open %s", path);
	struct stat st;
	enum pal_code code;
	if (fstat(fd, &st) == 0)
		code = check_access(&st, is_credential, path, err);
	else
		code = pal_fail_errno(err, PAL_E_CONFIG, NULL, "cannot read %s", path);
	if (code == PAL_OK)
		code = read_secret(fd, path, arena, ret, err);
	close(fd);
	if (code == PAL_OK)
		*ret_path = path;
	return code;
}
