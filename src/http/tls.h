/* SPDX-License-Identifier: Apache-2.0 */
/* tls.h - server-side TLS 1.2 and 1.3: certificate and key, replaced while connections live on. */
#ifndef PALAVER_HTTP_TLS_H
#define PALAVER_HTTP_TLS_H

#include "base/error.h"

struct pal_http_tls;

/*
 * Load the PEM files `certificate` (with its chain) and `key`. The caller owns *ret_tls. Fails with
 * PAL_E_CONFIG naming the file. Runs on: main.
 */
enum pal_code pal_http_tls_create(const char *certificate, const char *key,
				  struct pal_http_tls **ret_tls, struct pal_error *err)
	PAL_MUST_CHECK;

/*
 * Load the files again, or others, for connections accepted from now on. On failure, PAL_E_CONFIG
 * naming the file, everything stays as it was. Runs on: any.
 */
enum pal_code pal_http_tls_reload(struct pal_http_tls *tls, const char *certificate,
				  const char *key, struct pal_error *err) PAL_MUST_CHECK;

/* Free it; NULL is fine. Servers using it must be gone. Runs on: main. */
void pal_http_tls_destroy(struct pal_http_tls *tls);

#endif
