/* SPDX-License-Identifier: Apache-2.0 */
/* Full disks, foreign locks and failed syncs: refused clearly, and nothing is half-stored. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/disk.h"
#include "store/sqlite_fixture.h"
#include "suite.h"

static const struct pal_tenant_key tenant = {1};

static enum pal_unit_verdict store_one(struct fixture *f, const char *prefix, struct pal_error *err)
{
	struct turn t;

	turn_init(&t, tenant.n, prefix, 0, 1, prefix, 1);
	enum pal_unit_verdict verdict = commit_turn(f, &t);
	CU_ASSERT_EQUAL(t.conversation.key > 0, verdict == PAL_UNIT_STORED);
	if (err)
		*err = t.unit.err;
	return verdict;
}

static bool is_stored(struct fixture *f, const char *prefix)
{
	struct pal_arena arena = {0};
	struct pal_found_exchange found;
	char id[64];

	snprintf(id, sizeof(id), "%s-0", prefix);
	enum pal_code code = f->store->ops->find_exchange(f->store, 0, tenant, pal_str(id), false,
							  &arena, &found, NULL);
	pal_arena_release(&arena);
	return code == PAL_OK;
}

TEST(a_full_disk_refuses_and_takes_again_when_there_is_room)
{
	struct fixture f;
	struct pal_error err = {0};
	char prefix[32];
	int stored = 0;

	fixture_init(&f);
	f.options.config.checkpoint_pages = 20;
	fixture_open(&f);
	disk = (struct disk){.is_limited = true, .room_bytes = 500000};
	for (int refused = 0, n = 0; refused < 20; n++) {
		snprintf(prefix, sizeof(prefix), "full%d", n);
		if (store_one(&f, prefix, &err) == PAL_UNIT_STORED) {
			CU_ASSERT_EQUAL(refused, 0);
			stored++;
			continue;
		}
		refused++;
		CU_ASSERT_EQUAL(err.code, PAL_E_SERVICE);
		CU_ASSERT(err.retry_after_ms > 0);
		CU_ASSERT_STRING_EQUAL(err.message, "the store's disk is full");
		CU_ASSERT_FALSE(is_stored(&f, prefix));
		CU_ASSERT(is_stored(&f, "full0"));
	}
	CU_ASSERT(stored > 5);
	disk = (struct disk){0};
	snprintf(prefix, sizeof(prefix), "full%d", stored);
	CU_ASSERT_EQUAL(store_one(&f, prefix, NULL), PAL_UNIT_STORED);
	for (int n = 0; n <= stored; n++) {
		snprintf(prefix, sizeof(prefix), "full%d", n);
		CU_ASSERT(is_stored(&f, prefix));
	}
	fixture_close(&f);
	CU_ASSERT_EQUAL(pal_sqlite_check(f.path, &err), PAL_OK);
	fixture_deinit(&f);
}

TEST(a_ceiling_on_the_database_is_a_full_disk)
{
	struct fixture f;
	struct pal_error err = {0};
	char prefix[32];
	int n = 0;

	fixture_init(&f);
	f.options.config.max_bytes = 1u << 18;
	f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;
	fixture_open(&f);
	do {
		snprintf(prefix, sizeof(prefix), "top%d", n++);
	} while (n < 5000 && store_one(&f, prefix, &err) == PAL_UNIT_STORED);
	CU_ASSERT(n > 50 && n < 5000);
	CU_ASSERT_STRING_EQUAL(err.message, "the store's disk is full");
	CU_ASSERT(is_stored(&f, "top0"));
	fixture_deinit(&f);
}

TEST(a_foreign_lock_refuses_until_it_is_gone)
{
	struct fixture f;
	struct pal_error err = {0};
	sqlite3 *other = NULL;

	fixture_init(&f);
	fixture_open(&f);
	CU_ASSERT_EQUAL_FATAL(sqlite3_open(f.path, &other), SQLITE_OK);
	CU_ASSERT_EQUAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	CU_ASSERT_EQUAL(store_one(&f, "locked", &err), PAL_UNIT_FAILED);
	CU_ASSERT_EQUAL(err.code, PAL_E_SERVICE);
	CU_ASSERT(err.retry_after_ms > 0);
	CU_ASSERT_STRING_EQUAL(err.message, "the database is locked by another program");
	CU_ASSERT_EQUAL(f.store->ops->ping(f.store, 0, &err), PAL_OK);
	CU_ASSERT_EQUAL(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	CU_ASSERT_EQUAL(store_one(&f, "locked", NULL), PAL_UNIT_STORED);
	sqlite3_close(other);
	fixture_deinit(&f);
}

static void tell(void *arg, const struct pal_error *why)
{
	char c = why->code == PAL_E_SERVICE ? 'F' : '?';

	if (write(*(int *)arg, &c, 1) != 1)
		_exit(9);
}

/* In a child: store one message, break the disk, store another; tell what is known of both. */
static void run_with_broken_syncs(struct fixture *f, int fd)
{
	struct turn t;
	char c;

	f->options.fatal = tell;
	f->options.fatal_arg = &fd;
	if (pal_sqlite_open(&f->options, &f->store, NULL) != PAL_OK)
		_exit(9);
	turn_init(&t, tenant.n, "before", 0, 1, "before", 1);
	c = commit_turn(f, &t) == PAL_UNIT_STORED ? 'S' : '?';
	if (write(fd, &c, 1) != 1)
		_exit(9);
	disk.fails_to_sync = true;
	turn_init(&t, tenant.n, "during", 0, 1, "during", 1);
	commit_turn(f, &t);
	_exit(write(fd, "R", 1) == 1 ? 0 : 9);
}

