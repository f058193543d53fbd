/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.h - the few primitives several rooms need, on OpenSSL, algorithms fetched once. */
#ifndef PALAVER_BASE_CRYPTO_H
#define PALAVER_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define PAL_SHA256_SIZE 32

/* SHA-256 of `data`. Runs on: any. */
void pal_sha256(struct pal_str data, uint8_t out[PAL_SHA256_SIZE]);
/* SHA-256 of `first` and then `second`. Runs on: any. */
void pal_sha256_pair(struct pal_str first, struct pal_str second, uint8_t out[PAL_SHA256_SIZE]);
/* HMAC-SHA256 (RFC 2104). Runs on: any. */
void pal_hmac_sha256(struct pal_str key, struct pal_str data, uint8_t out[PAL_SHA256_SIZE]);
/* The same of `count` parts, one behind the other. Runs on: any. */
void pal_hmac_sha256_parts(struct pal_str key, const struct pal_str *parts, size_t count,
			   uint8_t out[PAL_SHA256_SIZE]);
/* Whether the bytes are equal, in time that depends on `n` only. Runs on: any. */
bool pal_equal_secret(const void *a, const void *b, size_t n);
/* Append lower-case hex. Runs on: any. */
void pal_hex_encode(struct pal_buf *out, const void *bytes, size_t n);
/* Read exactly 2*n hex digits, either case. Runs on: any. */
bool pal_hex_decode(struct pal_str text, void *out, size_t n);
/* Append base64 with padding (RFC 4648 section 4). Runs on: any. */
void pal_base64_encode(struct pal_buf *out, const void *bytes, size_t n);
/* Strict base64 with padding (RFC 4648 section 4): canonical, nothing ignored. Append the bytes to
 * `out`; false when it is not that or does not fit. Runs on: any. */
bool pal_base64_decode(struct pal_str text, struct pal_buf *out);
/* Strict base64url without padding (RFC 4648 section 5): canonical, nothing ignored. Append the
 * bytes to `out`; false when it is not that or does not fit. Runs on: any. */
bool pal_base64url_decode(struct pal_str text, struct pal_buf *out);

#endif
