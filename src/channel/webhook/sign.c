/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/webhook/sign.h"

#include <string.h>

#include "base/crypto.h"

#define PREFIX "whsec_"
#define SIGNATURE_BYTES 47u	/* "v1," and the base64 of 32 bytes */

/*
 * Both are bounded, so neither asks for memory: a sender whose signature is right must never be
 * told that it is wrong because there was none.
 */
#define KEY_TEXT_MAX (2 * PAL_WEBHOOK_KEY_MAX)
#define SIGNATURE_ROOM 64u

bool pal_webhook_key_read(struct pal_str secret, struct pal_webhook_key *ret)
{
	char room[KEY_TEXT_MAX];
	struct pal_buf bytes = {.data = room, .cap = sizeof(room), .max = sizeof(room)};
	size_t prefix = sizeof(PREFIX) - 1;

	if (secret.n > prefix && memcmp(secret.p, PREFIX, prefix) == 0)
		secret = (struct pal_str){secret.p + prefix, secret.n - prefix};
	bool is_key = secret.n <= KEY_TEXT_MAX && pal_base64_decode(secret, &bytes) &&
		      bytes.len >= PAL_WEBHOOK_KEY_MIN && bytes.len <= PAL_WEBHOOK_KEY_MAX;
	if (is_key) {
		memcpy(ret->bytes, bytes.data, bytes.len);
		ret->n = bytes.len;
	}
	explicit_bzero(room, sizeof(room));
	return is_key;
}

void pal_webhook_sign(const struct pal_webhook_key *key, struct pal_str id, struct pal_str timestamp,
		      struct pal_str body, struct pal_buf *out)
{
	const struct pal_str parts[] = {id, PAL_STR("."), timestamp, PAL_STR("."), body};
	uint8_t mac[PAL_SHA256_SIZE];

	pal_hmac_sha256_parts((struct pal_str){(const char *)key->bytes, key->n}, parts, 5, mac);
	pal_buf_add_lit(out, "v1,");
	pal_base64_encode(out, mac, sizeof(mac));
}

bool pal_webhook_signed_by(const struct pal_webhook_key *key, struct pal_str signatures,
			   struct pal_str id, struct pal_str timestamp, struct pal_str body)
{
	char room[SIGNATURE_ROOM];
	struct pal_buf ours = {.data = room, .cap = sizeof(room), .max = sizeof(room)};
	bool found = false;

	pal_webhook_sign(key, id, timestamp, body, &ours);
	for (size_t at = 0; at < signatures.n && !ours.failed;) {
		const char *item = signatures.p + at;
		const char *blank = memchr(item, ' ', signatures.n - at);
		size_t n = blank ? (size_t)(blank - item) : signatures.n - at;
		if (n == SIGNATURE_BYTES && n == ours.len)
			found |= pal_equal_secret(item, ours.data, n);
		at += n + 1;
	}
	return found;
}
