/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h - a temporary folder with configuration files, and loads from it. */
#ifndef PALAVER_TESTS_CONF_FIXTURE_H
#define PALAVER_TESTS_CONF_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* What one test loads and what came of it. Zeroed, then entered. */
struct fixture {
	char folder[64];
	int came_from;			/* descriptor of the folder to return to */
	struct pal_conf_sources sources;
	const char *env[8];
	const char *overrides[8];
	struct pal_conf *conf;		/* NULL when the load failed */
	struct pal_conf_report report;
	struct pal_buf text;		/* the report as written, NUL-terminated */
};

/* Make a folder and go there, so that names in reports are short. */
void fixture_enter(struct fixture *f);
/* Drop what the load left, return to where the test came from and remove the folder. */
void fixture_leave(struct fixture *f);

/* Write a file, folders before its last slash made; mode 0600. */
void fixture_write(const char *name, const char *text);
void fixture_write_bytes(const char *name, const void *bytes, size_t n);

/* Load the sources again with what was set; return the code and keep conf and report. */
enum pal_code fixture_load(struct fixture *f);
/* Write `yaml` to palaver.yaml and load it. */
enum pal_code fixture_load_yaml(struct fixture *f, const char *yaml);
/* Load with one -D, or with one environment entry, and no file. */
enum pal_code fixture_load_override(struct fixture *f, const char *override);
enum pal_code fixture_load_env(struct fixture *f, const char *entry);

/* The report of the last load as text. */
const char *fixture_report(struct fixture *f);

#endif
