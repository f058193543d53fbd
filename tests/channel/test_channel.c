/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel.h"

#include "channel/outcome.h"
#include "suite.h"

static struct pal_channel_account account;

static void set(const char *name, const char *value)
{
	account.settings[account.setting_count++] =
		(struct pal_channel_setting){pal_str(name), pal_str(value)};
}

#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

TEST(every_kind_keeps_the_contract_and_is_found_by_its_name)
{
	size_t count = 0;

	for (const struct pal_channel_ops *ops; (ops = pal_channel_at(count)); count++) {
		CU_ASSERT_PTR_NULL(pal_channel_ops_fault(ops));
		CU_ASSERT_PTR_EQUAL(pal_channel_find(pal_str(ops->name)), ops);
		for (const struct pal_channel_setting_rule *r = ops->settings; r->name; r++)
			CU_ASSERT(r->least <= r->most && r->most <= PAL_CHANNEL_SETTINGS_MAX &&
				  r->bytes_max > 0 && r->help);
	}
	CU_ASSERT_EQUAL(count, 2);
	CU_ASSERT_PTR_NULL(pal_channel_find(PAL_STR("pigeon")));
	CU_ASSERT_PTR_NULL(pal_channel_find(PAL_STR("")));
}

TEST(a_table_that_lacks_something_is_found_out)
{
	struct pal_channel_ops ops = *pal_channel_find(PAL_STR("webhook"));

	CU_ASSERT_PTR_NULL(pal_channel_ops_fault(&ops));
	ops.format = NULL;
	CU_ASSERT_PTR_NOT_NULL(pal_channel_ops_fault(&ops));
	ops = *pal_channel_find(PAL_STR("webhook"));
	ops.verify = NULL;
	CU_ASSERT_PTR_NOT_NULL(pal_channel_ops_fault(&ops));
	ops = *pal_channel_find(PAL_STR("web"));
	ops.check_recipient = NULL;
	CHECK_STR(pal_channel_ops_fault(&ops), "check_recipient");
	ops.settings = NULL;
	CHECK_STR(pal_channel_ops_fault(&ops), "settings");
	ops.name = "";
	CHECK_STR(pal_channel_ops_fault(&ops), "name");
}

static void expect_account(const char *kind, const char *wrong)
{
	struct pal_error err = {0};
	enum pal_code code =
		pal_channel_check_account(pal_channel_find(pal_str(kind)), &account, &err);

	CU_ASSERT_EQUAL(code, wrong ? PAL_E_VALIDATION : PAL_OK);
	CHECK_STR(err.subject, wrong ? wrong : "");
	account.setting_count = 0;
}

TEST(settings_are_judged_by_the_table_of_the_kind)
{
	char longest[2100];

	account.setting_count = 0;
	expect_account("web", NULL);
	set("url", "https://x");
	expect_account("web", "settings");
	set("url", "https://x");
	set("secret", SECRET);
	expect_account("webhook", NULL);
	set("url", "https://x");
	expect_account("webhook", "secret");
	set("secret", SECRET);
	expect_account("webhook", "url");
	set("secret", SECRET);
	set("url", "");
	expect_account("webhook", "url");
	set("secret", SECRET);
	set("url", "https://x\n");
	expect_account("webhook", "url");
	set("url", "https://x");
	set("url", "https://y");
	set("secret", SECRET);
	expect_account("webhook", "url");
	memset(longest, 'x', 2049);
	longest[2049] = '\0';
	set("url", longest);
	set("secret", SECRET);
	expect_account("webhook", "url");
	static const char *const secrets[] = {
		"whsec_c2hvcnQ=",	/* too short */
		"whsec_",
		"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",	/* no padding */
		"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW-=",
		"whpk_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	};
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		set("url", "https://x");
		set("secret", SECRET);
		set("secret", secrets[i]);
		expect_account("webhook", "secret");
	}
}

