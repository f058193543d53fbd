/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session_request.h"

#include <stdio.h>

#include "request.h"
#include "suite.h"

#define DAY_MS (24 * PAL_SESSION_HOUR_MS)
#define WEB "\"user_id\":\"ann\",\"channel\":\"web\""

static struct reading r;
static const struct pal_fields_at root = {.node = 0, .index = -1};

static struct pal_session_create creation(const char *text)
{
	struct pal_session_create ask;

	reading_end(&r);
	reading_begin(&r, pal_str(text));
	pal_session_create_read(&r.fields, &root, DAY_MS, &ask);
	return ask;
}

static struct pal_session_update change(const char *text)
{
	struct pal_session_update ask;

	reading_end(&r);
	reading_begin(&r, pal_str(text));
	pal_session_update_read(&r.fields, &root, &ask);
	return ask;
}

/* The time asked for in ms; 0 when it was refused. */
static int64_t extension(const char *text)
{
	struct pal_session_extend ask;

	reading_end(&r);
	reading_begin(&r, pal_str(text));
	pal_session_extend_read(&r.fields, &root, DAY_MS, &ask);
	return r.errors.count ? 0 : ask.extend_ms;
}

static bool is(struct pal_str s, const char *text)
{
	return pal_str_equal(s, pal_str(text));
}

/* --- Creating --------------------------------------------------------------------------------- */

TEST(a_creation_is_read_in_full)
{
	struct pal_session_create ask = creation(
		"{\"user_id\":\" ann \",\"channel\":\"sms\",\"conversation_id\":\"c\","
		"\"initial_context\":{\"a\":1},\"metadata\":{\"m\":[]},"
		"\"session_config\":{\"timeout_minutes\":90},\"country\":\"DE\",\"language\":\"de\","
		"\"utm_source\":\"mail\",\"unknown\":7}");

	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(is(ask.user_id, "ann") && is(ask.conversation_id, "c"));
	CU_ASSERT_EQUAL(ask.channel, PAL_CHANNEL_SMS);
	CU_ASSERT(is(ask.context, "{\"a\":1}") && is(ask.metadata, "{\"m\":[]}"));
	CU_ASSERT_EQUAL(ask.lifetime_ms, 90 * 60000);
	CU_ASSERT(is(ask.client_info,
		     "{\"country\":\"DE\",\"language\":\"de\",\"utm_source\":\"mail\"}"));
	reading_end(&r);
}

TEST(a_creation_needs_a_user_and_a_channel)
{
	struct pal_session_create ask = creation("{" WEB "}");

	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(!ask.conversation_id.p && !ask.context.p && !ask.client_info.p);
	CU_ASSERT_EQUAL(ask.lifetime_ms, 0);
	creation("{}");
	CU_ASSERT_EQUAL(r.errors.count, 2);
	CU_ASSERT(is_wrong(&r, "user_id", "is required") && is_wrong(&r, "channel", "is required"));
	reading_end(&r);
}

TEST(context_is_another_name_of_initial_context)
{
	struct pal_session_create ask = creation("{" WEB ",\"context\":{\"a\":1}}");

	CU_ASSERT(is(ask.context, "{\"a\":1}"));
	creation("{" WEB ",\"context\":{},\"initial_context\":{}}");
	CU_ASSERT(is_wrong(&r, "context", NULL));
	reading_end(&r);
}

TEST(each_wrong_field_of_a_creation_is_named)
{
	static const struct {
		const char *more, *field;
	} rows[] = {
		{"\"conversation_id\":\"\"", "conversation_id"},
		{"\"initial_context\":[]", "initial_context"},
		{"\"initial_context\":{\"$a\":1}", "initial_context"},
		{"\"metadata\":{\"a.b\":1}", "metadata"},
		{"\"session_config\":1", "session_config"},
		{"\"session_config\":{\"timeout_minutes\":0}", "session_config.timeout_minutes"},
		{"\"session_config\":{\"timeout_minutes\":1441}", "session_config.timeout_minutes"},
		{"\"session_config\":{\"timeout_minutes\":-5}", "session_config.timeout_minutes"},
		{"\"country\":\"de\"", "country"},
		{"\"country\":\"DEU\"", "country"},
		{"\"language\":\"EN\"", "language"},
		{"\"user_agent\":7", "user_agent"},
		{"\"utm_medium\":[]", "utm_medium"},
		{"\"utm_id\":\"x\"", "utm_id"},
	};
	char text[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "{" WEB ",%s}", rows[i].more);
		creation(text);
		CU_ASSERT_EQUAL(r.errors.count, 1);
		CU_ASSERT(is_wrong(&r, rows[i].field, NULL));
	}
	creation("{\"user_id\":\"  \",\"channel\":\"pigeon\"}");
	CU_ASSERT(is_wrong(&r, "user_id", NULL));
	CU_ASSERT(is_wrong(&r, "channel", "is not a channel"));
	reading_end(&r);
}

