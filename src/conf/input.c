/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/utf8.h"

const char *pal_conf_path_join(const char *folder, const char *path, struct pal_arena *arena)
{
	if (path[0] == '/')
		return pal_arena_copy(arena, pal_str(path)).p;
	size_t size = strlen(folder) + strlen(path) + 2;
	char *joined = pal_arena_get(arena, size);
	if (joined)
		snprintf(joined, size, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", path);
	return joined;
}

const char *pal_conf_path_folder(const char *path, struct pal_arena *arena)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash && slash > path ? (size_t)(slash - path) : 1;

	return pal_arena_copy(arena, (struct pal_str){slash ? path : ".", n}).p;
}

/* Read at most `max` bytes; more of them is PAL_E_CONFIG. */
static enum pal_code read_all(int fd, size_t max, char *bytes, size_t *ret_n, struct pal_error *err)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, bytes + n, max + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return pal_fail_errno(err, PAL_E_CONFIG, NULL, "cannot read the file");
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > max)
			return pal_fail(err, PAL_E_CONFIG, NULL, "the file is larger than 1 MiB");
	}
	*ret_n = n;
	return PAL_OK;
}

static enum pal_code read_open_file(int fd, struct pal_arena *arena, struct pal_conf_input *input,
				    struct pal_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return pal_fail_errno(err, PAL_E_CONFIG, NULL, "cannot read the file");
	if (!S_ISREG(st.st_mode))
		return pal_fail(err, PAL_E_CONFIG, NULL, "this is no regular file");
	if (st.st_size > (off_t)PAL_CONF_FILE_SIZE_MAX)
		return pal_fail(err, PAL_E_CONFIG, NULL, "the file is larger than 1 MiB");
	/* A file that grows meanwhile is cut at what was allotted, and refused. */
	size_t max = (size_t)st.st_size;
	char *bytes = pal_arena_get(arena, max + 1);
	if (!bytes)
		return pal_fail_memory(err, "configuration");
	enum pal_code code = read_all(fd, max, bytes, &input->text.n, err);
	input->text.p = bytes;
	input->is_world_readable = (st.st_mode & S_IROTH) != 0;
	if (code == PAL_OK && input->text.n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
		input->text.p += 3;
		input->text.n -= 3;
	}
	return code;
}

enum pal_code pal_conf_input_read(const char *path, const char *working_folder,
				  struct pal_arena *arena, struct pal_conf_input **ret,
				  struct pal_error *err)
{
	struct pal_conf_input *input = pal_arena_get(arena, sizeof(*input));
	const char *absolute = pal_conf_path_join(working_folder, path, arena);

	if (!input || !absolute)
		return pal_fail_memory(err, "configuration");
	*input = (struct pal_conf_input){.kind = PAL_CONF_INPUT_FILE};
	input->label = pal_arena_copy(arena, pal_str(path)).p;
	input->folder = pal_conf_path_folder(absolute, arena);
	if (!input->label || !input->folder)
		return pal_fail_memory(err, "configuration");

	/* Not blocking: a FIFO without a writer must not hang the reload. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, NULL, "cannot open the file");
	enum pal_code code = read_open_file(fd, arena, input, err);
	close(fd);
	if (code == PAL_OK)
		*ret = input;
	return code;
}

struct pal_str pal_conf_input_line(const struct pal_conf_input *input, uint32_t line)
{
	struct pal_str rest = input->text;

	while (rest.n && line-- > 1) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t skip = end ? (size_t)(end + 1 - rest.p) : rest.n;
		rest.p += skip;
		rest.n -= skip;
	}
	if (rest.n == 0)
		return (struct pal_str){0};
	const char *end = memchr(rest.p, '\n', rest.n);
	rest.n = end ? (size_t)(end - rest.p) : rest.n;
	if (rest.n && rest.p[rest.n - 1] == '\r')
		rest.n--;
	return rest;
}

bool pal_conf_input_find_bad_byte(const struct pal_conf_input *input, struct pal_conf_spot *ret)
{
	struct pal_str rest = input->text;
	struct pal_conf_spot spot = {.input = input, .line = 1, .column = 1, .width = 1};

	while (rest.n) {
		size_t n = pal_utf8_step(rest);
		bool is_layout = n == 1 && strchr("\t\r\n", rest.p[0]) && rest.p[0] != '\0';
		if (n == 0 || (!is_layout && pal_utf8_is_control(rest.p, n))) {
			*ret = spot;
			return true;
		}
		spot.column++;
		if (rest.p[0] == '\n') {
			spot.line++;
			spot.column = 1;
		}
		rest.p += n;
		rest.n -= n;
	}
	return false;
}