static enum pal_code check_recipient(const char *kind, const char *recipient)
{
	struct pal_str got = {NULL, 0};
	enum pal_code code = pal_channel_check_recipient(
		pal_channel_find(pal_str(kind)), pal_str(recipient), NULL, &got, NULL);

	if (code == PAL_OK)
		CU_ASSERT_TRUE(pal_str_equal(got, pal_str(recipient)));
	return code;
}

TEST(recipients_are_judged_by_their_kind)
{
	char longest[257];

	memset(longest, 'x', 256);
	longest[256] = '\0';
	static const char *const kinds[] = {"web", "webhook"};
	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(check_recipient(kinds[i], "user_1"), PAL_OK);
		CU_ASSERT_EQUAL(check_recipient(kinds[i], longest + 1), PAL_OK);
		CU_ASSERT_EQUAL(check_recipient(kinds[i], longest), PAL_E_VALIDATION);
		CU_ASSERT_EQUAL(check_recipient(kinds[i], ""), PAL_E_VALIDATION);
		CU_ASSERT_EQUAL(check_recipient(kinds[i], "a\xFF" "bc"), PAL_E_VALIDATION);
	}
	CU_ASSERT_EQUAL(check_recipient("web", "ab"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(check_recipient("web", "user_"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(check_recipient("web", "session_"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(check_recipient("web", "conn_"), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(check_recipient("webhook", "a"), PAL_OK);
	CU_ASSERT_EQUAL(check_recipient("webhook", "a\r\nb"), PAL_E_VALIDATION);
}

TEST(web_sends_nothing_and_takes_receipts)
{
	static struct pal_json json;
	const struct pal_channel_ops *web = pal_channel_find(PAL_STR("web"));
	struct pal_arena arena = {0};
	struct pal_outgoing outgoing;
	struct pal_channel_events events;
	struct pal_channel_hook hook = {0};

	CU_ASSERT_EQUAL(pal_channel_format(web, &(struct pal_channel_send){0}, &arena, &outgoing,
					   NULL),
			PAL_E_CONFIG);
	CU_ASSERT_EQUAL(pal_channel_verify(web, &account, &hook), PAL_VERDICT_UNCONFIGURED);
	hook.body = PAL_STR("{\"type\":\"message.read\",\"data\":{\"message_id\":\"m\"}}");
	CU_ASSERT_EQUAL_FATAL(pal_channel_parse_hook(web, &hook, &json, &arena, &events, NULL),
			      PAL_OK);
	CU_ASSERT_EQUAL(events.events[0].kind, PAL_EVENT_READ_RECEIPT);
	hook.body = PAL_STR("{\"type\":\"message.status\",\"data\":{\"message_id\":\"m\","
			    "\"status\":\"failed\"}}");
	CU_ASSERT_EQUAL_FATAL(pal_channel_parse_hook(web, &hook, &json, &arena, &events, NULL),
			      PAL_OK);
	CU_ASSERT_EQUAL(events.events[0].kind, PAL_EVENT_FAULTY);
	CHECK_STR(events.events[0].field, "data.status");
	hook.body = PAL_STR("{\"type\":\"message.created\",\"data\":{}}");
	CU_ASSERT_EQUAL_FATAL(pal_channel_parse_hook(web, &hook, &json, &arena, &events, NULL),
			      PAL_OK);
	CU_ASSERT_EQUAL(events.events[0].kind, PAL_EVENT_IGNORED);
	pal_arena_release(&arena);
}

/* --- Outcomes --------------------------------------------------------------------------------- */

static enum pal_channel_outcome outcome(enum pal_transport transport, int status)
{
	struct pal_answer answer = {.transport = transport, .status = status};
	struct pal_channel_result result;

	pal_channel_classify(&answer, &result);
	CU_ASSERT(result.code[0] != '\0');
	return result.outcome;
}

TEST(answers_have_the_outcome_classes_of_the_specification)
{
	static const struct {
		int status;
		enum pal_channel_outcome outcome;
	} statuses[] = {{200, PAL_OUTCOME_OK},	       {204, PAL_OUTCOME_OK},
			{299, PAL_OUTCOME_OK},	       {302, PAL_OUTCOME_PERMANENT},
			{400, PAL_OUTCOME_PERMANENT},  {404, PAL_OUTCOME_PERMANENT},
			{429, PAL_OUTCOME_RATE},       {500, PAL_OUTCOME_RETRY},
			{503, PAL_OUTCOME_RETRY},      {599, PAL_OUTCOME_RETRY}};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		CU_ASSERT_EQUAL(outcome(PAL_TRANSPORT_ANSWERED, statuses[i].status),
				statuses[i].outcome);
	static const enum pal_channel_outcome expected[PAL_TRANSPORT_COUNT] = {
		[PAL_TRANSPORT_ANSWERED] = PAL_OUTCOME_UNKNOWN,	/* 1xx alone is no answer */
		[PAL_TRANSPORT_INVALID] = PAL_OUTCOME_PERMANENT,
		[PAL_TRANSPORT_REFUSED] = PAL_OUTCOME_PERMANENT,
		[PAL_TRANSPORT_BUSY] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_RESOLVE] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_CONNECT] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_TLS] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_TIMEOUT_BEFORE] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_TIMEOUT_AFTER] = PAL_OUTCOME_UNKNOWN,
		[PAL_TRANSPORT_RESET_BEFORE] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_RESET_AFTER] = PAL_OUTCOME_UNKNOWN,
		[PAL_TRANSPORT_BAD_ANSWER] = PAL_OUTCOME_UNKNOWN,
		[PAL_TRANSPORT_TOO_LARGE] = PAL_OUTCOME_UNKNOWN,
		[PAL_TRANSPORT_CANCELLED_BEFORE] = PAL_OUTCOME_RETRY,
		[PAL_TRANSPORT_CANCELLED_AFTER] = PAL_OUTCOME_UNKNOWN,
		[PAL_TRANSPORT_FAILED] = PAL_OUTCOME_RETRY,
	};
	for (enum pal_transport t = 0; t < PAL_TRANSPORT_COUNT; t++)
		CU_ASSERT_EQUAL(outcome(t, 0), expected[t]);
	/* A head that came says more than how the rest ended. */
	CU_ASSERT_EQUAL(outcome(PAL_TRANSPORT_TOO_LARGE, 200), PAL_OUTCOME_OK);
	CU_ASSERT_EQUAL(outcome(PAL_TRANSPORT_TIMEOUT_AFTER, 200), PAL_OUTCOME_OK);
	CU_ASSERT_EQUAL(outcome(PAL_TRANSPORT_RESET_AFTER, 503), PAL_OUTCOME_RETRY);
}

TEST(outcomes_and_verdicts_have_names)
{
	for (enum pal_channel_outcome o = 0; o < PAL_OUTCOME_COUNT; o++)
		CU_ASSERT_PTR_NOT_NULL(pal_channel_outcome_name(o));
	CHECK_STR(pal_channel_outcome_name(PAL_OUTCOME_UNKNOWN), "unknown");
	for (enum pal_channel_verdict v = 0; v < PAL_VERDICT_COUNT; v++)
		CU_ASSERT_PTR_NOT_NULL(pal_channel_verdict_name(v));
	CHECK_STR(pal_channel_verdict_name(PAL_VERDICT_STALE), "signature_stale");
}

SUITE(channel, CASE(every_kind_keeps_the_contract_and_is_found_by_its_name),
      CASE(a_table_that_lacks_something_is_found_out),
      CASE(settings_are_judged_by_the_table_of_the_kind), CASE(recipients_are_judged_by_their_kind),
      CASE(web_sends_nothing_and_takes_receipts),
      CASE(answers_have_the_outcome_classes_of_the_specification),
      CASE(outcomes_and_verdicts_have_names))
