/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was acknowledged survives kill -9. A child commits and acknowledges over a pipe; it is killed
 * after a number of acknowledgements that a seed decides, somewhere in a later commit, merge or
 * checkpoint. PALAVER_CRASH_CYCLES sets how often.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

#define CYCLES_DEFAULT 20
#define CONVERSATIONS 9
#define GROUP 5
#define ACKS_MAX 65536
#define SMALL_RUN 64

struct ack {
	int number, conversation;
	int64_t sequence;
};

static const struct pal_tenant_key tenant = {1};

static void name_conversation(char *out, size_t size, int at)
{
	snprintf(out, size, "c%d", at);
}

/* Where a conversation stands, by the store. */
static void find_standing(struct fixture *f, int at, int64_t *ret_key, int64_t *ret_sequence)
{
	struct pal_arena arena = {0};
	struct pal_conversation c;
	char id[32];

	*ret_key = *ret_sequence = 0;
	name_conversation(id, sizeof(id), at);
	if (f->store->ops->load_conversation(f->store, 0, tenant, pal_str(id), &arena, &c, NULL) ==
	    PAL_OK) {
		*ret_key = c.key;
		*ret_sequence = c.last_sequence;
	}
	pal_arena_release(&arena);
}

/* Commit groups until killed. Numbers of messages are never used twice, so start where told. */
static void work(struct fixture *f, int number, int fd)
{
	static struct turn turns[GROUP];
	struct turn *group[GROUP];
	int64_t keys[CONVERSATIONS], sequences[CONVERSATIONS];
	char id[32], prefix[32];

	if (pal_sqlite_open(&f->options, &f->store, NULL) != PAL_OK)
		_exit(9);
	for (int at = 0; at < CONVERSATIONS; at++)
		find_standing(f, at, &keys[at], &sequences[at]);
	for (;;) {
		for (int i = 0; i < GROUP; i++) {
			int at = (number + i) % CONVERSATIONS;
			name_conversation(id, sizeof(id), at);
			snprintf(prefix, sizeof(prefix), "n%d", number + i);
			turn_init(&turns[i], tenant.n, id, keys[at], sequences[at] + 1, prefix, 1);
			group[i] = &turns[i];
		}
		commit_turns(f, group, GROUP);
		for (int i = 0; i < GROUP; i++) {
			int at = (number + i) % CONVERSATIONS;
			struct ack ack = {number + i, at, sequences[at] + 1};
			if (turns[i].unit.verdict != PAL_UNIT_STORED ||
			    write(fd, &ack, sizeof(ack)) != sizeof(ack))
				_exit(9);
			keys[at] = turns[i].conversation.key;
			sequences[at] += 2;
		}
		number += GROUP;
	}
}

/* Run a child, kill it after `wanted` acknowledgements, and take all that it wrote. */
static size_t crash(struct fixture *f, int number, size_t wanted, struct ack *acks, size_t max)
{
	int fds[2];
	size_t count = 0;

	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	pid_t child = fork();
	if (child == 0) {
		close(fds[0]);
		work(f, number, fds[1]);
	}
	close(fds[1]);
	while (count < max && read(fds[0], &acks[count], sizeof(*acks)) == sizeof(*acks)) {
		if (++count == wanted)
			kill(child, SIGKILL);
	}
	close(fds[0]);
	kill(child, SIGKILL);
	int status = 0;
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return count;
}

static bool is_kept(struct fixture *f, const struct ack *ack)
{
	struct pal_arena arena = {0};
	struct pal_found_exchange found;
	char id[32];

	snprintf(id, sizeof(id), "n%d-0", ack->number);
	enum pal_code code = f->store->ops->find_exchange(f->store, 0, tenant, pal_str(id), false,
							  &arena, &found, NULL);
	bool is_same = code == PAL_OK && found.exchange.in.sequence == ack->sequence;
	snprintf(id, sizeof(id), "c%d", ack->conversation);
	is_same = is_same && pal_str_equal(found.conversation.id, pal_str(id));
	pal_arena_release(&arena);
	return is_same;
}

static bool is_refused(struct fixture *f, const struct ack *ack)
{
	struct turn t;
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "n%d", ack->number);
	turn_init(&t, tenant.n, "another", 0, 1, prefix, 1);
	return commit_turn(f, &t) == PAL_UNIT_DUPLICATE;
}

static bool expect_next(void *arg, const struct pal_exchange *exchange)
{
	int64_t *next = arg;

	*next = exchange->in.sequence == *next ? *next + 2 : INT64_MIN / 2;
	return true;
}

/* Every conversation is 1..n, and its record says n. */
static bool are_whole(struct fixture *f)
{
	bool is_whole = true;

	for (int at = 0; at < CONVERSATIONS; at++) {
		int64_t key, sequence, next = 1;
		find_standing(f, at, &key, &sequence);
		is_whole = is_whole &&
			   f->store->ops->walk_exchanges(f->store, 0, tenant, key, 1, SIZE_MAX,
							 expect_next, &next, NULL) == PAL_OK &&
			   next == sequence + 1;
	}
	return is_whole;
}

static int count_lost(struct fixture *f, const struct ack *acks, size_t count)
{
	int lost = 0;

	for (size_t i = 0; i < count; i++) {
		lost += !is_kept(f, &acks[i]);
		/* Refusals cost a commit each: the newest, which a crash may hit, and a sample. */
		if (i + 200 > count || i % 17 == 0)
			lost += !is_refused(f, &acks[i]);
	}
	return lost;
}

TEST(what_was_acknowledged_survives_kill_9)
{
	static struct ack acks[ACKS_MAX];
	const char *asked = getenv("PALAVER_CRASH_CYCLES");
	int cycles = asked ? atoi(asked) : CYCLES_DEFAULT, lost = 0, broken = 0, damaged = 0;
	unsigned seed = 20261123;
	size_t count = 0;
	struct fixture f;

	fixture_init(&f);
	f.options.run_exchanges = SMALL_RUN;
	f.options.config.checkpoint_pages = 40;
	f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;	/* a kill leaves the page cache */
	for (int cycle = 0; cycle < cycles && count < ACKS_MAX - 2048; cycle++) {
		/* Unacknowledged numbers may be stored too: leave a gap behind the last. */
		int number = count ? acks[count - 1].number + 10 * GROUP : 0;
		count += crash(&f, number, 1 + (size_t)rand_r(&seed) % 400, acks + count,
			       ACKS_MAX - count);
		if (cycle % 3 == 0)
			damaged += pal_sqlite_check(f.path, NULL) != PAL_OK;
		fixture_open(&f);
		lost += count_lost(&f, acks, count);
		broken += !are_whole(&f);
		fixture_close(&f);
	}
	CU_ASSERT(count >= (size_t)cycles);
	CU_ASSERT_EQUAL(lost, 0);
	CU_ASSERT_EQUAL(broken, 0);
	CU_ASSERT_EQUAL(damaged, 0);
	fixture_deinit(&f);
}

SUITE(sqlite_crash, CASE(what_was_acknowledged_survives_kill_9))
