/* SPDX-License-Identifier: Apache-2.0 */
/* domain.md section 1.2, type by type and limit by limit. */
#include "model/content_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "request.h"
#include "suite.h"

#define BODY(content) "{\"user_id\":\"u\",\"channel\":\"web\",\"content\":" content "}"
#define TEXT(more) BODY("{\"type\":\"text\",\"text\":\"hi\"," more "}")
#define MEDIUM "\"url\":\"https://a.example/b.jpg\",\"type\":\"image/jpeg\",\"size_bytes\":7"
#define IMAGE(more) BODY("{\"type\":\"image\",\"media\":{" MEDIUM more "}}")
#define PLACE(more) BODY("{\"type\":\"location\",\"location\":{" more "}}")
#define HERE "\"latitude\":48.1,\"longitude\":11.5"
#define ITEM(more) BODY("{\"type\":\"carousel\",\"carousel\":[{\"title\":\"t\"" more "}]}")
#define CONTACT(more) TEXT("\"contact\":{\"name\":\"Ann\"" more "}")
#define FIELD(more)                                                                                \
	TEXT("\"form_fields\":[{\"field_id\":\"f\",\"field_type\":\"text\",\"label\":\"l\"" more "}]")

static struct reading r;

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

/* Read `body`; it is right when `field` is NULL, else that field alone is wrong. */
static void check(const char *body, const char *field, const char *message)
{
	read_request(&r, pal_str(body));
	CU_ASSERT_EQUAL(r.code, field ? PAL_E_VALIDATION : PAL_OK);
	CU_ASSERT_EQUAL(r.errors.count, field ? 1 : 0);
	if (field && !is_wrong(&r, field, message)) {
		fprintf(stderr, "%s: %s %s, not %s %s\n", body, r.errors.item[0].field,
			r.errors.item[0].message, field, message ? message : "");
		CU_FAIL("another field, or in other words");
	}
	if (!field && r.errors.count)
		fprintf(stderr, "%s: %s %s\n", body, r.errors.item[0].field,
			r.errors.item[0].message);
	reading_end(&r);
}

/* `fmt` holds one %s, which takes `max` characters of any size and not one more. */
static void check_points(const char *fmt, const char *field, size_t max)
{
	static const char *const units[] = {"a", "é", "語", "😀"};
	char words[96];

	snprintf(words, sizeof(words), "must have at most %zu characters, has %zu", max, max + 1);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		char *fits = times(units[i], max), *more = times(units[i], max + 1), *body = NULL;
		if (asprintf(&body, fmt, fits) < 0)
			abort();
		check(body, NULL, NULL);
		free(body);
		if (asprintf(&body, fmt, more) < 0)
			abort();
		check(body, field, words);
		free(body);
		free(fits);
		free(more);
	}
}

/* `max` elements `one` are right, one more is not. */
static void check_count(const char *fmt, const char *one, const char *field, size_t max)
{
	char words[96], *body = NULL;
	char *unit = NULL;

	if (asprintf(&unit, "%s,", one) < 0)
		abort();
	snprintf(words, sizeof(words), "must have at most %zu elements, has %zu", max, max + 1);
	for (size_t more = 0; more < 2; more++) {
		char *list = times(unit, max + more);
		list[strlen(list) - 1] = '\0';
		if (asprintf(&body, fmt, list) < 0)
			abort();
		check(body, more ? field : NULL, words);
		free(body);
		free(list);
	}
	free(unit);
}

static void check_url(const char *fmt, const char *field)
{
	static const char *const bad[] = {"ftp://a", "https://", "javascript:1", "http://a b", ""};
	char *body = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (asprintf(&body, fmt, bad[i]) < 0)
			abort();
		check(body, field, "must be an http or https URL with a host");
		free(body);
	}
	char *path = times("x", 2048 - strlen("https://a.example/"));
	for (int more = 0; more < 2; more++) {
		char *url = NULL;
		if (asprintf(&url, "https://a.example/%s%s", path, more ? "x" : "") < 0 ||
		    asprintf(&body, fmt, url) < 0)
			abort();
		check(body, more ? field : NULL, "must have at most 2048 characters, has 2049");
		free(body);
		free(url);
	}
	free(path);
}

/* --- Media ------------------------------------------------------------------------------------- */

