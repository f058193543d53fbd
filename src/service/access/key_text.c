/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/key_text.h"

#include <string.h>

#include "base/id.h"

#define KEY_DIGITS_MIN 32u
#define KEY_DIGITS_MAX 64u
#define KEY_STEM_BYTES 8u		/* "cb_live_" */

bool pal_api_key_is_formed(struct pal_str text)
{
	if (text.n < KEY_STEM_BYTES + KEY_DIGITS_MIN || text.n > KEY_STEM_BYTES + KEY_DIGITS_MAX)
		return false;
	if (memcmp(text.p, "cb_live_", KEY_STEM_BYTES) != 0 &&
	    memcmp(text.p, "cb_test_", KEY_STEM_BYTES) != 0)
		return false;
	for (size_t i = KEY_STEM_BYTES; i < text.n; i++)
		if (!memchr("0123456789abcdef", text.p[i], 16))
			return false;
	return true;
}

void pal_api_key_make(bool live, char out[PAL_API_KEY_TEXT_SIZE])
{
	uint8_t random[KEY_DIGITS_MAX / 2];
	static const char digits[] = "0123456789abcdef";

	pal_random_bytes(random, sizeof(random));
	memcpy(out, live ? "cb_live_" : "cb_test_", KEY_STEM_BYTES);
	for (size_t i = 0; i < sizeof(random); i++) {
		out[KEY_STEM_BYTES + 2 * i] = digits[random[i] >> 4];
		out[KEY_STEM_BYTES + 2 * i + 1] = digits[random[i] & 15];
	}
	out[PAL_API_KEY_TEXT_SIZE - 1] = '\0';
	explicit_bzero(random, sizeof(random));
}
