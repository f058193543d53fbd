/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/webhook/webhook.h"

#include <stdio.h>

#include "channel/channel.h"
#include "channel/webhook/sign.h"
#include "suite.h"

#define TS 1768471200
#define TS_TEXT "1768471200"
#define SW2_SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define SW3_SECRET "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
#define SW2_BODY                                                                                   \
	"{\"type\":\"message.created\",\"timestamp\":\"2026-01-15T10:00:00.000Z\",\"data\":{"      \
	"\"id\":\"m_1\",\"text\":\"h\xC3\xA9llo\"}}"
#define SW2 "v1,MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI="
#define SW3 "v1,43J93t0Een/L+2eGrI3bD13CARTVIQSoCXji4os1VuQ="

/* channels.md section 3.5, confirmed there by two independent verifiers. */
static const struct {
	const char *secret, *id, *timestamp, *body, *signature;
} vectors[] = {
	{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
	 "{\"test\": 2432232314}", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	{SW2_SECRET, "msg_0001", TS_TEXT, SW2_BODY, SW2},
	{SW3_SECRET, "msg_0001", TS_TEXT, SW2_BODY, SW3},
	{SW2_SECRET, "msg_empty", TS_TEXT, "", "v1,lAth90p1UNAGwh7AxWMvBiO2GlIAtT98SqcNxuyfgJE="},
};

TEST(the_vectors_sw1_to_sw4_are_signed_as_they_should)
{
	CU_ASSERT_EQUAL(strlen(SW2_BODY), 101);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct pal_webhook_key key;
		struct pal_buf out = {0};
		CU_ASSERT_TRUE_FATAL(pal_webhook_key_read(pal_str(vectors[i].secret), &key));
		pal_webhook_sign(&key, pal_str(vectors[i].id), pal_str(vectors[i].timestamp),
				 pal_str(vectors[i].body), &out);
		CU_ASSERT_TRUE(pal_str_equal(pal_buf_str(&out), pal_str(vectors[i].signature)));
		pal_buf_deinit(&out);
	}
}

TEST(a_secret_is_read_with_and_without_its_prefix)
{
	struct pal_webhook_key with, without;

	CU_ASSERT_TRUE(pal_webhook_key_read(PAL_STR(SW2_SECRET), &with));
	CU_ASSERT_TRUE(pal_webhook_key_read(pal_str(SW2_SECRET + 6), &without));
	CU_ASSERT_EQUAL(with.n, 32);
	CU_ASSERT_EQUAL(memcmp(with.bytes, "0123456789abcdef0123456789abcdef", 32), 0);
	CU_ASSERT_EQUAL(memcmp(with.bytes, without.bytes, 32), 0);
	CU_ASSERT_FALSE(pal_webhook_key_read(PAL_STR(""), &with));
	CU_ASSERT_FALSE(pal_webhook_key_read(PAL_STR("whsec_"), &with));
}

/* --- Verifying -------------------------------------------------------------------------------- */

static struct pal_channel_account account;
static struct pal_channel_hook hook;

static void set(const char *name, const char *value)
{
	account.settings[account.setting_count++] =
		(struct pal_channel_setting){pal_str(name), pal_str(value)};
}

static void header(const char *name, const char *value)
{
	hook.headers[hook.header_count++] =
		(struct pal_outgoing_header){pal_str(name), pal_str(value)};
}

/* SW2 as it would arrive under this signature header. */
static void receive(const char *signature)
{
	memset(&account, 0, sizeof(account));
	memset(&hook, 0, sizeof(hook));
	set("url", "https://example.org/");
	set("secret", SW2_SECRET);
	header("Host", "example.org");
	header("Webhook-Id", "msg_0001");
	header("webhook-timestamp", TS_TEXT);
	header("WEBHOOK-SIGNATURE", signature);
	hook.body = PAL_STR(SW2_BODY);
	hook.now_ms = TS * 1000ll;
}