TEST(a_failed_sync_ends_the_process_before_anyone_is_told)
{
	struct fixture f;
	int fds[2], status = 0;
	char said[8] = "";

	fixture_init(&f);
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	pid_t child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		run_with_broken_syncs(&f, fds[1]);
	}
	close(fds[1]);
	for (size_t n = 0; n + 1 < sizeof(said) && read(fds[0], said + n, 1) == 1; n++)
		continue;
	close(fds[0]);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_STRING_EQUAL(said, "SF");	/* stored, then fatal, and the commit never returned */
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);

	/* The outcome was unknown; now it is known, and a retry has one effect. */
	fixture_open(&f);
	CU_ASSERT(is_stored(&f, "before"));
	bool was_there = is_stored(&f, "during");
	CU_ASSERT_EQUAL(store_one(&f, "during", NULL),
			was_there ? PAL_UNIT_DUPLICATE : PAL_UNIT_STORED);
	CU_ASSERT(is_stored(&f, "during"));
	fixture_deinit(&f);
}

static struct pal_record_write note_of(const char *id)
{
	return (struct pal_record_write){
		.tenant = tenant, .record = {.kind = PAL_STR("note"), .id = pal_str(id)}};
}

TEST(units_and_records_of_a_group_share_a_sync_and_its_failure)
{
	struct fixture f;
	struct turn t, full;
	struct pal_record_write note = note_of("one"), *notes = &note;

	fixture_init(&f);
	fixture_open(&f);
	turn_init(&t, tenant.n, "one", 0, 1, "one", 1);
	struct pal_unit *units = &t.unit;
	disk.syncs = 0;
	f.store->ops->commit(f.store, &units, 1, NULL, 0);
	int alone = disk.syncs;
	turn_init(&t, tenant.n, "two", 0, 1, "two", 1);
	disk.syncs = 0;
	f.store->ops->commit(f.store, &units, 1, &notes, 1);
	CU_ASSERT_EQUAL(t.unit.verdict, PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(note.verdict, PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(disk.syncs, alone);

	turn_init(&full, tenant.n, "full", 0, 1, "full", 1);
	note = note_of("full");
	units = &full.unit;
	disk = (struct disk){.is_limited = true};
	f.store->ops->commit(f.store, &units, 1, &notes, 1);
	disk = (struct disk){0};
	CU_ASSERT_EQUAL(full.unit.verdict, PAL_UNIT_FAILED);
	CU_ASSERT_EQUAL(full.conversation.key, 0);
	CU_ASSERT_EQUAL(note.verdict, PAL_RECORD_FAILED);
	CU_ASSERT_STRING_EQUAL(note.err.message, "the store's disk is full");
	f.store->ops->commit(f.store, &units, 1, &notes, 1);
	CU_ASSERT_EQUAL(full.unit.verdict, PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(note.verdict, PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(note.record.version, 1);
	fixture_deinit(&f);
}

TEST(each_commit_is_synced_unless_told_otherwise)
{
	struct fixture f;

	fixture_init(&f);
	fixture_open(&f);
	disk.syncs = 0;
	CU_ASSERT_EQUAL(store_one(&f, "one", NULL), PAL_UNIT_STORED);
	CU_ASSERT(disk.syncs > 0);
	fixture_close(&f);
	f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;
	fixture_open(&f);
	CU_ASSERT_EQUAL(store_one(&f, "two", NULL), PAL_UNIT_STORED);
	disk.syncs = 0;
	CU_ASSERT_EQUAL(store_one(&f, "three", NULL), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(disk.syncs, 0);
	fixture_deinit(&f);
}

SUITE(sqlite_faults, CASE(a_full_disk_refuses_and_takes_again_when_there_is_room),
      CASE(a_ceiling_on_the_database_is_a_full_disk), CASE(a_foreign_lock_refuses_until_it_is_gone),
      CASE(a_failed_sync_ends_the_process_before_anyone_is_told),
      CASE(units_and_records_of_a_group_share_a_sync_and_its_failure),
      CASE(each_commit_is_synced_unless_told_otherwise))
