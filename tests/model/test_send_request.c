/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_request.h"

#include <stdio.h>
#include <stdlib.h>

#include "request.h"
#include "suite.h"

#define HELLO "{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"hi\"}}"
/* A request with room for more members, of itself and of its content. */
#define WITH(more) \
	"{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"hi\"}," more "}"
#define CONTENT(more) \
	"{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"hi\"," more "}}"

#define TYPES                                                                                      \
	"must be one of text, image, file, audio, video, location, quick_reply, carousel"

static struct reading r, other;

static void read_text(const char *text)
{
	read_request(&r, pal_str(text));
}

static void check_ok(const char *text)
{
	read_text(text);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	reading_end(&r);
}

/* `text` has one wrong field. */
static void check_wrong(const char *text, const char *field, const char *message)
{
	read_text(text);
	CU_ASSERT_EQUAL(r.code, PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(r.errors.count, 1);
	if (!is_wrong(&r, field, message)) {
		fprintf(stderr, "%s: not %s %s\n", text, field, message ? message : "");
		CU_FAIL("another field, or in other words");
	}
	CHECK_STR(r.err.subject, field);
	reading_end(&r);
}

/* `n` times `unit`, the caller's to free. */
static char *times(const char *unit, size_t n)
{
	size_t len = strlen(unit);
	char *text = malloc(n * len + 1);

	if (!text)
		abort();
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, unit, len);
	text[n * len] = '\0';
	return text;
}

/* `fmt` holds one %s, which takes `max` characters and not one more, whatever their size. */
static void check_limit(const char *fmt, const char *field, size_t max)
{
	static const char *const units[] = {"a", "é", "語", "😀", "\\n\\u00e4"};
	char words[96];

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t points = i == 4 ? 2 : 1;
		char *fits = times(units[i], max / points);
		char *more = times(units[i], max / points + 1);
		size_t beyond = (max / points + 1) * points;
		char *body = NULL;
		if (asprintf(&body, fmt, fits) < 0)
			abort();
		check_ok(body);
		free(body);
		if (asprintf(&body, fmt, more) < 0)
			abort();
		snprintf(words, sizeof(words), "must have at most %zu characters, has %zu", max,
			 beyond);
		check_wrong(body, field, words);
		free(body);
		free(fits);
		free(more);
	}
}

TEST(the_smallest_request_is_taken)
{
	read_text(HELLO);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	CU_ASSERT_PTR_NULL(r.request.message_id.p);
	CU_ASSERT_PTR_NULL(r.request.conversation_id.p);
	CU_ASSERT_PTR_NULL(r.request.session_id.p);
	CU_ASSERT(pal_str_equal(r.request.user_id, PAL_STR("u")));
	CU_ASSERT_EQUAL(r.request.channel, PAL_CHANNEL_WEB);
	CU_ASSERT_EQUAL(r.request.content.type, PAL_CONTENT_TEXT);
	CU_ASSERT(pal_str_equal(r.request.content.text, PAL_STR("hi")));
	CU_ASSERT_PTR_NULL(r.request.content.language.p);
	CU_ASSERT(!r.request.hints.bypass_automation && !r.request.hints.require_human_review);
	CU_ASSERT_EQUAL(r.request.timestamp_ms, NOW_MS);
	reading_end(&r);
}

TEST(what_is_required_is_named_when_it_is_missing)
{
	check_wrong("{\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"a\"}}", "user_id",
		    "is required");
	check_wrong("{\"user_id\":\"u\",\"content\":{\"type\":\"text\",\"text\":\"a\"}}", "channel",
		    "is required");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\"}", "content", "is required");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"text\":\"a\"}}",
		    "content.type", "is required");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\"}}",
		    "content.text", "is required");
	check_wrong(WITH("\"user_id2\":1,\"conversation_id\":7"), "conversation_id",
		    "must be a string");
}

TEST(a_body_that_is_no_object_is_refused)
{
	static const char *const bodies[] = {"[]", "1", "\"s\"", "null", "true"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		read_text(bodies[i]);
		CU_ASSERT_EQUAL(r.code, PAL_E_VALIDATION);
		CHECK_STR(r.err.subject, "body");
		reading_end(&r);
	}
}

