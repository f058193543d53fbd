/* SPDX-License-Identifier: Apache-2.0 */
/* server.h - the whole daemon: put together from a configuration, run until told to stop. */
#ifndef PALAVER_SERVER_SERVER_H
#define PALAVER_SERVER_SERVER_H

#include <stdbool.h>

#include "conf/conf.h"

/* Exit codes of the daemon. */
#define PAL_EXIT_FAILURE 1	/* something failed while starting or running */
#define PAL_EXIT_USAGE 2
#define PAL_EXIT_CONFIG 78	/* EX_CONFIG: a restart would not help */

struct pal_server_options {
	struct pal_conf *conf;			/* borrowed: the server takes its own reference */
	const struct pal_conf_sources *sources;	/* to load it again from */
	bool dev;
	int ready_fd;		/* -1, or where to write one byte once the daemon serves */
};

/*
 * Start every subsystem, print `ready URL`, handle signals, drain, stop. Return the exit code. HUP
 * loads the configuration again, USR1 opens the log again, TERM and INT drain, a second one stops
 * at once. Runs on: main, before any other thread exists.
 */
int pal_server_run(const struct pal_server_options *options);

#endif
