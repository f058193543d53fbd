/* SPDX-License-Identifier: Apache-2.0 */
/* input.h - the texts a configuration is read from, kept so that an error can show its line. */
#ifndef PALAVER_CONF_INPUT_H
#define PALAVER_CONF_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define PAL_CONF_FILE_SIZE_MAX (1u << 20)	/* bytes */

enum pal_conf_input_kind {
	PAL_CONF_INPUT_DEFAULT,
	PAL_CONF_INPUT_FILE,
	PAL_CONF_INPUT_ENVIRONMENT,	/* the text is NAME=value */
	PAL_CONF_INPUT_ARGUMENT,	/* the text is key=value */
};

struct pal_conf_input {
	enum pal_conf_input_kind kind;
	const char *label;		/* file as named, "environment NAME", "-D", "default" */
	const char *folder;		/* absolute; relative paths in the text start here */
	struct pal_str text;
	bool is_world_readable;
};

/* A place in an input; lines and columns count characters from 1. Line 0: the input as a whole. */
struct pal_conf_spot {
	const struct pal_conf_input *input;
	uint32_t line, column, width;
};

/*
 * Read the regular file `path` whole into `arena`, up to PAL_CONF_FILE_SIZE_MAX bytes; a byte
 * order mark is dropped. On PAL_OK *ret lives in `arena`. PAL_E_CONFIG when it cannot be read, is
 * larger or no regular file; PAL_E_SERVICE when out of memory. `working_folder` makes `path`
 * absolute. Runs on: main.
 */
enum pal_code pal_conf_input_read(const char *path, const char *working_folder,
				  struct pal_arena *arena, struct pal_conf_input **ret,
				  struct pal_error *err) PAL_MUST_CHECK;

/* Line number `line` without its end; absent beyond the last. Runs on: any. */
struct pal_str pal_conf_input_line(const struct pal_conf_input *input, uint32_t line);

/*
 * Find the first byte that is no part of strict UTF-8, or is NUL or another control character that
 * a text file has no use for. Return false when there is none. Runs on: any.
 */
bool pal_conf_input_find_bad_byte(const struct pal_conf_input *input, struct pal_conf_spot *ret);

/* `folder`/`path` in `arena`, or a copy of `path` when that is absolute; NULL: no memory. */
const char *pal_conf_path_join(const char *folder, const char *path, struct pal_arena *arena);

/* The folder part of the absolute `path`, in `arena`; NULL: no memory. Runs on: any. */
const char *pal_conf_path_folder(const char *path, struct pal_arena *arena);

#endif
