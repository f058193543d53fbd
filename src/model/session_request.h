/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_request.h - decode and check what clients ask of sessions (domain.md section 1.3,
 * SessionCreateRequest and SessionUpdateRequest, and the bodies of section 6.2).
 *
 * Every reader reads the scanned object `root`, whose text must outlive what is read: JSON views
 * point into it. What is wrong is in fields->errors then, and *ret is not to be used. Unknown
 * members are ignored. Runs on: any.
 */
#ifndef PALAVER_MODEL_SESSION_REQUEST_H
#define PALAVER_MODEL_SESSION_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/fields.h"
#include "model/session.h"

struct pal_session_create {
	struct pal_str user_id;
	enum pal_channel_type channel;
	struct pal_str conversation_id;	/* may be absent */
	struct pal_str context, metadata, client_info;	/* JSON objects; absent is {} */
	int64_t lifetime_ms;		/* 0: the service's default */
	uint8_t digest[PAL_DIGEST_SIZE]; /* equal for equal requests */
};

/* The members of each object are put over those kept; null removes one. */
struct pal_session_update {
	struct pal_str context, preferences, features, metadata;	/* absent: as it is */
	struct pal_str appends;		/* {list: value}, for lists in the context */
	bool extend;			/* as much time as it had when it was made, from now on */
};

struct pal_session_extend {
	int64_t extend_ms;
};

struct pal_session_transfer {
	enum pal_channel_type channel;
	bool preserve_context;
};

/* `max_ms`: no longer lifetime may be asked for. */
void pal_session_create_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     int64_t max_ms, struct pal_session_create *ret);

void pal_session_update_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_session_update *ret);

/* The body of PUT .../context: {context}, required; it becomes ret->context. */
void pal_session_context_read(struct pal_fields *fields, const struct pal_fields_at *root,
			      struct pal_session_update *ret);

/*
 * {extend_minutes} or {hours}, not both; neither gives an hour. 0 and less are refused, as is more
 * than `max_ms` (domain.md B32).
 */
void pal_session_extend_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     int64_t max_ms, struct pal_session_extend *ret);

void pal_session_transfer_read(struct pal_fields *fields, const struct pal_fields_at *root,
			       struct pal_session_transfer *ret);

#endif
