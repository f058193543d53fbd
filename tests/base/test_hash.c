/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <uthash.h>

#include "suite.h"

TEST(siphash13_gives_the_reference_vectors)
{
	/* Key 00 01 .. 0f; the input of number n is 00 01 .. n-1. */
	static const uint64_t want[] = {
		0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d, 0x8bf80ab8e7ddf7fb,
		0xcf75576088d38328, 0xdef9d52f49533b67, 0xc50d2b50c59f22a7, 0xd3927d989bb11140,
		0x369095118d299a8e, 0x25a48eb36c063de4, 0x79de85ee92ff097f, 0x70c118c1f94dc352,
	};
	uint8_t key[16], input[sizeof(want) / sizeof(want[0])];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	for (size_t n = 0; n < sizeof(input); n++)
		CU_ASSERT_EQUAL(pal_siphash13(key, input, n), want[n]);
}

TEST(siphash13_agrees_with_another_implementation_on_longer_texts)
{
	/* CPython 3.11's hash() of bytes 00 01 .. under its all-zero key. */
	static const struct {
		size_t n;
		uint64_t want;
	} cases[] = {
		{15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7}, {17, 0x4883c49a2c009c1d},
		{63, 0x385d3e39e5f37359}, {64, 0x75e05fd5bbc870c6},
	};
	uint8_t key[16] = {0}, input[64];

	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CU_ASSERT_EQUAL(pal_siphash13(key, input, cases[i].n), cases[i].want);
}

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
	char name[24];
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

SUITE(hash, CASE(siphash13_gives_the_reference_vectors),
      CASE(siphash13_agrees_with_another_implementation_on_longer_texts),
      CASE(the_hash_of_this_process_is_stable_and_depends_on_every_byte),
      CASE(uthash_finds_what_was_added_under_the_seeded_function))