TEST(f42_media_types_need_a_medium_of_their_own_kind)
{
	static const struct {
		const char *type, *mime;
	} rows[] = {{"image", "image/png"}, {"audio", "audio/ogg"}, {"video", "video/mp4"},
		    {"file", "application/pdf"}};
	char *body = NULL, words[96];

	for (size_t i = 0; i < 4; i++) {
		if (asprintf(&body, BODY("{\"type\":\"%s\"}"), rows[i].type) < 0)
			abort();
		check(body, "content.media", "is required");
		free(body);
		for (size_t k = 0; k < 4; k++) {
			if (asprintf(&body,
				     BODY("{\"type\":\"%s\",\"media\":{\"url\":\"http://a\","
					  "\"type\":\"%s\",\"size_bytes\":0}}"),
				     rows[i].type, rows[k].mime) < 0)
				abort();
			snprintf(words, sizeof(words), "is sent in a message of type %s, not %s",
				 rows[k].type, rows[i].type);
			check(body, i == k ? NULL : "content.media.type", words);
			free(body);
		}
	}
}

TEST(f42_a_medium_has_url_type_and_size)
{
	check(BODY("{\"type\":\"image\",\"media\":{\"type\":\"image/png\",\"size_bytes\":1}}"),
	      "content.media.url", "is required");
	check(BODY("{\"type\":\"image\",\"media\":{\"url\":\"http://a\",\"size_bytes\":1}}"),
	      "content.media.type", "is required");
	check(BODY("{\"type\":\"image\",\"media\":{\"url\":\"http://a\",\"type\":\"image/png\"}}"),
	      "content.media.size_bytes", "is required");
	check(BODY("{\"type\":\"image\",\"media\":[]}"), "content.media", "must be an object");
	check(BODY("{\"type\":\"image\",\"media\":null}"), "content.media", "is required");
	check_url(BODY("{\"type\":\"image\",\"media\":{\"url\":\"%s\",\"type\":\"image/png\","
		       "\"size_bytes\":1}}"),
		  "content.media.url");
	check_url(IMAGE(",\"thumbnail_url\":\"%s\""), "content.media.thumbnail_url");
	check_points(IMAGE(",\"alt_text\":\"%s\""), "content.media.alt_text", 500);
	check_points(IMAGE(",\"filename\":\"%s\""), "content.media.filename", 255);
	check_points(IMAGE(",\"file_extension\":\"%s\""), "content.media.file_extension", 10);
	check(IMAGE(",\"duration_ms\":-1"), "content.media.duration_ms", NULL);
	check(IMAGE(",\"duration_ms\":0"), NULL, NULL);
	check(IMAGE(",\"dimensions\":{\"width\":1,\"height\":1000000}"), NULL, NULL);
	check(IMAGE(",\"dimensions\":{\"width\":1}"), "content.media.dimensions.height",
	      "is required");
	check(IMAGE(",\"dimensions\":{\"width\":0,\"height\":1}"), "content.media.dimensions.width",
	      "must be within 1..1000000");
}

TEST(f51_the_size_has_the_configured_limit)
{
	static const char *const sizes[] = {"0", "52428800", "52428801", "-1", "1.5", "\"1\""};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		read_requestf(&r, BODY("{\"type\":\"image\",\"media\":{\"url\":\"http://a\","
				       "\"type\":\"image/png\",\"size_bytes\":%s}}"), sizes[i]);
		CU_ASSERT_EQUAL(r.errors.count, i < 2 ? 0 : 1);
		CU_ASSERT_EQUAL(is_wrong(&r, "content.media.size_bytes", NULL), i >= 2);
		reading_end(&r);
	}
	rules = pal_request_rules_default();
	rules.content.media_size_max = 6;
	check(IMAGE(""), "content.media.size_bytes", "must be within 0..6");
	rules = (struct pal_request_rules){.reject_skewed_timestamps = false};
}

TEST(the_mime_type_is_on_the_configured_list)
{
	static const char why[] = "is not a media type that is accepted";
	static const char webm[] = BODY("{\"type\":\"video\",\"media\":{\"url\":\"http://a\","
					"\"type\":\"video/webm\",\"size_bytes\":1}}");

	check(BODY("{\"type\":\"image\",\"media\":{\"url\":\"http://a\",\"type\":\"image/svg+xml\","
		   "\"size_bytes\":1}}"), "content.media.type", why);
	check(webm, "content.media.type", why);
	rules = pal_request_rules_default();
	rules.content.media_types = pal_media_types_of(PAL_STR("video/webm"));
	check(webm, NULL, NULL);
	check(IMAGE(""), "content.media.type", why);
	rules = (struct pal_request_rules){.reject_skewed_timestamps = false};
}

