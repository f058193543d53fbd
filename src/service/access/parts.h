/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the files behind access.h, admin.h and upkeep.h share. */
#ifndef PALAVER_SERVICE_ACCESS_PARTS_H
#define PALAVER_SERVICE_ACCESS_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/clock.h"
#include "service/access/access.h"
#include "service/access/keyring.h"
#include "service/access/revoked.h"

struct pal_access {
	struct pal_store *store;	/* fixed at create, as are the next four */
	const struct pal_clock *clock;
	struct pal_keyring *ring;
	struct pal_revoked *revoked;
	int64_t leeway_ms;
	_Atomic bool require_tenant_header;
	struct pal_live_key *_Atomic noted;	/* keys whose use is to be written */
	int64_t swept_ms;		/* main only: when ended revocations were looked for */
	pthread_rwlock_t lock;		/* guards `jwt` */
	struct pal_jwt *jwt;		/* NULL: no bearer tokens */
	pthread_mutex_t admin;		/* held while store and ring are changed together */
};

/*
 * Make ring and revocations of `access` and read all that is stored of tenants, keys and tokens into
 * them. What was made is pal_access_destroy's, on failure too. PAL_E_SERVICE. Runs on: main.
 */
enum pal_code pal_access_load(struct pal_access *access, struct pal_error *err) PAL_MUST_CHECK;

#endif
