/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

static struct script *script_of(struct pal_store *self)
{
	return (struct script *)self;
}

static struct pal_store *below(struct pal_store *self)
{
	return script_of(self)->memory;
}

static enum cue next_cue(struct script *script)
{
	if (script->played < script->cues)
		return script->cue[script->played++];
	return script->roll ? (enum cue)script->roll() : CUE_STORE;
}

static void fail(struct pal_unit *unit)
{
	unit->verdict = PAL_UNIT_FAILED;
	pal_fail_retry(&unit->err, PAL_E_SERVICE, 500, "store", "the store is out of order");
}

static void commit_one(struct script *script, struct pal_unit *unit)
{
	struct pal_conversation kept = *unit->conversation;
	enum cue cue = next_cue(script);

	script->units++;
	if (cue == CUE_STORE || cue == CUE_LOSE)
		script->memory->ops->commit(script->memory, &unit, 1, NULL, 0);
	if (cue == CUE_FAIL || (cue == CUE_LOSE && unit->verdict == PAL_UNIT_STORED)) {
		*unit->conversation = kept;
		fail(unit);
	}
	if (cue == CUE_STALE)
		unit->verdict = PAL_UNIT_STALE;
}

static void script_commit(struct pal_store *self, struct pal_unit **units, size_t unit_count,
			  struct pal_record_write **writes, size_t write_count)
{
	for (size_t i = 0; i < unit_count; i++)
		commit_one(script_of(self), units[i]);
	if (write_count) {
		script_of(self)->records++;
		below(self)->ops->commit(below(self), NULL, 0, writes, write_count);
	}
}

static enum pal_code script_write_behind(struct pal_store *self, struct pal_tenant_key tenant,
					 const struct pal_conversation *conversations, size_t count,
					 struct pal_error *err)
{
	struct script *script = script_of(self);
	const struct pal_conversation *last = &conversations[count - 1];

	script->behind += count;
	script->last_behind = *last;
	snprintf(script->last_behind_state, sizeof(script->last_behind_state), "%.*s",
		 (int)last->state.n, last->state.n ? last->state.p : "");
	return below(self)->ops->write_behind(below(self), tenant, conversations, count, err);
}

static bool must_fail(struct script *script)
{
	if (script->failing_loads == 0)
		return false;
	script->failing_loads--;
	return true;
}

static enum pal_code script_load(struct pal_store *self, unsigned reader,
				 struct pal_tenant_key tenant, struct pal_str id,
				 struct pal_arena *arena, struct pal_conversation *ret,
				 struct pal_error *err)
{
	script_of(self)->loads++;
	if (must_fail(script_of(self)))
		return pal_fail_retry(err, PAL_E_SERVICE, 500, "store", "the store is out of order");
	return below(self)->ops->load_conversation(below(self), reader, tenant, id, arena, ret, err);
}

static enum pal_code script_find(struct pal_store *self, unsigned reader,
				 struct pal_tenant_key tenant, struct pal_str message_id,
				 bool outbound, struct pal_arena *arena,
				 struct pal_found_exchange *ret, struct pal_error *err)
{
	if (must_fail(script_of(self)))
		return pal_fail_retry(err, PAL_E_SERVICE, 500, "store", "the store is out of order");
	return below(self)->ops->find_exchange(below(self), reader, tenant, message_id, outbound,
					       arena, ret, err);
}

static enum pal_code script_walk(struct pal_store *self, unsigned reader,
				 struct pal_tenant_key tenant, int64_t key, int64_t from,
				 size_t limit, pal_exchange_visit_fn *visit, void *arg,
				 struct pal_error *err)
{
	script_of(self)->walks++;
	if (must_fail(script_of(self)))
		return pal_fail_retry(err, PAL_E_SERVICE, 500, "store", "the store is out of order");
	return below(self)->ops->walk_exchanges(below(self), reader, tenant, key, from, limit, visit,
						arg, err);
}

static enum pal_code script_walk_conversations(struct pal_store *self, unsigned reader,
					       struct pal_tenant_key tenant, struct pal_str user_id,
					       pal_conversation_visit_fn *visit, void *arg,
					       struct pal_error *err)
{
	script_of(self)->walks++;
	if (must_fail(script_of(self)))
		return pal_fail_retry(err, PAL_E_SERVICE, 500, "store", "the store is out of order");
	return below(self)->ops->walk_conversations(below(self), reader, tenant, user_id, visit, arg,
						    err);
}

