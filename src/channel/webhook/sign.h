/* SPDX-License-Identifier: Apache-2.0 */
/* sign.h - signatures of Standard Webhooks 1.0.0, scheme v1 (channels.md sections 3.1, 3.2). Pure. */
#ifndef PALAVER_CHANNEL_WEBHOOK_SIGN_H
#define PALAVER_CHANNEL_WEBHOOK_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define PAL_WEBHOOK_KEY_MAX 64u		/* bytes */
#define PAL_WEBHOOK_KEY_MIN 24u
#define PAL_WEBHOOK_TOLERANCE_S 300

struct pal_webhook_key {
	uint8_t bytes[PAL_WEBHOOK_KEY_MAX];
	size_t n;
};

/* Read a secret: base64 of 24 to 64 bytes, behind `whsec_` or bare. False when it is none. Wipe the
 * key when done. Runs on: any. */
bool pal_webhook_key_read(struct pal_str secret, struct pal_webhook_key *ret);

/* Append "v1," and the signature of `body` under `key`. Runs on: any. */
void pal_webhook_sign(const struct pal_webhook_key *key, struct pal_str id, struct pal_str timestamp,
		      struct pal_str body, struct pal_buf *out);

/* Whether the list `signatures` holds the one of `body` under `key`; unknown versions are passed
 * over. Runs on: any. */
bool pal_webhook_signed_by(const struct pal_webhook_key *key, struct pal_str signatures,
			   struct pal_str id, struct pal_str timestamp, struct pal_str body);

#endif
