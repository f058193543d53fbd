/* SPDX-License-Identifier: Apache-2.0 */
/* Real threads at once: those who send, one who operates, workers, lanes and a sweeper. For the thread sanitizer. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "model/details.h"
#include "order.h"
#include "rig.h"
#include "service/view/answer.h"
#include "suite.h"

#define SENDERS 3u
#define HOMES 8u
#define LETTERS 240u	/* of a sender */
#define ORDERS 160u

struct sender {
	pthread_t thread;
	struct letter *letters[LETTERS];
};

static struct rig rig;
static struct sender senders[SENDERS];
static struct order *orders[ORDERS];
static char homes[HOMES][48];

static void *send_all(void *arg)
{
	struct sender *sender = arg;

	for (size_t i = 0; i < LETTERS; i++) {
		pal_message_submit(rig.service, &sender->letters[i]->inbound);
		if (i % 16 == 0)
			sched_yield();
	}
	return NULL;
}

static void *operate_all(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ORDERS; i++) {
		pal_operate(rig.service, &orders[i]->op);
		if (i % 4 == 0)
			sched_yield();
	}
	return NULL;
}

static void write_orders(void)
{
	char body[64];

	for (unsigned i = 0; i < ORDERS; i++) {
		snprintf(body, sizeof(body), "{\"context\":{\"k%u\":1}}", i);
		orders[i] = order_write(&rig, PAL_VERB_UPDATE_CONTEXT, homes[i % HOMES], body);
	}
}

/* Whoever was told that his key is in finds it; returns how many were told so. */
static unsigned check_orders(void)
{
	struct pal_conversation c;
	unsigned good = 0;
	char key[16];

	for (unsigned i = 0; i < ORDERS; i++) {
		enum pal_code code = orders[i]->op.command.code;
		CU_ASSERT(code == PAL_OK || code == PAL_E_SERVICE);
		if (code != PAL_OK)
			continue;
		good++;
		snprintf(key, sizeof(key), "k%u", i);
		CU_ASSERT(rig_load(&rig, homes[i % HOMES], &c));
		struct pal_details d = pal_details_read(pal_thread_json(), c.details);
		CU_ASSERT_EQUAL(pal_details_number(&d, PAL_DETAIL_CONTEXT, pal_thread_json(), key),
				1);
	}
	return good;
}

static void write_letters(void)
{
	char text[16];

	for (unsigned s = 0; s < SENDERS; s++)
		for (unsigned i = 0; i < LETTERS; i++) {
			snprintf(text, sizeof(text), "%u-%03u", s, i);
			senders[s].letters[i] = rig_write(
				&rig, &(struct words){.text = text,
						      .conversation = homes[(i + s) % HOMES]});
		}
}

/* Numbers without a gap, and each sender's texts in the order it sent them; returns the messages. */
static unsigned check_transcript(const char *home)
{
	long long in = 0, expected = 1;
	int last[SENDERS], number = 0, n = 0;
	unsigned sender = 0, count = 0;
	const char *at = strchr(rig_transcript(&rig, home), '\n') + 1;	/* behind the first */

	for (unsigned s = 0; s < SENDERS; s++)
		last[s] = -1;
	for (; *at; at = strchr(at, '\n') + 1) {
		if (sscanf(at, "%lld %u-%d%n", &in, &sender, &number, &n) != 3 || sender >= SENDERS)
			CU_FAIL_FATAL("not a transcript");
		expected += 2;
		CU_ASSERT_EQUAL(in, expected);
		CU_ASSERT(number > last[sender]);
		last[sender] = number;
		count++;
	}
	return count;
}

static void run_threads(void)
{
	pthread_t operator;
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_store_front_start(rig.front, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_pool_start(rig.pool, &err), PAL_OK);
	for (unsigned s = 0; s < SENDERS; s++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&senders[s].thread, NULL, send_all, &senders[s]),
				      0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&operator, NULL, operate_all, NULL), 0);
	while (rig.outcomes < HOMES + SENDERS * LETTERS + ORDERS) {
		pal_clock_fake_advance_ms(&rig.clock, 30000);
		pal_message_sweep(rig.service);
		sched_yield();
	}
	for (unsigned s = 0; s < SENDERS; s++)
		pthread_join(senders[s].thread, NULL);
	pthread_join(operator, NULL);
	pal_pool_stop(rig.pool);
}

/* The homes are cold, and fewer fit than there are: they come and go on every thread. */
TEST(threads_that_send_work_store_and_sweep_keep_every_order)
{
	unsigned refused = 0, stored = 0;

	rig_open(&rig, &(struct rig_spec){.mailbox = 4096, .batch_max = 8,
					  .live = {.idle_ms = 60000, .count_max = HOMES - 2,
						   .bytes_max = 1 << 22}});
	for (unsigned i = 0; i < HOMES; i++)
		snprintf(homes[i], sizeof(homes[i]), "%s", letter_home(rig_ask(&rig, &(struct words){0})));
	rig_passivate(&rig);
	write_letters();
	write_orders();
	run_threads();
	for (unsigned s = 0; s < SENDERS; s++)
		for (unsigned i = 0; i < LETTERS; i++) {
			enum pal_code code = senders[s].letters[i]->inbound.code;
			CU_ASSERT(code == PAL_OK || code == PAL_E_SERVICE);
			refused += code != PAL_OK;
		}
	for (unsigned i = 0; i < HOMES; i++)
		stored += check_transcript(homes[i]);
	CU_ASSERT_EQUAL(stored + refused, SENDERS * LETTERS);
	CU_ASSERT(check_orders() > 0);
	orders_end();
	rig_abandon(&rig);
}

SUITE(threads, CASE(threads_that_send_work_store_and_sweep_keep_every_order))
