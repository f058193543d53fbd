/* SPDX-License-Identifier: Apache-2.0 */
/* cleanup.h - remove the sessions that are over, of all tenants, oldest first. */
#ifndef PALAVER_SERVICE_SESSION_CLEANUP_H
#define PALAVER_SERVICE_SESSION_CLEANUP_H

struct pal_session_call;
struct pal_sessions;

/* In the background; does nothing while the last one is under way. Runs on: main. */
void pal_session_cleanup_start(struct pal_sessions *sessions);

/*
 * Answer a PAL_SESSION_CLEANUP: {"cleaned": N}, of the caller's tenant alone, though what others
 * have that is over goes with it. Runs on: any.
 */
void pal_session_cleanup_call(struct pal_sessions *sessions, struct pal_session_call *call);

#endif
