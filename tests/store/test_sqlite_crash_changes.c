/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes, audit events, records and erasures survive kill -9 once acknowledged, whole: as
 * test_sqlite_crash.c for what is not a message. PALAVER_CRASH_CYCLES sets how often.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

#define CYCLES_DEFAULT 8
#define ERASED_EVERY 10	/* rounds */
#define SMALL_RUN 32

static const struct pal_tenant_key tenant = {1};

/*
 * Round n: a conversation is made, changed with an event and a record in the same unit, told of in
 * another record; some are erased.
 */
static bool make_and_change(struct fixture *f, int n, int64_t *ret_key)
{
	struct turn t;
	char id[32], details[64];

	snprintf(id, sizeof(id), "c%d", n);
	snprintf(details, sizeof(details), "{\"n\":%d}", n);
	turn_init(&t, tenant.n, id, 0, 1, id, 2);
	if (commit_turn(f, &t) != PAL_UNIT_STORED)
		return false;
	*ret_key = t.conversation.key;
	const struct pal_change change = {.status = PAL_CONVERSATION_COMPLETED,
					  .ended_ms = n,
					  .details = pal_str(details),
					  .audit = {.at_ms = n, .event_type = PAL_STR("x.closed")}};
	struct pal_record_write write = {.tenant = tenant,
					 .record = {.kind = PAL_STR("told"), .id = pal_str(id)}};
	struct pal_record_write *writes = &write;
	struct pal_unit unit = {.tenant = tenant, .conversation = &t.conversation,
				.change = &change, .records = &writes, .record_count = 1};
	struct pal_unit *units = &unit;
	f->store->ops->commit(f->store, &units, 1, NULL, 0);
	return unit.verdict == PAL_UNIT_STORED;
}

static bool note_round(struct fixture *f, int n)
{
	char body[32];

	snprintf(body, sizeof(body), "%d", n);
	struct pal_record_write write = {.tenant = tenant,
					 .record = {.kind = PAL_STR("round"), .id = PAL_STR("last"),
						    .body = pal_str(body)},
					 .expected = PAL_RECORD_ANY};
	struct pal_record_write *writes = &write;
	f->store->ops->commit(f->store, NULL, 0, &writes, 1);
	return write.verdict == PAL_RECORD_STORED;
}

static bool erase(struct fixture *f, int64_t key)
{
	bool more = true;

	while (more) {
		if (f->store->ops->erase_conversation(f->store, tenant, key, 1, &more, NULL) !=
		    PAL_OK)
			return false;
	}
	return true;
}

static void work(struct fixture *f, int n, int fd)
{
	if (pal_sqlite_open(&f->options, &f->store, NULL) != PAL_OK)
		_exit(9);
	for (;; n++) {
		bool more = false;
		int64_t key = 0;
		if (!make_and_change(f, n, &key) ||
		    f->store->ops->index_text(f->store, &more, NULL) != PAL_OK ||
		    (n % ERASED_EVERY == 0 && !erase(f, key)) || !note_round(f, n) ||
		    write(fd, &n, sizeof(n)) != sizeof(n))
			_exit(9);
		(void)f->store->ops->idle(f->store);
	}
}

