/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/sqlite/chain.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/store.h"
#include "store/sqlite/text.h"
#include "store/sqlite/transaction.h"

/* What cannot be written is found again when the file is opened. */
static void write_heads(struct pal_sqlite *self)
{
	if (!pal_sqlite_chain_is_behind(self))
		return;
	int rc = pal_sqlite_begin(self);
	pal_sqlite_chain_flush(self);
	if (rc != SQLITE_OK || pal_sqlite_end(self) != SQLITE_OK)
		pal_sqlite_roll_back(self);
}

static void destroy(struct pal_store *store)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	if (!self)
		return;
	write_heads(self);
	/* The writer goes last: the last connection checkpoints, and that is its job alone. */
	for (unsigned i = 0; i < self->reader_count; i++)
		pal_sqlite_conn_deinit(&self->readers[i]);
	pal_sqlite_conn_deinit(&self->writer);
	pal_sqlite_tail_deinit(&self->tail);
	pal_sqlite_chain_deinit(self);
	if (self->lock_fd >= 0)
		close(self->lock_fd);
	free(self->readers);
	free(self);
}

static const struct pal_store_ops ops = {
	.name = "sqlite",
	.blocks = true,
	.commit = pal_sqlite_commit,
	.write_behind = pal_sqlite_write_behind,
	.load_conversation = pal_sqlite_load_conversation,
	.find_exchange = pal_sqlite_find_exchange,
	.walk_exchanges = pal_sqlite_walk_exchanges,
	.walk_conversations = pal_sqlite_walk_conversations,
	.index_text = pal_sqlite_index_text,
	.search_text = pal_sqlite_search_text,
	.put_tenant = pal_sqlite_put_tenant,
	.put_api_key = pal_sqlite_put_api_key,
	.walk_tenants = pal_sqlite_walk_tenants,
	.walk_api_keys = pal_sqlite_walk_api_keys,
	.installation_secret = pal_sqlite_installation_secret,
	.add_audit = pal_sqlite_add_audit,
	.audit_head = pal_sqlite_audit_head,
	.walk_audit = pal_sqlite_walk_audit,
	.walk_audit_back = pal_sqlite_walk_audit_back,
	.verify_audit = pal_sqlite_verify_audit,
	.prune_audit = pal_sqlite_prune_audit,
	.erase_audit = pal_sqlite_erase_audit,
	.load_record = pal_sqlite_load_record,
	.walk_records = pal_sqlite_walk_records,
	.walk_expired = pal_sqlite_walk_expired,
	.erase_conversation = pal_sqlite_erase_conversation,
	.ping = pal_sqlite_ping,
	.count = pal_sqlite_count,
	.idle = pal_sqlite_idle,
	.destroy = destroy,
};

void pal_sqlite_die_if_unsynced(struct pal_sqlite *self, int rc)
{
	struct pal_error why;

	if (!pal_sqlite_is_unsynced(rc))
		return;
	pal_fail(&why, PAL_E_SERVICE, "store",
		 "a sync of the database failed (SQLite error %d): what was stored last is unknown "
		 "until a restart", rc);
	if (self->fatal)
		self->fatal(self->fatal_arg, &why);
	else
		fprintf(stderr, "%s\n", why.message);
	abort();
}

/*
 * What the writer knows in memory must hold for the file, so no second process may write. The lock
 * stands on a file of its own, for closing a descriptor of the database would drop SQLite's locks.
 */
static enum pal_code take_lock(struct pal_sqlite *self, const char *path, struct pal_error *err)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s-lock", path);

	if (n < 0 || (size_t)n >= sizeof(name))
		return pal_fail(err, PAL_E_CONFIG, "store.sqlite.path", "the path is too long");
	self->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (self->lock_fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "store.sqlite.path", "cannot open %s",
				      name);
	if (flock(self->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return PAL_OK;
	if (errno == EWOULDBLOCK)
		return pal_fail(err, PAL_E_CONFIG, "store.sqlite.path",
				"%s is in use by another process", path);
	return pal_fail_errno(err, PAL_E_SERVICE, "store", "cannot lock %s", name);
}

/* Its statistics cost a lock around every allocation of every connection. */
static void configure_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int note_wal_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	*(int *)arg = pages;
	return SQLITE_OK;
}

