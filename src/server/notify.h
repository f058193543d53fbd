/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h - tell the service manager how things stand: sd_notify(3)'s protocol, one datagram. */
#ifndef PALAVER_SERVER_NOTIFY_H
#define PALAVER_SERVER_NOTIFY_H

/*
 * Send `state`, lines such as "READY=1", to the socket named by $NOTIFY_SOCKET. Without one, or
 * when nobody listens, nothing happens. Runs on: main.
 */
void pal_notify(const char *state);

#endif
