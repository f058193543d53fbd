/* SPDX-License-Identifier: Apache-2.0 */
/* The life of some messages with each allocation of ours made to fail in turn. */
#include <stdlib.h>

#include "rig.h"
#include "service/access.h"
#include "service/keyring.h"
#include "store/store.h"
#include "suite.h"

static long countdown = -1;	/* allocations until the one that fails; below 0: none does */

static bool must_fail(void)
{
	return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return must_fail() ? NULL : __real_realloc(old, size);
}

static struct rig rig;

/* Submit and settle with `countdown` running, which is stopped again after that. */
static struct letter *ask(long *left, const struct words *words)
{
	struct letter *letter = rig_write(&rig, words);

	countdown = *left;
	pal_message_submit(rig.service, &letter->inbound);
	rig_settle(&rig);
	*left = countdown;
	countdown = -1;
	CU_ASSERT_EQUAL(letter->done, 1);
	if (letter->inbound.code != PAL_OK) {
		CU_ASSERT_EQUAL(letter->inbound.code, PAL_E_SERVICE);
		CU_ASSERT(letter->inbound.err.retry_after_ms > 0);
	}
	return letter;
}

static void passivate(long *left)
{
	countdown = *left;
	rig_passivate(&rig);
	*left = countdown;
	countdown = -1;
}

/* One life; false when nothing failed in it any more. */
static bool live(long n, bool prompt)
{
	long left = n;

	rig_open(&rig, &(struct rig_spec){.prompt = prompt});
	struct letter *first = ask(&left, &(struct words){.id = "m1", .text = "a"});
	const char *home = letter_home(first);
	if (*home) {
		ask(&left, &(struct words){.id = "m2", .text = "order ORD123456", .conversation = home});
		passivate(&left);
		ask(&left, &(struct words){.id = "m3", .text = "c", .conversation = home});
		ask(&left, &(struct words){.id = "m2", .text = "order ORD123456", .conversation = home});
	}
	/* with memory again, whatever was refused goes through, once */
	struct letter *again = rig_ask(&rig, &(struct words){.id = "m1", .text = "a"});
	home = letter_home(again);
	rig_ask(&rig, &(struct words){.id = "m2", .text = "order ORD123456", .conversation = home});
	rig_ask(&rig, &(struct words){.id = "m3", .text = "c", .conversation = home});
	CU_ASSERT_EQUAL(rig_stored(&rig), 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_transcript(&rig, home), "5 "));
	rig_close(&rig);
	return left < 0;
}

TEST(a_message_without_memory_is_refused_clearly_or_stored_and_answered)
{
	for (unsigned prompt = 0; prompt < 2; prompt++) {
		long n = 0;
		while (live(n, prompt) && n < 10000)
			n++;
		CU_ASSERT(n > 20);
		CU_ASSERT(n < 10000);
	}
}

static void fill(struct pal_store *store)
{
	const struct pal_access_options options = {.store = store, .clock = pal_clock_system()};
	struct pal_access *access = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_access_create(&options, &access, &err), PAL_OK);
	for (unsigned i = 0; i < 40; i++) {
		char key[PAL_API_KEY_TEXT_SIZE], id[3] = {'t', (char)('0' + i), '\0'};
		pal_api_key_make(false, key);
		CU_ASSERT_EQUAL(pal_access_ensure_tenant(access, pal_str(id), &err), PAL_OK);
		CU_ASSERT_EQUAL(pal_access_ensure_key(access, pal_str(id), pal_str(key), PAL_STR("*"),
						      &err), PAL_OK);
	}
	pal_access_destroy(access);
}

TEST(access_without_memory_is_not_half_there)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	struct pal_store *store = NULL;
	struct pal_error err;
	bool is_hit = true;
	long n = 0;

	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &store, &err), PAL_OK);
	fill(store);
	for (; is_hit && n < 10000; n++) {
		const struct pal_access_options options = {.store = store,
							   .clock = pal_clock_system()};
		struct pal_access *access = NULL;
		countdown = n;
		enum pal_code code = pal_access_create(&options, &access, &err);
		is_hit = countdown < 0;
		countdown = -1;
		CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
		CU_ASSERT_EQUAL(access != NULL, code == PAL_OK);
		if (code == PAL_OK)
			CU_ASSERT(pal_access_tenant(access, PAL_STR("tW")).n > 0);
		pal_access_destroy(access);
	}
	CU_ASSERT(n > 80);
	pal_store_destroy(store);
}

SUITE(memory, CASE(a_message_without_memory_is_refused_clearly_or_stored_and_answered),
      CASE(access_without_memory_is_not_half_there))
