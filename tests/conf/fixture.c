/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void drop(struct fixture *f)
{
	pal_conf_unref(f->conf);
	f->conf = NULL;
	pal_conf_report_deinit(&f->report);
	pal_buf_clear(&f->text);
}

void fixture_enter(struct fixture *f)
{
	f->came_from = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_FATAL(f->came_from >= 0);
	snprintf(f->folder, sizeof(f->folder), "/tmp/palaver-conf-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
	CU_ASSERT_EQUAL_FATAL(chdir(f->folder), 0);
}

void fixture_leave(struct fixture *f)
{
	drop(f);
	pal_buf_deinit(&f->text);
	CU_ASSERT_EQUAL(fchdir(f->came_from), 0);
	close(f->came_from);
	CU_ASSERT_EQUAL(nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void fixture_write_bytes(const char *name, const void *bytes, size_t n)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s", name);
	char *slash = strrchr(folder, '/');
	if (slash) {
		*slash = '\0';
		(void)mkdir(folder, 0700);
	}
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, bytes, n), (ssize_t)n);
	CU_ASSERT_EQUAL(fchmod(fd, 0600), 0);
	close(fd);
}

void fixture_write(const char *name, const char *text)
{
	fixture_write_bytes(name, text, strlen(text));
}

enum pal_code fixture_load(struct fixture *f)
{
	drop(f);
	f->sources.env = (char *const *)f->env;
	f->sources.overrides = f->overrides;
	f->sources.overrides_count = 0;
	while (f->overrides[f->sources.overrides_count])
		f->sources.overrides_count++;
	return pal_conf_load(&f->sources, &f->conf, &f->report);
}

enum pal_code fixture_load_yaml(struct fixture *f, const char *yaml)
{
	fixture_write("palaver.yaml", yaml);
	f->sources.file = "palaver.yaml";
	return fixture_load(f);
}

enum pal_code fixture_load_override(struct fixture *f, const char *override)
{
	f->sources.file = NULL;
	f->overrides[0] = override;
	return fixture_load(f);
}

enum pal_code fixture_load_env(struct fixture *f, const char *entry)
{
	f->sources.file = NULL;
	f->env[0] = entry;
	return fixture_load(f);
}

const char *fixture_report(struct fixture *f)
{
	pal_buf_clear(&f->text);
	pal_conf_report_write(&f->report, &f->text);
	pal_buf_add_char(&f->text, '\0');
	return f->text.failed ? "out of memory" : f->text.data;
}
