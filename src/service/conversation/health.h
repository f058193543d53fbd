/* SPDX-License-Identifier: Apache-2.0 */
/* health.h - whether the service can do its work now. */
#ifndef PALAVER_SERVICE_CONVERSATION_HEALTH_H
#define PALAVER_SERVICE_CONVERSATION_HEALTH_H

#include <stdbool.h>

#define PAL_HEALTH_TEXT_SIZE 256

struct pal_store_front;

/*
 * Whether the store behind `front` answers; one sentence about it goes to `text`, "ok" when it
 * does. Asks nobody and waits for nobody: what was last heard, at most a second ago. Runs on: any.
 */
bool pal_health_of_store(struct pal_store_front *front, char text[PAL_HEALTH_TEXT_SIZE]);

#endif
