/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/derive.h"

#include "base/hash.h"

char *pal_session_derive_id(struct pal_str purpose, struct pal_str scope, struct pal_str key,
			    char out[PAL_UUID_TEXT_SIZE])
{
	static const uint8_t keys[2][16] = {"palaver session", "palaver session2"};
	const struct pal_str parts[] = {purpose, scope, key};
	uint64_t sums[6], halves[2];
	struct pal_uuid id;

	for (size_t i = 0; i < 6; i++)
		sums[i] = pal_siphash13(keys[i % 2], parts[i / 2].p, parts[i / 2].n);
	for (size_t k = 0; k < 2; k++)
		halves[k] = pal_siphash13(keys[k], sums, sizeof(sums));
	memcpy(id.b, halves, sizeof(id.b));
	id.b[6] = (uint8_t)(0x80 | (id.b[6] & 0x0f));	/* RFC 9562 section 5.8 */
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return pal_uuid_format(&id, out);
}
