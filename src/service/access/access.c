/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/access.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "service/access/parts.h"
#include "store/store.h"

struct pal_live_tenant *pal_access_live(struct pal_access *access, struct pal_str id)
{
	return pal_keyring_tenant(access->ring, id);
}

struct pal_live_key *pal_access_live_key(struct pal_access *access, struct pal_tenant_key tenant,
					 struct pal_str key_id)
{
	return pal_keyring_key(access->ring, tenant, key_id);
}

struct pal_tenant_key pal_access_tenant(struct pal_access *access, struct pal_str id)
{
	const struct pal_live_tenant *t = pal_keyring_tenant(access->ring, id);

	return t ? t->key : (struct pal_tenant_key){0};
}

bool pal_access_next_tenant(struct pal_access *access, struct pal_tenant_key after,
			    struct pal_tenant_key *ret_key, struct pal_str *ret_id)
{
	const struct pal_live_tenant *t = pal_keyring_next(access->ring, after);

	if (!t)
		return false;
	*ret_key = t->key;
	*ret_id = t->id;
	return true;
}

enum pal_code pal_access_create(const struct pal_access_options *options, struct pal_access **ret,
				struct pal_error *err)
{
	struct pal_access *access = calloc(1, sizeof(*access));

	if (!access || pthread_rwlock_init(&access->lock, NULL) != 0) {
		free(access);
		return pal_fail_memory(err, "access");
	}
	pthread_mutex_init(&access->admin, NULL);	/* cannot fail */
	access->leeway_ms = options->leeway_ms;
	access->store = options->store;
	access->clock = options->clock;
	atomic_init(&access->require_tenant_header, options->require_tenant_header);
	enum pal_code code = pal_access_load(access, err);
	if (code != PAL_OK) {
		pal_access_destroy(access);
		return code;
	}
	access->jwt = options->jwt;
	*ret = access;
	return PAL_OK;
}

void pal_access_destroy(struct pal_access *access)
{
	if (!access)
		return;
	pal_keyring_destroy(access->ring);
	pal_revoked_destroy(access->revoked);
	pal_jwt_destroy(access->jwt);
	pthread_mutex_destroy(&access->admin);
	pthread_rwlock_destroy(&access->lock);
	free(access);
}

void pal_access_require_tenant_header(struct pal_access *access, bool required)
{
	atomic_store(&access->require_tenant_header, required);
}

void pal_access_set_jwt(struct pal_access *access, struct pal_jwt *jwt)
{
	pthread_rwlock_wrlock(&access->lock);
	struct pal_jwt *old = access->jwt;
	access->jwt = jwt;
	pthread_rwlock_unlock(&access->lock);
	pal_jwt_destroy(old);
}

enum pal_code pal_access_ensure_tenant(struct pal_access *access, struct pal_str id,
				       struct pal_error *err)
{
	if (pal_keyring_tenant(access->ring, id))
		return PAL_OK;
	struct pal_tenant tenant = {.id = id,
				    .name = id,
				    .status = PAL_TENANT_ACTIVE,
				    .created_ms = pal_clock_wall_ms(access->clock)};
	enum pal_code code = pal_store_put_tenant(access->store, &tenant, err);
	if (code == PAL_OK && !pal_keyring_put_tenant(access->ring, &tenant))
		code = pal_fail_memory(err, "access");
	return code;
}

enum pal_code pal_access_ensure_key(struct pal_access *access, struct pal_str tenant_id,
				    struct pal_str text, struct pal_str permissions,
				    struct pal_error *err)
{
	const struct pal_live_tenant *tenant = pal_keyring_tenant(access->ring, tenant_id);
	struct pal_uuid id = pal_uuid_v4();
	char id_text[PAL_UUID_TEXT_SIZE];

	if (!pal_api_key_is_formed(text))
		return pal_fail(err, PAL_E_VALIDATION, "api_key",
				"an API key is cb_live_ or cb_test_ and 32 to 64 hex digits");
	if (!tenant)
		return pal_fail(err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	const struct pal_live_key *known = pal_keyring_find(access->ring, text);
	if (known && known->tenant != tenant)
		return pal_fail(err, PAL_E_CONFLICT, "api_key", "the key is another tenant's");
	if (known)
		return PAL_OK;
	struct pal_api_key key = {.key_id = pal_str(pal_uuid_format(&id, id_text)),
				  .tenant = tenant->key,
				  .name = PAL_STR("development"),
				  .permissions = permissions,
				  .status = PAL_API_KEY_ACTIVE,
				  .created_ms = pal_clock_wall_ms(access->clock)};
	memcpy(key.prefix, text.p, sizeof(key.prefix));
	pal_keyring_hash(access->ring, text, key.hash);
	enum pal_code code = pal_store_put_api_key(access->store, &key, err);
	if (code == PAL_OK && !pal_keyring_put_key(access->ring, &key))
		code = pal_fail_memory(err, "access");
	return code;
}
