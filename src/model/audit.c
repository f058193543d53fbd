/* SPDX-License-Identifier: Apache-2.0 */
#include "model/audit.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/crypto.h"
#include "base/id.h"

/* Room for all that is hashed but the data: a text has at most 255 code points of 4 bytes. */
#define TEXT_MAX (4u * PAL_ID_POINTS_MAX)
#define TEXTS_MAX 4u
#define FIXED_MAX 160u

/* Bytes to hash: fixed numbers, and texts behind their lengths, so that no two records read alike. */
struct encoding {
	size_t n;
	uint8_t bytes[TEXTS_MAX * (TEXT_MAX + 4) + FIXED_MAX];
};

static inline void put_bytes(struct encoding *e, const void *bytes, size_t n)
{
	assert(n <= sizeof(e->bytes) - e->n);
	if (n)
		memcpy(e->bytes + e->n, bytes, n);
	e->n += n;
}

static void put_i64(struct encoding *e, int64_t v)
{
	uint64_t le = htole64((uint64_t)v);

	put_bytes(e, &le, sizeof(le));
}

static void put_str(struct encoding *e, struct pal_str s)
{
	uint32_t le = htole32((uint32_t)s.n);

	put_bytes(e, &le, sizeof(le));
	put_bytes(e, s.p, s.n);
}

struct pal_audit_event pal_audit_event_of(const struct pal_exchange *exchange)
{
	const struct pal_audit *audit = &exchange->audit;

	return (struct pal_audit_event){
		.at_ms = exchange->received_ms,
		.event_type = audit->event_type,
		.user_id = audit->user_id,
		.resource_type = PAL_STR("message"),
		.resource_id = audit->resource_id,
		.action = PAL_STR("process"),
		.result = PAL_STR("success"),
		.request_id = audit->request_id,
		.ip_address = audit->ip_address,
	};
}

struct pal_audit_veil pal_audit_veil_draw(void)
{
	struct pal_audit_veil veil = {.is_erased = false};

	pal_random_bytes(veil.salt, sizeof(veil.salt));
	return veil;
}

/* The digest of the names: all that erasing takes away. */
static void digest_names(const struct pal_audit_veil *veil, const struct pal_audit_event *event,
			 uint8_t ret[PAL_AUDIT_HASH_SIZE])
{
	PAL_UNFILLED struct encoding e;

	if (veil->is_erased) {
		memcpy(ret, veil->digest, PAL_AUDIT_HASH_SIZE);
		return;
	}
	e.n = 0;
	put_bytes(&e, veil->salt, sizeof(veil->salt));
	put_str(&e, event->user_id);
	put_str(&e, event->resource_id);
	put_str(&e, event->request_id);
	put_str(&e, event->ip_address);
	put_i64(&e, (int64_t)event->data.n);
	pal_sha256_pair((struct pal_str){(const char *)e.bytes, e.n}, event->data, ret);
}

struct pal_audit_veil pal_audit_veil_erase(const struct pal_audit_veil *veil,
					   const struct pal_audit_event *event)
{
	struct pal_audit_veil left = {.is_erased = true};

	digest_names(veil, event, left.digest);
	return left;
}

void pal_audit_hash(struct pal_tenant_key tenant, int64_t seq,
		    const uint8_t prev_hash[PAL_AUDIT_HASH_SIZE],
		    const struct pal_audit_event *event, const struct pal_audit_veil *veil,
		    uint8_t ret[PAL_AUDIT_HASH_SIZE])
{
	uint8_t names[PAL_AUDIT_HASH_SIZE];
	PAL_UNFILLED struct encoding e;

	digest_names(veil, event, names);
	e.n = 0;
	put_i64(&e, tenant.n);
	put_i64(&e, seq);
	put_bytes(&e, prev_hash, PAL_AUDIT_HASH_SIZE);
	put_i64(&e, event->at_ms);
	put_str(&e, event->event_type);
	put_str(&e, event->resource_type);
	put_str(&e, event->action);
	put_str(&e, event->result);
	put_bytes(&e, names, sizeof(names));
	pal_sha256((struct pal_str){(const char *)e.bytes, e.n}, ret);
}
