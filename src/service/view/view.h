/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - what clients see of a stored conversation and its messages (domain.md section 1.3), and
 * the members such texts are made of. Every member is written with a comma behind it, which the
 * closing bracket takes back. Failure shows in out->failed. Runs on: any.
 */
#ifndef PALAVER_SERVICE_VIEW_VIEW_H
#define PALAVER_SERVICE_VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/conversation.h"
#include "model/message.h"

/* `key` needs no escaping. An empty text is null. */
void pal_view_text(struct pal_buf *out, const char *key, struct pal_str value);
void pal_view_number(struct pal_buf *out, const char *key, int64_t n);
void pal_view_flag(struct pal_buf *out, const char *key, bool truth);
/* ISO 8601. */
void pal_view_time(struct pal_buf *out, const char *key, int64_t wall_ms);
void pal_view_time_if_any(struct pal_buf *out, const char *key, int64_t wall_ms);	/* 0 is null */
/* JSON as it is; an empty text is null. */
void pal_view_raw(struct pal_buf *out, const char *key, struct pal_str json);
/* Append `"key":` and nothing else. */
void pal_view_key(struct pal_buf *out, const char *key);

/* Turn the comma behind the last member into the closing bracket, ']' or '}'. */
void pal_view_close(struct pal_buf *out, char bracket);

/* ConversationSummary, without a comma behind. Runs on: any; uses the thread's JSON scratch. */
void pal_view_summary(struct pal_buf *out, const struct pal_conversation *c);

/* MessageView with a comma behind; `delivery` absent: null. */
void pal_view_message(struct pal_buf *out, const struct pal_message *m, struct pal_str delivery);

#endif