static enum pal_channel_verdict verify(void)
{
	return pal_channel_verify(&pal_channel_webhook, &account, &hook);
}

TEST(a_right_signature_passes_wherever_it_stands_in_the_list)
{
	receive(SW2);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	receive("v1,AAAA v1a,xxxx " SW3 " " SW2);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	receive(SW2 " v1,junk");
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
}

TEST(either_secret_of_a_rotation_passes)
{
	receive(SW2);
	account.setting_count = 0;
	set("secret", SW3_SECRET);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_WRONG);
	set("secret", SW2_SECRET);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	account.setting_count = 0;
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_UNCONFIGURED);
}

TEST(every_signature_that_must_fail_fails)
{
	static const char *const wrong[] = {
		"v1,AAAA", "MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI=",
		"v2,MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI=",
		"V1,MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI=",
		"v1,MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI", /* no padding */
		"v1,NQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI=",
		"v1,mqubeqjncd8/02/yfbm92yh9vvfcizovpc0c8g7ipki=",
		"v1, MQUbeQJNCD8/02/yfbm92yh9VVFcIZoVpc0C8G7IPkI=",
		SW2 "x", SW2 "," SW2, SW3, " ", ",", "v1", "v1,",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		receive(wrong[i]);
		CU_ASSERT_EQUAL(verify(), PAL_VERDICT_WRONG);
	}
	char body[] = SW2_BODY;
	for (size_t i = 0; i < sizeof(body) - 1; i++) {
		receive(SW2);
		body[i] ^= 1;
		hook.body = pal_str(body);
		CU_ASSERT_EQUAL(verify(), PAL_VERDICT_WRONG);
		body[i] ^= 1;
	}
	receive(SW2);
	hook.body = PAL_STR(SW2_BODY "\n");
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_WRONG);
	receive(SW2);
	hook.headers[1].value = PAL_STR("msg_0002");
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_WRONG);
	receive(SW2);
	hook.headers[2].value = PAL_STR("1768471201");
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_WRONG);
}

TEST(a_timestamp_holds_for_five_minutes_both_ways)
{
	receive(SW2);
	hook.now_ms = (TS + 300) * 1000ll;
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	hook.now_ms = (TS + 301) * 1000ll;
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_STALE);
	hook.now_ms = (TS - 300) * 1000ll;
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	hook.now_ms = (TS - 301) * 1000ll;
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_STALE);
}

TEST(each_header_must_be_there_once_and_make_sense)
{
	for (size_t i = 1; i <= 3; i++) {
		receive(SW2);
		hook.headers[i].name = PAL_STR("X-Gone");
		CU_ASSERT_EQUAL(verify(), PAL_VERDICT_MISSING);
		receive(SW2);
		hook.headers[i].value = PAL_STR("");
		CU_ASSERT_EQUAL(verify(), PAL_VERDICT_MISSING);
		receive(SW2);
		hook.headers[hook.header_count++] = hook.headers[i];
		CU_ASSERT_EQUAL(verify(), PAL_VERDICT_REPEATED);
	}
	static const char *const stamps[] = {"now", "-1768471200", "1768471200.0", " 1768471200",
					     "1768471200000000", "0x6968b0a0"};
	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		receive(SW2);
		hook.headers[2].value = pal_str(stamps[i]);
		CU_ASSERT_EQUAL(verify(), PAL_VERDICT_MALFORMED);
	}
	receive(SW2);
	hook.headers[1].value = PAL_STR("msg_0001.1768471200");
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_MALFORMED);
	static char long_list[5000];
	memset(long_list, ' ', sizeof(long_list) - 1);
	receive(long_list);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_MALFORMED);
}

TEST(the_names_of_svix_are_taken_and_not_mixed)
{
	static const char *const names[] = {"svix-id", "Svix-Timestamp", "svix-signature"};

	receive(SW2);
	for (size_t i = 0; i < 3; i++)
		hook.headers[i + 1].name = pal_str(names[i]);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	receive(SW2);
	hook.headers[3].name = PAL_STR("svix-signature");
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_MISSING);
}

