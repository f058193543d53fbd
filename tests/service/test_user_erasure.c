/* SPDX-License-Identifier: Apache-2.0 */
/* A user who is erased leaves kept webhooks and the audit trail, also when memory runs out. */
#include "service/erasure/user_erasure.h"

#include <stdio.h>
#include <string.h>

#include "hooks.h"
#include "scarce.h"
#include "store/store.h"
#include "suite.h"

#define WORD "xylophone"
#define SAID_BY(id, user)                                                                          \
	"{\"type\":\"message.created\",\"data\":{\"id\":\"" id "\",\"user_id\":\"" user           \
	"\",\"content\":{\"type\":\"text\",\"text\":\"" WORD "\"}}}"
#define WRONG_OF(id, user)                                                                         \
	"{\"type\":\"message.created\",\"data\":{\"id\":\"" id "\",\"user_id\":\"" user           \
	"\",\"content\":{\"type\":\"text\",\"texts\":\"" WORD "\"}}}"
#define AUDIT(who, what, text)                                                                     \
	{.at_ms = RIG_START_MS,                                                                    \
	 .event_type = PAL_STR("api.request"),                                                     \
	 .user_id = PAL_STR(who),                                                                  \
	 .resource_type = PAL_STR("api"),                                                          \
	 .resource_id = PAL_STR(what),                                                             \
	 .action = PAL_STR("do"),                                                                  \
	 .result = PAL_STR("failure"),                                                             \
	 .data = PAL_STR(text)}

static const struct pal_tenant_key tenant = {1};
static struct pal_user_erasure user;
static bool is_done;

static void done(struct pal_user_erasure *u)
{
	(void)u;
	CU_ASSERT_FALSE(is_done);
	is_done = true;
}

static enum pal_code erase(const char *id)
{
	memset(&user, 0, sizeof(user));
	user.caller = &hooks.rig.backend;
	user.user_id = pal_str(id);
	user.now_ms = pal_clock_wall_ms(&hooks.rig.clock.clock);
	user.done = done;
	is_done = false;
	pal_erase_user(hooks.rig.service, &user);
	for (unsigned i = 0; !is_done && i < 1000; i++)	/* the rig does not see walks */
		rig_settle(&hooks.rig);
	CU_ASSERT_TRUE(is_done);
	CU_ASSERT_EQUAL(user.code == PAL_OK, user.data.len > 0);
	pal_buf_deinit(&user.data);
	return user.code;
}

static bool spell(void *arg, const struct pal_record *record)
{
	pal_buf_add_str(arg, record->body);
	return true;
}

static bool spell_event(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;

	pal_buf_add_str(arg, e->user_id);
	pal_buf_add_char(arg, ' ');
	pal_buf_add_str(arg, e->resource_id);
	pal_buf_add_char(arg, ' ');
	pal_buf_add_str(arg, e->data);
	pal_buf_add_char(arg, '\n');
	return true;
}