static enum pal_code open_writer(struct pal_sqlite *self,
				 const struct pal_sqlite_settings *settings, struct pal_error *err)
{
	enum pal_code code = pal_sqlite_conn_init(&self->writer, settings, PAL_SQLITE_WRITER, err);

	if (code == PAL_OK)
		code = pal_sqlite_need_module(self->writer.db, "fts5", err);
	if (code == PAL_OK)
		code = pal_sqlite_schema_upgrade(self->writer.db, pal_sqlite_schema_steps,
						 pal_sqlite_schema_version, err);
	if (code == PAL_OK)
		code = pal_sqlite_prepare_writer(self, err);
	if (code == PAL_OK)
		code = pal_sqlite_learn_behind(self, err);
	if (code == PAL_OK)
		sqlite3_wal_hook(self->writer.db, note_wal_pages, &self->wal_pages);
	return code;
}

static enum pal_code open_readers(struct pal_sqlite *self,
				  const struct pal_sqlite_settings *settings, unsigned count,
				  struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	self->readers = calloc(count, sizeof(*self->readers));
	if (!self->readers)
		return pal_fail_memory(err, "store");
	self->reader_count = count;
	for (unsigned i = 0; i < count && code == PAL_OK; i++)
		code = pal_sqlite_conn_init(&self->readers[i], settings, PAL_SQLITE_READER, err);
	return code;
}

static struct pal_sqlite_settings settings_of(const struct pal_sqlite_options *options)
{
	const struct pal_store_config *config = &options->config;

	return (struct pal_sqlite_settings){
		.path = config->path,
		.is_relaxed = config->synchronous == PAL_STORE_SYNC_NORMAL,
		.busy_ms = options->busy_ms ? options->busy_ms : PAL_SQLITE_BUSY_MS_DEFAULT,
		.cache_bytes = config->cache_bytes ? config->cache_bytes
						   : PAL_SQLITE_CACHE_BYTES_DEFAULT,
		.max_bytes = config->max_bytes,
	};
}

static struct pal_sqlite *create(const struct pal_sqlite_options *options)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	unsigned pages = options->config.checkpoint_pages;
	struct pal_sqlite *self = calloc(1, sizeof(*self));

	pthread_once(&once, configure_library);
	if (!self)
		return NULL;
	self->store.ops = &ops;
	self->fatal = options->fatal;
	self->fatal_arg = options->fatal_arg;
	self->checkpoint_pages = (int)(pages ? pages : PAL_SQLITE_CHECKPOINT_PAGES_DEFAULT);
	self->run_exchanges = options->run_exchanges ? options->run_exchanges
						     : PAL_SQLITE_RUN_EXCHANGES_DEFAULT;
	self->lock_fd = -1;
	pal_sqlite_tail_init(&self->tail);
	return self;
}

enum pal_code pal_sqlite_open(const struct pal_sqlite_options *options, struct pal_store **ret,
			      struct pal_error *err)
{
	const struct pal_sqlite_settings settings = settings_of(options);
	unsigned readers = options->config.readers;

	assert(readers > 0 && readers <= PAL_STORE_READERS_MAX);
	struct pal_sqlite *self = create(options);
	if (!self)
		return pal_fail_memory(err, "store");
	enum pal_code code = take_lock(self, settings.path, err);
	if (code == PAL_OK)
		code = open_writer(self, &settings, err);
	if (code == PAL_OK)
		code = open_readers(self, &settings, readers, err);
	if (code != PAL_OK) {
		destroy(&self->store);
		return code;
	}
	*ret = &self->store;
	return PAL_OK;
}

static enum pal_code open_kind(const struct pal_store_config *config, struct pal_store **ret,
			       struct pal_error *err)
{
	return pal_sqlite_open(&(struct pal_sqlite_options){.config = *config}, ret, err);
}

const struct pal_store_kind pal_sqlite_kind = {.ops = &ops, .open = open_kind};
