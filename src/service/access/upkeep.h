/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upkeep.h - what access writes behind: messages used by each tenant, when keys were last used; and
 * revocations that have ended, which it removes.
 */
#ifndef PALAVER_SERVICE_ACCESS_UPKEEP_H
#define PALAVER_SERVICE_ACCESS_UPKEEP_H

#include "service/access/access.h"
#include "store/front.h"

/*
 * Put what is due into the write lane; what finds it full stays due. Call it about once a second.
 * Runs on: main.
 */
void pal_access_sweep(struct pal_access *access, struct pal_store_front *front);

#endif
