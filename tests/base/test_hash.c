/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <uthash.h>

#include "suite.h"

TEST(the_hash_of_this_process_is_stable_and_depends_on_every_byte)
{
	char text[40];

	memset(text, 'x', sizeof(text));
	uint64_t whole = pal_hash(text, sizeof(text));
	CU_ASSERT_EQUAL(pal_hash(text, sizeof(text)), whole);
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] ^= 1;
		CU_ASSERT_NOT_EQUAL(pal_hash(text, sizeof(text)), whole);
		text[i] ^= 1;
		CU_ASSERT_NOT_EQUAL(pal_hash(text, i), whole);
	}
}

struct entry {
	char name[16];
	UT_hash_handle hh;
};

TEST(uthash_finds_what_was_added_under_the_seeded_function)
{
	struct entry entries[100], *table = NULL, *found;

	for (int i = 0; i < 100; i++) {
		snprintf(entries[i].name, sizeof(entries[i].name), "name-%d", i);
		HASH_ADD_STR(table, name, &entries[i]);
	}
	for (int i = 0; i < 100; i++) {
		HASH_FIND_STR(table, entries[i].name, found);
		CU_ASSERT_PTR_EQUAL(found, &entries[i]);
	}
	HASH_FIND_STR(table, "absent", found);
	CU_ASSERT_PTR_NULL(found);
	HASH_CLEAR(hh, table);
}

SUITE(hash, CASE(the_hash_of_this_process_is_stable_and_depends_on_every_byte),
      CASE(uthash_finds_what_was_added_under_the_seeded_function))
