/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/delivery_ref.h"

#include <stdio.h>

#include "base/crypto.h"
#include "base/hex.h"
#include "base/scratch.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

/* The record's id: both texts are a platform's and may be long, so a digest stands for them. */
static bool write_id(const struct pal_delivery_ref *ref, struct pal_buf *out)
{
	uint8_t digest[PAL_SHA256_SIZE];
	char channel[64];
	int n = snprintf(channel, sizeof(channel), "%.*s/", (int)ref->channel.n, ref->channel.p);

	pal_sha256_pair((struct pal_str){channel, (size_t)n}, ref->platform_id, digest);
	pal_hex_encode(out, digest, sizeof(digest));
	return !out->failed;
}

static struct pal_str write_body(struct pal_str message_id, struct pal_arena *arena)
{
	static _Thread_local struct pal_scratch scratch;
	struct pal_buf *draft = pal_scratch_get(&scratch);

	pal_buf_add_char(draft, '{');
	pal_view_text(draft, "message_id", message_id);
	pal_view_close(draft, '}');
	return pal_arena_copy_buf(arena, draft);
}

static struct pal_str read_body(struct pal_str body, struct pal_arena *arena)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	uint32_t at = PAL_JSON_NONE;

	if (pal_json_scan(json, body, &fault))
		at = pal_json_member(json, 0, PAL_STR("message_id"));
	return at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING
		       ? (struct pal_str){NULL, 0}
		       : pal_json_string(json, at, arena);
}

bool pal_delivery_ref_write(const struct pal_delivery_ref *ref, struct pal_str conversation_id,
			    struct pal_str message_id, int64_t now_ms, struct pal_arena *arena,
			    struct pal_record_write *ret)
{
	struct pal_buf id = pal_buf_of(0);

	(void)write_id(ref, &id);
	struct pal_str kept = pal_arena_copy_buf(arena, &id);
	pal_buf_deinit(&id);
	*ret = (struct pal_record_write){
		.tenant = ref->tenant,
		.record = {.kind = PAL_DELIVERY_REF_KIND,
			   .id = kept,
			   .owner = conversation_id,
			   .body = write_body(message_id, arena),
			   .created_ms = now_ms,
			   .updated_ms = now_ms,
			   .expires_ms = now_ms + PAL_DELIVERY_REF_KEEP_MS},
		.expected = PAL_RECORD_ANY,
	};
	return kept.p && ret->record.body.p;
}

enum pal_code pal_delivery_ref_find(struct pal_store *store, unsigned reader,
				    const struct pal_delivery_ref *ref, struct pal_arena *arena,
				    struct pal_str *ret, struct pal_error *err)
{
	struct pal_buf id = pal_buf_of(0);
	struct pal_record record;
	enum pal_code code =
		write_id(ref, &id)
			? pal_store_load_record(store, reader, ref->tenant, PAL_DELIVERY_REF_KIND,
						pal_buf_str(&id), arena, &record, err)
			: pal_fail_memory(err, "delivery");

	pal_buf_deinit(&id);
	if (code != PAL_OK)
		return code;
	*ret = read_body(record.body, arena);
	return ret->p ? PAL_OK : pal_fail_memory(err, "delivery");
}
