/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h - the versions of the tables, and the way from each to the next. */
#ifndef PALAVER_STORE_SQLITE_SCHEMA_H
#define PALAVER_STORE_SQLITE_SCHEMA_H

#include <stddef.h>

#include <sqlite3.h>

#include "base/error.h"

/*
 * The steps of this program: step i leads from version i to i + 1. Steps are never edited once
 * released, only added.
 */
extern const char *const pal_sqlite_schema_steps[];
extern const size_t pal_sqlite_schema_version;

/*
 * Bring the database to version `count`, one transaction a step, starting where it stands.
 * PAL_E_CONFIG: it belongs to another program, or is newer than `count`; PAL_E_SERVICE.
 * Runs on: any, before the store serves.
 */
PAL_MUST_CHECK enum pal_code pal_sqlite_schema_upgrade(sqlite3 *db, const char *const *steps,
						       size_t count, struct pal_error *err);

#endif