TEST(a_medium_is_kept_in_one_spelling_and_decoded)
{
	read_request(&r, PAL_STR(BODY(
		"{ \"media\" : {\"filename\":\"\\u00e4.jpg\",\"secret\":1,\"size_bytes\":7,"
		"\"type\":\"JPG\",\"dimensions\":{\"height\":2,\"width\":3},\"duration_ms\":9,"
		"\"thumbnail_url\":\"http://t\",\"url\":\" https:\\/\\/a.example\\/b \"},"
		"\"text\":\"look\",\"type\":\"image\",\"language\":\"en\"}")));
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	const char *want =
		"{\"type\":\"image\",\"text\":\"look\",\"language\":\"en\",\"media\":{"
		"\"url\":\"https://a.example/b\",\"type\":\"image/jpeg\",\"size_bytes\":7,"
		"\"thumbnail_url\":\"http://t\",\"duration_ms\":9,"
		"\"dimensions\":{\"width\":3,\"height\":2},\"filename\":\"ä.jpg\"}}";
	CU_ASSERT(pal_str_equal(r.request.content.raw, pal_str(want)));
	const struct pal_media *media = r.request.content.parts->media;
	CU_ASSERT_EQUAL(media->type, PAL_MEDIA_JPEG);
	CU_ASSERT(media->width == 3 && media->height == 2 && media->duration_ms == 9);
	CU_ASSERT_PTR_NULL(media->alt_text.p);
	reading_end(&r);
}

/* --- Location ---------------------------------------------------------------------------------- */

TEST(f52_a_location_is_on_earth_and_zero_is_a_place)
{
	static const char *const good[] = {"-90", "90", "0", "0.0", "-0.0", "1e-7", "89.999999"};
	static const char *const bad[] = {"-90.000001", "90.1", "1e3"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		read_requestf(&r, PLACE("\"latitude\":%s,\"longitude\":0"), good[i]);
		CU_ASSERT_EQUAL(r.code, PAL_OK);
		CU_ASSERT_DOUBLE_EQUAL(r.request.content.parts->location->latitude, atof(good[i]),
				       0);
		reading_end(&r);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_requestf(&r, PLACE("\"latitude\":%s,\"longitude\":0"), bad[i]);
		CU_ASSERT(is_wrong(&r, "content.location.latitude", "must be within -90..90"));
		reading_end(&r);
	}
	check(PLACE("\"latitude\":0,\"longitude\":180.5"), "content.location.longitude",
	      "must be within -180..180");
	check(PLACE("\"latitude\":0,\"longitude\":\"0\""), "content.location.longitude",
	      "must be a number");
	check(PLACE("\"latitude\":0"), "content.location.longitude", "is required");
	check(BODY("{\"type\":\"location\"}"), "content.location", "is required");
}

TEST(f42_what_is_said_of_a_location_has_its_limits)
{
	check(PLACE(HERE ",\"accuracy_meters\":0"), NULL, NULL);
	check(PLACE(HERE ",\"accuracy_meters\":-1"), "content.location.accuracy_meters", NULL);
	check(PLACE(HERE ",\"accuracy_meters\":1.5"), "content.location.accuracy_meters",
	      "must be an integer");
	check_points(PLACE(HERE ",\"address\":\"%s\""), "content.location.address", 500);
	check_points(PLACE(HERE ",\"place_name\":\"%s\""), "content.location.place_name", 200);
	check_points(PLACE(HERE ",\"place_id\":\"%s\""), "content.location.place_id", 100);
	check_points(PLACE(HERE ",\"country\":\"%s\""), "content.location.country", 100);
	check_points(PLACE(HERE ",\"city\":\"%s\""), "content.location.city", 100);
	check_points(PLACE(HERE ",\"postal_code\":\"%s\""), "content.location.postal_code", 20);
	read_request(&r, PAL_STR(PLACE("\"city\":\"M\",\"longitude\":-0.50,\"latitude\":4.8e1")));
	CU_ASSERT(pal_str_equal(r.request.content.raw,
				PAL_STR("{\"type\":\"location\",\"location\":{\"latitude\":48,"
					"\"longitude\":-0.5,\"city\":\"M\"}}")));
	reading_end(&r);
}

/* --- Choices ----------------------------------------------------------------------------------- */