/* A text of `n` letters a as `field` of a creation. */
static bool takes(const char *field, size_t n)
{
	static char text[16384];
	size_t len = (size_t)snprintf(text, sizeof(text), "{" WEB ",\"%s\":\"", field);

	memset(text + len, 'a', n);
	snprintf(text + len + n, sizeof(text) - len - n, "\"}");
	creation(text);
	return r.errors.count == 0;
}

TEST(texts_of_a_creation_have_their_limits)
{
	static const struct {
		const char *field;
		size_t max;
	} rows[] = {{"conversation_id", 255}, {"user_agent", 500}, {"device_type", 50},
		    {"timezone", 50},	      {"referrer", 500},   {"utm_campaign", 255}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_TRUE(takes(rows[i].field, rows[i].max));
		CU_ASSERT_FALSE(takes(rows[i].field, rows[i].max + 1));
		CU_ASSERT(is_wrong(&r, rows[i].field, NULL));
	}
	reading_end(&r);
}

TEST(a_context_has_at_most_ten_kib_and_sixteen_levels)
{
	static char text[32768];
	size_t len = (size_t)snprintf(text, sizeof(text), "{" WEB ",\"context\":{\"a\":\"");

	memset(text + len, 'x', PAL_SESSION_JSON_BYTES_MAX - 8);
	snprintf(text + len + PAL_SESSION_JSON_BYTES_MAX - 8, 8, "\"}}");
	creation(text);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	memset(text + len, 'x', PAL_SESSION_JSON_BYTES_MAX - 7);
	snprintf(text + len + PAL_SESSION_JSON_BYTES_MAX - 7, 8, "\"}}");
	creation(text);
	CU_ASSERT(is_wrong(&r, "context", NULL));
	creation("{" WEB ",\"context\":{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}}");
	CU_ASSERT_EQUAL(r.errors.count, 0);
	creation("{" WEB ",\"context\":{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}}");
	CU_ASSERT(is_wrong(&r, "context", NULL));
	reading_end(&r);
}

TEST(equal_creations_have_equal_digests)
{
	struct pal_session_create a = creation("{" WEB ",\"context\":{\"a\":1}}");
	struct pal_session_create b = creation("{\"initial_context\":{\"a\":1}," WEB "}");
	struct pal_session_create c = creation("{" WEB ",\"context\":{\"a\":2}}");
	struct pal_session_create d =
		creation("{" WEB ",\"context\":{\"a\":1},\"session_config\":{\"timeout_minutes\":1}}");

	CU_ASSERT_EQUAL(memcmp(a.digest, b.digest, PAL_DIGEST_SIZE), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a.digest, c.digest, PAL_DIGEST_SIZE), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a.digest, d.digest, PAL_DIGEST_SIZE), 0);
	reading_end(&r);
}

/* --- Changing --------------------------------------------------------------------------------- */

TEST(an_update_is_read_in_full)
{
	struct pal_session_update ask = change(
		"{\"context_updates\":{\"a\":null},\"preference_updates\":{\"b\":1},"
		"\"feature_updates\":{\"c\":true,\"d\":null},\"metadata\":{},"
		"\"append_to_history\":{\"seen\":\"x\"},\"extend_ttl\":true}");

	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(is(ask.context, "{\"a\":null}") && is(ask.preferences, "{\"b\":1}"));
	CU_ASSERT(is(ask.features, "{\"c\":true,\"d\":null}") && is(ask.metadata, "{}"));
	CU_ASSERT(is(ask.appends, "{\"seen\":\"x\"}") && ask.extend);
	ask = change("{}");
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(!ask.context.p && !ask.preferences.p && !ask.features.p && !ask.extend);
	ask = change("{\"context\":{\"z\":1}}");
	CU_ASSERT(is(ask.context, "{\"z\":1}"));
	reading_end(&r);
}

