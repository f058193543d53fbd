/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many clients, a store that misbehaves, and one seed that decides everything. What must hold at the
 * end, whatever happened: each message and each operation is answered once; who was told "stored"
 * finds it, once, in the conversation named; numbers have no gap, an answer follows its question, a
 * client's order is kept.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/details.h"
#include "order.h"
#include "rig.h"
#include "service/view/answer.h"
#include "suite.h"

#define CLIENTS 4u
#define HOMES 3u	/* conversations of a client */
#define LETTERS 160u
#define ORDERS 60u
#define SEEDS 150u

struct slip {
	struct letter *letter;
	char id[16], text[16], home[48];
	unsigned client;
	bool is_repeated;	/* then its place in the order is not foretold */
};

/* An operation on a conversation; those on its context leave a key of their own. */
struct command {
	struct order *order;
	char home[48], key[16];
};

static struct rig rig;
static struct command commands[ORDERS];
static unsigned commands_count;
static struct slip slips[LETTERS];
static char homes[CLIENTS][HOMES][48];	/* "" before the first answer */
static unsigned slips_count;
static uint64_t state;

static unsigned roll(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

static unsigned roll_cue(void)
{
	static const enum cue rare[] = {CUE_FAIL, CUE_LOSE, CUE_STALE};

	return roll(5) == 0 ? rare[roll(3)] : CUE_STORE;
}

static void post(struct slip *slip)
{
	char user[8];

	snprintf(user, sizeof(user), "u%u", slip->client);
	slip->letter = rig_send(&rig, &(struct words){
					      .user = user,
					      .id = slip->id,
					      .text = slip->text,
					      .conversation = *slip->home ? slip->home : NULL,
					      .more = slip->text[4] == '7'
							      ? ",\"processing_hints\":"
								"{\"bypass_automation\":true}"
							      : NULL});
}

static void send_fresh(void)
{
	struct slip *slip = &slips[slips_count];

	*slip = (struct slip){.client = roll(CLIENTS)};
	snprintf(slip->id, sizeof(slip->id), "m%u", slips_count);
	snprintf(slip->text, sizeof(slip->text), "%05u", slips_count);
	snprintf(slip->home, sizeof(slip->home), "%s", homes[slip->client][roll(HOMES)]);
	slips_count++;
	post(slip);
}

static void send_again(void)
{
	struct slip *old = &slips[roll(slips_count)], *slip = &slips[slips_count++];

	old->is_repeated = true;
	*slip = *old;
	post(slip);
}

static void learn_homes(void)
{
	for (unsigned i = 0; i < slips_count; i++) {
		struct slip *slip = &slips[i];
		if (!slip->letter->done || slip->letter->inbound.code != PAL_OK || *slip->home)
			continue;
		char *home = homes[slip->client][roll(HOMES)];
		if (!*home)
			snprintf(home, sizeof(homes[0][0]), "%s", letter_home(slip->letter));
	}
}

static void operate(void)
{
	static const enum pal_verb verbs[] = {
		PAL_VERB_UPDATE_CONTEXT, PAL_VERB_UPDATE_CONTEXT, PAL_VERB_CLOSE, PAL_VERB_REOPEN,
		PAL_VERB_ESCALATE,	 PAL_VERB_DELETE,	  PAL_VERB_RESTORE, PAL_VERB_RESTORE};
	const char *home = homes[roll(CLIENTS)][roll(HOMES)];
	enum pal_verb verb = verbs[roll(8)];
	char body[64] = "{}";

	if (!*home || commands_count == ORDERS)
		return;
	struct command *c = &commands[commands_count];
	*c = (struct command){.order = NULL};
	snprintf(c->home, sizeof(c->home), "%s", home);
	if (verb == PAL_VERB_UPDATE_CONTEXT) {
		snprintf(c->key, sizeof(c->key), "k%u", commands_count);
		snprintf(body, sizeof(body), "{\"context\":{\"%s\":1}}", c->key);
	}
	commands_count++;
	c->order = order_send(&rig, verb, home, body);
}

static void move(void)
{
	switch (roll(9)) {
	case 0:
	case 1:
	case 2:
		if (slips_count < LETTERS)
			send_fresh();
		break;
	case 3:
		if (slips_count && slips_count < LETTERS)
			send_again();
		break;
	case 4:
		rig_store(&rig);
		break;
	case 6:
		if (roll(3) == 0)
			operate();
		break;
	case 5:
		if (roll(8) == 0)
			rig.script.failing_loads = 1;
		pal_clock_fake_advance_ms(&rig.clock, 40000);
		pal_message_sweep(rig.service);
		break;
	default:
		(void)pal_worker_run(pal_pool_worker(rig.pool, roll(2)), 1);
	}
}

/* Read "1 00003 > 2" line by line. */
static void check_transcript(const char *home)
{
	long long expected = 1, in = 0, out = 0;
	unsigned number = 0, last = 0;
	int n = 0;

	for (const char *at = rig_transcript(&rig, home); *at; at += n + 1) {
		out = 0;
		if (sscanf(at, "%lld %u%n > %lld%n", &in, &number, &n, &out, &n) < 2 ||
		    number >= LETTERS) {
			CU_FAIL_FATAL("not a transcript");
		}
		CU_ASSERT_EQUAL(in, expected);
		CU_ASSERT(out == 0 || out == in + 1);
		expected = (out ? out : in) + 1;
		if (slips[number].is_repeated)
			continue;
		CU_ASSERT(last == 0 || number > last);
		last = number;
	}
}

static bool is_there(const struct slip *slip)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_found_exchange found;
	struct pal_error err;
	struct pal_store *memory = rig.script.memory;
	bool there = memory->ops->find_exchange(memory, 0, (struct pal_tenant_key){1},
						pal_str(slip->id), false, &arena, &found, &err) ==
			     PAL_OK &&
		     pal_str_equal(found.conversation.id, pal_str(letter_home(slip->letter))) &&
		     pal_str_equal(found.exchange.in.content.text, pal_str(slip->text));

	pal_arena_release(&arena);
	return there;
}

