/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/removal.h"

#include <stdlib.h>

#include "base/arena.h"
#include "model/session.h"
#include "store/store.h"

struct pal_session_removal {
	struct pal_arena arena;		/* the ids */
	size_t count;
	struct pal_record_write write[PAL_SESSION_REMOVALS_MAX];
	struct pal_record_write *list[PAL_SESSION_REMOVALS_MAX];
};

struct pal_session_removal *pal_session_removal_create(void)
{
	return calloc(1, sizeof(struct pal_session_removal));
}

void pal_session_removal_destroy(struct pal_session_removal *removal)
{
	if (!removal)
		return;
	pal_arena_release(&removal->arena);
	free(removal);
}

bool pal_session_removal_add(struct pal_session_removal *removal, struct pal_tenant_key tenant,
			     const struct pal_record *record)
{
	struct pal_record_write *write = &removal->write[removal->count];

	if (removal->count == PAL_SESSION_REMOVALS_MAX)
		return false;
	struct pal_str id = pal_arena_copy(&removal->arena, record->id);
	if (!id.p)
		return false;
	*write = (struct pal_record_write){.tenant = tenant,
					   .record = {.kind = PAL_SESSION_KIND, .id = id},
					   .expected = record->version,
					   .remove = true};
	removal->list[removal->count++] = write;
	return true;
}

size_t pal_session_removal_count(const struct pal_session_removal *removal)
{
	return removal->count;
}

size_t pal_session_removal_run(struct pal_session_removal *removal, struct pal_store *store)
{
	size_t removed = 0;

	if (removal->count == 0)
		return 0;
	pal_store_write_records(store, removal->list, removal->count);
	for (size_t i = 0; i < removal->count; i++)
		removed += removal->write[i].verdict == PAL_RECORD_STORED;
	return removed;
}

size_t pal_session_removal_of(const struct pal_session_removal *removal,
			      struct pal_tenant_key tenant)
{
	size_t removed = 0;

	for (size_t i = 0; i < removal->count; i++)
		removed += removal->write[i].verdict == PAL_RECORD_STORED &&
			   removal->write[i].tenant.n == tenant.n;
	return removed;
}