TEST(all_wrong_fields_are_named_at_once)
{
	read_text("{\"message_id\":\"\",\"conversation_id\":1,\"session_id\":[],\"user_id\":\"  \","
		  "\"channel\":\"fax\",\"channel_metadata\":{\"thread_id\":1,\"additional_data\":[]},"
		  "\"content\":{\"type\":\"text\",\"text\":\" \\n\",\"language\":\"EN\","
		  "\"buttons\":[{\"type\":\"postback\",\"title\":\"\"}]},"
		  "\"processing_hints\":{\"bypass_automation\":1},\"timestamp\":\"now\"}");
	CU_ASSERT_EQUAL(r.code, PAL_E_VALIDATION);
	CU_ASSERT(is_wrong(&r, "message_id", "must not be empty"));
	CU_ASSERT(is_wrong(&r, "conversation_id", "must be a string"));
	CU_ASSERT(is_wrong(&r, "session_id", "must be a string"));
	CU_ASSERT(is_wrong(&r, "user_id", "must not be empty"));
	CU_ASSERT(is_wrong(&r, "channel", "is not a channel"));
	CU_ASSERT(is_wrong(&r, "channel_metadata.thread_id", "must be a string"));
	CU_ASSERT(is_wrong(&r, "channel_metadata.additional_data", "must be an object"));
	CU_ASSERT(is_wrong(&r, "content.text", "must not be blank"));
	CU_ASSERT(is_wrong(&r, "content.language", "must be two lower-case letters"));
	CU_ASSERT(is_wrong(&r, "content.buttons[0].title", "must not be empty"));
	CU_ASSERT(is_wrong(&r, "content.buttons[0].payload", "is required"));
	CU_ASSERT(is_wrong(&r, "processing_hints.bypass_automation", "must be true or false"));
	CU_ASSERT(is_wrong(&r, "timestamp", NULL));
	CU_ASSERT_EQUAL(r.errors.count, 13);
	CHECK_STR(r.err.subject, "message_id");
	reading_end(&r);
}

TEST(ids_have_one_to_255_characters)
{
	check_limit(WITH("\"message_id\":\"%s\""), "message_id", 255);
	check_limit(WITH("\"conversation_id\":\"%s\""), "conversation_id", 255);
	check_limit(WITH("\"session_id\":\"%s\""), "session_id", 255);
	check_wrong(WITH("\"session_id\":\"\""), "session_id", "must not be empty");
	check_wrong(WITH("\"conversation_id\":\"\""), "conversation_id", "must not be empty");
	check_ok(WITH("\"message_id\":null,\"conversation_id\":null,\"session_id\":null"));
}

TEST(a_user_id_is_trimmed_and_has_255_characters)
{
	char *id = times("語", 255);

	read_requestf(&r, "{\"user_id\":\"  %s\\t\",\"channel\":\"web\",\"content\":{\"type\":\"text\","
			  "\"text\":\"a\"}}", id);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	CU_ASSERT(pal_str_equal(r.request.user_id, pal_str(id)));
	reading_end(&r);
	read_requestf(&r, "{\"user_id\":\"%sx\",\"channel\":\"web\",\"content\":{\"type\":\"text\","
			  "\"text\":\"a\"}}", id);
	CU_ASSERT(is_wrong(&r, "user_id", "must have at most 255 characters, has 256"));
	reading_end(&r);
	free(id);
}

TEST(a_text_has_one_to_4096_characters_one_of_them_visible)
{
	check_limit("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"%s\"}}",
		    "content.text", 4096);
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"\"}}",
		    "content.text", "must not be empty");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\","
		    "\"content\":{\"type\":\"text\",\"text\":\" \\t\\r\\n\"}}",
		    "content.text", "must not be blank");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":3}}",
		    "content.text", "must be a string");
}

