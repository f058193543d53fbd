/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include "suite.h"

static const uint8_t key[PAL_SEAL_KEY_SIZE] = {1, 2, 3}, other[PAL_SEAL_KEY_SIZE] = {1, 2, 4};

static bool opens(const uint8_t *by, const char *place, struct pal_str sealed)
{
	struct pal_buf out = pal_buf_of(0);
	bool is_open = pal_unseal(by, pal_str(place), sealed, &out);

	CU_ASSERT(is_open || out.len == 0);
	pal_buf_deinit(&out);
	return is_open;
}

TEST(what_was_sealed_is_read_again)
{
	static const char *const plains[] = {"", "a", "whsec_c2VjcmV0"};

	for (size_t i = 0; i < 3; i++) {
		struct pal_buf sealed = pal_buf_of(0), plain = pal_buf_of(0);
		CU_ASSERT(pal_seal(key, PAL_STR("1/webhook"), pal_str(plains[i]), &sealed));
		CU_ASSERT_EQUAL(sealed.len, strlen(plains[i]) + PAL_SEAL_EXTRA);
		CU_ASSERT(pal_unseal(key, PAL_STR("1/webhook"), pal_buf_str(&sealed), &plain));
		CU_ASSERT(pal_str_equal(pal_buf_str(&plain), pal_str(plains[i])));
		pal_buf_deinit(&sealed);
		pal_buf_deinit(&plain);
	}
}

TEST(another_key_or_place_opens_nothing)
{
	struct pal_buf sealed = pal_buf_of(0);

	CU_ASSERT(pal_seal(key, PAL_STR("1/webhook"), PAL_STR("secret"), &sealed));
	CU_ASSERT(opens(key, "1/webhook", pal_buf_str(&sealed)));
	CU_ASSERT(!opens(other, "1/webhook", pal_buf_str(&sealed)));
	CU_ASSERT(!opens(key, "2/webhook", pal_buf_str(&sealed)));
	CU_ASSERT(!opens(key, "", pal_buf_str(&sealed)));
	pal_buf_deinit(&sealed);
}

TEST(a_change_of_any_byte_is_found)
{
	struct pal_buf sealed = pal_buf_of(0);

	CU_ASSERT(pal_seal(key, PAL_STR("p"), PAL_STR("secret"), &sealed));
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		CU_ASSERT(!opens(key, "p", pal_buf_str(&sealed)));
		sealed.data[i] ^= 1;
	}
	for (size_t n = 0; n < sealed.len; n++)
		CU_ASSERT(!opens(key, "p", (struct pal_str){sealed.data, n}));
	pal_buf_deinit(&sealed);
}

TEST(the_same_text_is_never_sealed_the_same)
{
	struct pal_buf a = pal_buf_of(0), b = pal_buf_of(0);

	CU_ASSERT(pal_seal(key, PAL_STR("p"), PAL_STR("secret"), &a));
	CU_ASSERT(pal_seal(key, PAL_STR("p"), PAL_STR("secret"), &b));
	CU_ASSERT(!pal_str_equal(pal_buf_str(&a), pal_buf_str(&b)));
	pal_buf_deinit(&a);
	pal_buf_deinit(&b);
}

SUITE(seal, CASE(what_was_sealed_is_read_again), CASE(another_key_or_place_opens_nothing),
      CASE(a_change_of_any_byte_is_found), CASE(the_same_text_is_never_sealed_the_same))