TEST(an_event_carries_the_id_of_its_webhook_to_tell_repeats)
{
	static struct pal_json json;
	struct pal_arena arena = {0};
	struct pal_channel_events events;

	receive(SW2);
	hook.body = PAL_STR("{\"type\":\"message.read\",\"data\":{\"message_id\":\"m\"}}");
	CU_ASSERT_EQUAL_FATAL(pal_channel_parse_hook(&pal_channel_webhook, &hook, &json, &arena,
						     &events, NULL),
			      PAL_OK);
	CU_ASSERT_TRUE(pal_str_equal(events.events[0].dedupe_key, PAL_STR("msg_0001")));
	pal_arena_release(&arena);
}

/* --- Sending ---------------------------------------------------------------------------------- */

static struct pal_message message;
static struct pal_channel_send send;

static void prepare(void)
{
	receive(SW2);	/* for the account */
	set("secret", SW3_SECRET);
	message = (struct pal_message){.message_id = PAL_STR("m-2"),
				       .sequence = 2,
				       .direction = PAL_OUTBOUND,
				       .timestamp_ms = TS * 1000ll,
				       .content = {.raw = PAL_STR("{\"type\":\"text\",\"text\":\"\\\"hi\"}")}};
	send = (struct pal_channel_send){.account = &account,
					 .delivery_id = PAL_STR("m-2"),
					 .tenant_id = PAL_STR("demo"),
					 .conversation_id = PAL_STR("c1"),
					 .channel = PAL_STR("webhook"),
					 .recipient = PAL_STR("u\"1"),
					 .reply_to = PAL_STR("m-1"),
					 .message = &message,
					 .content = message.content.raw,
					 .now_ms = (TS + 7) * 1000ll + 999};
}

TEST(a_message_becomes_a_signed_post)
{
	struct pal_arena arena = {0};
	struct pal_outgoing out;

	prepare();
	CU_ASSERT_EQUAL_FATAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &out, NULL),
			      PAL_OK);
	CU_ASSERT_EQUAL(out.method, PAL_OUTGOING_POST);
	CU_ASSERT_TRUE(pal_str_equal(out.url, PAL_STR("https://example.org/")));
	CHECK_STR(out.body.p,
		  "{\"type\":\"message.created\",\"timestamp\":\"2026-01-15T10:00:00.000Z\",\"data\":{"
		  "\"id\":\"m-2\",\"tenant_id\":\"demo\",\"channel\":\"webhook\","
		  "\"conversation_id\":\"c1\",\"sequence\":2,\"direction\":\"outbound\","
		  "\"recipient\":\"u\\\"1\",\"content\":{\"type\":\"text\",\"text\":\"\\\"hi\"},"
		  "\"reply_to\":\"m-1\",\"created_at\":\"2026-01-15T10:00:00.000Z\"}}");
	CU_ASSERT_EQUAL_FATAL(out.header_count, 4);
	CHECK_STR(out.headers[1].value.p, "msg_m-2");
	CHECK_STR(out.headers[2].value.p, "1768471207");
	/* Whoever has one of the two secrets can verify it. */
	memset(&hook, 0, sizeof(hook));
	memcpy(hook.headers, out.headers, sizeof(out.headers));
	hook.header_count = out.header_count;
	hook.body = out.body;
	hook.now_ms = send.now_ms;
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	account.setting_count = 0;
	set("secret", SW3_SECRET);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	account.setting_count = 0;
	set("secret", SW2_SECRET);
	CU_ASSERT_EQUAL(verify(), PAL_VERDICT_OK);
	pal_arena_release(&arena);
}

