/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "server/parts.h"

struct pal_message_limits pal_settings_message_limits(const struct pal_conf *conf)
{
	int64_t batch = pal_conf_int(conf, PAL_OPT_WORKERS_BATCH);

	return (struct pal_message_limits){
		.batch_max = batch > PAL_UNIT_EXCHANGES_MAX ? PAL_UNIT_EXCHANGES_MAX : (uint32_t)batch,
		.strict_conversation_id = pal_conf_bool(conf, PAL_OPT_CONVERSATION_STRICT_ID),
		/* both enumerations are auto, cld2, builtin */
		.language_mode = (enum pal_language_mode)pal_conf_int(
			conf, PAL_OPT_PROCESS_LANGUAGE_DETECTOR),
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

struct pal_log_options pal_settings_log(const struct pal_conf *conf)
{
	return (struct pal_log_options){
		.level = (enum pal_log_level)pal_conf_int(conf, PAL_OPT_LOG_LEVEL),
		.format = (enum pal_log_format)pal_conf_int(conf, PAL_OPT_LOG_FORMAT),
		.file = pal_conf_str(conf, PAL_OPT_LOG_FILE),
	};
}

enum pal_code pal_settings_jwt(const struct pal_conf *conf, struct pal_jwt **ret,
			       struct pal_error *err)
{
	*ret = NULL;
	if (pal_conf_int(conf, PAL_OPT_AUTH_JWT_ALGORITHM) == PAL_CONF_JWT_NONE)
		return PAL_OK;
	const struct pal_jwt_options options = {
		.secret = pal_str(pal_conf_str(conf, PAL_OPT_AUTH_JWT_SECRET)),
		.issuer = pal_str(pal_conf_str(conf, PAL_OPT_AUTH_JWT_ISSUER)),
		.audience = pal_str(pal_conf_str(conf, PAL_OPT_AUTH_JWT_AUDIENCE)),
		.leeway_s = pal_conf_int(conf, PAL_OPT_AUTH_JWT_LEEWAY) / 1000,
	};
	return pal_jwt_create(&options, ret, err);
}
