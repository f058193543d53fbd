/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expire DATABASE SESSION...: end sessions of a daemon that does not run a second ago, as time would
 * have. The store seals what it keeps, so this goes through the store.
 */
#include <stdio.h>

#include "base/clock.h"
#include "model/session.h"
#include "store/store.h"

static struct pal_tenant_key tenant;

static bool take_tenant(void *arg, const struct pal_tenant *first)
{
	(void)arg;
	tenant = first->key;
	return false;
}

static bool expire(struct pal_store *store, const char *session, struct pal_error *err)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record_write write = {.tenant = tenant, .expected = PAL_RECORD_ANY};
	struct pal_record_write *writes = &write;
	enum pal_code code = pal_store_load_record(store, 0, tenant, PAL_SESSION_KIND,
						   pal_str(session), &arena, &write.record, err);

	if (code == PAL_OK) {
		write.record.expires_ms = pal_clock_wall_ms(pal_clock_system()) - 1000;
		pal_store_write_records(store, &writes, 1);
		if (write.verdict == PAL_RECORD_FAILED)
			*err = write.err;
	}
	pal_arena_release(&arena);
	return code == PAL_OK && write.verdict == PAL_RECORD_STORED;
}

int main(int argc, char **argv)
{
	const struct pal_store_config config = {.kind = "sqlite", .path = argv[1], .readers = 1};
	struct pal_store *store = NULL;
	struct pal_error err = {.message = "no database is named"};
	bool good = argc > 2 && pal_store_open(&config, &store, &err) == PAL_OK &&
		    pal_store_walk_tenants(store, 0, take_tenant, NULL, &err) == PAL_OK;

	for (int i = 2; good && i < argc; i++)
		good = expire(store, argv[i], &err);
	if (!good)
		fprintf(stderr, "expire: %s\n", err.message);
	pal_store_destroy(store);
	return good ? 0 : 1;
}
