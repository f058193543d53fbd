/* SPDX-License-Identifier: Apache-2.0 */
/*
 * touch.h - the activity of sessions that messages name. It is noted here and written
 * behind, about once a second, however many messages came: losing that in a crash costs nobody
 * anything. Who reads a session meanwhile is shown what is noted.
 */
#ifndef PALAVER_SERVICE_SESSION_TOUCH_H
#define PALAVER_SERVICE_SESSION_TOUCH_H

#include <stddef.h>
#include <stdint.h>

#include "model/session.h"
#include "model/tenant.h"

#define PAL_SESSION_TOUCHES_MAX 4096u	/* noted at once; of more, some are forgotten */

struct pal_session_touches;
struct pal_sessions;

/* NULL when out of memory. Runs on: main. */
struct pal_session_touches *pal_session_touches_create(void);
void pal_session_touches_destroy(struct pal_session_touches *touches);	/* NULL is fine */

/* Note that session `id` was in use now. Runs on: any. */
void pal_session_touch(struct pal_sessions *sessions, struct pal_tenant_key tenant,
		       struct pal_str id);

/* Put what is noted of `session` into it: its activity, and the life that gives it. Runs on: any. */
void pal_session_touches_show(struct pal_sessions *sessions, struct pal_tenant_key tenant,
			      struct pal_session *session);

/*
 * Begin to write some of what is noted, unless that is under way. Return how many are not written
 * yet: call again until 0 when that matters. Runs on: main.
 */
size_t pal_session_touches_flush(struct pal_sessions *sessions);

#endif
