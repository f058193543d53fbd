/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tenant_profile.h"

#include <stdlib.h>

#include "base/json.h"
#include "model/names.h"

#define QUOTA_MAX INT64_C(1000000000000)
#define RETENTION_DAYS_MAX 36500

#define X(id, name) [id] = name,
static const char *const plans[] = {PAL_PLANS(X)};
static const char *const quotas[] = {PAL_QUOTAS(X)};
static const char *const features[] = {PAL_FEATURES(X)};
static const char *const residencies[] = {PAL_RESIDENCIES(X)};
static const char *const levels[] = {PAL_COMPLIANCE_LEVELS(X)};
#undef X

/* domain.md section 1.4, Tenant quota defaults */
#define NONE PAL_QUOTA_NONE
static const int64_t plan_quotas[PAL_PLAN_COUNT][PAL_QUOTA_COUNT] = {
	[PAL_PLAN_FREE] = {1000, 100, 10000, 10, 5, 5, 10, 1000, 100000},
	[PAL_PLAN_STARTER] = {10000, 100, 10000, 10, 5, 5, 10, 1000, 100000},
	[PAL_PLAN_PROFESSIONAL] = {100000, 1000, 100000, 100, 50, 50, 50, 10000, 1000000},
	[PAL_PLAN_ENTERPRISE] = {NONE, NONE, NONE, NONE, NONE, NONE, 200, NONE, NONE},
	[PAL_PLAN_CUSTOM] = {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE},
};
#undef NONE

#define ALL_FEATURES ((1u << PAL_FEATURE_COUNT) - 1)
static const uint32_t plan_features[PAL_PLAN_COUNT] = {
	[PAL_PLAN_FREE] = 1u << PAL_FEATURE_EXPORT | 1u << PAL_FEATURE_API_KEYS,
	[PAL_PLAN_STARTER] = ALL_FEATURES,
	[PAL_PLAN_PROFESSIONAL] = ALL_FEATURES,
	[PAL_PLAN_ENTERPRISE] = ALL_FEATURES,
	[PAL_PLAN_CUSTOM] = ALL_FEATURES,
};

const char *pal_plan_name(enum pal_plan plan)
{
	return plans[plan];
}

const char *pal_quota_name(enum pal_quota quota)
{
	return quotas[quota];
}

const char *pal_feature_name(enum pal_feature feature)
{
	return features[feature];
}

const char *pal_residency_name(enum pal_residency residency)
{
	return residencies[residency];
}

const char *pal_compliance_name(enum pal_compliance compliance)
{
	return levels[compliance];
}

enum pal_feature pal_feature_of(struct pal_str name)
{
	return (enum pal_feature)pal_name_index(features, PAL_FEATURE_COUNT, name);
}

int64_t pal_tenant_profile_quota(const struct pal_tenant_profile *profile, enum pal_quota quota)
{
	return profile->quotas_given & 1u << quota ? profile->quota[quota]
						   : plan_quotas[profile->plan][quota];
}

uint32_t pal_tenant_profile_features(const struct pal_tenant_profile *profile)
{
	return (plan_features[profile->plan] & ~profile->features_given) |
	       (profile->features & profile->features_given);
}

/* --- Changing --------------------------------------------------------------------------------- */

static enum pal_code wrong(struct pal_str name, struct pal_error *err, const char *what)
{
	char subject[64];
	size_t n = name.n < sizeof(subject) - 1 ? name.n : sizeof(subject) - 1;

	if (n)
		memcpy(subject, name.p, n);
	subject[n] = '\0';
	return pal_fail(err, PAL_E_VALIDATION, subject, "%s must be %s", subject, what);
}

/* "free, starter or custom", into `out`. */
static const char *list_names(const char *const *names, size_t count, char *out, size_t size)
{
	struct pal_buf list = {.data = out, .cap = size - 1, .max = size - 1};

	for (size_t i = 0; i < count; i++)
		pal_buf_addf(&list, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", names[i]);
	out[list.len] = '\0';
	return out;
}

static enum pal_code set_choice(const char *const *names, size_t count, struct pal_str name,
				struct pal_str value, size_t *ret, struct pal_error *err)
{
	char list[128];
	size_t i = pal_name_index(names, count, value);

	if (i == count)
		return wrong(name, err, list_names(names, count, list, sizeof(list)));
	*ret = i;
	return PAL_OK;
}

static bool read_number(struct pal_str text, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	if (text.n == 0 || text.n > 13)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = n * 10 + (text.p[i] - '0');
	}
	*ret = n;
	return n <= max;
}

