/* SPDX-License-Identifier: Apache-2.0 */
#include "http/address.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include <uthash.h>

struct key {
	uint8_t b[16];
};

struct entry {
	struct key key;
	uint32_t count;
	UT_hash_handle hh;
};

struct pal_http_addresses {
	pthread_mutex_t lock;	/* guards what follows */
	struct entry *entries;
};

static struct key key_of(const uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	struct key key = {{0}};
	bool is_v4 = memcmp(address, mapped, sizeof(mapped)) == 0;

	memcpy(key.b, address, is_v4 ? 16 : 8);
	return key;
}

struct pal_http_addresses *pal_http_addresses_create(void)
{
	struct pal_http_addresses *addresses = calloc(1, sizeof(*addresses));

	if (addresses && pthread_mutex_init(&addresses->lock, NULL) != 0) {
		free(addresses);
		return NULL;
	}
	return addresses;
}

void pal_http_addresses_destroy(struct pal_http_addresses *addresses)
{
	struct entry *entry, *next;

	if (!addresses)
		return;
	HASH_ITER(hh, addresses->entries, entry, next) {
		HASH_DEL(addresses->entries, entry);
		free(entry);
	}
	pthread_mutex_destroy(&addresses->lock);
	free(addresses);
}

static struct entry *find_or_add_locked(struct pal_http_addresses *addresses, const struct key *key)
{
	struct entry *entry;

	HASH_FIND(hh, addresses->entries, key, sizeof(*key), entry);
	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = *key;
	HASH_ADD(hh, addresses->entries, key, sizeof(*key), entry);
	if (!entry->hh.tbl) {	/* uthash ran out of memory and left it out */
		free(entry);
		return NULL;
	}
	return entry;
}

bool pal_http_addresses_enter(struct pal_http_addresses *addresses, const uint8_t address[16],
			      uint32_t max)
{
	struct key key = key_of(address);

	assert(max > 0);
	pthread_mutex_lock(&addresses->lock);
	struct entry *entry = find_or_add_locked(addresses, &key);
	bool fits = entry && entry->count < max;
	if (fits)
		entry->count++;
	pthread_mutex_unlock(&addresses->lock);
	return fits;
}

void pal_http_addresses_leave(struct pal_http_addresses *addresses, const uint8_t address[16])
{
	struct key key = key_of(address);
	struct entry *entry;

	pthread_mutex_lock(&addresses->lock);
	HASH_FIND(hh, addresses->entries, &key, sizeof(key), entry);
	assert(entry && entry->count > 0);
	if (--entry->count == 0) {
		HASH_DEL(addresses->entries, entry);
		free(entry);
	}
	pthread_mutex_unlock(&addresses->lock);
}
