/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each type of content, and what holds a reply back. */
#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include "rig.h"
#include "service/access/live.h"
#include "suite.h"

#define PHOTO                                                                                      \
	"{\"type\":\"image\",\"media\":{\"url\":\"https://a.example/b.jpg\","                      \
	"\"type\":\"image/jpeg\",\"size_bytes\":7}}"
#define PROGRAM                                                                                    \
	"{\"type\":\"file\",\"media\":{\"url\":\"https://a.example/b.exe\",\"type\":\"pdf\","       \
	"\"size_bytes\":7}}"
#define PLACE "{\"type\":\"location\",\"location\":{\"latitude\":0,\"longitude\":0}}"
#define REPLY                                                                                      \
	"{\"type\":\"quick_reply\",\"quick_replies\":[{\"title\":\"Track my order\","             \
	"\"payload\":\"TRACK\"}]}"
#define CAROUSEL "{\"type\":\"carousel\",\"carousel\":[{\"title\":\"Support\"}]}"

static struct rig rig;

/* The last exchange that was visited, its texts copied. */
static struct {
	int64_t in, out;
	enum pal_content_type type;
	char raw[4096], analysis[4096], processing[4096];
} last;

static bool keep(void *arg, const struct pal_exchange *x)
{
	const struct pal_str from[] = {x->in.content.raw, x->in.analysis, x->in.processing};
	char *const to[] = {last.raw, last.analysis, last.processing};

	(void)arg;
	last.in = x->in.sequence;
	last.out = x->out.sequence;
	last.type = x->in.content.type;
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_FATAL(from[i].n < sizeof(last.raw));
		memcpy(to[i], from[i].p, from[i].n);
		to[i][from[i].n] = '\0';
	}
	return true;
}

/* Load into `last` what is stored last of the conversation that `letter` was answered in. */
static void look(struct letter *letter)
{
	const struct pal_store_ops *ops = rig.script.memory->ops;
	struct pal_conversation c;
	struct pal_error err;

	CU_ASSERT_FATAL(rig_load(&rig, letter_home(letter), &c));
	CU_ASSERT_EQUAL(ops->walk_exchanges(rig.script.memory, 0, (struct pal_tenant_key){1}, c.key,
					    1, SIZE_MAX, keep, NULL, &err), PAL_OK);
}

static void check_json(const char *json, const char *pointer, const char *want)
{
	struct json_object *root = json_tokener_parse(json), *found = NULL;
	const char *got = "absent";

	if (root && json_pointer_get(root, pointer, &found) == 0)
		got = found ? json_object_get_string(found) : "null";
	CHECK_STR(got, want);
	json_object_put(root);
}

TEST(f45_every_type_is_processed_stored_and_answered)
{
	static const struct {
		const char *content, *entities, *intent;
	} rows[] = {
		{PHOTO, "{ \"media\": { \"type\": \"image\\/jpeg\", \"url\": "
			"\"https:\\/\\/a.example\\/b.jpg\", \"size_bytes\": 7 } }", "null"},
		{PLACE, "{ \"location\": { \"latitude\": 0, \"longitude\": 0 } }", "null"},
		{REPLY, "{ \"intent\": [ \"order_inquiry\" ], \"postback\": [ \"TRACK\" ] }",
		 "order_inquiry"},
		{CAROUSEL, "{ \"intent\": [ \"support\" ] }", "support"},
	};

	rig_open(&rig, &(struct rig_spec){0});
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter *l = rig_ask(&rig, &(struct words){.content = rows[i].content});
		CHECK_STR(letter_at(l, "/conversation_state/entities"), rows[i].entities);
		CHECK_STR(letter_at(l, "/conversation_state/current_intent"), rows[i].intent);
		CHECK_STR(letter_at(l, "/response/type"), "text");
		look(l);
		CU_ASSERT(last.in == 1 && last.out == 2);
		CHECK_STR(last.raw, rows[i].content);
		check_json(last.analysis, "/entities", rows[i].entities);
		CU_ASSERT_EQUAL(last.type, l->inbound.request.content.type);
		check_json(rows[i].content, "/type", pal_content_type_name(last.type));
	}
	rig_close(&rig);
}