TEST(a_part_says_which_of_how_many_it_is)
{
	struct pal_arena arena = {0};
	struct pal_outgoing out;

	prepare();
	send.delivery_id = PAL_STR("m-2_2");
	send.part = 2;
	send.parts = 3;
	send.content = PAL_STR("{\"type\":\"text\",\"text\":\"b\"}");
	CU_ASSERT_EQUAL_FATAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &out, NULL),
			      PAL_OK);
	CHECK_STR(out.headers[1].value.p, "msg_m-2_2");
	CU_ASSERT_PTR_NOT_NULL(strstr(out.body.p, "\"id\":\"m-2\","));
	CU_ASSERT_PTR_NOT_NULL(strstr(out.body.p, "\"part\":2,\"parts\":3,\"content\":"
						  "{\"type\":\"text\",\"text\":\"b\"}"));
	pal_arena_release(&arena);
}

TEST(each_attempt_has_the_same_id_and_body_and_its_own_time)
{
	struct pal_arena arena = {0};
	struct pal_outgoing first, second;

	prepare();
	CU_ASSERT_EQUAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &first, NULL),
			PAL_OK);
	send.now_ms += 5000;
	CU_ASSERT_EQUAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &second, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(pal_str_equal(first.headers[1].value, second.headers[1].value));
	CU_ASSERT_TRUE(pal_str_equal(first.body, second.body));
	CU_ASSERT_FALSE(pal_str_equal(first.headers[2].value, second.headers[2].value));
	CU_ASSERT_FALSE(pal_str_equal(first.headers[3].value, second.headers[3].value));
	pal_arena_release(&arena);
}

TEST(what_cannot_be_sent_is_refused)
{
	struct pal_arena arena = {0}, none = pal_arena_of(1);
	struct pal_outgoing out;
	struct pal_error err;

	prepare();
	CU_ASSERT_EQUAL(pal_channel_format(&pal_channel_webhook, &send, &none, &out, &err),
			PAL_E_SERVICE);
	send.delivery_id = PAL_STR("a.b");
	CU_ASSERT_EQUAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &out, &err),
			PAL_E_VALIDATION);
	send.delivery_id = PAL_STR("a");
	account.setting_count = 1;	/* the URL alone */
	CU_ASSERT_EQUAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &out, &err),
			PAL_E_CONFIG);
	CHECK_STR(err.subject, "secret");
	account.setting_count = 0;
	CU_ASSERT_EQUAL(pal_channel_format(&pal_channel_webhook, &send, &arena, &out, &err),
			PAL_E_CONFIG);
	CHECK_STR(err.subject, "url");
	pal_arena_release(&none);
	pal_arena_release(&arena);
}

static struct pal_channel_result classify(int status)
{
	struct pal_answer answer = {.transport = PAL_TRANSPORT_ANSWERED, .status = status,
				    .retry_after = "7"};
	struct pal_channel_result result;

	pal_channel_webhook.classify(&answer, &result);
	return result;
}

TEST(any_2xx_is_success_and_all_but_410_is_tried_again)
{
	CU_ASSERT_EQUAL(classify(200).outcome, PAL_OUTCOME_OK);
	CU_ASSERT_EQUAL(classify(202).outcome, PAL_OUTCOME_OK);
	CU_ASSERT_EQUAL(classify(302).outcome, PAL_OUTCOME_RETRY);
	CU_ASSERT_EQUAL(classify(400).outcome, PAL_OUTCOME_RETRY);
	CU_ASSERT_EQUAL(classify(404).outcome, PAL_OUTCOME_RETRY);
	CU_ASSERT_EQUAL(classify(500).outcome, PAL_OUTCOME_RETRY);
	CU_ASSERT_EQUAL(classify(410).outcome, PAL_OUTCOME_PERMANENT);
	CU_ASSERT_TRUE(classify(410).disable);
	CU_ASSERT_FALSE(classify(404).disable);
	CU_ASSERT_EQUAL(classify(429).outcome, PAL_OUTCOME_RATE);
	CU_ASSERT_EQUAL(classify(429).retry_after.n, 1);
	CU_ASSERT_TRUE(classify(429).slow_down && classify(502).slow_down && classify(504).slow_down);
	CU_ASSERT_FALSE(classify(500).slow_down || classify(200).slow_down);
	CHECK_STR(classify(503).code, "http_503");
	struct pal_answer refused = {.transport = PAL_TRANSPORT_REFUSED,
				     .refused_by = "address_loopback"};
	struct pal_channel_result result;
	pal_channel_webhook.classify(&refused, &result);
	CU_ASSERT_EQUAL(result.outcome, PAL_OUTCOME_PERMANENT);
	CHECK_STR(result.code, "address_loopback");
}