TEST(a_language_is_two_lower_case_letters)
{
	static const char *const bad[] = {"\"\"", "\"e\"", "\"eng\"", "\"En\"", "\"e1\"", "\"é\""};

	check_ok(CONTENT("\"language\":\"de\""));
	check_ok(CONTENT("\"language\":null"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_requestf(&r, CONTENT("\"language\":%s"), bad[i]);
		CU_ASSERT(is_wrong(&r, "content.language", "must be two lower-case letters"));
		reading_end(&r);
	}
}

TEST(only_known_types_on_web_are_served)
{
	check_wrong("{\"user_id\":\"u\",\"channel\":\"sms\",\"content\":{\"type\":\"text\",\"text\":\"a\"}}",
		    "channel", "sms is not enabled for this tenant");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"WEB\",\"content\":{\"type\":\"text\",\"text\":\"a\"}}",
		    "channel", "is not a channel");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"image\"}}",
		    "content.media", "is required");
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"poem\"}}",
		    "content.type", TYPES);
	check_wrong("{\"user_id\":\"u\",\"channel\":\"web\",\"content\":\"hi\"}", "content",
		    "must be an object");
}

TEST(quick_replies_are_at_most_ten_with_title_and_payload)
{
	char *ten = times("{\"title\":\"t\",\"payload\":\"\"},", 10);

	ten[strlen(ten) - 1] = '\0';
	read_requestf(&r, CONTENT("\"quick_replies\":[%s]"), ten);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	reading_end(&r);
	read_requestf(&r, CONTENT("\"quick_replies\":[%s,1]"), ten);
	CU_ASSERT(is_wrong(&r, "content.quick_replies", "must have at most 10 elements, has 11"));
	CU_ASSERT_EQUAL(r.errors.count, 1);
	reading_end(&r);
	free(ten);
	check_limit(CONTENT("\"quick_replies\":[{\"title\":\"%s\",\"payload\":\"p\"}]"),
		    "content.quick_replies[0].title", 20);
	check_limit(CONTENT("\"quick_replies\":[{\"title\":\"t\",\"payload\":\"%s\"}]"),
		    "content.quick_replies[0].payload", 1000);
	check_wrong(CONTENT("\"quick_replies\":[{\"title\":\"t\",\"payload\":\"p\"},{\"title\":\"t\"}]"),
		    "content.quick_replies[1].payload", "is required");
	check_wrong(CONTENT("\"quick_replies\":[{\"payload\":\"p\"}]"),
		    "content.quick_replies[0].title", "is required");
	check_wrong(CONTENT("\"quick_replies\":[1]"), "content.quick_replies[0]", "must be an object");
	check_wrong(CONTENT("\"quick_replies\":{}"), "content.quick_replies", "must be an array");
}

TEST(buttons_are_at_most_three_and_complete)
{
	static const char one[] = "{\"type\":\"share\",\"title\":\"t\"}";

	read_requestf(&r, CONTENT("\"buttons\":[%s,%s,%s]"), one, one, one);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	reading_end(&r);
	read_requestf(&r, CONTENT("\"buttons\":[%s,%s,%s,%s]"), one, one, one, one);
	CU_ASSERT(is_wrong(&r, "content.buttons", "must have at most 3 elements, has 4"));
	reading_end(&r);
	check_limit(CONTENT("\"buttons\":[{\"type\":\"share\",\"title\":\"%s\"}]"),
		    "content.buttons[0].title", 20);
	check_limit(CONTENT("\"buttons\":[{\"type\":\"postback\",\"title\":\"t\",\"payload\":\"%s\"}]"),
		    "content.buttons[0].payload", 1000);
	check_wrong(CONTENT("\"buttons\":[{\"type\":\"postback\",\"title\":\"t\"}]"),
		    "content.buttons[0].payload", "is required");
	check_wrong(CONTENT("\"buttons\":[{\"type\":\"url\",\"title\":\"t\"}]"),
		    "content.buttons[0].url", "is required");
	check_wrong(CONTENT("\"buttons\":[{\"type\":\"login\",\"title\":\"t\"}]"),
		    "content.buttons[0].type", "must be one of postback, url, phone, share");
	check_wrong(CONTENT("\"buttons\":[{\"title\":\"t\"}]"), "content.buttons[0].type",
		    "is required");
}

