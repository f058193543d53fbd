/* SPDX-License-Identifier: Apache-2.0 */
/* Words of messages, and whose conversations have them. */
#include <stdio.h>

#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

/* Store one exchange: a conversation of its own, or the next of `unit`'s. */
static struct pal_unit *say_as(struct stage *stage, int64_t tenant, const struct pal_unit *after,
			       const char *id, const char *question, const char *reply)
{
	struct unit_spec spec = {.tenant = tenant, .conversation = id, .count = 1, .prefix = id};

	if (after) {
		spec.key = after->conversation->key;
		spec.first = after->exchanges[0].in.sequence + 2;
	}
	struct pal_unit *unit = make_unit(&stage->arena, &spec);
	exchange_of(unit, 0)->in.content.text = pal_str(question);
	exchange_of(unit, 0)->out.content.text = pal_str(reply);
	CU_ASSERT_EQUAL_FATAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	return unit;
}

static struct pal_unit *say(struct stage *stage, const char *id, const char *question,
			    const char *reply)
{
	return say_as(stage, 1, NULL, id, question, reply);
}

static void bring_up_to_date(struct stage *stage)
{
	bool more = true;
	size_t steps = 0;

	while (more && steps++ < 100000)
		CU_ASSERT_EQUAL_FATAL(pal_store_index_text(stage->store, &more, NULL), PAL_OK);
	CU_ASSERT_FALSE(more);
}

struct search {
	int64_t keys[16];
	size_t count, twice, stop_after;
};

static bool search_visit(void *arg, int64_t key)
{
	struct search *search = arg;

	for (size_t i = 0; i < search->count && i < 16; i++)
		search->twice += search->keys[i] == key;
	if (search->count < 16)
		search->keys[search->count] = key;
	search->count++;
	return search->count != search->stop_after;
}

static struct search search_limited(struct stage *stage, struct pal_tenant_key tenant,
				    struct pal_str query, size_t limit)
{
	struct search search = {.count = 0};

	CU_ASSERT_EQUAL(pal_store_search_text(stage->store, 2, tenant, query, limit, search_visit,
					      &search, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(search.twice, 0);
	return search;
}

static size_t count(struct stage *stage, const char *query)
{
	return search_limited(stage, tenant1, pal_str(query), 100).count;
}

static bool finds(struct stage *stage, const char *query, const struct pal_unit *unit)
{
	struct search search = search_limited(stage, tenant1, pal_str(query), 100);

	return search.count == 1 && search.keys[0] == unit->conversation->key;
}

void conform_b66_words_of_messages_are_found(struct stage *stage)
{
	struct pal_unit *a = say(stage, "a", "Where is my parcel?", "It left the depot on Monday.");
	struct pal_unit *b = say(stage, "b", "The parcel is broken", "I am sorry to hear that");

	bring_up_to_date(stage);
	CU_ASSERT_EQUAL(count(stage, "parcel"), 2);
	CU_ASSERT_TRUE(finds(stage, "depot", a));
	CU_ASSERT_TRUE(finds(stage, "broken parcel", b));
	CU_ASSERT_TRUE(finds(stage, "MONDAY left", a));
	CU_ASSERT_EQUAL(count(stage, "parcel depot"), 0);	/* not in one message */
	CU_ASSERT_EQUAL(count(stage, "nothing"), 0);
	CU_ASSERT_EQUAL(count(stage, "arcel"), 0);

	/* The last word may be the beginning of one; the others may not. */
	CU_ASSERT_EQUAL(count(stage, "par"), 2);
	CU_ASSERT_TRUE(finds(stage, "parcel bro", b));
	CU_ASSERT_EQUAL(count(stage, "par broken"), 0);
}

void conform_a_conversation_is_found_once_and_within_the_limit(struct stage *stage)
{
	struct pal_unit *a = say(stage, "a0", "parcel one", "parcel two");

	for (int i = 1; i < 6; i++)
		a = say_as(stage, 1, a, text_of(&stage->arena, "a%d", i).p, "parcel", "parcel");
	say(stage, "b", "parcel", "-");
	say(stage, "c", "-", "parcel");
	bring_up_to_date(stage);
	CU_ASSERT_EQUAL(count(stage, "parcel"), 3);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, PAL_STR("parcel"), 2).count, 2);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, PAL_STR("parcel"), 0).count, 0);
	struct search stopped = {.stop_after = 1};
	CU_ASSERT_EQUAL(pal_store_search_text(stage->store, 0, tenant1, PAL_STR("parcel"), 100,
					      search_visit, &stopped, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(stopped.count, 1);
}

void conform_a_search_finds_nothing_of_another_tenant(struct stage *stage)
{
	struct pal_unit *a = say_as(stage, 1, NULL, "a", "parcel 1", "2");
	struct pal_unit *b = say_as(stage, 2, NULL, "b", "parcel 1", "secret 2");

	say_as(stage, 12, NULL, "c", "parcel 1", "2");
	bring_up_to_date(stage);
	CU_ASSERT_TRUE(finds(stage, "parcel", a));
	CU_ASSERT_EQUAL(count(stage, "secret"), 0);
	CU_ASSERT_TRUE(finds(stage, "2", a));	/* the number of a tenant is no word of a message */
	struct search other = search_limited(stage, tenant2, PAL_STR("parcel"), 100);
	CU_ASSERT_EQUAL(other.count, 1);
	CU_ASSERT_EQUAL(other.keys[0], b->conversation->key);
	CU_ASSERT_EQUAL(search_limited(stage, (struct pal_tenant_key){3}, PAL_STR("parcel"), 9).count,
			0);
	CU_ASSERT_EQUAL(pal_store_search_text(stage->store, 0, (struct pal_tenant_key){0},
					      PAL_STR("parcel"), 9, search_visit, &other, NULL),
			PAL_E_VALIDATION);
}

void conform_case_and_diacritics_do_not_count(struct stage *stage)
{
	struct pal_unit *a = say(stage, "a", "Caf\xc3\xa9 M\xc3\x9cNCHEN Stra\xc3\x9f\x65",
				 "e\xcc\x81tude \xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0");
	static const char *const queries[] = {
		"cafe", "CAF\xc3\x89", "caf\xc3\xa8", "cafe\xcc\x81", "munchen", "M\xc3\xbcnchen",
		"stra\xc3\x9f\x65", "etude", "\xc3\xa9tude", "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
		"\xd0\x9c\xd0\x9e\xd0\xa1\xd0\x9a",
	};

	bring_up_to_date(stage);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		CU_ASSERT_TRUE(finds(stage, queries[i], a));
	CU_ASSERT_EQUAL(count(stage, "strase"), 0);
}

void conform_nothing_in_a_query_is_an_operator(struct stage *stage)
{
	struct pal_unit *a = say(stage, "a", "one two three NEAR to it", "say \"hello\" or not");
	struct pal_unit *b = say(stage, "b", "order 12-345/67 for x@example.com", "tenant question");
	static const char *const none[] = {
		"", " ", "\"", "\"\"", "*", "-", "^", "()", "'", "***", ":", "{}", "\\", "%", "_",
		"\xf0\x9f\x98\x80", "\xe2\x80\x94", "one OR absent", "one NOT two absent",
		"question : one", "rowid", "NEAR(one three, 1)", "words MATCH x",
		"\" OR tenant : \"2", "one) OR (two", "absent\" OR \"one",
	};
	static const char *const has_a[] = {
		"one two NEAR", "\"two\" \"one", "one*", "*one", "-one",
		"+one", "^one", "(one)", "{one}", "one:", ":one", "hello\"", "one'two", "near it",
		"NEAR", "one\ttwo\nthree", "one\xe2\x80\x94two", "one\xc2\xa0two", "one;two;--",
		"not or", "\xf0\x9f\x98\x80one",
	};
	static const char *const has_b[] = {
		"12-345/67", "12 345 67", "345", "x@example.com", "example", "com x", "tenant question",
		"order 12-345/6",
	};

	bring_up_to_date(stage);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CU_ASSERT_EQUAL(count(stage, none[i]), 0);
	for (size_t i = 0; i < sizeof(has_a) / sizeof(has_a[0]); i++)
		CU_ASSERT_TRUE(finds(stage, has_a[i], a));
	for (size_t i = 0; i < sizeof(has_b) / sizeof(has_b[0]); i++)
		CU_ASSERT_TRUE(finds(stage, has_b[i], b));
	/* A NUL, and bytes that are no text, stand between words. */
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, (struct pal_str){"one\0two", 7}, 9).count, 1);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, (struct pal_str){"one\xff\xc3two\xf0", 10}, 9)
				.count,
			1);
}

