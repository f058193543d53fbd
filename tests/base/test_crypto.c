/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"

#include <pthread.h>

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

static struct pal_str filled(char *out, int byte, size_t n)
{
	memset(out, byte, n);
	return (struct pal_str){out, n};
}

static bool hmac_is(struct pal_str key, struct pal_str data, const char *hex)
{
	uint8_t out[PAL_SHA256_SIZE];

	pal_hmac_sha256(key, data, out);
	return is_hex_of(out, sizeof(out), hex);
}

TEST(hmac_of_the_vectors_of_rfc_4231)
{
	char key[131], data[50], count[25];

	for (size_t i = 0; i < sizeof(count); i++)
		count[i] = (char)(i + 1);
	CU_ASSERT(hmac_is(filled(key, 0x0b, 20), PAL_STR("Hi There"),
			  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
	CU_ASSERT(hmac_is(PAL_STR("Jefe"), PAL_STR("what do ya want for nothing?"),
			  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	CU_ASSERT(hmac_is(filled(key, 0xaa, 20), filled(data, 0xdd, 50),
			  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"));
	CU_ASSERT(hmac_is((struct pal_str){count, sizeof(count)}, filled(data, 0xcd, 50),
			  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"));
	CU_ASSERT(hmac_is(filled(key, 0xaa, 131),
			  PAL_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
			  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
	CU_ASSERT(hmac_is(filled(key, 0xaa, 131),
			  PAL_STR("This is a test using a larger than block-size key and a larger "
				  "than block-size data. The key needs to be hashed before being "
				  "used by the HMAC algorithm."),
			  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"));
}

TEST(hmac_takes_empty_and_block_sized_keys)
{
	char key[65];

	CU_ASSERT(hmac_is(pal_str(NULL), PAL_STR(""),
			  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
	CU_ASSERT(hmac_is(filled(key, 'k', 64), PAL_STR("x"),
			  "f91c4c403625fb06910ef93999265bbd2d62baeaec6ff36455498cc124fe3e66"));
	CU_ASSERT(hmac_is(filled(key, 'k', 65), PAL_STR("x"),
			  "75092ca3ee2b307470c227697b42b3e65376aa3bae98fb5a1f7b7536daa9588a"));
}

static void *digest_in_thread(void *out)
{
	pal_sha256(PAL_STR("abc"), out);
	return NULL;
}

TEST(threads_digest_side_by_side_and_leave_nothing_behind)
{
	uint8_t out[4][PAL_SHA256_SIZE], want[PAL_SHA256_SIZE];
	pthread_t threads[4];

	pal_sha256(PAL_STR("abc"), want);
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(
			pthread_create(&threads[i], NULL, digest_in_thread, out[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(memcmp(out[i], want, sizeof(want)), 0);
	}
}

TEST(secrets_are_equal_only_when_every_byte_is)
{
	char a[40] = "0123456789abcdef", b[40] = "0123456789abcdef";

	CU_ASSERT(pal_equal_secret(a, b, sizeof(a)));
	CU_ASSERT(pal_equal_secret(a, b, 0));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x40;
		CU_ASSERT_FALSE(pal_equal_secret(a, b, sizeof(a)));
		b[i] ^= 0x40;
	}
}

TEST(hex_is_read_in_either_case_and_only_at_its_length)
{
	static const char *const bad[] = {"", "0", "000", "00000", "0g00", "00 0", "0x00", "-000"};
	uint8_t bytes[2] = {7, 7};

	CU_ASSERT(pal_hex_decode(PAL_STR("aBFf"), bytes, 2));
	CU_ASSERT(is_hex_of(bytes, 2, "abff"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_FALSE(pal_hex_decode(pal_str(bad[i]), bytes, 2));
	CU_ASSERT(pal_hex_decode(PAL_STR(""), bytes, 0));
}

TEST(hex_that_does_not_fit_the_buffer_fails_it)
{
	struct pal_buf buf = pal_buf_of(3);

	pal_hex_encode(&buf, "ab", 2);
	CU_ASSERT(buf.failed);
	CU_ASSERT_EQUAL(buf.len, 0);
	pal_buf_deinit(&buf);
}

TEST(base64_writes_the_vectors_of_rfc_4648)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
						 {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
						 {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct pal_buf buf = {0};
		pal_base64_encode(&buf, vectors[i][0], strlen(vectors[i][0]));
		CU_ASSERT(!buf.failed && pal_str_equal(pal_buf_str(&buf), pal_str(vectors[i][1])));
		pal_buf_deinit(&buf);
	}
}

TEST(base64_that_does_not_fit_the_buffer_fails_it)
{
	struct pal_buf buf = pal_buf_of(3);

	pal_base64_encode(&buf, "ab", 2);
	CU_ASSERT(buf.failed);
	CU_ASSERT_EQUAL(buf.len, 0);
	pal_buf_deinit(&buf);
}

static bool decodes_to(const char *text, const char *want, size_t n)
{
	struct pal_buf buf = {0};
	bool ok = pal_base64url_decode(pal_str(text), &buf) && buf.len == n &&
		  (n == 0 || memcmp(buf.data, want, n) == 0);

	pal_buf_deinit(&buf);
	return ok;
}

TEST(base64url_reads_the_vectors_of_rfc_4648)
{
	CU_ASSERT(decodes_to("", "", 0));
	CU_ASSERT(decodes_to("Zg", "f", 1));
	CU_ASSERT(decodes_to("Zm8", "fo", 2));
	CU_ASSERT(decodes_to("Zm9v", "foo", 3));
	CU_ASSERT(decodes_to("Zm9vYg", "foob", 4));
	CU_ASSERT(decodes_to("Zm9vYmE", "fooba", 5));
	CU_ASSERT(decodes_to("Zm9vYmFy", "foobar", 6));
	CU_ASSERT(decodes_to("-_-_AA", "\xfb\xff\xbf\x00", 4));
	CU_ASSERT(decodes_to("AAAA", "\0\0\0", 3));
}

TEST(base64_is_read_strictly)
{
	static const struct {
		const char *text, *bytes;
	} good[] = {{"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"+/+/", "\xFB\xFF\xBF"}};
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z=g=", "====",
					  "-_-_", "Zm9v\n", " Zm9v", "Zm9vZg=="  "="};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct pal_buf out = {0};
		CU_ASSERT_TRUE(pal_base64_decode(pal_str(good[i].text), &out));
		CU_ASSERT_TRUE(pal_str_equal(pal_buf_str(&out), pal_str(good[i].bytes)));
		pal_buf_deinit(&out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pal_buf out = {0};
		CU_ASSERT_FALSE(pal_base64_decode(pal_str(bad[i]), &out));
		pal_buf_deinit(&out);
	}
}

TEST(hmac_of_parts_is_that_of_the_whole)
{
	const struct pal_str parts[] = {PAL_STR("wh"), PAL_STR(""), PAL_STR("ole")};
	uint8_t whole[PAL_SHA256_SIZE], joined[PAL_SHA256_SIZE];

	pal_hmac_sha256(PAL_STR("key"), PAL_STR("whole"), whole);
	pal_hmac_sha256_parts(PAL_STR("key"), parts, 3, joined);
	CU_ASSERT_EQUAL(memcmp(whole, joined, sizeof(whole)), 0);
}

TEST(base64url_refuses_what_is_not_canonical)
{
	static const char *const bad[] = {
		"A", "AAAAA", "Zg==", "Zg=", "Zm8=", "Zh", "Zm9", "Z m8", "Zm8\n", " Zm8", "+A==",
		"a+bc", "a/bc", "Zm9v.", "Z\xc3\xa9v",
	};
	struct pal_buf buf = {0};

	pal_buf_add_lit(&buf, "kept");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_FALSE(pal_base64url_decode(pal_str(bad[i]), &buf));
		CU_ASSERT(pal_str_equal(pal_buf_str(&buf), PAL_STR("kept")));
	}
	pal_buf_deinit(&buf);
}

SUITE(crypto, CASE(base64_is_read_strictly), CASE(hmac_of_parts_is_that_of_the_whole),
      CASE(sha256_of_the_vectors_of_fips_180), CASE(hmac_of_the_vectors_of_rfc_4231),
      CASE(hmac_takes_empty_and_block_sized_keys),
      CASE(threads_digest_side_by_side_and_leave_nothing_behind),
      CASE(secrets_are_equal_only_when_every_byte_is),
      CASE(hex_is_read_in_either_case_and_only_at_its_length),
      CASE(hex_that_does_not_fit_the_buffer_fails_it),
      CASE(base64_writes_the_vectors_of_rfc_4648),
      CASE(base64_that_does_not_fit_the_buffer_fails_it),
      CASE(base64url_reads_the_vectors_of_rfc_4648),
      CASE(base64url_refuses_what_is_not_canonical))