TEST(a_url_is_http_and_has_a_host)
{
	static const char *const good[] = {"http://a", "https://a.example/x?y#z", "HTTPS://A:1",
					   "http://u:p@h/", "http://[::1]/"};
	static const char *const bad[] = {"http://",	 "https://",	 "ftp://a",	"http:a",
					  "http:///x",	 "http://?x",	 "http://#x",	"http://:80",
					  "http://u@",	 "http://u@:80", "http://u@/x", "http://a b",
					  "http://a\\nb", "javascript:1", ""};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		read_requestf(&r, CONTENT("\"buttons\":[{\"type\":\"url\",\"title\":\"t\",\"url\":\"%s\"}]"),
			      good[i]);
		CU_ASSERT_EQUAL(r.code, PAL_OK);
		reading_end(&r);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_requestf(&r, CONTENT("\"buttons\":[{\"type\":\"url\",\"title\":\"t\",\"url\":\"%s\"}]"),
			      bad[i]);
		CU_ASSERT(is_wrong(&r, "content.buttons[0].url",
				   "must be an http or https URL with a host"));
		reading_end(&r);
	}
}

TEST(metadata_and_context_are_objects_of_10_kib_and_16_levels)
{
	char *fits = times("x", 10240 - strlen("{\"k\":\"\"}"));
	char *deep = times("[", 15), *shut = times("]", 15);

	read_requestf(&r, WITH("\"request_context\":{\"k\":\"%s\"}"), fits);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	reading_end(&r);
	read_requestf(&r, WITH("\"request_context\":{\"k\":\"%sx\"}"), fits);
	CU_ASSERT(is_wrong(&r, "request_context", "must have at most 10240 bytes"));
	reading_end(&r);
	read_requestf(&r, WITH("\"channel_metadata\":{\"additional_data\":{\"k\":\"%sx\"}}"), fits);
	CU_ASSERT(is_wrong(&r, "channel_metadata.additional_data", "must have at most 10240 bytes"));
	reading_end(&r);
	read_requestf(&r, WITH("\"request_context\":{\"k\":%s%s}"), deep, shut);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	reading_end(&r);
	read_requestf(&r, WITH("\"request_context\":{\"k\":[%s%s]}"), deep, shut);
	CU_ASSERT(is_wrong(&r, "request_context", "must be at most 16 deep"));
	reading_end(&r);
	free(fits);
	free(deep);
	free(shut);
	check_wrong(WITH("\"request_context\":{\"$ne\":null}"), "request_context", NULL);
	check_wrong(WITH("\"channel_metadata\":{\"additional_data\":{\"a\":[{\"b.c\":1}]}}"),
		    "channel_metadata.additional_data", NULL);
	check_limit(WITH("\"channel_metadata\":{\"platform_user_id\":\"%s\"}"),
		    "channel_metadata.platform_user_id", 255);
}

TEST(hints_are_read_and_checked)
{
	read_text(WITH("\"processing_hints\":{\"bypass_automation\":true,\"require_human_review\":true,"
		       "\"priority\":\"whatever\",\"expected_response_type\":\"image\","
		       "\"processing_timeout_ms\":1000,\"cost_limit_cents\":0,\"tags\":[\"a\"]}"));
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	CU_ASSERT(r.request.hints.bypass_automation && r.request.hints.require_human_review);
	reading_end(&r);
	check_ok(WITH("\"processing_hints\":null"));
	check_ok(WITH("\"processing_hints\":{\"processing_timeout_ms\":30000}"));
	check_wrong(WITH("\"processing_hints\":[]"), "processing_hints", "must be an object");
	check_wrong(WITH("\"processing_hints\":{\"processing_timeout_ms\":999}"),
		    "processing_hints.processing_timeout_ms", "must be within 1000..30000");
	check_wrong(WITH("\"processing_hints\":{\"processing_timeout_ms\":30001}"),
		    "processing_hints.processing_timeout_ms", "must be within 1000..30000");
	check_wrong(WITH("\"processing_hints\":{\"cost_limit_cents\":-1}"),
		    "processing_hints.cost_limit_cents", NULL);
	check_wrong(WITH("\"processing_hints\":{\"expected_response_type\":\"poem\"}"),
		    "processing_hints.expected_response_type", "is not a message type");
	check_wrong(WITH("\"processing_hints\":{\"require_human_review\":\"yes\"}"),
		    "processing_hints.require_human_review", "must be true or false");
	check_wrong(WITH("\"processing_hints\":{\"tags\":[\"a\",2]}"), "processing_hints.tags[1]",
		    "must be a string");
}