static enum pal_code script_index_text(struct pal_store *self, bool *ret_more,
				       struct pal_error *err)
{
	return below(self)->ops->index_text(below(self), ret_more, err);
}

static enum pal_code script_search_text(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, struct pal_str query,
					size_t limit, pal_conversation_key_visit_fn *visit,
					void *arg, struct pal_error *err)
{
	return below(self)->ops->search_text(below(self), reader, tenant, query, limit, visit, arg,
					     err);
}

static enum pal_code script_put_tenant(struct pal_store *self, struct pal_tenant *tenant,
				       struct pal_error *err)
{
	return below(self)->ops->put_tenant(below(self), tenant, err);
}

static enum pal_code script_put_key(struct pal_store *self, const struct pal_api_key *key,
				    struct pal_error *err)
{
	return below(self)->ops->put_api_key(below(self), key, err);
}

static enum pal_code script_walk_tenants(struct pal_store *self, unsigned reader,
					 pal_tenant_visit_fn *visit, void *arg,
					 struct pal_error *err)
{
	return below(self)->ops->walk_tenants(below(self), reader, visit, arg, err);
}

static enum pal_code script_walk_keys(struct pal_store *self, unsigned reader,
				      pal_api_key_visit_fn *visit, void *arg, struct pal_error *err)
{
	return below(self)->ops->walk_api_keys(below(self), reader, visit, arg, err);
}

static enum pal_code script_secret(struct pal_store *self, struct pal_str name, uint8_t ret[32],
				   struct pal_error *err)
{
	return below(self)->ops->installation_secret(below(self), name, ret, err);
}

static enum pal_code script_add_audit(struct pal_store *self, struct pal_tenant_key tenant,
				      const struct pal_audit_event *events, size_t count,
				      struct pal_error *err)
{
	return below(self)->ops->add_audit(below(self), tenant, events, count, err);
}

static enum pal_code script_walk_audit(struct pal_store *self, unsigned reader,
				       struct pal_tenant_key tenant, int64_t after, size_t limit,
				       pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	return below(self)->ops->walk_audit(below(self), reader, tenant, after, limit, visit, arg,
					    err);
}

static enum pal_code script_audit_head(struct pal_store *self, unsigned reader,
				       struct pal_tenant_key tenant, struct pal_audit_head *ret,
				       struct pal_error *err)
{
	return below(self)->ops->audit_head(below(self), reader, tenant, ret, err);
}

static enum pal_code script_walk_audit_back(struct pal_store *self, unsigned reader,
					    struct pal_tenant_key tenant, int64_t before,
					    size_t limit, pal_audit_visit_fn *visit, void *arg,
					    struct pal_error *err)
{
	return below(self)->ops->walk_audit_back(below(self), reader, tenant, before, limit, visit,
						 arg, err);
}

static enum pal_code script_verify_audit(struct pal_store *self, unsigned reader,
					 struct pal_tenant_key tenant, struct pal_audit_proof *io,
					 struct pal_error *err)
{
	return below(self)->ops->verify_audit(below(self), reader, tenant, io, err);
}

static enum pal_code script_prune_audit(struct pal_store *self, struct pal_tenant_key tenant,
					int64_t before_ms, size_t limit, bool *ret_more,
					struct pal_error *err)
{
	return below(self)->ops->prune_audit(below(self), tenant, before_ms, limit, ret_more, err);
}

static enum pal_code script_erase_audit(struct pal_store *self, struct pal_tenant_key tenant,
					const int64_t *seqs, size_t count, struct pal_error *err)
{
	return below(self)->ops->erase_audit(below(self), tenant, seqs, count, err);
}

static enum pal_code script_load_record(struct pal_store *self, unsigned reader,
					struct pal_tenant_key tenant, struct pal_str kind,
					struct pal_str id, struct pal_arena *arena,
					struct pal_record *ret, struct pal_error *err)
{
	((struct script *)self)->records++;
	return below(self)->ops->load_record(below(self), reader, tenant, kind, id, arena, ret,
					     err);
}

