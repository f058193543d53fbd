/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flipped bit is noticed: whatever it hits, no record is ever handed out with another content, and
 * when anything is missing the check at rest says that the file is damaged.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

#define MESSAGES 90
#define FLIPS 300
#define SMALL_RUN 32

static const struct pal_tenant_key tenant = {1};

static void fill(struct fixture *f)
{
	struct turn t;
	int64_t keys[3] = {0};
	char id[32], prefix[32];

	for (int n = 0; n < MESSAGES; n++) {
		snprintf(id, sizeof(id), "c%d", n % 3);
		snprintf(prefix, sizeof(prefix), "flip%d", n);
		turn_init(&t, tenant.n, id, keys[n % 3], 1 + 2 * (n / 3), prefix, 1);
		CU_ASSERT_EQUAL(commit_turn(f, &t), PAL_UNIT_STORED);
		keys[n % 3] = t.conversation.key;
	}
}

static char *read_file(const char *path, size_t *ret_size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *bytes = fd >= 0 && fstat(fd, &st) == 0 ? malloc((size_t)st.st_size) : NULL;

	*ret_size = bytes && read(fd, bytes, (size_t)st.st_size) == st.st_size ? (size_t)st.st_size
									       : 0;
	close(fd);
	return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CU_ASSERT_EQUAL(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

static void drop_log(const struct fixture *f)
{
	char name[128];

	snprintf(name, sizeof(name), "%s-wal", f->path);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", f->path);
	unlink(name);
}

struct tally {
	int right, refused, missing, wrong;
};

static void ask(struct fixture *f, int n, struct tally *tally)
{
	struct pal_arena arena = {0};
	struct pal_found_exchange found;
	struct turn t;
	char prefix[32], id[32];

	snprintf(id, sizeof(id), "c%d", n % 3);
	snprintf(prefix, sizeof(prefix), "flip%d", n);
	turn_init(&t, tenant.n, id, 0, 1 + 2 * (n / 3), prefix, 1);
	const struct pal_exchange *want = &t.exchanges[0], *got = &found.exchange;
	enum pal_code code = f->store->ops->find_exchange(f->store, 0, tenant,
							  pal_str(t.in_ids[0]), false, &arena,
							  &found, NULL);
	if (code == PAL_E_SERVICE)
		tally->refused++;
	else if (code == PAL_E_NOT_FOUND)
		tally->missing++;
	else if (got->in.sequence == want->in.sequence && got->received_ms == want->received_ms &&
		 pal_str_equal(got->in.content.raw, want->in.content.raw) &&
		 pal_str_equal(got->in.content.text, want->in.content.text) &&
		 pal_str_equal(got->out.content.raw, want->out.content.raw) &&
		 pal_str_equal(got->out.message_id, want->out.message_id) &&
		 pal_str_equal(got->audit.request_id, want->audit.request_id) &&
		 memcmp(got->digest, want->digest, sizeof(got->digest)) == 0 &&
		 pal_str_equal(found.conversation.id, pal_str(id)))
		tally->right++;
	else
		tally->wrong++;
	pal_arena_release(&arena);
}

/* All answers of the damaged file. */
static struct tally ask_all(struct fixture *f)
{
	struct tally tally = {0};
	struct pal_error err = {0};

	if (pal_sqlite_open(&f->options, &f->store, &err) != PAL_OK) {
		f->store = NULL;
		tally.refused = MESSAGES;
		return tally;
	}
	for (int n = 0; n < MESSAGES; n++)
		ask(f, n, &tally);
	fixture_close(f);
	return tally;
}

TEST(a_flipped_bit_is_noticed)
{
	struct fixture f;
	struct tally all = {0};
	unsigned seed = 1;
	size_t size = 0;
	int noticed = 0, unnoticed = 0;

	fixture_init(&f);
	f.options.run_exchanges = SMALL_RUN;
	f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;
	fixture_open(&f);
	fill(&f);
	fixture_close(&f);
	CU_ASSERT_EQUAL(pal_sqlite_check(f.path, NULL), PAL_OK);
	char *bytes = read_file(f.path, &size);
	CU_ASSERT_FATAL(bytes && size > 0);
	for (int i = 0; i < FLIPS; i++) {
		size_t at = (size_t)rand_r(&seed) % size;
		int bit = 1 << rand_r(&seed) % 8;
		bytes[at] = (char)(bytes[at] ^ bit);
		drop_log(&f);
		write_file(f.path, bytes, size);
		bool is_damaged = pal_sqlite_check(f.path, NULL) != PAL_OK;
		struct tally tally = ask_all(&f);
		noticed += is_damaged;
		unnoticed += tally.right < MESSAGES && !is_damaged;
		all.wrong += tally.wrong;
		all.refused += tally.refused;
		bytes[at] = (char)(bytes[at] ^ bit);
	}
	CU_ASSERT_EQUAL(all.wrong, 0);
	CU_ASSERT_EQUAL(unnoticed, 0);
	CU_ASSERT(noticed > 0 && all.refused > 0);
	free(bytes);
	fixture_deinit(&f);
}

SUITE(sqlite_flip, CASE(a_flipped_bit_is_noticed))
