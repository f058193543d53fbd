/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/queue.h"

#include "suite.h"

struct note {
	struct pal_queue_item item;	/* first */
	char letter;
};

static struct pal_courier_queue *queue;
static struct note notes[16];
static size_t note_count;

static void open_queue(unsigned per_host, unsigned per_tenant, unsigned waiting)
{
	queue = pal_courier_queue_create(
		&(struct pal_queue_limits){per_host, per_tenant, waiting});
	note_count = 0;
	CU_ASSERT_PTR_NOT_NULL_FATAL(queue);
}

static enum pal_queue_put put(int64_t tenant, const char *host, char letter)
{
	struct note *note = &notes[note_count++];

	*note = (struct note){.letter = letter, .item.expires_ms = 100};
	return pal_courier_queue_put(queue, (struct pal_tenant_key){tenant}, pal_str(host),
				     &note->item);
}

static void put_all(int64_t tenant, const char *host, const char *letters)
{
	for (; *letters; letters++)
		CU_ASSERT_EQUAL(put(tenant, host, *letters), PAL_QUEUE_TAKEN);
}

/* Take until none may go: the letters, in order. */
static const char *take_all(void)
{
	static char out[32];
	size_t n = 0;
	struct pal_queue_item *item;

	while ((item = pal_courier_queue_take(queue)))
		out[n++] = ((struct note *)item)->letter;
	out[n] = '\0';
	return out;
}

static void release(char letter)
{
	for (size_t i = 0; i < note_count; i++) {
		if (notes[i].letter == letter)
			pal_courier_queue_release(queue, &notes[i].item);
	}
}

static void release_all(const char *letters)
{
	for (; *letters; letters++)
		release(*letters);
}

TEST(one_host_is_served_in_order)
{
	open_queue(9, 9, 9);
	put_all(1, "a", "abcd");
	CHECK_STR(take_all(), "abcd");
	release_all("abcd");
	pal_courier_queue_destroy(queue);
}

TEST(tenants_and_hosts_take_turns)
{
	open_queue(9, 9, 9);
	put_all(1, "x", "abc");
	put_all(1, "y", "de");
	put_all(2, "x", "fg");
	CHECK_STR(take_all(), "afdgbec");
	CU_ASSERT_EQUAL(pal_courier_queue_waiting(queue), 0);
	release_all("abcdefg");
	pal_courier_queue_destroy(queue);
}

TEST(a_host_at_its_cap_waits_and_others_go_by)
{
	open_queue(2, 9, 9);
	put_all(1, "x", "abcd");
	put_all(1, "y", "e");
	CHECK_STR(take_all(), "aeb");
	CU_ASSERT_EQUAL(pal_courier_queue_waiting(queue), 2);
	release('a');
	CHECK_STR(take_all(), "c");
	release('b');
	release('c');
	CHECK_STR(take_all(), "d");
	release_all("de");
	pal_courier_queue_destroy(queue);
}

TEST(a_tenant_at_its_cap_waits_and_others_go_by)
{
	open_queue(9, 2, 9);
	put_all(1, "x", "ab");
	put_all(1, "y", "cd");
	put_all(2, "x", "e");
	CHECK_STR(take_all(), "aec");
	release('a');
	CHECK_STR(take_all(), "b");
	release_all("bce");
	CHECK_STR(take_all(), "d");
	release('d');
	pal_courier_queue_destroy(queue);
}

TEST(a_host_with_too_many_waiting_is_full_alone)
{
	open_queue(1, 9, 2);
	put_all(1, "x", "ab");
	CU_ASSERT_EQUAL(put(1, "x", 'c'), PAL_QUEUE_FULL);
	CU_ASSERT_EQUAL(put(1, "y", 'd'), PAL_QUEUE_TAKEN);
	CU_ASSERT_EQUAL(put(2, "x", 'e'), PAL_QUEUE_TAKEN);
	CHECK_STR(take_all(), "aed");
	CU_ASSERT_EQUAL(put(1, "x", 'f'), PAL_QUEUE_TAKEN);
	release_all("ade");
	CHECK_STR(take_all(), "b");
	release('b');
	CHECK_STR(take_all(), "f");
	release('f');
	pal_courier_queue_destroy(queue);
}

TEST(what_waited_too_long_is_given_back)
{
	open_queue(1, 9, 9);
	put_all(1, "x", "abc");
	CHECK_STR(take_all(), "a");
	notes[2].item.expires_ms = 50;
	CU_ASSERT_PTR_NULL(pal_courier_queue_expire(queue, 49));
	CU_ASSERT_PTR_EQUAL(pal_courier_queue_expire(queue, 50), &notes[2].item);
	CU_ASSERT_PTR_NULL(pal_courier_queue_expire(queue, 99));
	CU_ASSERT_PTR_EQUAL(pal_courier_queue_expire(queue, INT64_MAX), &notes[1].item);
	CU_ASSERT_PTR_NULL(pal_courier_queue_expire(queue, INT64_MAX));
	CU_ASSERT_EQUAL(pal_courier_queue_waiting(queue), 0);
	release('a');	/* it was under way and is no longer: nothing is known of the host */
	CHECK_STR(take_all(), "");
	pal_courier_queue_destroy(queue);
}

SUITE(queue, CASE(one_host_is_served_in_order), CASE(tenants_and_hosts_take_turns),
      CASE(a_host_at_its_cap_waits_and_others_go_by),
      CASE(a_tenant_at_its_cap_waits_and_others_go_by),
      CASE(a_host_with_too_many_waiting_is_full_alone),
      CASE(what_waited_too_long_is_given_back))
