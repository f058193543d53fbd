/* SPDX-License-Identifier: Apache-2.0 */
/* role.h - what the calling thread is: a mask of roles, asserted at the top of callbacks. */
#ifndef PALAVER_BASE_ROLE_H
#define PALAVER_BASE_ROLE_H

#include <assert.h>
#include <stdbool.h>

/* A loop that also runs turns holds LOOP and WORKER. */
enum pal_role {
	PAL_ROLE_MAIN = 1,	/* signals, reload, shutdown */
	PAL_ROLE_LOOP = 2,	/* owns its connections and event base for life */
	PAL_ROLE_WORKER = 4,	/* runs one actor turn at a time */
	PAL_ROLE_LANE = 8,	/* owns a database connection and may block */
	PAL_ROLE_COURIER = 16,	/* owns the outgoing HTTP handles */
};

extern _Thread_local unsigned pal_role_mask;	/* use the functions below */

/* Set the roles of the calling thread, a mask of enum pal_role; 0 for none. Runs on: any. */
static inline void pal_role_set(unsigned roles)
{
	pal_role_mask = roles;
}

/* The mask of the calling thread, to set it again later. Runs on: any. */
static inline unsigned pal_role_get(void)
{
	return pal_role_mask;
}

/* Whether the calling thread holds any role of the mask `roles`. Runs on: any. */
static inline bool pal_role_has(unsigned roles)
{
	return (pal_role_mask & roles) != 0;
}

/* The calling thread must hold one of `roles`; a wrong one is our bug. */
#define pal_assert_on(roles) assert(pal_role_has(roles))

#endif
