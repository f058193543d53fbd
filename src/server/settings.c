/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "conf/address.h"
#include "server/parts.h"

/* Bits of the flags that `moderation.block` lists; the configuration knows their names. */
static uint32_t blocking_flags(const struct pal_conf *conf)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} flags[] = {
#define X(id, bit, name) {name, id},
		PAL_SAFETY_FLAGS(X)
#undef X
	};
	size_t listed = pal_conf_list_count(conf, PAL_OPT_MODERATION_BLOCK);
	uint32_t set = 0;

	for (size_t i = 0; i < listed; i++)
		for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++)
			if (strcmp(pal_conf_list_item(conf, PAL_OPT_MODERATION_BLOCK, i),
				   flags[k].name) == 0)
				set |= flags[k].bit;
	return set;
}

struct pal_request_rules pal_settings_request_rules(const struct pal_conf *conf)
{
	struct pal_request_rules rules = {
		.content = {.media_size_max = pal_conf_int(conf, PAL_OPT_MEDIA_SIZE_MAX)},
		.reject_skewed_timestamps =
			pal_conf_bool(conf, PAL_OPT_MESSAGES_REJECT_SKEWED_TIMESTAMPS),
		.channels = 1u << PAL_CHANNEL_WEB,
	};

	for (size_t i = 0; i < pal_conf_list_count(conf, PAL_OPT_MEDIA_TYPES); i++)
		rules.content.media_types |=
			pal_media_types_of(pal_str(pal_conf_list_item(conf, PAL_OPT_MEDIA_TYPES, i)));
	return rules;
}

struct pal_message_limits pal_settings_message_limits(const struct pal_conf *conf)
{
	int64_t batch = pal_conf_int(conf, PAL_OPT_WORKERS_BATCH);

	return (struct pal_message_limits){
		.batch_max =
			batch > PAL_UNIT_EXCHANGES_MAX ? PAL_UNIT_EXCHANGES_MAX : (uint32_t)batch,
		.strict_conversation_id = pal_conf_bool(conf, PAL_OPT_CONVERSATION_STRICT_ID),
		/* both enumerations are auto, cld2, builtin */
		.language_mode = (enum pal_language_mode)pal_conf_int(
			conf, PAL_OPT_PROCESS_LANGUAGE_DETECTOR),
		.blocking_flags = blocking_flags(conf),
		.abandon_after_ms =
			pal_conf_int(conf, PAL_OPT_CONVERSATION_IDLE_MINUTES) * 60000,
		.accept_executables = !pal_conf_bool(conf, PAL_OPT_MEDIA_BLOCK_EXECUTABLE_FILES),
	};
}

struct pal_directory_limits pal_settings_live_limits(const struct pal_conf *conf)
{
	return (struct pal_directory_limits){
		.idle_ms = (uint64_t)pal_conf_int(conf, PAL_OPT_CONVERSATION_IDLE_TIMEOUT),
		.count_max = (size_t)pal_conf_int(conf, PAL_OPT_CONVERSATION_LIVE_MAX),
		.bytes_max = (size_t)pal_conf_int(conf, PAL_OPT_CONVERSATION_MEMORY_MAX),
	};
}

struct pal_session_limits pal_settings_session_limits(const struct pal_conf *conf)
{
	return (struct pal_session_limits){
		.default_ms = pal_conf_int(conf, PAL_OPT_SESSION_DEFAULT_HOURS) *
			      PAL_SESSION_HOUR_MS,
		.max_ms = pal_conf_int(conf, PAL_OPT_SESSION_MAX_HOURS) * PAL_SESSION_HOUR_MS,
		.cleanup_interval_ms = pal_conf_int(conf, PAL_OPT_SESSION_CLEANUP_INTERVAL),
		.auto_create = pal_conf_bool(conf, PAL_OPT_SESSION_AUTO_CREATE),
	};
}

struct pal_limits_table pal_settings_limits(const struct pal_conf *conf)
{
	/* the rows of one tier stand in the order of the windows */
	static const enum pal_option first[PAL_TIER_COUNT] = {
		[PAL_TIER_BASIC] = PAL_OPT_LIMITS_TIERS_BASIC_PER_MINUTE,
		[PAL_TIER_STANDARD] = PAL_OPT_LIMITS_TIERS_STANDARD_PER_MINUTE,
		[PAL_TIER_PREMIUM] = PAL_OPT_LIMITS_TIERS_PREMIUM_PER_MINUTE,
		[PAL_TIER_ENTERPRISE] = PAL_OPT_LIMITS_TIERS_ENTERPRISE_PER_MINUTE,
		[PAL_TIER_API_KEY] = PAL_OPT_LIMITS_API_KEY_PER_MINUTE,
	};
	struct pal_limits_table table = {
		.enabled = pal_conf_bool(conf, PAL_OPT_LIMITS_ENABLED),
		/* both enumerations are sliding_window, token_bucket, fixed_window */
		.algorithm = (enum pal_limits_algorithm)pal_conf_int(conf,
								     PAL_OPT_LIMITS_ALGORITHM),
		.burst = (uint32_t)pal_conf_int(conf, PAL_OPT_LIMITS_BURST),
	};

	for (int t = 0; t < PAL_TIER_COUNT; t++)
		for (int w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++)
			table.requests[t][w] = (uint32_t)pal_conf_int(
				conf, (enum pal_option)((int)first[t] + w));
	return table;
}

void pal_settings_trust(const struct pal_conf *conf, struct pal_proxies *proxies)
{
	struct pal_network networks[PAL_PROXIES_MAX];
	size_t listed = pal_conf_list_count(conf, PAL_OPT_HTTP_TRUSTED_PROXIES), count = 0;

	for (size_t i = 0; i < listed && count < PAL_PROXIES_MAX; i++) {
		const char *text = pal_conf_list_item(conf, PAL_OPT_HTTP_TRUSTED_PROXIES, i);
		/* the configuration has checked its form */
		if (pal_network_read(pal_str(text), &networks[count], NULL) == PAL_OK)
			count++;
	}
	pal_proxies_set(proxies, networks, count);
}

void pal_settings_allow(const struct pal_conf *conf, struct pal_cors *cors)
{
	const char *origins[PAL_CORS_ORIGINS_MAX];
	size_t count = pal_conf_list_count(conf, PAL_OPT_CORS_ALLOWED_ORIGINS);

	for (size_t i = 0; i < count; i++)
		origins[i] = pal_conf_list_item(conf, PAL_OPT_CORS_ALLOWED_ORIGINS, i);
	if (!pal_cors_set(cors, origins, count,
			  pal_conf_bool(conf, PAL_OPT_CORS_ALLOW_CREDENTIALS),
			  pal_conf_int(conf, PAL_OPT_CORS_MAX_AGE) / 1000))
		pal_log_error("cors", "out of memory: the allowed origins stay as they were");
}

struct pal_log_options pal_settings_log(const struct pal_conf *conf)
{
	return (struct pal_log_options){
		.level = pal_conf_bool(conf, PAL_OPT_DEBUG)
				 ? PAL_LOG_DEBUG
				 : (enum pal_log_level)pal_conf_int(conf, PAL_OPT_LOG_LEVEL),
		.format = (enum pal_log_format)pal_conf_int(conf, PAL_OPT_LOG_FORMAT),
		.file = pal_conf_str(conf, PAL_OPT_LOG_FILE),
	};
}