void conform_long_queries_and_texts_are_no_trouble(struct stage *stage)
{
	struct pal_str many = repeat(&stage->arena, "word ", 32);
	struct pal_str too_many = repeat(&stage->arena, "word ", 33);
	struct pal_str one = repeat(&stage->arena, "w", 4096), too_long = {one.p, one.n + 1};
	struct pal_str marks = repeat(&stage->arena, "\"*(", 1365);
	struct pal_str great = repeat(&stage->arena, "\xf0\x9f\x98\x80 w\xc3\xb6rd ", PAL_TEXT_POINTS_MAX / 7);
	struct search search = {.count = 0};
	struct pal_error err = {0};

	struct pal_unit *a = say(stage, "a", great.p, one.p);
	bring_up_to_date(stage);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, many, 9).count, 1);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, one, 9).count, 1);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, marks, 9).count, 0);
	CU_ASSERT_TRUE(finds(stage, "word", a));
	CU_ASSERT_EQUAL(pal_store_search_text(stage->store, 0, tenant1, too_many, 9, search_visit,
					      &search, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "query");
	CU_ASSERT_EQUAL(pal_store_search_text(stage->store, 0, tenant1, too_long, 9, search_visit,
					      &search, &err),
			PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(search.count, 0);
}

void conform_the_index_is_brought_up_to_date_in_steps(struct stage *stage)
{
	struct pal_unit *last = NULL;
	char id[32];

	for (int i = 0; i < 400; i++) {
		snprintf(id, sizeof(id), "s%d", i);
		last = say(stage, id, text_of(&stage->arena, "number%d all", i).p, "yes");
		if (i % 90 == 0)
			bring_up_to_date(stage);
	}
	bring_up_to_date(stage);
	CU_ASSERT_TRUE(finds(stage, "number399", last));
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, PAL_STR("all"), 1000).count, 400);
	if (!stage->kind->durable)
		return;
	stage_reopen(stage);
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, PAL_STR("all"), 1000).count, 400);
	last = say(stage, "more", "number400 all", "yes");
	bring_up_to_date(stage);
	CU_ASSERT_TRUE(finds(stage, "number400", last));
	CU_ASSERT_EQUAL(search_limited(stage, tenant1, PAL_STR("all"), 1000).count, 401);
}
