/* SPDX-License-Identifier: Apache-2.0 */
/* tls_context.h - private to src/http: the side of tls.h that knows OpenSSL. */
#ifndef PALAVER_HTTP_TLS_CONTEXT_H
#define PALAVER_HTTP_TLS_CONTEXT_H

struct ssl_st;
struct pal_http_tls;

/* A server-side TLS state on `fd` with the certificate of now; NULL when out of memory. The caller
 * owns it. Runs on: any. */
struct ssl_st *pal_http_tls_open(struct pal_http_tls *tls, int fd);

#endif
