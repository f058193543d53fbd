/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"

#include "suite.h"

static bool is_hex_of(const void *bytes, size_t n, const char *hex)
{
	struct pal_buf buf = {0};

	pal_hex_encode(&buf, bytes, n);
	bool same = pal_str_equal(pal_buf_str(&buf), pal_str(hex));
	pal_buf_deinit(&buf);
	return same;
}

TEST(sha256_of_the_vectors_of_fips_180)
{
	uint8_t out[PAL_SHA256_SIZE];

	pal_sha256(PAL_STR("abc"), out);
	CU_ASSERT(is_hex_of(out, sizeof(out),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	pal_sha256(PAL_STR(""), out);
	CU_ASSERT(is_hex_of(out, sizeof(out),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	pal_sha256(PAL_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
	CU_ASSERT(is_hex_of(out, sizeof(out),
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
}

SUITE(crypto, CASE(sha256_of_the_vectors_of_fips_180))
