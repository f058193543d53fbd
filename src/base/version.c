/* SPDX-License-Identifier: Apache-2.0 */
#include "base/version.h"

#include <config.h>

const char *pal_version(void)
{
	return PACKAGE_VERSION;
}

bool pal_version_has_cld2(void)
{
#ifdef HAVE_CLD2
	return true;
#else
	return false;
#endif
}