TEST(f45_a_picture_without_a_word_leaves_the_intent_alone)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "my order is late"}));
	struct letter *l = rig_ask(&rig, &(struct words){.conversation = home, .content = PHOTO});
	CHECK_STR(letter_at(l, "/conversation_state/current_intent"), "order_inquiry");
	CHECK_STR(letter_at(l, "/conversation_state/entities/media/type"), "image/jpeg");
	CHECK_STR(letter_at(l, "/conversation_state/entities/intent"), "[ \"order_inquiry\" ]");
	rig_close(&rig);
}

TEST(b14_b15_content_at_fault_is_told_and_nothing_is_stored)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *l = rig_send(&rig, &(struct words){.content = PROGRAM});
	rig_settle(&rig);
	CU_ASSERT_EQUAL(l->done, 1);
	CU_ASSERT_EQUAL(l->inbound.code, PAL_E_PROCESSING);
	CHECK_STR(l->inbound.err.message, "files of programs are not accepted");
	CU_ASSERT_EQUAL(rig_stored(&rig), 0);
	l = rig_send(&rig, &(struct words){.text = "\xe3\x80\x80"});	/* blank, but not to ASCII */
	rig_settle(&rig);
	CU_ASSERT_EQUAL(l->inbound.code, PAL_E_PROCESSING);
	CU_ASSERT_EQUAL(rig_stored(&rig), 0);
	rig_close(&rig);
}

TEST(b15_f55_flags_that_block_hold_the_reply_back)
{
	rig_open(&rig, &(struct rig_spec){.blocking_flags = PAL_SAFETY_SPAM | PAL_SAFETY_PII_CARD});
	struct letter *l = rig_ask(&rig, &(struct words){.text = "this is spam!!!"});
	CHECK_STR(letter_at(l, "/response"), "null");
	CHECK_STR(letter_at(l, "/response_id"), "null");
	CHECK_STR(letter_at(l, "/processing_metadata/delivery_status"), "null");
	CHECK_STR(letter_at(l, "/processing_metadata/warnings"),
		  "[ \"held for a person to review\" ]");
	look(l);
	CU_ASSERT(last.in == 1 && last.out == 0);
	check_json(last.processing, "/held_for", "moderation");
	check_json(last.analysis, "/moderation/auto_moderated", "true");
	check_json(last.analysis, "/moderation/block", "[ \"potential_spam\" ]");
	check_json(last.analysis, "/moderation/review", "[ \"excessive_punctuation\" ]");
	l = rig_ask(&rig, &(struct words){.text = "4111 1111 1111 1111"});
	CHECK_STR(letter_at(l, "/response"), "null");
	look(l);
	check_json(last.analysis, "/privacy/masked_content", "[CARD]");
	l = rig_ask(&rig, &(struct words){.text = "hello!!!"});	/* only to be looked at */
	CHECK_STR(letter_at(l, "/response/type"), "text");
	look(l);
	check_json(last.processing, "/held_for", "absent");
	rig_close(&rig);
}

TEST(f55_a_tenants_own_settings_stand_for_the_option)
{
	struct pal_live_tenant live = {.block = PAL_SAFETY_PUNCTUATION, .order_digits = 4};
	struct pal_caller caller;

	rig_open(&rig, &(struct rig_spec){.blocking_flags = PAL_SAFETY_SPAM});
	caller = rig.backend;
	caller.live = &live;
	memcpy(&live.order_prefix, "PO\0\0\0\0\0\0", 8);
	struct letter *l = rig_ask(&rig, &(struct words){.caller = &caller, .text = "hello!!!"});
	CHECK_STR(letter_at(l, "/response"), "null");
	l = rig_ask(&rig, &(struct words){.caller = &caller, .text = "spam PO-4711 ORD123456"});
	CHECK_STR(letter_at(l, "/response/type"), "text");
	CHECK_STR(letter_at(l, "/conversation_state/entities/order_numbers"), "[ \"PO-4711\" ]");
	live.block = 0;
	l = rig_ask(&rig, &(struct words){.caller = &caller, .text = "spam!!!"});
	CHECK_STR(letter_at(l, "/response/type"), "text");
	live.block = PAL_LIVE_BLOCK_UNSET;
	l = rig_ask(&rig, &(struct words){.caller = &caller, .text = "spam!!!"});
	CHECK_STR(letter_at(l, "/response"), "null");
	rig_close(&rig);
}

