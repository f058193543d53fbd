/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tenant_profile.h"

#include <string.h>

#include "suite.h"

static struct pal_tenant_profile profile;
static struct pal_error err;

static enum pal_code set(const char *name, const char *value)
{
	return pal_tenant_profile_set(&profile, pal_str(name), pal_str(value), &err);
}

static int64_t quota(enum pal_quota which)
{
	return pal_tenant_profile_quota(&profile, which);
}

TEST(a_plan_gives_quotas_and_features)
{
	static const struct {
		const char *plan;
		int64_t messages;
		bool analytics;
	} rows[] = {{"free", 1000, false},	   {"starter", 10000, true},
		    {"professional", 100000, true}, {"enterprise", PAL_QUOTA_NONE, true},
		    {"custom", PAL_QUOTA_NONE, true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(pal_tenant_profile_read((struct pal_str){NULL, 0}, &profile, &err),
				PAL_OK);
		CU_ASSERT_EQUAL(set("plan", rows[i].plan), PAL_OK);
		CU_ASSERT_EQUAL(quota(PAL_QUOTA_MESSAGES), rows[i].messages);
		CU_ASSERT_EQUAL(!!(pal_tenant_profile_features(&profile) &
				   1u << PAL_FEATURE_ANALYTICS),
				rows[i].analytics);
		CHECK_STR(pal_plan_name(profile.plan), rows[i].plan);
	}
}

TEST(a_tenant_without_a_profile_has_no_limits)
{
	CU_ASSERT_EQUAL(pal_tenant_profile_read(PAL_STR("{}"), &profile, &err), PAL_OK);
	CU_ASSERT_EQUAL(profile.plan, PAL_PLAN_CUSTOM);
	CU_ASSERT_EQUAL(profile.retention_days, 365);
	CU_ASSERT_FALSE(profile.retention_given);
	for (int q = 0; q < PAL_QUOTA_COUNT; q++)
		CU_ASSERT_EQUAL(quota((enum pal_quota)q), PAL_QUOTA_NONE);
}

TEST(a_retention_is_given_or_left_to_what_holds_for_all)
{
	struct pal_tenant_profile again;
	struct pal_buf text = pal_buf_of(0);

	CU_ASSERT_EQUAL(pal_tenant_profile_read(PAL_STR("{}"), &profile, &err), PAL_OK);
	CU_ASSERT_EQUAL(set("retention_days", "0"), PAL_OK);	/* for ever */
	CU_ASSERT(profile.retention_given && profile.retention_days == 0);
	CU_ASSERT_EQUAL(set("retention_days", ""), PAL_OK);
	CU_ASSERT_FALSE(profile.retention_given);
	pal_tenant_profile_write(&profile, &text);
	CU_ASSERT_EQUAL(pal_tenant_profile_read(pal_buf_str(&text), &again, &err), PAL_OK);
	CU_ASSERT_FALSE(again.retention_given);
	pal_buf_deinit(&text);
}

TEST(what_differs_from_the_plan_stays_when_the_plan_changes)
{
	CU_ASSERT_EQUAL(pal_tenant_profile_read(PAL_STR("{\"plan\":\"starter\"}"), &profile, &err),
			PAL_OK);
	CU_ASSERT_EQUAL(set("quota.messages_per_month", "7"), PAL_OK);
	CU_ASSERT_EQUAL(set("feature.analytics", "off"), PAL_OK);
	CU_ASSERT_EQUAL(set("plan", "professional"), PAL_OK);
	CU_ASSERT_EQUAL(quota(PAL_QUOTA_MESSAGES), 7);
	CU_ASSERT_EQUAL(quota(PAL_QUOTA_CALLS_MINUTE), 1000);
	CU_ASSERT(!(pal_tenant_profile_features(&profile) & 1u << PAL_FEATURE_ANALYTICS));
	CU_ASSERT_EQUAL(set("quota.messages_per_month", "none"), PAL_OK);
	CU_ASSERT_EQUAL(quota(PAL_QUOTA_MESSAGES), PAL_QUOTA_NONE);
	CU_ASSERT_EQUAL(set("quota.messages_per_month", ""), PAL_OK);
	CU_ASSERT_EQUAL(quota(PAL_QUOTA_MESSAGES), 100000);
	CU_ASSERT_EQUAL(set("feature.analytics", ""), PAL_OK);
	CU_ASSERT(pal_tenant_profile_features(&profile) & 1u << PAL_FEATURE_ANALYTICS);
}

TEST(what_was_written_reads_back)
{
	struct pal_tenant_profile again;
	struct pal_buf text = pal_buf_of(0);

	CU_ASSERT_EQUAL(pal_tenant_profile_read(PAL_STR("{}"), &profile, &err), PAL_OK);
	static const char *const settings[][2] = {
		{"plan", "free"}, {"residency", "eu"}, {"compliance", "gdpr"},
		{"retention_days", "30"}, {"quota.storage_gb", "0"}, {"quota.webhooks", "none"},
		{"feature.analytics", "on"}, {"feature.export", "off"}};
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		CU_ASSERT_EQUAL(set(settings[i][0], settings[i][1]), PAL_OK);
	pal_tenant_profile_write(&profile, &text);
	CU_ASSERT_EQUAL(pal_tenant_profile_read(pal_buf_str(&text), &again, &err), PAL_OK);
	CU_ASSERT_EQUAL(again.plan, PAL_PLAN_FREE);
	CU_ASSERT_EQUAL(again.residency, PAL_RESIDENCY_EU);
	CU_ASSERT_EQUAL(again.compliance, PAL_COMPLIANCE_GDPR);
	CU_ASSERT_EQUAL(again.retention_days, 30);
	CU_ASSERT_TRUE(again.retention_given);
	CU_ASSERT_EQUAL(again.quotas_given, profile.quotas_given);
	CU_ASSERT_EQUAL(again.features_given, profile.features_given);
	for (int q = 0; q < PAL_QUOTA_COUNT; q++)
		CU_ASSERT_EQUAL(pal_tenant_profile_quota(&again, (enum pal_quota)q),
				quota((enum pal_quota)q));
	pal_buf_deinit(&text);
}

TEST(a_wrong_setting_is_named_and_changes_nothing)
{
	static const struct {
		const char *name, *value, *why;
	} rows[] = {
		{"plan", "gold", "free, starter, professional, enterprise or custom"},
		{"plan", "", "free"},
		{"residency", "mars", "us, eu"},
		{"compliance", "x", "standard"},
		{"retention_days", "36501", "36500"},
		{"retention_days", "-1", "36500"},
		{"retention_days", "3 days", "36500"},
		{"quota.messages", "1", "a quota"},
		{"quota.messages_per_month", "-1", "whole number"},
		{"quota.messages_per_month", "1000000000001", "whole number"},
		{"quota.messages_per_month", "99999999999999999999", "whole number"},
		{"feature.magic", "on", "a feature"},
		{"feature.analytics", "maybe", "on or off"},
		{"colour", "red", "plan, residency"},
		{"quota.", "1", "plan, residency"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(pal_tenant_profile_read(PAL_STR("{\"plan\":\"free\"}"), &profile,
							&err), PAL_OK);
		const struct pal_tenant_profile was = profile;
		CU_ASSERT_EQUAL(set(rows[i].name, rows[i].value), PAL_E_VALIDATION);
		CHECK_STR(err.subject, rows[i].name);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.message, rows[i].why));
		CU_ASSERT_EQUAL(quota(PAL_QUOTA_MESSAGES), 1000);
		CU_ASSERT_EQUAL(profile.plan, was.plan);
		CU_ASSERT_EQUAL(profile.features_given, was.features_given);
	}
	static const char *const texts[] = {"[]", "x", "{\"plan\":1}", "{\"quotas\":{\"x\":\"1\"}}",
					    "{\"quotas\":{\"webhooks\":1}}", "{\"plan\":\"gold\"}"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CU_ASSERT_EQUAL(pal_tenant_profile_read(pal_str(texts[i]), &profile, &err),
				PAL_E_VALIDATION);
}

SUITE(tenant_profile, CASE(a_plan_gives_quotas_and_features),
      CASE(a_tenant_without_a_profile_has_no_limits),
      CASE(a_retention_is_given_or_left_to_what_holds_for_all),
      CASE(what_differs_from_the_plan_stays_when_the_plan_changes),
      CASE(what_was_written_reads_back), CASE(a_wrong_setting_is_named_and_changes_nothing))