static void check_chosen(const char *body, const char *title, const char *payload)
{
	read_request(&r, pal_str(body));
	CU_ASSERT_EQUAL_FATAL(r.code, PAL_OK);
	const struct pal_content_parts *parts = r.request.content.parts;
	CU_ASSERT(pal_str_equal(parts->chosen_title, pal_str(title)));
	CU_ASSERT(pal_str_equal(parts->chosen_payload, pal_str(payload)));
	CU_ASSERT_EQUAL(!parts->chosen_payload.p, !payload);
	reading_end(&r);
}

TEST(f53_a_quick_reply_says_what_was_chosen)
{
#define TWO "\"quick_replies\":[{\"title\":\"Yes\",\"payload\":\"Y\"},{\"title\":\"No\",\"payload\":\"N\"}]"
	check_chosen(BODY("{\"type\":\"quick_reply\",\"quick_replies\":[{\"title\":\"Yes\","
			  "\"payload\":\"Y\"}]}"), "Yes", "Y");
	check_chosen(BODY("{\"type\":\"quick_reply\",\"text\":\"sure\",\"quick_replies\":["
			  "{\"title\":\"Yes\",\"payload\":\"Y\"}]}"), "Yes", "Y");
	check_chosen(BODY("{\"type\":\"quick_reply\",\"text\":\"No\"," TWO "}"), "No", "N");
	check_chosen(BODY("{\"type\":\"quick_reply\",\"text\":\"Yes\"," TWO "}"), "Yes", "Y");
	check_chosen(BODY("{\"type\":\"quick_reply\",\"text\":\"perhaps\"," TWO "}"), NULL, NULL);
	check_chosen(BODY("{\"type\":\"quick_reply\",\"text\":\"Yes\"}"), NULL, NULL);
	check(BODY("{\"type\":\"quick_reply\"," TWO "}"), "content.text",
	      "must be the title that was chosen of several quick_replies");
	check(BODY("{\"type\":\"quick_reply\",\"text\":\" \"}"), "content.quick_replies",
	      "must hold the reply that was chosen, or text its title");
	check(BODY("{\"type\":\"quick_reply\",\"quick_replies\":[]}"), "content.quick_replies",
	      "must hold the reply that was chosen, or text its title");
#undef TWO
}

TEST(f53_a_carousel_has_one_to_ten_items)
{
	check(BODY("{\"type\":\"carousel\"}"), "content.carousel", "must have at least one element");
	check(BODY("{\"type\":\"carousel\",\"carousel\":[]}"), "content.carousel",
	      "must have at least one element");
	check_count(BODY("{\"type\":\"carousel\",\"carousel\":[%s]}"), "{\"title\":\"t\"}",
		    "content.carousel", 10);
	check_points(BODY("{\"type\":\"carousel\",\"carousel\":[{\"title\":\"%s\"}]}"),
		     "content.carousel[0].title", 80);
	check_points(ITEM(",\"subtitle\":\"%s\""), "content.carousel[0].subtitle", 80);
	check_url(ITEM(",\"image_url\":\"%s\""), "content.carousel[0].image_url");
	check_count(ITEM(",\"buttons\":[%s]"), "{\"type\":\"share\",\"title\":\"t\"}",
		    "content.carousel[0].buttons", 3);
	check(BODY("{\"type\":\"carousel\",\"carousel\":[{\"title\":\"a\"},{\"title\":\"b\","
		   "\"buttons\":[{\"type\":\"share\",\"title\":\"t\"},{\"type\":\"url\","
		   "\"title\":\"t\"}]}]}"),
	      "content.carousel[1].buttons[1].url", "is required");
	check(ITEM(",\"default_action\":{\"$x\":1}"), "content.carousel[0].default_action", NULL);
	check(BODY("{\"type\":\"carousel\",\"carousel\":[{}]}"), "content.carousel[0].title",
	      "is required");
	read_request(&r, PAL_STR(ITEM(",\"default_action\":{ \"type\" : [ 1 , {} ] }")));
	CU_ASSERT(pal_str_equal(r.request.content.raw,
				PAL_STR("{\"type\":\"carousel\",\"carousel\":[{\"title\":\"t\","
					"\"default_action\":{\"type\":[1,{}]}}]}")));
	reading_end(&r);
}