/* A walk over records whose visits are counted. */
struct counted {
	struct script *script;
	pal_record_visit_fn *visit;
	pal_expired_visit_fn *visit_expired;
	void *arg;
};

static bool count_record(void *arg, const struct pal_record *record)
{
	struct counted *counted = arg;

	counted->script->shown++;
	return counted->visit(counted->arg, record);
}

static bool count_expired(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct counted *counted = arg;

	counted->script->shown++;
	return counted->visit_expired(counted->arg, tenant, record);
}

static enum pal_code script_walk_records(struct pal_store *self, unsigned reader,
					 struct pal_tenant_key tenant, struct pal_str kind,
					 struct pal_str owner, int64_t after_ms,
					 struct pal_str after_id, size_t limit,
					 pal_record_visit_fn *visit, void *arg,
					 struct pal_error *err)
{
	struct counted counted = {.script = (struct script *)self, .visit = visit, .arg = arg};

	return below(self)->ops->walk_records(below(self), reader, tenant, kind, owner, after_ms,
					      after_id, limit, count_record, &counted, err);
}

static enum pal_code script_walk_expired(struct pal_store *self, unsigned reader,
					 struct pal_str kind, int64_t after_ms,
					 int64_t now_ms, size_t limit,
					 pal_expired_visit_fn *visit, void *arg,
					 struct pal_error *err)
{
	struct counted counted = {
		.script = (struct script *)self, .visit_expired = visit, .arg = arg};

	return below(self)->ops->walk_expired(below(self), reader, kind, after_ms, now_ms, limit,
					      count_expired, &counted, err);
}

static enum pal_code script_erase(struct pal_store *self, struct pal_tenant_key tenant, int64_t key,
				  size_t limit, bool *ret_more, struct pal_error *err)
{
	return below(self)->ops->erase_conversation(below(self), tenant, key, limit, ret_more, err);
}

static enum pal_code script_ping(struct pal_store *self, unsigned reader, struct pal_error *err)
{
	return below(self)->ops->ping(below(self), reader, err);
}

static enum pal_code script_count(struct pal_store *self, unsigned reader,
				  struct pal_store_counts *ret, struct pal_error *err)
{
	return below(self)->ops->count(below(self), reader, ret, err);
}

static bool script_idle(struct pal_store *self)
{
	(void)self;
	return false;
}

static void script_destroy(struct pal_store *self)
{
	pal_store_destroy(below(self));
}

#define SLOTS                                                                                      \
	.commit = script_commit, .write_behind = script_write_behind,                              \
	.load_conversation = script_load, .find_exchange = script_find,                            \
	.walk_exchanges = script_walk, .walk_conversations = script_walk_conversations,            \
	.index_text = script_index_text, .search_text = script_search_text,                        \
	.put_tenant = script_put_tenant,                                                           \
	.put_api_key = script_put_key, .walk_tenants = script_walk_tenants,                        \
	.walk_api_keys = script_walk_keys, .installation_secret = script_secret,                   \
	.add_audit = script_add_audit, .walk_audit = script_walk_audit,                            \
	.audit_head = script_audit_head, .walk_audit_back = script_walk_audit_back,                \
	.erase_audit = script_erase_audit,                                                         \
	.verify_audit = script_verify_audit, .prune_audit = script_prune_audit,                    \
	.load_record = script_load_record,                  \
	.walk_records = script_walk_records, .walk_expired = script_walk_expired,                  \
	.erase_conversation = script_erase, .ping = script_ping, .count = script_count,            \
	.idle = script_idle, .destroy = script_destroy

static const struct pal_store_ops blocking = {.name = "script", .blocks = true, SLOTS};
static const struct pal_store_ops prompt = {.name = "script", .blocks = false, SLOTS};

void script_open(struct script *script, bool blocks)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	struct pal_error err;

	memset(script, 0, sizeof(*script));
	if (pal_store_open(&config, &script->memory, &err) != PAL_OK) {
		fprintf(stderr, "%s\n", err.message);
		abort();
	}
	script->base = (struct pal_store){.ops = blocks ? &blocking : &prompt, .readers = 1};
}

void script_close(struct script *script)
{
	pal_store_destroy(&script->base);
}

void script_add(struct script *script, enum cue cue)
{
	if (script->cues == SCRIPT_MAX)
		abort();
	script->cue[script->cues++] = cue;
}
