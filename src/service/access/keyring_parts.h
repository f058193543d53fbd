/* SPDX-License-Identifier: Apache-2.0 */
/* keyring_parts.h - what a ring is made of: for keyring*.c alone. */
#ifndef PALAVER_SERVICE_ACCESS_KEYRING_PARTS_H
#define PALAVER_SERVICE_ACCESS_KEYRING_PARTS_H

#include <pthread.h>
#include <string.h>

#include "base/hash.h"	/* before uthash: all files of a table hash alike */
#include "service/access/keyring.h"

#include <uthash.h>

struct pal_kept_key;

struct pal_kept_tenant {
	struct pal_live_tenant live;	/* first */
	struct pal_tenant record;	/* texts in `text`, which a change replaces */
	char *text;
	struct pal_kept_key *keys;	/* its own, the newest first */
	UT_hash_handle by_id, by_key;
	char id[];
};

struct pal_kept_key {
	struct pal_live_key live;	/* first; views into `text` */
	struct pal_kept_key *next;	/* same prefix */
	struct pal_kept_key *older;	/* of the same tenant */
	UT_hash_handle hh, by_id;
	char text[];
};

struct pal_keyring {
	uint8_t hash_key[PAL_API_KEY_HASH_SIZE];	/* fixed at create, as are the next two */
	uint8_t fingerprint_key[2][16];
	uint64_t instance;
	pthread_rwlock_t lock;		/* guards the maps below and the tenants' records */
	struct pal_kept_tenant *tenants_by_id, *tenants_by_key;
	struct pal_kept_tenant **in_order;	/* all of them, by key */
	size_t count, room;
	struct pal_kept_key *keys_by_prefix, *keys_by_id;
};

/* Copy `s` behind `*at`, move it on, and return the copy. */
static inline struct pal_str pal_keyring_keep(char **at, struct pal_str s)
{
	struct pal_str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

#endif
