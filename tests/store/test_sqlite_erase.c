/* SPDX-License-Identifier: Apache-2.0 */
/* What is erased leaves the file, whatever index was on its way to the disk; and nothing is damaged. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

static const struct pal_tenant_key tenant = {1};

static void say(struct fixture *f, struct turn *t, const char *id, int64_t key, int64_t sequence,
		const char *prefix)
{
	turn_init(t, tenant.n, id, key, sequence, prefix, 1);
	CU_ASSERT_EQUAL(commit_turn(f, t), PAL_UNIT_STORED);
}

static void erase(struct fixture *f, int64_t key)
{
	bool more = true;

	while (more)
		CU_ASSERT_EQUAL_FATAL(f->store->ops->erase_conversation(f->store, tenant, key, 2,
									&more, NULL),
				      PAL_OK);
}

static bool file_has(const char *path, const char *word)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *bytes = fd >= 0 && fstat(fd, &st) == 0 ? malloc((size_t)st.st_size) : NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	CU_ASSERT_EQUAL(read(fd, bytes, (size_t)st.st_size), st.st_size);
	bool has = memmem(bytes, (size_t)st.st_size, word, strlen(word)) != NULL;
	close(fd);
	free(bytes);
	return has;
}

static bool count_exchange(void *arg, const struct pal_exchange *exchange)
{
	(void)exchange;
	++*(size_t *)arg;
	return true;
}

static void index_all(struct fixture *f)
{
	bool more = true;

	while (more)
		CU_ASSERT_EQUAL_FATAL(f->store->ops->index_text(f->store, &more, NULL), PAL_OK);
}

/* Come to rest; return in how many steps. */
static size_t rest(struct fixture *f)
{
	size_t steps = 1;

	while (f->store->ops->idle(f->store) && steps < 10000)
		steps++;
	return steps;
}

static bool count_key(void *arg, int64_t key)
{
	(void)key;
	++*(size_t *)arg;
	return true;
}

static size_t search(struct fixture *f, const char *query)
{
	size_t count = 0;

	CU_ASSERT_EQUAL(f->store->ops->search_text(f->store, 0, tenant, pal_str(query), SIZE_MAX,
						   count_key, &count, NULL),
			PAL_OK);
	return count;
}

static void check_that_nothing_is_left_in_the_file(bool is_indexed)
{
	struct fixture f;
	struct turn t;
	char prefix[32];

	fixture_init(&f);
	fixture_open(&f);
	for (int i = 0; i < 20; i++) {
		snprintf(prefix, sizeof(prefix), "p%d", i);
		turn_init(&t, tenant.n, "gone", i ? t.conversation.key : 0, 1 + 2 * i, prefix, 1);
		snprintf(t.texts[0], sizeof(t.texts[0]), "{\"text\":\"xylophone%d\"}", i);
		t.exchanges[0].in.content.raw = pal_str(t.texts[0]);
		t.exchanges[0].in.user_id = PAL_STR("zaphod");
		t.conversation.user_id = PAL_STR("zaphod");
		CU_ASSERT_EQUAL(commit_turn(&f, &t), PAL_UNIT_STORED);
	}
	int64_t key = t.conversation.key;
	if (is_indexed)
		index_all(&f);
	for (int i = 0; i < 300; i++) {	/* others' words, indexed now and later */
		snprintf(prefix, sizeof(prefix), "other%d", i);
		say(&f, &t, prefix, 0, 1, prefix);
		if (is_indexed && i % 100 == 0)
			index_all(&f);
	}
	fixture_close(&f);
	CU_ASSERT_TRUE(file_has(f.path, "xylophone7"));
	CU_ASSERT_TRUE(file_has(f.path, "zaphod"));
	fixture_open(&f);
	erase(&f, key);
	if (is_indexed) {	/* begun now, and ended after opening again */
		CU_ASSERT_TRUE(f.store->ops->idle(f.store));
		fixture_close(&f);
		fixture_open(&f);
	}
	CU_ASSERT_TRUE(rest(&f) < 10000);
	CU_ASSERT_FALSE(f.store->ops->idle(f.store));
	index_all(&f);
	CU_ASSERT_EQUAL(search(&f, "xylophone"), 0);
	CU_ASSERT_EQUAL(search(&f, "hello"), 300);	/* the others' are all there */
	CU_ASSERT_EQUAL(search(&f, "other299"), 1);
	fixture_close(&f);
	CU_ASSERT_FALSE(file_has(f.path, "xylophone"));
	CU_ASSERT_FALSE(file_has(f.path, "zaphod"));
	CU_ASSERT_EQUAL(pal_sqlite_check(f.path, NULL), PAL_OK);
	fixture_deinit(&f);
}

TEST(what_was_erased_is_not_in_the_file)
{
	check_that_nothing_is_left_in_the_file(false);
}

TEST(words_of_what_was_erased_leave_the_index_as_well)
{
	check_that_nothing_is_left_in_the_file(true);
}

/* Heads wait in memory, are merged while others come, and are rebuilt at open: none may come back. */
TEST(an_erased_head_is_not_brought_back_by_a_merge)
{
	struct fixture f;
	struct turn t;
	int64_t keys[8] = {0};
	char id[32], prefix[32];
	int n = 0;

	fixture_init(&f);
	f.options.run_exchanges = 16;
	fixture_open(&f);
	for (int round = 0; round < 12; round++) {
		for (int c = 0; c < 8; c++) {
			if (round > c)	/* erased by now */
				continue;
			snprintf(id, sizeof(id), "c%d", c);
			snprintf(prefix, sizeof(prefix), "n%d", n++);
			say(&f, &t, id, keys[c], 1 + 2 * round, prefix);
			keys[c] = t.conversation.key;
		}
		if (round < 8)
			erase(&f, keys[round]);
		for (int i = 0; i < 20; i++) {	/* others, so that runs are frozen and merged */
			snprintf(id, sizeof(id), "o%d.%d", round, i);
			say(&f, &t, id, 0, 1, id);
		}
		if (round % 3 == 2) {
			fixture_close(&f);
			CU_ASSERT_EQUAL(pal_sqlite_check(f.path, NULL), PAL_OK);
			fixture_open(&f);
		}
		for (int c = 0; c < 8; c++) {
			size_t walked = 0;
			CU_ASSERT_EQUAL(f.store->ops->walk_exchanges(f.store, 0, tenant, keys[c], 1,
								     100, count_exchange, &walked,
								     NULL),
					PAL_OK);
			CU_ASSERT_EQUAL(walked, c <= round ? 0 : (size_t)round + 1);
		}
	}
	fixture_deinit(&f);
}

SUITE(sqlite_erase, CASE(what_was_erased_is_not_in_the_file),
      CASE(words_of_what_was_erased_leave_the_index_as_well),
      CASE(an_erased_head_is_not_brought_back_by_a_merge))