TEST(f42_buttons_and_replies_know_their_extras)
{
	check_url(TEXT("\"quick_replies\":[{\"title\":\"t\",\"payload\":\"p\",\"image_url\":\"%s\"}]"),
		  "content.quick_replies[0].image_url");
	check(TEXT("\"buttons\":[{\"type\":\"share\",\"title\":\"t\",\"webview_height_ratio\":\"tall\"}]"),
	      NULL, NULL);
	check(TEXT("\"buttons\":[{\"type\":\"share\",\"title\":\"t\",\"webview_height_ratio\":\"x\"}]"),
	      "content.buttons[0].webview_height_ratio", "must be one of compact, tall, full");
}

/* --- Contact, form, metadata ------------------------------------------------------------------- */

TEST(f42_a_contact_has_a_name_and_well_formed_ways_to_reach_it)
{
	check(TEXT("\"contact\":{}"), "content.contact.name", "is required");
	check_points(TEXT("\"contact\":{\"name\":\"%s\"}"), "content.contact.name", 200);
	check(CONTACT(",\"phone_number\":\"+4930123456\""), NULL, NULL);
	check(CONTACT(",\"phone_number\":\"030 123456\""), "content.contact.phone_number",
	      "must be + and 2 to 15 digits, the first not 0");
	check(CONTACT(",\"email\":\"ann at b.cd\""), "content.contact.email", "must be a mail address");
	check_points(CONTACT(",\"organization\":\"%s\""), "content.contact.organization", 200);
	check_points(CONTACT(",\"formatted_address\":\"%s\""), "content.contact.formatted_address",
		     500);
	read_request(&r, PAL_STR(CONTACT(",\"email\":\"Ann@Example.ORG\"")));
	CU_ASSERT(pal_str_equal(r.request.content.raw,
				PAL_STR("{\"type\":\"text\",\"text\":\"hi\",\"contact\":{"
					"\"name\":\"Ann\",\"email\":\"ann@example.org\"}}")));
	reading_end(&r);
}

TEST(f42_form_fields_are_checked_one_by_one)
{
	check_count(TEXT("\"form_fields\":[%s]"),
		    "{\"field_id\":\"f\",\"field_type\":\"radio\",\"label\":\"l\"}",
		    "content.form_fields", 50);
	check_points(TEXT("\"form_fields\":[{\"field_id\":\"%s\",\"field_type\":\"date\",\"label\":\"l\"}]"),
		     "content.form_fields[0].field_id", 50);
	check_points(TEXT("\"form_fields\":[{\"field_id\":\"f\",\"field_type\":\"date\",\"label\":\"%s\"}]"),
		     "content.form_fields[0].label", 100);
	check_points(FIELD(",\"placeholder\":\"%s\""), "content.form_fields[0].placeholder", 100);
	check(TEXT("\"form_fields\":[{\"field_id\":\"f\",\"field_type\":\"poem\",\"label\":\"l\"}]"),
	      "content.form_fields[0].field_type",
	      "must be one of text, email, phone, number, date, select, textarea, checkbox, radio");
	check(FIELD(",\"required\":1"), "content.form_fields[0].required", "must be true or false");
	check(FIELD(",\"options\":[\"a\",\"\"]"), "content.form_fields[0].options[1]",
	      "must have 1 to 100 characters");
	check(FIELD(",\"options\":[1]"), "content.form_fields[0].options[0]", "must be a string");
	check_count(FIELD(",\"options\":[%s]"), "\"o\"", "content.form_fields[0].options", 50);
	check(FIELD(",\"min_length\":3,\"max_length\":3,\"min_value\":-1.5,\"max_value\":-1.5"), NULL,
	      NULL);
	check(FIELD(",\"min_length\":3,\"max_length\":2"), "content.form_fields[0].max_length",
	      "must not be below its minimum");
	check(FIELD(",\"min_value\":3,\"max_value\":2"), "content.form_fields[0].max_value",
	      "must not be below its minimum");
}

TEST(f42_form_data_and_metadata_are_capped_objects)
{
	char *fits = times("x", 10240 - strlen("{\"k\":\"\"}"));

	read_requestf(&r, TEXT("\"metadata\":{\"k\":\"%s\"},\"form_data\":{\"k\":\"%s\"}"), fits, fits);
	CU_ASSERT_EQUAL(r.code, PAL_OK);
	reading_end(&r);
	read_requestf(&r, TEXT("\"metadata\":{\"k\":\"%sx\"},\"form_data\":{\"k\":\"%sx\"}"), fits,
		      fits);
	CU_ASSERT(is_wrong(&r, "content.metadata", "must have at most 10240 bytes"));
	CU_ASSERT(is_wrong(&r, "content.form_data", "must have at most 10240 bytes"));
	reading_end(&r);
	free(fits);
	check(TEXT("\"metadata\":{\"a.b\":1}"), "content.metadata", NULL);
	check(TEXT("\"form_data\":[]"), "content.form_data", "must be an object");
	read_request(&r, PAL_STR(TEXT("\"metadata\" : { \"a\" : [ 1.50 , \"\\u0041\" ] }")));
	CU_ASSERT(pal_str_equal(r.request.content.raw,
				PAL_STR("{\"type\":\"text\",\"text\":\"hi\","
					"\"metadata\":{\"a\":[1.50,\"\\u0041\"]}}")));
	reading_end(&r);
}

