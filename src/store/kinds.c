/* SPDX-License-Identifier: Apache-2.0 */
#include "store/kinds.h"

#include <stdio.h>

#include "store/memory/memory.h"
#include "store/sqlite/sqlite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pal_store_kind *const kinds[] = {
	&pal_memory_kind,
	&pal_sqlite_kind,
};

enum pal_code pal_store_find_kind(struct pal_str name, const struct pal_store_kind **ret,
				  struct pal_error *err)
{
	char names[128] = "";
	size_t len = 0;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (pal_str_equal(pal_str(kinds[i]->ops->name), name)) {
			*ret = kinds[i];
			return PAL_OK;
		}
		if (len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						i ? ", " : "", kinds[i]->ops->name);
	}
	return pal_fail(err, PAL_E_CONFIG, "store.kind", "there is no store \"%.*s\", only: %s",
			(int)(name.n < 32 ? name.n : 32), name.n ? name.p : "", names);
}

#define SLOT(slot) {#slot, offsetof(struct pal_store_ops, slot)}
static const struct {
	const char *name;
	size_t offset;
} slots[] = {
	SLOT(name),
	SLOT(commit),
	SLOT(write_behind),
	SLOT(load_conversation),
	SLOT(find_exchange),
	SLOT(walk_exchanges),
	SLOT(walk_conversations),
	SLOT(index_text),
	SLOT(search_text),
	SLOT(put_tenant),
	SLOT(put_api_key),
	SLOT(walk_tenants),
	SLOT(walk_api_keys),
	SLOT(installation_secret),
	SLOT(add_audit),
	SLOT(audit_head),
	SLOT(walk_audit),
	SLOT(walk_audit_back),
	SLOT(verify_audit),
	SLOT(prune_audit),
	SLOT(erase_audit),
	SLOT(load_record),
	SLOT(walk_records),
	SLOT(walk_expired),
	SLOT(erase_conversation),
	SLOT(ping),
	SLOT(count),
	SLOT(idle),
	SLOT(destroy),
};

enum pal_code pal_store_check_ops(const struct pal_store_ops *ops, struct pal_error *err)
{
	/* All pointers of POSIX have one representation, so absent is absent whatever its type. */
	static const char missing[sizeof(void *)];

	for (size_t i = 0; i < COUNT(slots); i++) {
		if (memcmp((const char *)ops + slots[i].offset, missing, sizeof(missing)) == 0)
			return pal_fail(err, PAL_E_CONFIG, "store.kind",
					"the store \"%s\" lacks \"%s\"",
					ops->name ? ops->name : "", slots[i].name);
	}
	return PAL_OK;
}
