/* SPDX-License-Identifier: Apache-2.0 */
/* conversation.h - a conversation as clients are shown it, without its messages. */
#ifndef PALAVER_SERVICE_VIEW_CONVERSATION_H
#define PALAVER_SERVICE_VIEW_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/conversation.h"
#include "model/details.h"

/*
 * Append the object: ids, channel, status, times, number of messages, and what the details show to
 * staff or to others. Failure shows in out->failed. Runs on: any.
 */
void pal_conversation_view_write(struct pal_buf *out, const struct pal_conversation *conversation,
				 const struct pal_details *details, bool to_staff);

#define PAL_CONVERSATION_VERSION_SIZE 33	/* hexadecimal digits and their end */

/*
 * Name the version that is stored: another one whenever a message or an operation changed the
 * conversation, the same for whoever asks and after a restart. Runs on: any.
 */
void pal_conversation_version(const struct pal_conversation *conversation,
			      char ret[PAL_CONVERSATION_VERSION_SIZE]);

#endif
