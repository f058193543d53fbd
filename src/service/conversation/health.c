/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/health.h"

#include "store/front.h"

_Static_assert(PAL_HEALTH_TEXT_SIZE >= PAL_STORE_HEALTH_TEXT_SIZE, "the store's sentence fits");

bool pal_health_of_store(struct pal_store_front *front, char text[PAL_HEALTH_TEXT_SIZE])
{
	bool healthy = pal_store_front_is_healthy(front);

	pal_store_front_health_text(front, text);
	return healthy;
}
