/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts that tell of a message by the name that the platform gave it. */
#include <stdio.h>
#include <string.h>

#include "hooks.h"
#include "service/delivery/delivery.h"
#include "service/delivery/delivery_ref.h"
#include "store/store.h"
#include "suite.h"

#define DAY_MS (24 * 3600 * 1000ll)

static struct pal_tenant_key tenant(void)
{
	return hooks.rig.backend.tenant;
}

static struct pal_str named(struct pal_arena *arena, const char *prefix, int n)
{
	char text[32];

	return pal_arena_copy(arena, (struct pal_str){text, (size_t)snprintf(text, sizeof(text),
									     "%s%d", prefix, n)});
}

/* The platform calls the reply of conversation N "wamid.N". */
static bool write_ref(int n, struct pal_arena *arena, struct pal_record_write *ret)
{
	const struct pal_delivery_ref ref = {
		.tenant = tenant(),
		.channel = PAL_STR("webhook"),
		.platform_id = named(arena, "wamid.", n)};

	return pal_delivery_ref_write(&ref, named(arena, "c-", n),
				      named(arena, "reply-", n),
				      pal_clock_wall_ms(&hooks.rig.clock.clock), arena, ret);
}

/* A conversation with one reply, delivered; what it is called is written with it, or not. */
static void put_delivered(int n, enum pal_channel_type channel, bool is_called)
{
	struct pal_arena arena = pal_arena_of(0);
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_conversation c = {.id = named(&arena, "c-", n),
				     .user_id = PAL_STR("ann"), .channel = channel};
	struct pal_exchange x = {
		.in = {.user_id = PAL_STR("ann"), .sequence = 1,
		       .message_id = named(&arena, "ask-", n)},
		.out = {.user_id = PAL_STR("bot"), .sequence = 2, .direction = PAL_OUTBOUND,
			.message_id = named(&arena, "reply-", n)}};
	struct pal_record_write delivery = {
		.tenant = tenant(),
		.record = {.kind = PAL_DELIVERY_KIND,
			   .id = pal_delivery_id(c.id, 2, id),
			   .owner = c.id,
			   .body = PAL_STR("{\"status\":\"sent\",\"attempts\":1}"),
			   .created_ms = RIG_START_MS, .updated_ms = RIG_START_MS}};
	struct pal_record_write ref, *writes[] = {&delivery, &ref};
	struct pal_unit unit = {.tenant = tenant(), .conversation = &c, .exchanges = &x, .count = 1,
				.records = writes, .record_count = is_called ? 2 : 1};
	struct pal_unit *units = &unit;

	CU_ASSERT_FATAL(write_ref(n, &arena, &ref));
	pal_store_commit(hooks.rig.script.memory, &units, 1);
	CU_ASSERT_EQUAL_FATAL(unit.verdict, PAL_UNIT_STORED);
	pal_arena_release(&arena);
}

/* What happens between a send and its answer: it is called so from now on. */
static void call(int n)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_record_write ref, *writes[] = {&ref};

	CU_ASSERT_FATAL(write_ref(n, &arena, &ref));
	pal_store_write_records(hooks.rig.script.memory, writes, 1);
	CU_ASSERT_EQUAL(ref.verdict, PAL_RECORD_STORED);
	pal_arena_release(&arena);
}

static void tell_delivered(int n)
{
	static unsigned count;
	char id[32], body[256];

	snprintf(id, sizeof(id), "msg_told_%u", ++count);
	snprintf(body, sizeof(body),
		 "{\"type\":\"message.status\",\"data\":{\"status\":\"delivered\","
		 "\"message_id\":\"wamid.%d\"}}", n);
	CU_ASSERT_EQUAL(hooks_take(id, body), PAL_WEBHOOK_TAKEN);
}

static enum pal_delivery_status status_of(int n)
{
	struct pal_arena arena = pal_arena_of(0);
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_record record;

	CU_ASSERT_EQUAL_FATAL(
		pal_store_load_record(hooks.rig.script.memory, 0, tenant(), PAL_DELIVERY_KIND,
				      pal_delivery_id(named(&arena, "c-", n), 2, id),
				      &arena, &record, NULL),
		PAL_OK);
	enum pal_delivery_status status = pal_delivery_read(record.body).status;
	pal_arena_release(&arena);
	return status;
}

/* All that the service has read so far, of whatever kind. */
static size_t read_so_far(void)
{
	const struct script *script = &hooks.rig.script;

	return script->loads + script->walks + script->records + script->shown;
}

TEST(b10_a_receipt_by_the_platforms_name_reads_as_much_among_10000_as_among_one)
{
	size_t reads[2];

	for (int round = 0; round < 2; round++) {
		int count = round ? 10000 : 1;
		hooks_open();
		for (int n = 0; n < count; n++)
			put_delivered(n, PAL_CHANNEL_WEBHOOK, true);
		size_t before = read_so_far();
		tell_delivered(count / 2);
		reads[round] = read_so_far() - before;
		CU_ASSERT_EQUAL(status_of(count / 2), PAL_DELIVERY_DELIVERED);
		CU_ASSERT_EQUAL(status_of(0), count == 1 ? PAL_DELIVERY_DELIVERED
							 : PAL_DELIVERY_SENT);
		hooks_close();
	}
	CU_ASSERT_EQUAL(reads[0], reads[1]);
	CU_ASSERT(reads[1] <= 8);
}

TEST(b10_a_receipt_that_comes_before_the_answer_waits_for_the_name)
{
	hooks_open();
	put_delivered(1, PAL_CHANNEL_WEBHOOK, false);
	tell_delivered(1);
	CU_ASSERT_EQUAL(status_of(1), PAL_DELIVERY_SENT);
	call(1);
	for (unsigned s = 0; s < 20; s++) {
		pal_clock_fake_advance_ms(&hooks.rig.clock, 1000);
		hooks_sweep();
	}
	CU_ASSERT_EQUAL(status_of(1), PAL_DELIVERY_DELIVERED);
	hooks_close();
}

TEST(a_name_leads_no_further_than_its_channels_conversations)
{
	hooks_open();
	put_delivered(1, PAL_CHANNEL_WEB, true);
	tell_delivered(1);
	CU_ASSERT_EQUAL(status_of(1), PAL_DELIVERY_SENT);
	hooks_close();
}

TEST(a_name_is_forgotten_when_no_receipt_comes_any_more)
{
	hooks_open();
	put_delivered(1, PAL_CHANNEL_WEBHOOK, true);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 29 * DAY_MS);
	hooks_sweep();
	put_delivered(2, PAL_CHANNEL_WEBHOOK, true);
	pal_clock_fake_advance_ms(&hooks.rig.clock, 2 * DAY_MS);
	hooks_sweep();
	tell_delivered(1);
	tell_delivered(2);
	CU_ASSERT_EQUAL(status_of(1), PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(status_of(2), PAL_DELIVERY_DELIVERED);
	hooks_close();
}

SUITE(webhook_receipts,
      CASE(b10_a_receipt_by_the_platforms_name_reads_as_much_among_10000_as_among_one),
      CASE(b10_a_receipt_that_comes_before_the_answer_waits_for_the_name),
      CASE(a_name_leads_no_further_than_its_channels_conversations),
      CASE(a_name_is_forgotten_when_no_receipt_comes_any_more))
