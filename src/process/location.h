/* SPDX-License-Identifier: Apache-2.0 */
/* location.h - the processor of locations. */
#ifndef PALAVER_PROCESS_LOCATION_H
#define PALAVER_PROCESS_LOCATION_H

#include "palaver/processor.h"

/*
 * domain.md section 4.4; a text beside the location by the rules of texts. Not a success: no
 * location, or one that is not on Earth.
 */
extern const struct pal_processor pal_location_processor;

#endif