TEST(b28_what_a_credential_claims_is_never_stored)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct pal_caller caller = rig.backend;
	caller.permissions = PAL_STR("conversations:* claim:sesame");
	caller.key_id = (struct pal_str){NULL, 0};
	caller.user_id = PAL_STR("u");
	struct letter *l = rig_ask(&rig, &(struct words){.caller = &caller});
	look(l);
	CU_ASSERT_PTR_NULL(strstr(last.raw, "sesame"));
	CU_ASSERT_PTR_NULL(strstr(last.analysis, "sesame"));
	CU_ASSERT_PTR_NULL(strstr(last.processing, "sesame"));
	CU_ASSERT_PTR_NULL(strstr(letter_at(l, ""), "sesame"));
	rig_close(&rig);
}

TEST(b29_hints_are_acted_on_and_kept)
{
	static const struct {
		const char *more, *held, *warnings;
	} rows[] = {
		{",\"processing_hints\":{\"bypass_automation\":true}", "bypass_automation", "[ ]"},
		{",\"processing_hints\":{\"require_human_review\":true,\"bypass_automation\":true}",
		 "human_review", "[ \"held for a person to review\" ]"},
	};

	rig_open(&rig, &(struct rig_spec){0});
	for (size_t i = 0; i < 2; i++) {
		struct letter *l = rig_ask(&rig, &(struct words){.more = rows[i].more});
		CHECK_STR(letter_at(l, "/response"), "null");
		CHECK_STR(letter_at(l, "/processing_metadata/warnings"), rows[i].warnings);
		look(l);
		CU_ASSERT_EQUAL(last.out, 0);
		check_json(last.processing, "/held_for", rows[i].held);
	}
	struct letter *l = rig_ask(&rig, &(struct words){
		.more = ",\"processing_hints\":{\"priority\":5,\"processing_timeout_ms\":2000,"
			"\"cost_limit_cents\":3,\"tags\":[\"vip\"],\"x\":1},"
			"\"channel_metadata\":{\"platform_user_id\":\"ANN@Example.org\","
			"\"thread_id\":\"T\",\"read_timestamp\":1790000000,\"additional_data\":{\"a\":1}}"});
	CHECK_STR(letter_at(l, "/response/type"), "text");
	look(l);
	check_json(last.processing, "/hints",
		   "{ \"priority\": \"critical\", \"processing_timeout_ms\": 2000, "
		   "\"cost_limit_cents\": 3, \"tags\": [ \"vip\" ] }");
	check_json(last.processing, "/channel_metadata",
		   "{ \"platform_user_id\": \"ann@example.org\", \"thread_id\": \"T\", "
		   "\"read_timestamp\": \"2026-09-21T14:13:20.000Z\", \"additional_data\": "
		   "{ \"a\": 1 } }");
	rig_close(&rig);
}