/* Who was told that his key is in the context finds it there. */
static void check_commands(void)
{
	struct pal_conversation c;

	for (unsigned i = 0; i < commands_count; i++) {
		const struct pal_command *k = &commands[i].order->op.command;
		CU_ASSERT(k->code == PAL_OK || k->code == PAL_E_CONFLICT ||
			  k->code == PAL_E_NOT_FOUND || k->code == PAL_E_SERVICE ||
			  k->code == PAL_E_RATE_LIMIT);
		if (k->code != PAL_OK)
			continue;
		CU_ASSERT(rig_load(&rig, commands[i].home, &c));
		struct pal_details d = pal_details_read(pal_thread_json(), c.details);
		CU_ASSERT(!*commands[i].key ||
			  pal_details_number(&d, PAL_DETAIL_CONTEXT, pal_thread_json(),
					     commands[i].key) == 1);
	}
}

static void check_world(void)
{
	unsigned stored = 0;

	check_commands();

	for (unsigned i = 0; i < slips_count; i++) {
		struct letter *l = slips[i].letter;
		CU_ASSERT_EQUAL(l->done, 1);
		CU_ASSERT(l->inbound.code == PAL_OK || l->inbound.code == PAL_E_SERVICE ||
			  l->inbound.code == PAL_E_RATE_LIMIT);
		if (l->inbound.code != PAL_OK)
			continue;
		stored++;
		CU_ASSERT(is_there(&slips[i]));
		check_transcript(letter_home(l));
	}
	CU_ASSERT(stored > slips_count / 4);
}

static void live_through(uint64_t seed)
{
	state = seed * UINT64_C(0x9e3779b97f4a7c15);
	slips_count = 0;
	commands_count = 0;
	memset(homes, 0, sizeof(homes));
	rig_open(&rig, &(struct rig_spec){.batch_max = 1 + roll(5), .mailbox = 4 + roll(20),
					  .prompt = roll(4) == 0,
					  .live = {.idle_ms = 60000, .count_max = 6 + roll(60),
						   .bytes_max = 1 << 22}});
	rig.script.roll = roll_cue;
	for (unsigned i = 0; i < 1200; i++) {
		move();
		if (i % 16 == 0)
			learn_homes();
	}
	rig.script.failing_loads = 0;
	rig_settle(&rig);
	check_world();
	orders_end();
	rig_close(&rig);
}

TEST(whatever_happens_order_and_single_effect_hold)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		unsigned failures = CU_get_number_of_failures();
		live_through(seed);
		if (CU_get_number_of_failures() != failures) {
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
			break;
		}
	}
}

SUITE(random, CASE(whatever_happens_order_and_single_effect_hold))
