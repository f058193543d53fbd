/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/courier.h"
#include "courier/library.h"

const char *pal_courier_library_version(void)
{
	return pal_library_load() ? curl_version_info(CURLVERSION_NOW)->version : NULL;
}
