/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_profile.h - what an operator lays down for a tenant: its plan, and where it differs from
 * the plan; where its data stays (domain.md section 1.4, Tenant).
 */
#ifndef PALAVER_MODEL_TENANT_PROFILE_H
#define PALAVER_MODEL_TENANT_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define PAL_QUOTA_NONE (-1)	/* no limit */
#define PAL_RETENTION_DAYS_DEFAULT 365

#define PAL_PLANS(X)                                                                               \
	X(PAL_PLAN_FREE, "free")                                                                   \
	X(PAL_PLAN_STARTER, "starter")                                                             \
	X(PAL_PLAN_PROFESSIONAL, "professional")                                                   \
	X(PAL_PLAN_ENTERPRISE, "enterprise")                                                       \
	X(PAL_PLAN_CUSTOM, "custom")

/*
 * Identifier and name. Messages, calls and integrations are enforced; of the others there is nothing
 * here to count, so they are kept for who asks.
 */
#define PAL_QUOTAS(X)                                                                              \
	X(PAL_QUOTA_MESSAGES, "messages_per_month")                                                \
	X(PAL_QUOTA_CALLS_MINUTE, "api_calls_per_minute")                                          \
	X(PAL_QUOTA_CALLS_DAY, "api_calls_per_day")                                                \
	X(PAL_QUOTA_STORAGE_GB, "storage_gb")                                                      \
	X(PAL_QUOTA_MEMBERS, "team_members")                                                       \
	X(PAL_QUOTA_INTEGRATIONS, "integrations")                                                  \
	X(PAL_QUOTA_WEBHOOKS, "webhooks")                                                          \
	X(PAL_QUOTA_WEBHOOK_CALLS, "webhook_calls_per_hour")                                       \
	X(PAL_QUOTA_TOKENS, "ai_tokens_per_month")

/* What a route may demand of the tenant. */
#define PAL_FEATURES(X)                                                                            \
	X(PAL_FEATURE_ANALYTICS, "analytics")                                                      \
	X(PAL_FEATURE_EXPORT, "export")                                                            \
	X(PAL_FEATURE_API_KEYS, "api_keys")

#define PAL_RESIDENCIES(X)                                                                         \
	X(PAL_RESIDENCY_US, "us")                                                                  \
	X(PAL_RESIDENCY_EU, "eu")                                                                  \
	X(PAL_RESIDENCY_APAC, "apac")                                                              \
	X(PAL_RESIDENCY_CANADA, "canada")                                                          \
	X(PAL_RESIDENCY_UK, "uk")

#define PAL_COMPLIANCE_LEVELS(X)                                                                   \
	X(PAL_COMPLIANCE_STANDARD, "standard")                                                     \
	X(PAL_COMPLIANCE_GDPR, "gdpr")                                                             \
	X(PAL_COMPLIANCE_HIPAA, "hipaa")                                                           \
	X(PAL_COMPLIANCE_SOX, "sox")                                                               \
	X(PAL_COMPLIANCE_ENTERPRISE, "enterprise")

#define X(id, name) id,
enum pal_plan { PAL_PLANS(X) PAL_PLAN_COUNT };
enum pal_quota { PAL_QUOTAS(X) PAL_QUOTA_COUNT };
enum pal_feature { PAL_FEATURES(X) PAL_FEATURE_COUNT };
enum pal_residency { PAL_RESIDENCIES(X) PAL_RESIDENCY_COUNT };
enum pal_compliance { PAL_COMPLIANCE_LEVELS(X) PAL_COMPLIANCE_COUNT };
#undef X

/* Bits 1 << quota and 1 << feature say what differs from the plan. */
struct pal_tenant_profile {
	enum pal_plan plan;
	enum pal_residency residency;
	enum pal_compliance compliance;
	int64_t retention_days;		/* 0: for ever */
	bool retention_given;		/* else what the operator lays down for all tenants holds */
	uint32_t quotas_given, features_given;
	int64_t quota[PAL_QUOTA_COUNT];	/* those given; PAL_QUOTA_NONE: no limit */
	uint32_t features;		/* those given */
};

/*
 * Read the stored `text`; absent and {} are a tenant without limits (plan custom). PAL_E_VALIDATION
 * naming the field, for what pal_tenant_profile_write would not write. Uses pal_json of its own on
 * the heap: PAL_E_SERVICE when out of memory. Runs on: any.
 */
enum pal_code pal_tenant_profile_read(struct pal_str text, struct pal_tenant_profile *ret,
				      struct pal_error *err) PAL_MUST_CHECK;

/* Append the JSON object to store. Runs on: any. */
void pal_tenant_profile_write(const struct pal_tenant_profile *profile, struct pal_buf *out);

/* What holds, plan and differences together. Runs on: any. */
int64_t pal_tenant_profile_quota(const struct pal_tenant_profile *profile, enum pal_quota quota);
uint32_t pal_tenant_profile_features(const struct pal_tenant_profile *profile);

/*
 * Change one setting by its name: plan, residency, compliance, retention_days, quota.NAME (a number
 * or none), feature.NAME (on, off); an empty value of the last two goes back to the plan's, one of
 * retention_days to what holds for all tenants.
 * PAL_E_VALIDATION, subject `name`. Runs on: any.
 */
enum pal_code pal_tenant_profile_set(struct pal_tenant_profile *profile, struct pal_str name,
				     struct pal_str value, struct pal_error *err) PAL_MUST_CHECK;

/* Wire names. Runs on: any. */
const char *pal_plan_name(enum pal_plan plan);
const char *pal_quota_name(enum pal_quota quota);
const char *pal_feature_name(enum pal_feature feature);
const char *pal_residency_name(enum pal_residency residency);
const char *pal_compliance_name(enum pal_compliance compliance);
/* PAL_FEATURE_COUNT when there is none such. Runs on: any. */
enum pal_feature pal_feature_of(struct pal_str name);

#endif
