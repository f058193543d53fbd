/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/sqlite.h"

#include <sqlite3.h>

const char *pal_sqlite_library_version(void)
{
	return sqlite3_libversion();
}