/* Run a child, kill it after `wanted` rounds; return the last it acknowledged, or `first` - 1. */
static int crash(struct fixture *f, int first, int wanted)
{
	int fds[2], status = 0, n, last = first - 1;

	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	pid_t child = fork();
	if (child == 0) {
		close(fds[0]);
		work(f, first, fds[1]);
	}
	close(fds[1]);
	while (read(fds[0], &n, sizeof(n)) == sizeof(n)) {
		last = n;
		if (n == first + wanted)
			kill(child, SIGKILL);
	}
	close(fds[0]);
	kill(child, SIGKILL);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

struct trail {
	int first, last;
	int64_t seq;	/* of the last record */
	int gaps;
	char seen[4096];
};

static bool note_event(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *event = &entry->event;
	struct trail *trail = arg;

	trail->gaps += entry->seq != trail->seq + 1;
	trail->seq = entry->seq;
	if (!pal_str_equal(event->event_type, PAL_STR("x.closed")))
		return true;
	if (event->at_ms >= trail->first && event->at_ms <= trail->last)
		trail->seen[event->at_ms - trail->first]++;
	return true;
}

static bool is_round_kept(struct fixture *f, int n)
{
	struct pal_arena arena = {0};
	struct pal_conversation c;
	struct pal_found_exchange found;
	char id[32], in[40], details[64];

	snprintf(id, sizeof(id), "c%d", n);
	snprintf(in, sizeof(in), "c%d-1", n);
	snprintf(details, sizeof(details), "{\"n\":%d}", n);
	enum pal_code loaded = f->store->ops->load_conversation(f->store, 0, tenant, pal_str(id),
								&arena, &c, NULL);
	enum pal_code met = f->store->ops->find_exchange(f->store, 0, tenant, pal_str(in), false,
							 &arena, &found, NULL);
	bool is_kept = n % ERASED_EVERY == 0
			       ? loaded == PAL_E_NOT_FOUND && met == PAL_E_NOT_FOUND
			       : loaded == PAL_OK && met == PAL_OK && c.ended_ms == n &&
					 c.status == PAL_CONVERSATION_COMPLETED &&
					 c.last_sequence == 4 &&
					 pal_str_equal(c.details, pal_str(details));
	pal_arena_release(&arena);
	return is_kept;
}

/* Whether the whole chain holds, up to its end. */
static bool is_chain_whole(struct fixture *f)
{
	struct pal_audit_proof proof = {.seq = 0};
	struct pal_audit_head head = {.seq = 0};
	enum pal_code code = PAL_OK;

	while (code == PAL_OK && !proof.is_done)
		code = f->store->ops->verify_audit(f->store, 0, tenant, &proof, NULL);
	return code == PAL_OK && proof.broken == 0 &&
	       f->store->ops->audit_head(f->store, 0, tenant, &head, NULL) == PAL_OK &&
	       head.seq == proof.seq;
}

/* Whether the record of round n's unit is there. */
static bool is_told(struct fixture *f, int n)
{
	struct pal_arena arena = {0};
	struct pal_record r;
	char id[32];

	snprintf(id, sizeof(id), "c%d", n);
	enum pal_code code = f->store->ops->load_record(f->store, 0, tenant, PAL_STR("told"),
							pal_str(id), &arena, &r, NULL);
	pal_arena_release(&arena);
	return code == PAL_OK && r.version == 1;
}

static int last_noted(struct fixture *f)
{
	struct pal_arena arena = {0};
	struct pal_record r = {.version = 0};
	char body[16] = "-1";

	if (f->store->ops->load_record(f->store, 0, tenant, PAL_STR("round"), PAL_STR("last"), &arena,
				       &r, NULL) == PAL_OK)
		snprintf(body, sizeof(body), "%.*s", (int)r.body.n, r.body.p);
	pal_arena_release(&arena);
	return atoi(body);
}

TEST(changes_records_and_erasures_survive_kill_9)
{
	const char *asked = getenv("PALAVER_CRASH_CYCLES");
	int cycles = asked ? atoi(asked) : CYCLES_DEFAULT, next = 1, damaged = 0, lost = 0, torn = 0,
	    broken = 0;
	unsigned seed = 20261126;
	struct fixture f;

	fixture_init(&f);
	f.options.run_exchanges = SMALL_RUN;
	f.options.config.checkpoint_pages = 40;
	f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;	/* a kill leaves the page cache */
	for (int cycle = 0; cycle < cycles; cycle++) {
		static struct trail trail;
		int first = next, last = crash(&f, first, 1 + rand_r(&seed) % 60);
		damaged += pal_sqlite_check(f.path, NULL) != PAL_OK;
		fixture_open(&f);
		for (int n = first; n <= last; n++)
			lost += !is_round_kept(&f, n) || !is_told(&f, n);
		trail = (struct trail){.first = first, .last = last + 1};
		CU_ASSERT_EQUAL(f.store->ops->walk_audit(f.store, 0, tenant, 0, SIZE_MAX, note_event,
							 &trail, NULL),
				PAL_OK);
		for (int n = first; n <= last; n++)
			lost += trail.seen[n - first] != 1;
		broken += !is_chain_whole(&f) || trail.gaps > 0;
		/* The round under way is changed with its event and its record, or not at all. */
		torn += is_told(&f, last + 1) != (trail.seen[last + 1 - first] != 0);
		if (trail.seen[last + 1 - first] && (last + 1) % ERASED_EVERY != 0)
			torn += !is_round_kept(&f, last + 1);
		lost += last >= first && last_noted(&f) < last;
		fixture_close(&f);
		next = last + 2;
	}
	CU_ASSERT(next > cycles);
	CU_ASSERT_EQUAL(damaged, 0);
	CU_ASSERT_EQUAL(lost, 0);
	CU_ASSERT_EQUAL(torn, 0);
	CU_ASSERT_EQUAL(broken, 0);
	fixture_deinit(&f);
}

SUITE(sqlite_crash_changes, CASE(changes_records_and_erasures_survive_kill_9))
