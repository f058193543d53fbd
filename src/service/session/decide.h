/* SPDX-License-Identifier: Apache-2.0 */
/* decide.h - what each request makes of a session that is there. */
#ifndef PALAVER_SERVICE_SESSION_DECIDE_H
#define PALAVER_SERVICE_SESSION_DECIDE_H

#include "service/session/change.h"

/*
 * The `decide` of a change that lies in a struct pal_session_call: whether the caller may see the
 * session, what its request makes of it, and the answer, in call->data. Runs on: lane.
 */
enum pal_code pal_session_decide(struct pal_session_change *c, enum pal_session_deed *ret,
				 struct pal_error *err);

#endif
