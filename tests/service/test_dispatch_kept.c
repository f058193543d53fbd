/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that are sent as their turns knew them. What is stored says "hi", what is kept "kept". */
#include <stdlib.h>
#include <string.h>

#include "service/delivery/dispatch_parts.h"
#include "service/dispatch_stage.h"
#include "suite.h"

static const struct pal_tenant_key tenant = {DISPATCH_TENANT};

/* Stored and fed to a service that has looked through the outbox already. */
static int64_t put_kept(int64_t key, int64_t sequence)
{
	key = put("c", key, sequence);
	feed_reply("c", sequence, "{\"type\":\"text\",\"text\":\"kept\"}");
	return key;
}

static void check_sent(size_t n, const char *id, const char *text)
{
	CU_ASSERT_FATAL(n < s.sent);
	CHECK_STR(s.ids[n], id);
	if (!strstr(s.bodies[n], text))
		CHECK_STR(s.bodies[n], text);
}

TEST(what_a_turn_knew_is_sent_without_being_read)
{
	int64_t key = 0;

	begin(NULL, 0);
	settle();
	for (int i = 0; i < 40; i++)
		key = put_kept(key, 1 + 2 * i);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 40);
	check_sent(0, "msg_c-1", "\"hi\"");	/* one of before may wait: it is read */
	for (size_t i = 1; i < 40; i++)
		check_sent(i, s.ids[i], "\"kept\"");
	check_sent(1, "msg_c-3", "\"reply_to\":\"in-c-3\"");
	check_sent(39, "msg_c-79", "\"recipient\":\"u\"");
	for (int i = 0; i < 40; i++)
		CU_ASSERT_EQUAL(status_of("c", 1 + 2 * i), PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(s.dispatch->kept_bytes, 0);
	end();
}

TEST(one_that_was_not_kept_is_not_overtaken)
{
	begin(NULL, 0);
	settle();
	int64_t key = put_kept(0, 1);
	put("c", key, 3);	/* nobody tells */
	put_kept(key, 5);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 3);
	check_sent(1, "msg_c-3", "\"hi\"");
	check_sent(2, "msg_c-5", "\"kept\"");
	end();
}

TEST(where_a_message_was_not_replied_to_it_is_looked_what_is_there)
{
	begin(NULL, 0);
	settle();
	int64_t key = put_kept(0, 1);
	put_quiet("c", key, 3);
	put_kept(key, 4);
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	check_sent(1, "msg_c-4", "");
	CU_ASSERT_EQUAL(status_of("c", 4), PAL_DELIVERY_SENT);
	end();
}

TEST(one_that_was_written_over_since_is_read)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record r;

	begin(NULL, 0);
	settle();
	s.holds = true;
	int64_t key = put_kept(0, 1);
	put_kept(key, 3);
	settle();
	(void)state_of("c", 3, &arena, &r);
	struct pal_record_write write = {.tenant = tenant, .record = r, .expected = 1};
	struct pal_record_write *writes = &write;
	pal_store_write_records(s.store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
	s.holds = false;
	answer(s.held[0], &(struct meeting){PAL_TRANSPORT_ANSWERED, 200, NULL});
	settle();
	CU_ASSERT_EQUAL_FATAL(s.sent, 2);
	check_sent(1, "msg_c-3", "\"hi\"");
	CU_ASSERT_EQUAL(state_of("c", 3, &arena, &r).attempts, 1);
	pal_arena_release(&arena);
	end();
}

TEST(what_fails_is_read_when_it_is_tried_again)
{
	static const struct meeting script[] = {{PAL_TRANSPORT_ANSWERED, 200, NULL},
						{PAL_TRANSPORT_ANSWERED, 503, NULL}};

	begin(script, 2);
	settle();
	int64_t key = put_kept(0, 1);
	put_kept(key, 3);
	put_kept(key, 5);
	pass(3000);
	CU_ASSERT_EQUAL_FATAL(s.sent, 4);
	check_sent(1, "msg_c-3", "\"kept\"");
	check_sent(2, "msg_c-3", "\"hi\"");
	check_sent(3, "msg_c-5", "");
	end();
}

TEST(no_more_is_kept_than_there_is_room_for_and_room_is_given_back)
{
	char *raw = calloc(1, (1u << 20) + 1);
	struct pal_kept *all[64], *one;
	size_t count = 0;

	begin(NULL, 0);
	memset(raw, 'x', 1u << 20);
	const struct pal_exchange x = {.out = {.sequence = 2, .content = {.raw = pal_str(raw)}},
				       .delivery = {.recipient = PAL_STR("u")}};
	while (count < 64 && (one = pal_kept_create(s.dispatch, &x)))
		all[count++] = one;
	CU_ASSERT_EQUAL(count, PAL_DISPATCH_KEPT_MAX / (1u << 20) - 1);
	pal_kept_destroy(s.dispatch, all[--count]);
	all[count] = pal_kept_create(s.dispatch, &x);
	CU_ASSERT_PTR_NOT_NULL(all[count]);
	for (size_t i = 0; i <= count; i++)
		pal_kept_destroy(s.dispatch, all[i]);
	CU_ASSERT_EQUAL(s.dispatch->kept_bytes, 0);
	free(raw);
	end();
}

TEST(what_is_kept_goes_with_the_service)
{
	begin(NULL, 0);
	settle();
	s.holds = true;
	int64_t key = put_kept(0, 1);
	put_kept(key, 3);
	settle();
	put_kept(key, 5);	/* still in the inbox */
	answer(s.held[0], &(struct meeting){PAL_TRANSPORT_ANSWERED, 200, NULL});
	end();
}

SUITE(dispatch_kept,
      CASE(what_a_turn_knew_is_sent_without_being_read),
      CASE(one_that_was_not_kept_is_not_overtaken),
      CASE(where_a_message_was_not_replied_to_it_is_looked_what_is_there),
      CASE(one_that_was_written_over_since_is_read),
      CASE(what_fails_is_read_when_it_is_tried_again),
      CASE(no_more_is_kept_than_there_is_room_for_and_room_is_given_back),
      CASE(what_is_kept_goes_with_the_service))
