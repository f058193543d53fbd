/* SPDX-License-Identifier: Apache-2.0 */
/* secret_file.h - a secret that stands alone in a file. */
#ifndef PALAVER_CONF_SECRET_FILE_H
#define PALAVER_CONF_SECRET_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define PAL_SECRET_FILE_SIZE_MAX 8192u	/* bytes */

/* Where a relative name is looked for, in this order. */
struct pal_secret_places {
	const char *credentials;	/* $CREDENTIALS_DIRECTORY, or NULL */
	const char *folder;
};

/*
 * Read the secret in `name` into `arena`, without the newline at its end. The file must be
 * regular, owned by this user or root and closed to group and others (promises.md section 5); in
 * the credentials folder systemd keeps that promise by other means, so there only others are
 * looked at. *ret_path is the file found. PAL_E_CONFIG otherwise, PAL_E_SERVICE when out of
 * memory. Runs on: main.
 */
enum pal_code pal_secret_file_read(const char *name, const struct pal_secret_places *places,
				   struct pal_arena *arena, struct pal_str *ret,
				   const char **ret_path, struct pal_error *err) PAL_MUST_CHECK;

#endif