TEST(a_caption_may_be_missing_and_has_the_limit_of_a_text)
{
	check_points(BODY("{\"type\":\"image\",\"text\":\"%s\",\"media\":{" MEDIUM "}}"),
		     "content.text", 4096);
	check(BODY("{\"type\":\"image\",\"text\":\" \",\"media\":{" MEDIUM "}}"), NULL, NULL);
	read_request(&r, PAL_STR(BODY("{\"type\":\"image\",\"text\":\"\",\"media\":{" MEDIUM "}}")));
	CU_ASSERT_PTR_NULL(r.request.content.text.p);
	CU_ASSERT_PTR_NULL(strstr(r.request.content.raw.p, "\"text\""));
	reading_end(&r);
}

TEST(types_that_are_reserved_are_refused_by_name)
{
	static const char *const types[] = {"contact", "form", "system", "typing", "read_receipt",
					    "Image", ""};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		read_requestf(&r, BODY("{\"type\":\"%s\",\"text\":\"hi\"}"), types[i]);
		CU_ASSERT_EQUAL(r.code, PAL_E_VALIDATION);
		CU_ASSERT(is_wrong(&r, "content.type", NULL));
		reading_end(&r);
	}
}

TEST(all_wrong_fields_of_a_content_are_named_at_once)
{
	read_request(&r, PAL_STR(BODY(
		"{\"type\":\"file\",\"text\":1,\"language\":\"x\",\"media\":{\"url\":\"a\","
		"\"type\":\"b\",\"size_bytes\":-1},\"location\":{\"latitude\":91},"
		"\"carousel\":[{\"title\":\"\"}],\"contact\":{\"email\":\"x\"},\"metadata\":1}")));
	CU_ASSERT(is_wrong(&r, "content.text", "must be a string"));
	CU_ASSERT(is_wrong(&r, "content.language", NULL));
	CU_ASSERT(is_wrong(&r, "content.media.url", NULL));
	CU_ASSERT(is_wrong(&r, "content.media.type", NULL));
	CU_ASSERT(is_wrong(&r, "content.media.size_bytes", NULL));
	CU_ASSERT(is_wrong(&r, "content.location.latitude", NULL));
	CU_ASSERT(is_wrong(&r, "content.location.longitude", "is required"));
	CU_ASSERT(is_wrong(&r, "content.carousel[0].title", "must not be empty"));
	CU_ASSERT(is_wrong(&r, "content.contact.name", "is required"));
	CU_ASSERT(is_wrong(&r, "content.contact.email", "must be a mail address"));
	CU_ASSERT(is_wrong(&r, "content.metadata", "must be an object"));
	CU_ASSERT_EQUAL(r.errors.count, 11);
	reading_end(&r);
}

SUITE(content, CASE(f42_media_types_need_a_medium_of_their_own_kind),
      CASE(f42_a_medium_has_url_type_and_size), CASE(f51_the_size_has_the_configured_limit),
      CASE(the_mime_type_is_on_the_configured_list),
      CASE(a_medium_is_kept_in_one_spelling_and_decoded),
      CASE(f52_a_location_is_on_earth_and_zero_is_a_place),
      CASE(f42_what_is_said_of_a_location_has_its_limits),
      CASE(f53_a_quick_reply_says_what_was_chosen), CASE(f53_a_carousel_has_one_to_ten_items),
      CASE(f42_buttons_and_replies_know_their_extras),
      CASE(f42_a_contact_has_a_name_and_well_formed_ways_to_reach_it),
      CASE(f42_form_fields_are_checked_one_by_one),
      CASE(f42_form_data_and_metadata_are_capped_objects),
      CASE(a_caption_may_be_missing_and_has_the_limit_of_a_text),
      CASE(types_that_are_reserved_are_refused_by_name),
      CASE(all_wrong_fields_of_a_content_are_named_at_once))
