/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/state.h"

#include "base/id.h"

void pal_memory_admin_init(struct pal_memory_admin *admin, struct pal_budget *budget)
{
	pthread_mutex_init(&admin->lock, NULL);
	pal_slab_init(&admin->slab, budget);
	admin->tenants.end = &admin->tenants.first;
	admin->api_keys.end = &admin->api_keys.first;
	admin->secrets.end = &admin->secrets.first;
}

void pal_memory_admin_deinit(struct pal_memory_admin *admin)
{
	pal_slab_deinit(&admin->slab);
	pthread_mutex_destroy(&admin->lock);
}

/* Replace the record of `entry`, or append one for NULL. False when out of memory or budget. */
static bool put_locked(struct pal_memory_admin *admin, struct pal_memory_list *list,
		       struct pal_memory_entry *entry, const void *record)
{
	if (!entry) {
		entry = pal_slab_get(&admin->slab, sizeof(*entry));
		if (!entry)
			return false;
		entry->next = NULL;
		*list->end = entry;
		list->end = &entry->next;
	}
	entry->record = record;
	return true;
}

/* --- tenants ---------------------------------------------------------------------------------- */

static struct pal_tenant *copy_tenant(struct pal_slab *slab, const struct pal_tenant *tenant)
{
	struct pal_tenant *copy = pal_slab_get(slab, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *tenant;
	if (!pal_slab_copy(slab, tenant->id, &copy->id) ||
	    !pal_slab_copy(slab, tenant->name, &copy->name) ||
	    !pal_slab_copy(slab, tenant->settings, &copy->settings) ||
	    !pal_slab_copy(slab, tenant->profile, &copy->profile))
		return NULL;
	return copy;
}

static bool put_tenant_locked(struct pal_memory_admin *admin, struct pal_tenant *tenant)
{
	struct pal_memory_entry *entry = admin->tenants.first;
	struct pal_tenant *copy = copy_tenant(&admin->slab, tenant);

	if (!copy)
		return false;
	while (entry && !pal_str_equal(((const struct pal_tenant *)entry->record)->id, tenant->id))
		entry = entry->next;
	copy->key.n = entry ? ((const struct pal_tenant *)entry->record)->key.n
			    : admin->tenants_made + 1;
	if (!put_locked(admin, &admin->tenants, entry, copy))
		return false;
	if (!entry)
		admin->tenants_made++;
	tenant->key = copy->key;
	return true;
}

enum pal_code pal_memory_put_tenant(struct pal_store *self, struct pal_tenant *tenant,
				    struct pal_error *err)
{
	struct pal_memory_admin *admin = &((struct pal_memory *)self)->admin;

	pthread_mutex_lock(&admin->lock);
	bool put = put_tenant_locked(admin, tenant);
	pthread_mutex_unlock(&admin->lock);
	return put ? PAL_OK : pal_memory_fail_full(err);
}

/* The record after the one that `entry` stands for, and that entry; NULL: begin. */
static const void *next_record(struct pal_memory_admin *admin, const struct pal_memory_list *list,
			       const struct pal_memory_entry **entry)
{
	pthread_mutex_lock(&admin->lock);
	*entry = *entry ? (*entry)->next : list->first;
	const void *record = *entry ? (*entry)->record : NULL;
	pthread_mutex_unlock(&admin->lock);
	return record;
}

enum pal_code pal_memory_walk_tenants(struct pal_store *self, unsigned reader,
				      pal_tenant_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_memory_admin *admin = &((struct pal_memory *)self)->admin;
	const struct pal_memory_entry *entry = NULL;
	const struct pal_tenant *tenant;

	(void)reader;
	(void)err;
	while ((tenant = next_record(admin, &admin->tenants, &entry)) && visit(arg, tenant))
		;
	return PAL_OK;
}

/* --- API keys --------------------------------------------------------------------------------- */

static struct pal_api_key *copy_api_key(struct pal_slab *slab, const struct pal_api_key *key)
{
	struct pal_api_key *copy = pal_slab_get(slab, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *key;
	if (!pal_slab_copy(slab, key->key_id, &copy->key_id) ||
	    !pal_slab_copy(slab, key->name, &copy->name) ||
	    !pal_slab_copy(slab, key->permissions, &copy->permissions) ||
	    !pal_slab_copy(slab, key->rules, &copy->rules))
		return NULL;
	return copy;
}

static enum pal_code put_api_key_locked(struct pal_memory_admin *admin,
					const struct pal_api_key *key, struct pal_error *err)
{
	struct pal_memory_entry *entry = NULL;

	for (struct pal_memory_entry *e = admin->api_keys.first; e; e = e->next) {
		const struct pal_api_key *other = e->record;
		bool same = pal_str_equal(other->key_id, key->key_id);
		if (same)
			entry = e;
		if (same && other->tenant.n != key->tenant.n)
			return pal_fail(err, PAL_E_CONFLICT, "key_id", "the id is taken");
		if (!same && memcmp(other->hash, key->hash, sizeof(key->hash)) == 0)
			return pal_fail(err, PAL_E_CONFLICT, "hash", "the key exists");
	}
	struct pal_api_key *copy = copy_api_key(&admin->slab, key);
	if (!copy || !put_locked(admin, &admin->api_keys, entry, copy))
		return pal_memory_fail_full(err);
	return PAL_OK;
}

enum pal_code pal_memory_put_api_key(struct pal_store *self, const struct pal_api_key *key,
				     struct pal_error *err)
{
	struct pal_memory_admin *admin = &((struct pal_memory *)self)->admin;

	pthread_mutex_lock(&admin->lock);
	enum pal_code code = put_api_key_locked(admin, key, err);
	pthread_mutex_unlock(&admin->lock);
	return code;
}

enum pal_code pal_memory_walk_api_keys(struct pal_store *self, unsigned reader,
				       pal_api_key_visit_fn *visit, void *arg,
				       struct pal_error *err)
{
	struct pal_memory_admin *admin = &((struct pal_memory *)self)->admin;
	const struct pal_memory_entry *entry = NULL;
	const struct pal_api_key *key;

	(void)reader;
	(void)err;
	while ((key = next_record(admin, &admin->api_keys, &entry)) && visit(arg, key))
		;
	return PAL_OK;
}

/* --- secrets ---------------------------------------------------------------------------------- */

static const struct pal_memory_secret *get_secret_locked(struct pal_memory_admin *admin,
							 struct pal_str name)
{
	for (struct pal_memory_entry *e = admin->secrets.first; e; e = e->next) {
		const struct pal_memory_secret *secret = e->record;
		if (pal_str_equal(secret->name, name))
			return secret;
	}
	struct pal_memory_secret *made = pal_slab_get(&admin->slab, sizeof(*made));
	if (!made || !pal_slab_copy(&admin->slab, name, &made->name))
		return NULL;
	pal_random_bytes(made->bytes, sizeof(made->bytes));
	return put_locked(admin, &admin->secrets, NULL, made) ? made : NULL;
}

enum pal_code pal_memory_installation_secret(struct pal_store *self, struct pal_str name,
					     uint8_t ret[32], struct pal_error *err)
{
	struct pal_memory_admin *admin = &((struct pal_memory *)self)->admin;

	pthread_mutex_lock(&admin->lock);
	const struct pal_memory_secret *secret = get_secret_locked(admin, name);
	if (secret)
		memcpy(ret, secret->bytes, sizeof(secret->bytes));
	pthread_mutex_unlock(&admin->lock);
	return secret ? PAL_OK : pal_memory_fail_full(err);
}