/* How often `word` is in kept webhooks and the trail. */
static unsigned count_of(const char *word)
{
	const struct pal_str none = {NULL, 0};
	struct pal_store *store = &hooks.rig.script.base;
	struct pal_buf all = pal_buf_of(0);
	unsigned count = 0;

	CU_ASSERT_EQUAL(pal_store_walk_records(store, 0, tenant, PAL_WEBHOOK_SEEN_KIND, none, 0,
					       none, 1000, spell, &all, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_store_walk_audit(store, 0, tenant, 0, 1000, spell_event, &all, NULL),
			PAL_OK);
	pal_buf_add_char(&all, '\0');
	for (const char *at = all.data; (at = strstr(at, word)); at++)
		count++;
	pal_buf_deinit(&all);
	return count;
}

/* Ann's and bob's: acted on, waiting, failed, and told of in the trail. */
static void begin(void)
{
	const struct pal_audit_event events[] = {
		AUDIT("zaphod", "t", "{}"),
		AUDIT("key", "zaphod", "{}"),
		AUDIT("key", "t", "{\"metadata\":{\"path\":\"/api/v2/users/z%61phod/data\"}}"),
		AUDIT("key", "t", "{\"new_values\":{\"user_id\":\"zaphod\"}}"),
		AUDIT("trillian", "t", "{\"metadata\":{\"path\":\"/x/zaphods\"}}"),
	};

	hooks_open();
	hooks_take("msg_1", SAID_BY("m1", "zaphod"));
	hooks_take("msg_2", WRONG_OF("m2", "zaphod"));
	hooks_take("msg_3", WRONG_OF("m3", "trillian"));
	for (unsigned i = 0; i < 20; i++) {	/* more than one page of those that wait */
		char id[16];
		snprintf(id, sizeof(id), "msg_w%u", i);
		hooks.rig.script.failing_loads = 1;
		hooks_take(id, i % 2 ? SAID_BY("m4", "trillian") : SAID_BY("m4", "zaphod"));
	}
	CU_ASSERT_EQUAL(pal_store_add_audit(&hooks.rig.script.base, tenant, events, 5, NULL),
			PAL_OK);
}

static void check_erased(void)
{
	CU_ASSERT_EQUAL(count_of("zaphod"), 1);		/* "zaphods" is somebody else */
	CU_ASSERT_EQUAL(count_of("z%61phod"), 0);
	CU_ASSERT_EQUAL(count_of(WORD), 11);		/* trillian's are all there */
	CU_ASSERT_EQUAL(count_of("\"trillian\""), 11);
}

TEST(kept_webhooks_and_the_trail_hold_nothing_of_who_was_erased)
{
	begin();
	CU_ASSERT(count_of("zaphod") > 14 && count_of(WORD) == 22);
	CU_ASSERT_EQUAL(erase("zaphod"), PAL_OK);
	CU_ASSERT_EQUAL(user.conversations, 1);
	CU_ASSERT_EQUAL(user.webhooks, 11);
	CU_ASSERT(user.audit_records >= 4);
	check_erased();
	CU_ASSERT_EQUAL(count_of(user.tombstone), 1);
	hooks_close();
}

/* Whoever knows the id can be told that it was erased, and only they. */
TEST(a_tombstone_is_the_same_for_the_same_user)
{
	char first[PAL_TOMBSTONE_SIZE];

	begin();
	CU_ASSERT_EQUAL(erase("zaphod"), PAL_OK);
	memcpy(first, user.tombstone, sizeof(first));
	CU_ASSERT_EQUAL(erase("trillian"), PAL_OK);
	CU_ASSERT(strcmp(first, user.tombstone) != 0);
	CU_ASSERT_EQUAL(erase("zaphod"), PAL_OK);
	CHECK_STR(user.tombstone, first);
	CU_ASSERT_EQUAL(user.webhooks, 0);
	CU_ASSERT_EQUAL(user.audit_records, 0);
	hooks_close();
}

/* A repeat of a webhook that was stripped is told what the first one was, and says nothing again. */
TEST(a_repeat_of_what_was_erased_does_nothing)
{
	begin();
	CU_ASSERT_EQUAL(erase("zaphod"), PAL_OK);
	size_t before = rig_stored(&hooks.rig);
	CU_ASSERT_EQUAL(hooks_take("msg_w0", SAID_BY("m4", "zaphod")), PAL_WEBHOOK_TAKEN);
	CU_ASSERT_TRUE(hooks.call.is_repeat);
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), before);
	check_erased();
	hooks_close();
}

static bool live(long n)
{
	begin();
	scarce_begin(n);
	enum pal_code code = erase("zaphod");
	bool is_hit = scarce_end() < 0;
	CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
	if (code == PAL_OK)
		check_erased();
	CU_ASSERT_EQUAL(erase("zaphod"), PAL_OK);
	check_erased();
	unsigned tombstones = count_of("user-");
	CU_ASSERT(tombstones == 2 || (tombstones == 1 && code != PAL_OK));
	hooks_close();
	return is_hit;
}

TEST(an_erasure_without_memory_is_whole_or_says_that_it_is_not)
{
	long n = 0;

	while (live(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

SUITE(user_erasure, CASE(kept_webhooks_and_the_trail_hold_nothing_of_who_was_erased),
      CASE(a_tombstone_is_the_same_for_the_same_user),
      CASE(a_repeat_of_what_was_erased_does_nothing),
      CASE(an_erasure_without_memory_is_whole_or_says_that_it_is_not))
