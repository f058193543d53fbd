/* SPDX-License-Identifier: Apache-2.0 */
/* media.h - the processor of images, files, audio and video. */
#ifndef PALAVER_PROCESS_MEDIA_H
#define PALAVER_PROCESS_MEDIA_H

#include "palaver/processor.h"

/*
 * domain.md section 4.3; the caption by the rules of texts. Nothing is fetched. Not a success: no
 * medium, an address that is none, a MIME type that the message type does not carry, and a name
 * that ends like that of a program unless the context accepts those.
 */
extern const struct pal_processor pal_media_processor;

#endif
