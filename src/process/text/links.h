/* SPDX-License-Identifier: Apache-2.0 */
/* links.h - finds mail addresses, page addresses, mentions and hashtags. */
#ifndef PALAVER_PROCESS_TEXT_LINKS_H
#define PALAVER_PROCESS_TEXT_LINKS_H

#include "process/text/findings.h"

/*
 * Search found->text (domain.md section 4.1) and add what there is to the lists emails, urls,
 * mentions and hashtags and to the spans `links`. One pass; nothing is read when no such sign is in
 * the text. Runs on: worker.
 */
void pal_links_find(struct pal_findings *found);

#endif