TEST(the_receivers_own_id_is_taken_where_it_says_one)
{
	static const struct {
		int status;
		const char *body, *id;
	} cases[] = {
		{200, "{\"status\":\"ok\",\"message_id\":\"wamid.HBg=\"}", "wamid.HBg="},
		{202, "{\"message_id\":\"\u00e9\"}", "\u00e9"},
		{200, "", ""},
		{200, "ok", ""},
		{200, "[{\"message_id\":\"a\"}]", ""},
		{200, "\"message_id\"", ""},
		{200, "{\"message_id\":\"\"}", ""},
		{200, "{\"message_id\":7}", ""},
		{200, "{\"message_id\":{\"message_id\":\"a\"}}", ""},
		{200, "{\"message_id\":\"a\\nb\"}", ""},
		{200, "{\"message_id\":\"a\"", ""},
		{200, "{\"message_id\":\"a\",\"message_id\":\"b\"}", ""},
		{500, "{\"message_id\":\"a\"}", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pal_answer answer = {.transport = PAL_TRANSPORT_ANSWERED,
					    .status = cases[i].status};
		struct pal_channel_result result;
		char id[64];
		pal_buf_add_str(&answer.body, pal_str(cases[i].body));
		pal_channel_webhook.classify(&answer, &result);
		snprintf(id, sizeof(id), "%.*s", (int)result.platform_id.n,
			 result.platform_id.n ? result.platform_id.p : "");
		CHECK_STR(id, cases[i].id);
		pal_buf_deinit(&answer.body);
	}
}

TEST(a_receivers_id_that_is_too_long_is_none)
{
	for (size_t n = 256; n <= 257; n++) {
		struct pal_answer answer = {.transport = PAL_TRANSPORT_ANSWERED, .status = 200};
		struct pal_channel_result result;
		pal_buf_add_lit(&answer.body, "{\"message_id\":\"");
		for (size_t i = 0; i < n; i++)
			pal_buf_add_char(&answer.body, 'x');
		pal_buf_add_lit(&answer.body, "\"}");
		pal_channel_webhook.classify(&answer, &result);
		CU_ASSERT_EQUAL(result.platform_id.n, n == 256 ? 256 : 0);
		pal_buf_deinit(&answer.body);
	}
}

SUITE(webhook, CASE(the_vectors_sw1_to_sw4_are_signed_as_they_should),
      CASE(a_secret_is_read_with_and_without_its_prefix),
      CASE(a_right_signature_passes_wherever_it_stands_in_the_list),
      CASE(either_secret_of_a_rotation_passes), CASE(every_signature_that_must_fail_fails),
      CASE(a_timestamp_holds_for_five_minutes_both_ways),
      CASE(each_header_must_be_there_once_and_make_sense),
      CASE(the_names_of_svix_are_taken_and_not_mixed),
      CASE(an_event_carries_the_id_of_its_webhook_to_tell_repeats),
      CASE(a_message_becomes_a_signed_post), CASE(a_part_says_which_of_how_many_it_is),
      CASE(each_attempt_has_the_same_id_and_body_and_its_own_time),
      CASE(what_cannot_be_sent_is_refused), CASE(any_2xx_is_success_and_all_but_410_is_tried_again),
      CASE(the_receivers_own_id_is_taken_where_it_says_one),
      CASE(a_receivers_id_that_is_too_long_is_none))