TEST(b30_the_clients_time_is_kept_however_far_off)
{
	static const long long off[] = {0, 86400000, -86400000};
	static const long long far[] = {86400001, -86400001, -NOW_MS / 2};

	for (size_t i = 0; i < 3; i++) {
		read_requestf(&r, WITH("\"timestamp\":%lld"), (long long)NOW_MS + off[i]);
		CU_ASSERT_EQUAL(r.code, PAL_OK);
		CU_ASSERT_EQUAL(r.request.timestamp_ms, NOW_MS + off[i]);
		reading_end(&r);
		read_requestf(&r, WITH("\"timestamp\":%lld"), (long long)NOW_MS + far[i]);
		CU_ASSERT_EQUAL(r.request.timestamp_ms, NOW_MS + far[i]);
		reading_end(&r);
	}
	read_text(WITH("\"timestamp\":\"2026-09-21T14:13:20+00:00\""));
	CU_ASSERT_EQUAL(r.request.timestamp_ms, NOW_MS);
	reading_end(&r);
	check_wrong(WITH("\"timestamp\":\"1900-01-01T00:00:00Z\""), "timestamp",
		    "must be in the years 1970 to 9999");
	check_wrong(WITH("\"timestamp\":9007199254740992"), "timestamp",
		    "must be in the years 1970 to 9999");
}

TEST(the_content_is_kept_in_one_spelling)
{
	read_text("{\"content\": { \"buttons\" :[ {\"url\":\"http:\\/\\/a\" , \"x\":1,\"title\":\"\\u0041\","
		  "\"type\":\"url\"}], \"text\":\"\\u00e9\\/\\t\\u001f\\\"\", \"secret\":[1,{}], "
		  "\"quick_replies\":[{\"payload\":\"p\",\"image_url\":\"http://i\",\"title\":\"t\","
		  "\"content_type\":\"text\"}],\"type\":\"te\\u0078t\",\"language\":\"fr\"},"
		  "\"channel\":\"web\",\"user_id\":\"u\"}");
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	const char *expected =
		"{\"type\":\"text\",\"text\":\"é/\\t\\u001f\\\"\",\"language\":\"fr\","
		"\"quick_replies\":[{\"title\":\"t\",\"payload\":\"p\",\"content_type\":\"text\","
		"\"image_url\":\"http://i\"}],"
		"\"buttons\":[{\"type\":\"url\",\"title\":\"A\",\"url\":\"http://a\"}]}";
	CU_ASSERT(pal_str_equal(r.request.content.raw, pal_str(expected)));
	CU_ASSERT(pal_str_equal(r.request.content.text, PAL_STR("é/\t\x1f\"")));
	reading_end(&r);
}

static bool is_same_digest(const char *a, const char *b)
{
	read_request(&r, pal_str(a));
	read_request(&other, pal_str(b));
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	CU_ASSERT_EQUAL(other.code, PAL_OK);
	bool same = memcmp(r.request.digest, other.request.digest, PAL_DIGEST_SIZE) == 0;
	reading_end(&r);
	reading_end(&other);
	return same;
}

