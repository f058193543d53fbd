/* SPDX-License-Identifier: Apache-2.0 */
/* control_audit.h - the commands of the control socket that concern the audit trail. */
#ifndef PALAVER_SERVER_CONTROL_AUDIT_H
#define PALAVER_SERVER_CONTROL_AUDIT_H

#include "ctl/server.h"

/* Handlers; `arg` is the server. Runs on: ctl. */
pal_ctl_handler_fn pal_control_audit_verify, pal_control_audit_list;

#endif
