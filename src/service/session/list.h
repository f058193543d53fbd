/* SPDX-License-Identifier: Apache-2.0 */
/* list.h - pages of sessions, oldest first: one user's or the whole tenant's. */
#ifndef PALAVER_SERVICE_SESSION_LIST_H
#define PALAVER_SERVICE_SESSION_LIST_H

struct pal_session_call;
struct pal_sessions;

/*
 * Answer a PAL_SESSION_LIST or PAL_SESSION_LIST_USER. The latter removes what it finds over. Runs
 * on: any.
 */
void pal_session_list_start(struct pal_sessions *sessions, struct pal_session_call *call);

#endif
