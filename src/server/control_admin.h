/* SPDX-License-Identifier: Apache-2.0 */
/* control_admin.h - the control socket's commands for tenants and API keys. `arg` is the server. */
#ifndef PALAVER_SERVER_CONTROL_ADMIN_H
#define PALAVER_SERVER_CONTROL_ADMIN_H

#include "ctl/server.h"

/* As pal_ctl_handler_fn; src/ctl/README.md has arguments and answers. Runs on: ctl. */
pal_ctl_handler_fn pal_control_tenant_add, pal_control_tenant_list, pal_control_tenant_show;
pal_ctl_handler_fn pal_control_tenant_set, pal_control_tenant_suspend, pal_control_tenant_activate;
pal_ctl_handler_fn pal_control_key_create, pal_control_key_list;
pal_ctl_handler_fn pal_control_key_revoke, pal_control_key_rotate;
pal_ctl_handler_fn pal_control_limits_show, pal_control_limits_reset;

#endif
