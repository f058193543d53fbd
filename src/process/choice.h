/* SPDX-License-Identifier: Apache-2.0 */
/* choice.h - the processors of what was chosen, and of what is offered to choose from. */
#ifndef PALAVER_PROCESS_CHOICE_H
#define PALAVER_PROCESS_CHOICE_H

#include "palaver/processor.h"

/*
 * A quick reply: the rules of texts on its text, else on the title that was chosen; the payload
 * becomes the entity `postback` (domain.md section 4.1). Not a success: neither text nor title.
 */
extern const struct pal_processor pal_quick_reply_processor;

/*
 * A carousel: the rules of texts on its text, titles and subtitles together. Not a success: no
 * item, or more than PAL_CAROUSEL_ITEMS_MAX.
 */
extern const struct pal_processor pal_carousel_processor;

#endif
