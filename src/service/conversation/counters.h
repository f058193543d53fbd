/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters.h - the message service's metrics (names of domain.md section 8) and its one log line.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_COUNTERS_H
#define PALAVER_SERVICE_CONVERSATION_COUNTERS_H

#include <stdint.h>

#include "base/error.h"
#include "model/conversation.h"
#include "model/message.h"

struct pal_inbound;

/* Register the series. Runs on: main, before the first message. */
void pal_counters_register(void);

void pal_count_received(void);
void pal_count_started(void);	/* a conversation was stored for the first time */
void pal_count_ended(void);	/* a conversation was completed or abandoned */
void pal_count_duplicate(void);
void pal_count_error(enum pal_code code);

/* Inbound messages stored, and messages that failed, since the start. Runs on: any. */
double pal_counter_messages(void);
double pal_counter_errors(void);

/*
 * Count an exchange that is stored, and write its line: operation process_message_complete, with
 * the tenant, the user, the conversation, the sequence number and the time it took until `now_ns`.
 */
void pal_count_processed(const struct pal_inbound *inbound, const struct pal_exchange *exchange,
			 const struct pal_conversation *conversation, int64_t now_ns);

#endif
