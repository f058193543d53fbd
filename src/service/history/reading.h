/* SPDX-License-Identifier: Apache-2.0 */
/* reading.h - what the files behind conversations.h share. */
#ifndef PALAVER_SERVICE_HISTORY_READING_H
#define PALAVER_SERVICE_HISTORY_READING_H

#include "service/history/conversations.h"

/*
 * PAL_READ_WHERE: write r->data. PAL_E_NOT_FOUND when the message is absent or not the caller's; as
 * pal_store_find_exchange. Runs on: reader.
 */
enum pal_code pal_read_where(struct pal_reading *r, struct pal_store *store, unsigned reader,
			     struct pal_arena *arena) PAL_MUST_CHECK;

#endif
