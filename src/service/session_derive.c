/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session_derive.h"

#include "base/hash.h"
#include "base/scratch.h"

char *pal_session_derive_id(struct pal_str scope, struct pal_str key,
			    char out[PAL_UUID_TEXT_SIZE])
{
	static const uint8_t keys[2][16] = {"palaver session", "palaver session2"};
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *whole = pal_scratch_get(&scratch);
	struct pal_uuid id;

	pal_buf_add(whole, &scope.n, sizeof(scope.n));
	pal_buf_add_str(whole, scope);
	pal_buf_add_str(whole, key);
	for (size_t k = 0; k < 2; k++) {
		uint64_t sum = pal_siphash13(keys[k], whole->data, whole->len);
		memcpy(id.b + 8 * k, &sum, 8);
	}
	id.b[6] = (uint8_t)(0x80 | (id.b[6] & 0x0f));	/* RFC 9562 section 5.8 */
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return pal_uuid_format(&id, out);
}
