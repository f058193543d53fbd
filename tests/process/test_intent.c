/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/intent.h"

#include <stdio.h>

#include "analysed.h"
#include "suite.h"

struct row {
	const char *text, *intent;
	double confidence;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct analysed *a = analyse(rows[i].text);
		const char *got = plain(a->result.intent.name);
		if (strcmp(got, rows[i].intent) != 0)
			printf("# \"%s\": %s\n", rows[i].text, got);
		CHECK_STR(got, rows[i].intent);
		CU_ASSERT_EQUAL(a->result.intent.confidence, rows[i].confidence);
		analysed_free(a);
	}
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof((rows)[0]))

TEST(every_word_of_the_specification_is_heard)
{
	static const struct row rows[] = {
		{"my order", "order_inquiry", 0.7},	     {"Orders", "order_inquiry", 0.7},
		{"a purchase", "order_inquiry", 0.7},	     {"the checkout", "order_inquiry", 0.7},
		{"an invoice", "order_inquiry", 0.7},	     {"payment?", "order_inquiry", 0.7},
		{"the delivery", "order_inquiry", 0.7},	     {"tracking", "order_inquiry", 0.7},
		{"it is ORD123456", "order_inquiry", 0.7},   {"help", "support", 0.7},
		{"support", "support", 0.7},		     {"a problem", "support", 0.7},
		{"an issue", "support", 0.7},		     {"ERROR", "support", 0.7},
		{"a bug", "support", 0.7},		     {"it's broken", "support", 0.7},
		{"it is not working", "support", 0.7},	     {"assistance", "support", 0.7},
		{"goodbye", "goodbye", 0.7},		     {"Bye!", "goodbye", 0.7},
		{"see you", "goodbye", 0.7},		     {"hello", "greeting", 0.7},
		{"hi", "greeting", 0.7},		     {"hey!", "greeting", 0.7},
		{"good morning", "greeting", 0.7},	     {"Good afternoon", "greeting", 0.7},
		{"good evening", "greeting", 0.7},	     {"what is this", "default", 0.3},
	};

	CHECK_ROWS(rows);
}

TEST(parts_of_words_are_not_heard)
{
	static const struct row rows[] = {
		{"the border", "default", 0.3},	      {"this", "default", 0.3},
		{"helpless whims", "default", 0.3},   {"buggy debugging", "default", 0.3},
		{"they byte", "default", 0.3},	      {"order_id", "default", 0.3},
		{"order2", "default", 0.3},	      {"see your screen", "default", 0.3},
		{"good, morning", "default", 0.3},    {"good old morning", "default", 0.3},
		{"not now, working", "default", 0.3}, {"ordér", "default", 0.3},
		{"mail help@order.example", "default", 0.3},
	};

	CHECK_ROWS(rows);
}

TEST(the_order_of_priority_decides_and_two_hits_make_sure)
{
	static const struct row rows[] = {
		{"hello, goodbye, help with my order", "order_inquiry", 0.7},
		{"hello, goodbye, help", "support", 0.7},
		{"hello and goodbye", "goodbye", 0.7},
		{"order and payment", "order_inquiry", 0.9},
		{"order ORD123456", "order_inquiry", 0.9},
		{"order, orders, ORDER", "order_inquiry", 0.7},
		{"help, it is broken", "support", 0.9},
		{"bye, see you", "goodbye", 0.9},
		{"hello, good morning", "greeting", 0.9},
		{"not working, not working", "support", 0.7},
	};

	CHECK_ROWS(rows);
}

TEST(contractions_are_understood)
{
	static const struct row rows[] = {
		{"I can't login", "support", 0.7},	  {"I can’t log in", "support", 0.7},
		{"cant login plz help", "support", 0.9},  {"it isn't working", "support", 0.7},
		{"the app doesn't work", "support", 0.7}, {"It's working", "default", 0.3},
		{"I can login", "default", 0.3},
	};

	CHECK_ROWS(rows);
}

TEST(the_other_languages_have_their_words)
{
	static const struct row rows[] = {
		{"Wo ist meine Bestellung?", "order_inquiry", 0.7},
		{"¿Dónde está mi pedido?", "order_inquiry", 0.7},
		{"Où est ma commande ?", "order_inquiry", 0.7},
		{"Dov'è il mio ordine?", "order_inquiry", 0.7},
		{"Onde está a minha encomenda?", "order_inquiry", 0.7},
		{"注文した商品が届きません", "order_inquiry", 0.7},
		{"我的订单在哪里", "order_inquiry", 0.7},
		{"주문한 상품이 안 왔어요", "order_inquiry", 0.7},
		{"Ich brauche Hilfe", "support", 0.7},
		{"La aplicación no funciona", "support", 0.7},
		{"ça ne marche pas", "support", 0.7},
		{"请帮助我", "support", 0.7},
		{"Auf Wiedersehen", "goodbye", 0.7},
		{"Au revoir", "goodbye", 0.7},
		{"さようなら", "goodbye", 0.7},
		{"안녕히 계세요", "goodbye", 0.7},
		{"Guten Morgen", "greeting", 0.7},
		{"Olá", "greeting", 0.7},
		{"¡Buenos días!", "greeting", 0.7},
		{"こんにちは", "greeting", 0.7},
		{"안녕하세요", "greeting", 0.7},
		{"您好", "greeting", 0.7},
	};

	CHECK_ROWS(rows);
}

TEST(an_intent_that_was_heard_is_an_entity)
{
	check_entity(PAL_ENTITY_INTENT, "my order", "order_inquiry");
	check_entity(PAL_ENTITY_INTENT, "what is this", "");
}

SUITE(intent, CASE(every_word_of_the_specification_is_heard), CASE(parts_of_words_are_not_heard),
      CASE(the_order_of_priority_decides_and_two_hits_make_sure),
      CASE(contractions_are_understood), CASE(the_other_languages_have_their_words),
      CASE(an_intent_that_was_heard_is_an_entity))