TEST(b29_a_message_that_waited_longer_than_it_may_is_refused_and_not_stored)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct words words = {.more = ",\"processing_hints\":{\"processing_timeout_ms\":1000}"};
	struct letter *late = rig_write(&rig, &words), *soon;

	pal_clock_fake_advance_ms(&rig.clock, 1001);
	soon = rig_write(&rig, &words);
	pal_message_submit(rig.service, &late->inbound);
	pal_message_submit(rig.service, &soon->inbound);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(late->inbound.code, PAL_E_SERVICE);
	CHECK_STR(late->inbound.err.subject, "processing_timeout_ms");
	CU_ASSERT(late->inbound.err.retry_after_ms > 0);
	CU_ASSERT_EQUAL(soon->inbound.code, PAL_OK);
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(b30_a_clock_that_is_off_is_kept_and_warned_of_and_orders_nothing)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct words words = {.id = "m", .content = PLACE,
			      .more = ",\"timestamp\":\"2025-01-01T00:00:00Z\""};
	static const char both[] =
		"[ \"the location is at 0, 0: was it measured?\", "
		"\"timestamp is more than 24 hours from the server's clock\" ]";
	struct letter *first = rig_ask(&rig, &words);
	CHECK_STR(letter_at(first, "/processing_metadata/warnings"), both);
	struct letter *second = rig_ask(&rig, &(struct words){.conversation = letter_home(first)});
	CHECK_STR(letter_at(second, "/processing_metadata/warnings"), "[ ]");
	CHECK_STR(rig_transcript(&rig, letter_home(first)), "1  > 2\n3 hello > 4\n");
	/* and the same again, for one who asks again */
	struct letter *repeat = rig_ask(&rig, &words);
	CHECK_STR(letter_at(repeat, "/processing_metadata/duplicate"), "true");
	CHECK_STR(letter_at(repeat, "/processing_metadata/warnings"), both);
	rig_close(&rig);
}

TEST(b26_the_reply_is_in_the_language_that_was_found_declared_or_english)
{
	static const struct {
		const char *content, *language;
	} rows[] = {
		{"{\"type\":\"text\",\"text\":\"ok\",\"language\":\"fr\"}", "fr"},
		{"{\"type\":\"text\",\"text\":\"ok\",\"language\":null}", "en"},
		{"{\"type\":\"text\",\"text\":\"Wo ist denn meine Bestellung?\",\"language\":\"fr\"}",
		 "de"},
		{"{\"type\":\"location\",\"language\":\"it\",\"location\":{\"latitude\":1,"
		 "\"longitude\":2}}", "it"},
		{"{\"type\":\"text\",\"text\":\"ok\",\"language\":\"xx\"}", "en"},
	};

	rig_open(&rig, &(struct rig_spec){0});
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(letter_at(rig_ask(&rig, &(struct words){.content = rows[i].content}),
				    "/response/language"), rows[i].language);
	rig_close(&rig);
}

TEST(b26_a_word_of_no_language_is_answered_in_that_of_the_conversation)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *l = rig_ask(&rig, &(struct words){.text = "Wo ist denn meine Bestellung?"});
	const char *home = letter_home(l);
	l = rig_ask(&rig, &(struct words){.conversation = home, .text = "ORD123456"});
	CHECK_STR(letter_at(l, "/response/language"), "de");
	rig_passivate(&rig);	/* and it is not forgotten */
	l = rig_ask(&rig, &(struct words){.conversation = home, .content = PHOTO});
	CHECK_STR(letter_at(l, "/response/language"), "de");
	l = rig_ask(&rig, &(struct words){.conversation = home,
					  .content = "{\"type\":\"text\",\"text\":\"ok\","
						     "\"language\":\"it\"}"});
	CHECK_STR(letter_at(l, "/response/language"), "it");
	l = rig_ask(&rig, &(struct words){.conversation = home,
					  .text = "Thank you, and where is the invoice?"});
	CHECK_STR(letter_at(l, "/response/language"), "en");
	l = rig_ask(&rig, &(struct words){.conversation = home, .text = "ORD123457"});
	CHECK_STR(letter_at(l, "/response/language"), "en");
	rig_close(&rig);
}

SUITE(content, CASE(b26_a_word_of_no_language_is_answered_in_that_of_the_conversation),
      CASE(f45_every_type_is_processed_stored_and_answered),
      CASE(f45_a_picture_without_a_word_leaves_the_intent_alone),
      CASE(b14_b15_content_at_fault_is_told_and_nothing_is_stored),
      CASE(b15_f55_flags_that_block_hold_the_reply_back), CASE(b29_hints_are_acted_on_and_kept),
      CASE(f55_a_tenants_own_settings_stand_for_the_option),
      CASE(b28_what_a_credential_claims_is_never_stored),
      CASE(b29_a_message_that_waited_longer_than_it_may_is_refused_and_not_stored),
      CASE(b30_a_clock_that_is_off_is_kept_and_warned_of_and_orders_nothing),
      CASE(b26_the_reply_is_in_the_language_that_was_found_declared_or_english))