static enum pal_code set_quota(struct pal_tenant_profile *profile, struct pal_str name,
			       struct pal_str which, struct pal_str value, struct pal_error *err)
{
	size_t i = pal_name_index(quotas, PAL_QUOTA_COUNT, which);
	int64_t n = PAL_QUOTA_NONE;

	if (i == PAL_QUOTA_COUNT)
		return wrong(name, err, "a quota, such as quota.messages_per_month");
	if (value.n && !pal_str_equal(value, PAL_STR("none")) && !read_number(value, QUOTA_MAX, &n))
		return wrong(name, err, "a whole number up to 10^12, or none");
	profile->quota[i] = n;
	profile->quotas_given &= ~(1u << i);
	profile->quotas_given |= (value.n ? 1u : 0u) << i;
	return PAL_OK;
}

static enum pal_code set_feature(struct pal_tenant_profile *profile, struct pal_str name,
				 struct pal_str which, struct pal_str value, struct pal_error *err)
{
	size_t i = pal_feature_of(which);
	bool on = pal_str_equal(value, PAL_STR("on")) || pal_str_equal(value, PAL_STR("true"));
	bool off = pal_str_equal(value, PAL_STR("off")) || pal_str_equal(value, PAL_STR("false"));

	if (i == PAL_FEATURE_COUNT)
		return wrong(name, err, "a feature, such as feature.analytics");
	if (value.n && !on && !off)
		return wrong(name, err, "on or off");
	profile->features &= ~(1u << i);
	profile->features |= (on ? 1u : 0u) << i;
	profile->features_given &= ~(1u << i);
	profile->features_given |= (value.n ? 1u : 0u) << i;
	return PAL_OK;
}

/* The part of `name` behind `stem`; absent when it does not begin so. */
static struct pal_str behind(struct pal_str name, struct pal_str stem)
{
	if (name.n <= stem.n || memcmp(name.p, stem.p, stem.n) != 0)
		return (struct pal_str){NULL, 0};
	return (struct pal_str){name.p + stem.n, name.n - stem.n};
}

static enum pal_code set_retention(struct pal_tenant_profile *profile, struct pal_str name,
				   struct pal_str value, struct pal_error *err)
{
	int64_t days = PAL_RETENTION_DAYS_DEFAULT;

	if (value.n && !read_number(value, RETENTION_DAYS_MAX, &days))
		return wrong(name, err, "a number of days up to 36500");
	profile->retention_days = days;
	profile->retention_given = value.n > 0;
	return PAL_OK;
}

enum pal_code pal_tenant_profile_set(struct pal_tenant_profile *profile, struct pal_str name,
				     struct pal_str value, struct pal_error *err)
{
	struct pal_str quota = behind(name, PAL_STR("quota."));
	struct pal_str feature = behind(name, PAL_STR("feature."));
	size_t i = 0;
	enum pal_code code;

	if (quota.p)
		return set_quota(profile, name, quota, value, err);
	if (feature.p)
		return set_feature(profile, name, feature, value, err);
	if (pal_str_equal(name, PAL_STR("plan"))) {
		code = set_choice(plans, PAL_PLAN_COUNT, name, value, &i, err);
		profile->plan = code == PAL_OK ? (enum pal_plan)i : profile->plan;
		return code;
	}
	if (pal_str_equal(name, PAL_STR("residency"))) {
		code = set_choice(residencies, PAL_RESIDENCY_COUNT, name, value, &i, err);
		profile->residency = code == PAL_OK ? (enum pal_residency)i : profile->residency;
		return code;
	}
	if (pal_str_equal(name, PAL_STR("compliance"))) {
		code = set_choice(levels, PAL_COMPLIANCE_COUNT, name, value, &i, err);
		profile->compliance = code == PAL_OK ? (enum pal_compliance)i : profile->compliance;
		return code;
	}
	if (!pal_str_equal(name, PAL_STR("retention_days")))
		return wrong(name, err,
			     "plan, residency, compliance, retention_days, quota.NAME or "
			     "feature.NAME");
	return set_retention(profile, name, value, err);
}

/* --- Stored ----------------------------------------------------------------------------------- */