TEST(each_wrong_field_of_an_update_is_named)
{
	change("{\"context_updates\":1,\"preference_updates\":[],\"feature_updates\":{\"c\":1},"
	       "\"metadata\":\"x\",\"append_to_history\":[1],\"extend_ttl\":\"yes\"}");
	CU_ASSERT_EQUAL(r.errors.count, 6);
	CU_ASSERT(is_wrong(&r, "context_updates", "must be an object"));
	CU_ASSERT(is_wrong(&r, "preference_updates", "must be an object"));
	CU_ASSERT(is_wrong(&r, "feature_updates.c", "must be true, false or null"));
	CU_ASSERT(is_wrong(&r, "metadata", "must be an object"));
	CU_ASSERT(is_wrong(&r, "append_to_history", "must be an object"));
	CU_ASSERT(is_wrong(&r, "extend_ttl", "must be true or false"));
	change("{\"context\":{},\"context_updates\":{}}");
	CU_ASSERT(is_wrong(&r, "context", NULL));
	reading_end(&r);
}

TEST(a_context_is_put_under_its_name)
{
	struct pal_session_update ask;

	reading_begin(&r, PAL_STR("{\"context\":{\"a\":1}}"));
	pal_session_context_read(&r.fields, &root, &ask);
	CU_ASSERT(r.errors.count == 0 && is(ask.context, "{\"a\":1}"));
	reading_end(&r);
	reading_begin(&r, PAL_STR("{\"a\":1}"));
	pal_session_context_read(&r.fields, &root, &ask);
	CU_ASSERT(is_wrong(&r, "context", "is required"));
	reading_end(&r);
}

TEST(b32_zero_and_negative_extensions_are_refused)
{
	CU_ASSERT_EQUAL(extension("{}"), 60 * 60000);
	CU_ASSERT_EQUAL(extension("{\"extend_minutes\":1}"), 60000);
	CU_ASSERT_EQUAL(extension("{\"extend_minutes\":1440}"), DAY_MS);
	CU_ASSERT_EQUAL(extension("{\"hours\":2}"), 2 * PAL_SESSION_HOUR_MS);
	CU_ASSERT_EQUAL(extension("{\"hours\":24}"), DAY_MS);
	CU_ASSERT_EQUAL(extension("{\"extend_minutes\":0}"), 0);
	CU_ASSERT(is_wrong(&r, "extend_minutes", "must be within 1..1440"));
	CU_ASSERT_EQUAL(extension("{\"extend_minutes\":-60}"), 0);
	CU_ASSERT_EQUAL(extension("{\"extend_minutes\":1441}"), 0);
	CU_ASSERT_EQUAL(extension("{\"extend_minutes\":1.5}"), 0);
	CU_ASSERT_EQUAL(extension("{\"hours\":0}"), 0);
	CU_ASSERT(is_wrong(&r, "hours", "must be within 1..24"));
	CU_ASSERT_EQUAL(extension("{\"hours\":-1}"), 0);
	CU_ASSERT_EQUAL(extension("{\"hours\":25}"), 0);
	CU_ASSERT_EQUAL(extension("{\"hours\":1,\"extend_minutes\":60}"), 0);
	CU_ASSERT(is_wrong(&r, "hours", NULL));
	reading_end(&r);
}

TEST(a_transfer_names_its_channel)
{
	struct pal_session_transfer ask;

	reading_begin(&r, PAL_STR("{\"target_channel\":\"slack\"}"));
	pal_session_transfer_read(&r.fields, &root, &ask);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(ask.channel == PAL_CHANNEL_SLACK && ask.preserve_context);
	reading_end(&r);
	reading_begin(&r, PAL_STR("{\"target_channel\":\"\",\"preserve_context\":0}"));
	pal_session_transfer_read(&r.fields, &root, &ask);
	CU_ASSERT(is_wrong(&r, "target_channel", NULL) && is_wrong(&r, "preserve_context", NULL));
	reading_end(&r);
}

SUITE(session_request,
      CASE(a_creation_is_read_in_full),
      CASE(a_creation_needs_a_user_and_a_channel),
      CASE(context_is_another_name_of_initial_context),
      CASE(each_wrong_field_of_a_creation_is_named),
      CASE(texts_of_a_creation_have_their_limits),
      CASE(a_context_has_at_most_ten_kib_and_sixteen_levels),
      CASE(equal_creations_have_equal_digests),
      CASE(an_update_is_read_in_full),
      CASE(each_wrong_field_of_an_update_is_named),
      CASE(a_context_is_put_under_its_name),
      CASE(b32_zero_and_negative_extensions_are_refused),
      CASE(a_transfer_names_its_channel))
