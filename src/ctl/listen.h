/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - make the control socket, and judge who may speak through it. */
#ifndef PALAVER_CTL_LISTEN_H
#define PALAVER_CTL_LISTEN_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Bind and listen at `path`, mode 0660 before the first client can come; `*ret_fd`, non-blocking
 * and close-on-exec, is the caller's. A socket file that nobody listens on is replaced.
 * PAL_E_CONFIG: too long, no socket, or in use; PAL_E_SERVICE: the system refused. Runs on: main.
 */
enum pal_code pal_ctl_listen(const char *path, int *ret_fd, struct pal_error *err) PAL_MUST_CHECK;

/*
 * Whether the peer of the connected socket `fd` is root, our own user, or in group `gid` (that of
 * the socket file). The kernel's word, not the peer's. Runs on: ctl.
 */
bool pal_ctl_peer_may_enter(int fd, unsigned gid);

#endif
