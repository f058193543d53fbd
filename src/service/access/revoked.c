/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/revoked.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	int64_t ends_ms;
	size_t n;
	char name[];		/* the tenant's number, then the jti */
};

struct pal_revoked {
	_Atomic size_t count;
	pthread_rwlock_t lock;	/* guards `entries` */
	struct entry *entries;
};

#define STEM sizeof(int64_t)
#define JTI_BYTES_MAX 1020u	/* 255 characters */

static size_t name_of(struct pal_tenant_key tenant, struct pal_str jti, char *out)
{
	memcpy(out, &tenant.n, STEM);
	if (jti.n)
		memcpy(out + STEM, jti.p, jti.n);
	return STEM + jti.n;
}

struct pal_revoked *pal_revoked_create(void)
{
	struct pal_revoked *revoked = calloc(1, sizeof(*revoked));

	if (revoked && pthread_rwlock_init(&revoked->lock, NULL) != 0) {
		free(revoked);
		return NULL;
	}
	return revoked;
}

void pal_revoked_destroy(struct pal_revoked *revoked)
{
	struct entry *e, *next;

	if (!revoked)
		return;
	HASH_ITER(hh, revoked->entries, e, next) {
		HASH_DEL(revoked->entries, e);
		free(e);
	}
	pthread_rwlock_destroy(&revoked->lock);
	free(revoked);
}

static struct entry *find_locked(struct pal_revoked *revoked, const char *name, size_t n)
{
	struct entry *e = NULL;

	HASH_FIND(hh, revoked->entries, name, n, e);
	return e;
}

static bool add_locked(struct pal_revoked *revoked, struct entry *fresh)
{
	struct entry *e = find_locked(revoked, fresh->name, fresh->n);

	if (e) {
		e->ends_ms = fresh->ends_ms > e->ends_ms ? fresh->ends_ms : e->ends_ms;
		free(fresh);
		return true;
	}
	if (atomic_load(&revoked->count) < PAL_REVOKED_MAX) {
		HASH_ADD_KEYPTR(hh, revoked->entries, fresh->name, fresh->n, fresh);
		if (fresh->hh.tbl) {
			atomic_fetch_add(&revoked->count, 1);
			return true;
		}
	}
	free(fresh);
	return false;
}

bool pal_revoked_add(struct pal_revoked *revoked, struct pal_tenant_key tenant, struct pal_str jti,
		     int64_t ends_ms)
{
	struct entry *fresh =
		jti.n <= JTI_BYTES_MAX ? calloc(1, sizeof(*fresh) + STEM + jti.n) : NULL;

	if (!fresh)
		return false;
	fresh->n = name_of(tenant, jti, fresh->name);
	fresh->ends_ms = ends_ms;
	pthread_rwlock_wrlock(&revoked->lock);
	bool added = add_locked(revoked, fresh);
	pthread_rwlock_unlock(&revoked->lock);
	return added;
}

bool pal_revoked_has(struct pal_revoked *revoked, struct pal_tenant_key tenant, struct pal_str jti)
{
	char name[STEM + JTI_BYTES_MAX];

	if (jti.n == 0 || jti.n > JTI_BYTES_MAX ||
	    atomic_load_explicit(&revoked->count, memory_order_acquire) == 0)
		return false;
	size_t n = name_of(tenant, jti, name);
	pthread_rwlock_rdlock(&revoked->lock);
	bool has = find_locked(revoked, name, n) != NULL;
	pthread_rwlock_unlock(&revoked->lock);
	return has;
}

void pal_revoked_sweep(struct pal_revoked *revoked, int64_t now_ms)
{
	struct entry *e, *next;

	if (atomic_load(&revoked->count) == 0)
		return;
	pthread_rwlock_wrlock(&revoked->lock);
	HASH_ITER(hh, revoked->entries, e, next) {
		if (e->ends_ms > now_ms)
			continue;
		HASH_DEL(revoked->entries, e);
		atomic_fetch_sub(&revoked->count, 1);
		free(e);
	}
	pthread_rwlock_unlock(&revoked->lock);
}

size_t pal_revoked_count(const struct pal_revoked *revoked)
{
	return atomic_load(&revoked->count);
}
