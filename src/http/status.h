/* SPDX-License-Identifier: Apache-2.0 */
/* status.h - status lines and reason phrases (RFC 9110 section 15). */
#ifndef PALAVER_HTTP_STATUS_H
#define PALAVER_HTTP_STATUS_H

#include "base/str.h"

/* "HTTP/1.1 404 Not Found\r\n" for 100..599; a number not in the list is sent as the general one of
 * its class. Runs on: any. */
struct pal_str pal_http_status_line(int status);

/* "Not Found". A number of no phrase has those of its class. Runs on: any. */
struct pal_str pal_http_status_phrase(int status);

#endif
