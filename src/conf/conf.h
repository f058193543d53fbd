/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - the room's front door for the rest of the daemon: the options, the snapshot, loading it
 * and comparing two. What makes documents of the table is in describe.h.
 */
#ifndef PALAVER_CONF_CONF_H
#define PALAVER_CONF_CONF_H

#include "conf/diff.h"
#include "conf/load.h"
#include "conf/options.h"
#include "conf/report.h"
#include "conf/snapshot.h"

#endif
