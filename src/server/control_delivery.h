/* SPDX-License-Identifier: Apache-2.0 */
/* control_delivery.h - the commands of the control socket that concern deliveries. */
#ifndef PALAVER_SERVER_CONTROL_DELIVERY_H
#define PALAVER_SERVER_CONTROL_DELIVERY_H

#include "ctl/server.h"

/* Handlers; `arg` is the server. Runs on: ctl. */
pal_ctl_handler_fn pal_control_delivery_list, pal_control_delivery_redrive;
/* control_delivery_one.c */
pal_ctl_handler_fn pal_control_delivery_show, pal_control_delivery_retry;

#endif
