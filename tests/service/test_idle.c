/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody comes back to is abandoned, live or not. */
#include "service/conversation/idle.h"

#include <stdio.h>

#include "order.h"
#include "service/conversation/conversation.h"
#include "suite.h"

#define HOUR_MS 3600000

static struct rig rig;

/* Sweep as main does, for `seconds`. */
static void sweep(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		pal_message_sweep(rig.service);
		rig_settle(&rig);
		pal_clock_fake_advance_ms(&rig.clock, 1000);
	}
}

static enum pal_conversation_status status_of(const char *id)
{
	struct pal_conversation c = {.status = PAL_CONVERSATION_STATUS_COUNT};

	CU_ASSERT(rig_load(&rig, id, &c));
	return c.status;
}

static void make_tenant(int64_t n)
{
	struct pal_tenant tenant = {.status = PAL_TENANT_ACTIVE};
	struct pal_error err;
	char id[16];

	snprintf(id, sizeof(id), "t%lld", (long long)n);
	tenant.id = pal_str(id);
	CU_ASSERT_EQUAL(rig.script.memory->ops->put_tenant(rig.script.memory, &tenant, &err),
			PAL_OK);
	CU_ASSERT_EQUAL(tenant.key.n, n);
}

static void begin(int64_t abandon_after_ms)
{
	rig_open(&rig, &(struct rig_spec){.abandon_after_ms = abandon_after_ms});
	make_tenant(1);
	make_tenant(2);
}

static void end(void)
{
	orders_end();
	rig_close(&rig);
}

TEST(what_is_idle_for_long_enough_is_abandoned_and_nothing_else)
{
	begin(HOUR_MS);
	const char *old = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	const char *held = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	order_ask(&rig, PAL_VERB_ESCALATE, held, NULL);
	const char *gone = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	order_ask(&rig, PAL_VERB_DELETE, gone, NULL);
	pal_clock_fake_advance_ms(&rig.clock, HOUR_MS / 2);
	const char *young = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	sweep(60);
	CU_ASSERT_EQUAL(status_of(old), PAL_CONVERSATION_ACTIVE);
	pal_clock_fake_advance_ms(&rig.clock, HOUR_MS / 2);
	sweep(400);
	CU_ASSERT_EQUAL(status_of(old), PAL_CONVERSATION_ABANDONED);
	CU_ASSERT_EQUAL(status_of(held), PAL_CONVERSATION_ESCALATED);
	CU_ASSERT_EQUAL(status_of(gone), PAL_CONVERSATION_ACTIVE);
	CU_ASSERT_EQUAL(status_of(young), PAL_CONVERSATION_ACTIVE);
	CHECK_STR(rig_trail(&rig),
		  "conversation.escalated conversation.deleted conversation.abandoned ");
	end();
}

TEST(it_need_not_be_live_and_a_later_message_begins_a_new_one)
{
	struct pal_conversation c;

	begin(HOUR_MS);
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	rig_passivate(&rig);
	CU_ASSERT_EQUAL(pal_message_live(rig.service).live, 0);
	sweep(400);
	CU_ASSERT_EQUAL(status_of(home), PAL_CONVERSATION_ABANDONED);
	struct letter *l = rig_ask(&rig, &(struct words){.conversation = home});
	CU_ASSERT(rig_load(&rig, letter_home(l), &c));
	CU_ASSERT(pal_str_equal(c.previous_id, pal_str(home)));
	end();
}

TEST(every_tenant_is_looked_through_and_each_stays_its_own)
{
	static const char other[] = "other", key[] = "key-2", all[] = "*";
	const struct pal_caller backend = {.tenant = {2},
					   .tenant_id = {other, 5},
					   .key_id = {key, 5},
					   .permissions = {all, 1}};

	begin(HOUR_MS);
	const char *mine = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	rig_ask(&rig, &(struct words){.text = "a", .caller = &backend});
	pal_clock_fake_advance_ms(&rig.clock, HOUR_MS);
	sweep(400);
	CU_ASSERT_EQUAL(status_of(mine), PAL_CONVERSATION_ABANDONED);
	CHECK_STR(rig_trail(&rig), "conversation.abandoned ");
	end();
}

TEST(more_than_a_batch_goes_in_several_without_a_rest)
{
	struct letter *l[300];
	unsigned abandoned = 0;

	begin(HOUR_MS);
	for (size_t i = 0; i < 300; i++)
		l[i] = rig_ask(&rig, &(struct words){.text = "a"});
	pal_clock_fake_advance_ms(&rig.clock, HOUR_MS);
	sweep(30);
	for (size_t i = 0; i < 300; i++)
		abandoned += status_of(letter_home(l[i])) == PAL_CONVERSATION_ABANDONED;
	CU_ASSERT_EQUAL(abandoned, 300);
	end();
}

/* The store says idle, but the actor knows better. */
TEST(a_message_that_comes_meanwhile_saves_it)
{
	begin(HOUR_MS);
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	pal_clock_fake_advance_ms(&rig.clock, HOUR_MS);
	pal_message_sweep(rig.service);
	pal_clock_fake_advance_ms(&rig.clock, 20000);
	pal_message_sweep(rig.service);		/* begins to look */
	rig_settle(&rig);			/* found */
	rig_ask(&rig, &(struct words){.text = "b", .conversation = home});
	sweep(20);
	CU_ASSERT_EQUAL(status_of(home), PAL_CONVERSATION_ACTIVE);
	CHECK_STR(rig_trail(&rig), "");
	end();
}

TEST(it_may_be_switched_off_and_a_stop_in_between_loses_nothing)
{
	begin(0);
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	pal_clock_fake_advance_ms(&rig.clock, 100ll * HOUR_MS);
	sweep(700);
	CU_ASSERT_EQUAL(status_of(home), PAL_CONVERSATION_ACTIVE);
	pal_message_set_limits(rig.service, &(struct pal_message_limits){
						    .batch_max = 64, .abandon_after_ms = HOUR_MS});
	for (unsigned i = 0; i < 12; i++) {
		pal_message_sweep(rig.service);
		pal_clock_fake_advance_ms(&rig.clock, 1000);
	}
	rig_abandon(&rig);	/* with whatever is under way */
}

SUITE(idle, CASE(what_is_idle_for_long_enough_is_abandoned_and_nothing_else),
      CASE(it_need_not_be_live_and_a_later_message_begins_a_new_one),
      CASE(every_tenant_is_looked_through_and_each_stays_its_own),
      CASE(more_than_a_batch_goes_in_several_without_a_rest),
      CASE(a_message_that_comes_meanwhile_saves_it),
      CASE(it_may_be_switched_off_and_a_stop_in_between_loses_nothing))
