/* SPDX-License-Identifier: Apache-2.0 */
/* docs_page.h - src/api/page/docs.html, compiled in; scripts/embed.sh makes the definition. */
#ifndef PALAVER_API_DOCS_PAGE_H
#define PALAVER_API_DOCS_PAGE_H

#include <stddef.h>

extern const unsigned char pal_page_docs[];
extern const size_t pal_page_docs_size;	/* bytes; no NUL behind them */

#endif
