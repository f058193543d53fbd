/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/mailbox.h"

#include "suite.h"

static struct pal_msg msgs[8];

TEST(put_refuses_when_full)
{
	struct pal_mailbox box;

	pal_mailbox_init(&box, 2);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[0]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[1]), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[2]), PAL_PUT_FULL);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[0]);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[2]), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[3]), PAL_PUT_FULL);
}

TEST(a_reply_is_never_refused_and_overtakes_the_inbox)
{
	struct pal_mailbox box;

	pal_mailbox_init(&box, 1);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[0]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[1]), PAL_PUT_FULL);
	CU_ASSERT_EQUAL(pal_mailbox_reply(&box, &msgs[2]), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_mailbox_reply(&box, &msgs[3]), PAL_PUT_QUEUED);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[2]);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[3]);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[0]);
	CU_ASSERT_PTR_NULL(pal_mailbox_take(&box));
}

TEST(replies_can_be_taken_alone)
{
	struct pal_mailbox box;

	pal_mailbox_init(&box, 2);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[0]), PAL_PUT_WAKE);
	CU_ASSERT_PTR_NULL(pal_mailbox_take_reply(&box));
	CU_ASSERT_EQUAL(pal_mailbox_reply(&box, &msgs[1]), PAL_PUT_QUEUED);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take_reply(&box), &msgs[1]);
	CU_ASSERT_PTR_NULL(pal_mailbox_take_reply(&box));
	CU_ASSERT_TRUE(pal_mailbox_rest(&box));
}

TEST(taking_until_nothing_is_left_does_not_end_the_turn)
{
	struct pal_mailbox box;

	pal_mailbox_init(&box, 4);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[0]), PAL_PUT_WAKE);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[0]);
	CU_ASSERT_PTR_NULL(pal_mailbox_take(&box));
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[1]), PAL_PUT_QUEUED);
	CU_ASSERT_TRUE(pal_mailbox_rest(&box));
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[1]);
	CU_ASSERT_FALSE(pal_mailbox_rest(&box));
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[2]), PAL_PUT_WAKE);
}

TEST(a_parked_inbox_waits_and_wakes_nobody)
{
	struct pal_mailbox box;

	pal_mailbox_init(&box, 2);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[0]), PAL_PUT_WAKE);
	pal_mailbox_park(&box);
	CU_ASSERT_PTR_NULL(pal_mailbox_take(&box));
	CU_ASSERT_FALSE(pal_mailbox_rest(&box));
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[1]), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[2]), PAL_PUT_FULL);
	CU_ASSERT_EQUAL(pal_mailbox_reply(&box, &msgs[3]), PAL_PUT_WAKE);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[3]);
	CU_ASSERT_PTR_NULL(pal_mailbox_take(&box));
	pal_mailbox_unpark(&box);
	CU_ASSERT_TRUE(pal_mailbox_rest(&box));
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[0]);
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[1]);
	CU_ASSERT_FALSE(pal_mailbox_rest(&box));
}

TEST(only_an_idle_consumer_can_be_claimed)
{
	struct pal_mailbox box;

	pal_mailbox_init(&box, 2);
	CU_ASSERT_TRUE(pal_mailbox_claim(&box));
	CU_ASSERT_FALSE(pal_mailbox_claim(&box));
	CU_ASSERT_EQUAL(pal_mailbox_put(&box, &msgs[0]), PAL_PUT_QUEUED);
	CU_ASSERT_TRUE(pal_mailbox_rest(&box));
	CU_ASSERT_PTR_EQUAL(pal_mailbox_take(&box), &msgs[0]);
	pal_mailbox_park(&box);
	CU_ASSERT_FALSE(pal_mailbox_rest(&box));
	CU_ASSERT_FALSE(pal_mailbox_is_idle(&box));
	CU_ASSERT_FALSE(pal_mailbox_claim(&box));
}

SUITE(mailbox, CASE(put_refuses_when_full), CASE(a_reply_is_never_refused_and_overtakes_the_inbox),
      CASE(replies_can_be_taken_alone), CASE(taking_until_nothing_is_left_does_not_end_the_turn),
      CASE(a_parked_inbox_waits_and_wakes_nobody), CASE(only_an_idle_consumer_can_be_claimed))
