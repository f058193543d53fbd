/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk.h - one who asks the session service of a rig, one thing after the other, and reads the
 * answers: the same for the suites of sessions.
 */
#ifndef PALAVER_TESTS_SERVICE_DESK_H
#define PALAVER_TESTS_SERVICE_DESK_H

#include <json-c/json.h>

#include "rig.h"
#include "service/session/sessions.h"

struct desk {
	struct rig rig;
	struct pal_session_call call;	/* the last one */
	struct json_object *tree;	/* its answer; NULL unless it went well */
	bool is_done;
	char id[64];			/* of the session created last */
};

extern struct desk desk;

/* People of tenant 1; `stranger` is a backend of tenant 2. */
extern const struct pal_caller ann, bob, staff, stranger;

void desk_open(void);
void desk_close(void);

/* Prepare a call, for those that fill it themselves; finish it once it runs. */
void desk_begin(const struct pal_caller *caller, enum pal_session_op op, const char *session);
enum pal_code desk_finish(void);

enum pal_code desk_ask(const struct pal_caller *caller, enum pal_session_op op,
		       const char *session);
/* The user is ann unless `what` says otherwise; the session's id is in desk.id. */
enum pal_code desk_create_under(const struct pal_caller *caller, const char *key,
				struct pal_session_create what);
enum pal_code desk_create(struct pal_session_create what);	/* by ann */
const char *desk_fresh(void);
/* On the session created last, by ann. */
enum pal_code desk_get(void);
enum pal_code desk_update(struct pal_session_update what);
enum pal_code desk_extend(int64_t by_ms);
enum pal_code desk_list(const struct pal_caller *caller, enum pal_session_op op,
			struct pal_session_list what);
enum pal_code desk_list_of(const char *user);

/* What the answer says at a JSON pointer; "absent" where there is nothing. */
const char *desk_at(const char *pointer);
size_t desk_shown(void);		/* elements of a list */
size_t desk_stored(void);		/* sessions of tenant 1 in the store, over or not */
void desk_pass(int64_t ms);		/* time */

#endif