static void put_quotas(const struct pal_tenant_profile *profile, struct pal_buf *out)
{
	bool first = true;

	pal_buf_add_lit(out, ",\"quotas\":{");
	for (int i = 0; i < PAL_QUOTA_COUNT; i++) {
		if (!(profile->quotas_given & 1u << i))
			continue;
		pal_buf_addf(out, "%s\"%s\":", first ? "" : ",", quotas[i]);
		if (profile->quota[i] == PAL_QUOTA_NONE)
			pal_buf_add_lit(out, "\"none\"");
		else
			pal_buf_addf(out, "\"%lld\"", (long long)profile->quota[i]);
		first = false;
	}
	pal_buf_add_lit(out, "},\"features\":{");
	first = true;
	for (int i = 0; i < PAL_FEATURE_COUNT; i++) {
		if (!(profile->features_given & 1u << i))
			continue;
		pal_buf_addf(out, "%s\"%s\":\"%s\"", first ? "" : ",", features[i],
			     profile->features & 1u << i ? "on" : "off");
		first = false;
	}
	pal_buf_add_char(out, '}');
}

void pal_tenant_profile_write(const struct pal_tenant_profile *profile, struct pal_buf *out)
{
	pal_buf_addf(out,
		     "{\"plan\":\"%s\",\"residency\":\"%s\",\"compliance\":\"%s\"",
		     plans[profile->plan], residencies[profile->residency],
		     levels[profile->compliance]);
	if (profile->retention_given)
		pal_buf_addf(out, ",\"retention_days\":\"%lld\"",
			     (long long)profile->retention_days);
	put_quotas(profile, out);
	pal_buf_add_char(out, '}');
}

/* Each member is a setting of pal_tenant_profile_set, as a string; those of an object with a stem.
 */
static enum pal_code read_members(const struct pal_json *json, uint32_t object, const char *stem,
				  struct pal_tenant_profile *profile, struct pal_error *err)
{
	uint32_t at = pal_json_first(json, object);
	enum pal_code code = PAL_OK;

	for (unsigned i = 0; code == PAL_OK && i < json->node[object].count; i++) {
		const struct pal_json_node *key = &json->node[at];
		char text[64];
		struct pal_buf name = {.data = text, .cap = sizeof(text), .max = sizeof(text)};
		uint32_t value = key->next;
		pal_buf_add_str(&name, pal_str(stem));
		pal_buf_add(&name, json->text + key->at, key->len);
		if (name.failed || pal_json_type(json, value) != PAL_JSON_STRING)
			return wrong(pal_str("profile"), err, "an object of texts");
		code = pal_tenant_profile_set(
			profile, pal_buf_str(&name),
			(struct pal_str){json->text + json->node[value].at, json->node[value].len},
			err);
		at = json->node[value].next;
	}
	return code;
}

static enum pal_code read_root(const struct pal_json *json, struct pal_tenant_profile *profile,
			       struct pal_error *err)
{
	uint32_t at = pal_json_first(json, 0);
	enum pal_code code = PAL_OK;

	for (unsigned i = 0; code == PAL_OK && i < json->node[0].count; i++) {
		const struct pal_json_node *key = &json->node[at];
		struct pal_str name = {json->text + key->at, key->len};
		uint32_t value = key->next;
		bool nested = pal_json_type(json, value) == PAL_JSON_OBJECT;
		if (nested && pal_str_equal(name, PAL_STR("quotas")))
			code = read_members(json, value, "quota.", profile, err);
		else if (nested && pal_str_equal(name, PAL_STR("features")))
			code = read_members(json, value, "feature.", profile, err);
		else if (pal_json_type(json, value) == PAL_JSON_STRING)
			code = pal_tenant_profile_set(
				profile, name,
				(struct pal_str){json->text + json->node[value].at,
						 json->node[value].len},
				err);
		else
			code = wrong(name, err, "a text");
		at = json->node[value].next;
	}
	return code;
}

enum pal_code pal_tenant_profile_read(struct pal_str text, struct pal_tenant_profile *ret,
				      struct pal_error *err)
{
	struct pal_tenant_profile profile = {.plan = PAL_PLAN_CUSTOM,
					     .retention_days = PAL_RETENTION_DAYS_DEFAULT};
	struct pal_json_fault fault;

	*ret = profile;
	if (text.n == 0)
		return PAL_OK;
	struct pal_json *json = malloc(sizeof(*json));
	if (!json)
		return pal_fail_memory(err, "profile");
	enum pal_code code = PAL_OK;
	if (!pal_json_scan(json, text, &fault) || pal_json_type(json, 0) != PAL_JSON_OBJECT)
		code = wrong(PAL_STR("profile"), err, "a JSON object");
	else
		code = read_root(json, &profile, err);
	free(json);
	if (code == PAL_OK)
		*ret = profile;
	return code;
}
