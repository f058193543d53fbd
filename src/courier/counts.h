/* SPDX-License-Identifier: Apache-2.0 */
/* counts.h - the metrics of this room: palaver_courier_*. */
#ifndef PALAVER_COURIER_COUNTS_H
#define PALAVER_COURIER_COUNTS_H

#include <stddef.h>

#include "palaver/outgoing.h"

/* Register them. Runs on: main, before the courier's thread. */
void pal_courier_counts_register(void);

/* Count a request that ended. Runs on: courier. */
void pal_courier_count(const struct pal_answer *answer);

/* How many are on the wire and how many wait. Runs on: courier. */
void pal_courier_gauge(size_t in_flight, size_t waiting);

#endif