TEST(another_spelling_has_the_same_digest)
{
	static const char *const same[] = {
		"{ \"content\" : {\"text\":\"\\u0068i\", \"type\":\"text\"}, \"channel\":\"web\", "
		"\"user_id\":\" u \" }",
		WITH("\"unknown\":{\"a\":1}"),
		WITH("\"request_context\":{\"a\":1}"),	/* of the request, not of the message */
		WITH("\"message_id\":\"m\""),
		WITH("\"timestamp\":1790000001000"),
		WITH("\"conversation_id\":null,\"session_id\":null,\"processing_hints\":null"),
		WITH("\"processing_hints\":{\"bypass_automation\":false}"),
		CONTENT("\"language\":null,\"quick_replies\":null,\"buttons\":null"),
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		CU_ASSERT(is_same_digest(HELLO, same[i]));
}

TEST(another_meaning_has_another_digest)
{
	static const char *const bodies[] = {
		HELLO,
		"{\"user_id\":\"v\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"hi\"}}",
		"{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"hi \"}}",
		"{\"user_id\":\"u\",\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":\"Hi\"}}",
		WITH("\"conversation_id\":\"c\""),
		WITH("\"session_id\":\"c\""),
		WITH("\"processing_hints\":{\"bypass_automation\":true}"),
		WITH("\"processing_hints\":{\"require_human_review\":true}"),
		CONTENT("\"language\":\"de\""),
		CONTENT("\"language\":\"en\""),
		CONTENT("\"buttons\":[{\"type\":\"share\",\"title\":\"t\"}]"),
		CONTENT("\"quick_replies\":[{\"title\":\"t\",\"payload\":\"\"}]"),
	};
	const size_t n = sizeof(bodies) / sizeof(bodies[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			CU_ASSERT(!is_same_digest(bodies[i], bodies[k]));
}

TEST(without_memory_nothing_is_the_clients_fault)
{
	reading_begin(&r, PAL_STR(CONTENT("\"language\":\"\\u0064e\"")));
	r.arena = pal_arena_of(1);
	CU_ASSERT_EQUAL(pal_send_request_read(&r.fields, NOW_MS, &rules, &r.request, &r.err),
			PAL_E_SERVICE);
	CU_ASSERT(r.err.retry_after_ms > 0);
	reading_end(&r);
}

TEST(b29_priority_is_a_word_or_a_number_and_anything_else_is_normal)
{
	static const struct {
		const char *json;
		enum pal_priority want;
	} rows[] = {
		{"\"low\"", PAL_PRIORITY_LOW},	 {"\"urgent\"", PAL_PRIORITY_URGENT},
		{"\"critical\"", PAL_PRIORITY_CRITICAL}, {"\"HIGH\"", PAL_PRIORITY_NORMAL},
		{"\"\"", PAL_PRIORITY_NORMAL},	 {"null", PAL_PRIORITY_NORMAL},
		{"1", PAL_PRIORITY_LOW},	 {"2", PAL_PRIORITY_NORMAL},
		{"3", PAL_PRIORITY_HIGH},	 {"5", PAL_PRIORITY_CRITICAL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_requestf(&r, WITH("\"processing_hints\":{\"priority\":%s}"), rows[i].json);
		CU_ASSERT_EQUAL(r.code, PAL_OK);
		CU_ASSERT_EQUAL(r.request.hints.priority, rows[i].want);
		reading_end(&r);
	}
	check_wrong(WITH("\"processing_hints\":{\"priority\":0}"), "processing_hints.priority",
		    "must be within 1..5");
	check_wrong(WITH("\"processing_hints\":{\"priority\":6}"), "processing_hints.priority",
		    "must be within 1..5");
	check_wrong(WITH("\"processing_hints\":{\"priority\":[]}"), "processing_hints.priority",
		    "must be a string");
	check_wrong(WITH("\"processing_hints\":{\"tags\":[\"\"]}"), "processing_hints.tags[0]",
		    "must have 1 to 50 characters");
	read_text(HELLO);
	CU_ASSERT_EQUAL(r.request.hints.priority, PAL_PRIORITY_NORMAL);
	CU_ASSERT_EQUAL(r.request.hints.processing_timeout_ms, 0);
	CU_ASSERT_PTR_NULL(r.request.hints.raw.p);
	CU_ASSERT_PTR_NULL(r.request.channel_metadata.p);
	reading_end(&r);
}

TEST(f42_channel_metadata_is_checked_and_kept_in_one_spelling)
{
	static const char *const ids[] = {"platform_message_id", "platform_user_id", "thread_id",
					  "workspace_id", "bot_id", "team_id"};
	char fmt[128], field[64];

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		snprintf(fmt, sizeof(fmt), WITH("\"channel_metadata\":{\"%s\":\"%%s\"}"), ids[i]);
		snprintf(field, sizeof(field), "channel_metadata.%s", ids[i]);
		check_limit(fmt, field, 255);
	}
	check_wrong(WITH("\"channel_metadata\":{\"delivery_status\":\"gone\"}"),
		    "channel_metadata.delivery_status",
		    "must be one of pending, retrying, sent, delivered, read, failed");
	check_wrong(WITH("\"channel_metadata\":{\"delivery_attempts\":-1}"),
		    "channel_metadata.delivery_attempts", NULL);
	check_wrong(WITH("\"channel_metadata\":{\"read_timestamp\":\"soon\"}"),
		    "channel_metadata.read_timestamp", NULL);
	check_wrong(WITH("\"channel_metadata\":\"x\""), "channel_metadata", "must be an object");
	read_text(WITH("\"channel_metadata\":{\"x\":1,\"delivery_attempts\":2,\"team_id\":\"T\","
		       "\"delivery_timestamp\":\"2026-09-21T16:13:20+02:00\","
		       "\"platform_user_id\":\"01A21A38-86D8-70BA-8ABA-B3315325AAF1\","
		       "\"delivery_status\":\"read\"}"));
	CU_ASSERT(pal_str_equal(
		r.request.channel_metadata,
		PAL_STR("{\"platform_user_id\":\"01a21a38-86d8-70ba-8aba-b3315325aaf1\","
			"\"team_id\":\"T\",\"delivery_status\":\"read\","
			"\"delivery_timestamp\":\"2026-09-21T14:13:20.000Z\","
			"\"delivery_attempts\":2}")));
	reading_end(&r);
}

TEST(b30_a_clock_that_is_off_is_refused_where_the_operator_says_so)
{
	static const long long off[] = {0, 86400000, -86400000};
	static const long long far[] = {86400001, -86400001};

	rules = pal_request_rules_default();
	rules.reject_skewed_timestamps = true;
	for (size_t i = 0; i < 3; i++) {
		read_requestf(&r, WITH("\"timestamp\":%lld"), (long long)NOW_MS + off[i]);
		CU_ASSERT_EQUAL(r.code, PAL_OK);
		reading_end(&r);
	}
	for (size_t i = 0; i < 2; i++) {
		read_requestf(&r, WITH("\"timestamp\":%lld"), (long long)NOW_MS + far[i]);
		CU_ASSERT(is_wrong(&r, "timestamp", "must be within 24 hours of the server's clock"));
		CU_ASSERT_EQUAL(r.errors.count, 1);
		reading_end(&r);
	}
	check_ok(HELLO);
	rules = (struct pal_request_rules){.reject_skewed_timestamps = false};
}

SUITE(send_request, CASE(b29_priority_is_a_word_or_a_number_and_anything_else_is_normal),
      CASE(f42_channel_metadata_is_checked_and_kept_in_one_spelling),
      CASE(b30_a_clock_that_is_off_is_refused_where_the_operator_says_so),
      CASE(the_smallest_request_is_taken),
      CASE(what_is_required_is_named_when_it_is_missing), CASE(a_body_that_is_no_object_is_refused),
      CASE(all_wrong_fields_are_named_at_once), CASE(ids_have_one_to_255_characters),
      CASE(a_user_id_is_trimmed_and_has_255_characters),
      CASE(a_text_has_one_to_4096_characters_one_of_them_visible),
      CASE(a_language_is_two_lower_case_letters), CASE(only_known_types_on_web_are_served),
      CASE(quick_replies_are_at_most_ten_with_title_and_payload),
      CASE(buttons_are_at_most_three_and_complete), CASE(a_url_is_http_and_has_a_host),
      CASE(metadata_and_context_are_objects_of_10_kib_and_16_levels),
      CASE(hints_are_read_and_checked), CASE(b30_the_clients_time_is_kept_however_far_off),
      CASE(the_content_is_kept_in_one_spelling), CASE(another_spelling_has_the_same_digest),
      CASE(another_meaning_has_another_digest), CASE(without_memory_nothing_is_the_clients_fault))
