/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "conf/describe.h"
#include "conf/value.h"
#include "suite.h"

TEST(an_identifier_is_its_key_in_capitals)
{
	static const char *const names[] = {
#define X(id, ...) #id,
		PAL_OPTIONS(X)
#undef X
	};

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		char name[PAL_OPTION_ENV_MAX];
		pal_option_env_name(pal_option_get(o)->key, name);
		CHECK_STR(name + strlen("PALAVER_"), names[o]);
	}
}

TEST(every_row_is_well_formed)
{
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const struct pal_option_desc *desc = pal_option_get(o);
		CU_ASSERT(strlen(desc->key) < PAL_OPTION_KEY_MAX - strlen("_file"));
		CU_ASSERT(desc->min <= desc->max);
		CU_ASSERT(desc->type != PAL_OPTION_ENUM || desc->choices);
		CU_ASSERT(!desc->choices || desc->type == PAL_OPTION_ENUM ||
			  desc->type == PAL_OPTION_LIST);
		CU_ASSERT(isupper((unsigned char)desc->help[0]) || desc->help[0] == '/' ||
			  strchr(desc->help, ':') != NULL);
		CU_ASSERT_EQUAL(desc->help[strlen(desc->help) - 1], '.');
		/* A secret as a default would be known to everyone. */
		CU_ASSERT(!desc->secret || *desc->default_text == '\0');
		CU_ASSERT(strlen(pal_reload_name(desc->reload)) > 0);
	}
}

TEST(every_default_is_a_value_of_its_option)
{
	struct pal_arena arena = {0};

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const struct pal_option_desc *desc = pal_option_get(o);
		const char *texts[] = {desc->default_text, pal_option_dev_default(o)};
		for (int i = 0; i < 2 && texts[i]; i++) {
			struct pal_error err = {0};
			struct pal_value value;
			struct pal_str text = pal_str(texts[i]);
			if (desc->type == PAL_OPTION_LIST && text.n == 0)
				continue;
			enum pal_code code = desc->type == PAL_OPTION_LIST
				? pal_value_read_item(o, text, &arena, &value, &err)
				: pal_value_read(o, text, &arena, &value, &err);
			CU_ASSERT_EQUAL(code, PAL_OK);
			CHECK_STR(err.message, "");
		}
	}
	pal_arena_release(&arena);
}

TEST(keys_of_a_section_stand_together)
{
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const char *key = pal_option_get(o)->key;
		for (const char *dot = key; (dot = strchr(dot, '.')) != NULL; dot++) {
			size_t n = (size_t)(dot + 1 - key);
			bool is_gone = false;
			for (enum pal_option later = o; later < PAL_OPT_COUNT; later++) {
				bool is_in = strncmp(pal_option_get(later)->key, key, n) == 0;
				CU_ASSERT_FALSE(is_in && is_gone);
				is_gone = is_gone || !is_in;
			}
		}
	}
}

static void check_choice(enum pal_option option, int64_t index, const char *word)
{
	struct pal_str choice = pal_option_choice(pal_option_get(option), index);

	CU_ASSERT_TRUE(pal_str_equal(choice, pal_str(word)));
}

TEST(words_stand_for_the_constants_that_are_branched_on)
{
	check_choice(PAL_OPT_ENVIRONMENT, PAL_CONF_DEVELOPMENT, "development");
	check_choice(PAL_OPT_ENVIRONMENT, PAL_CONF_STAGING, "staging");
	check_choice(PAL_OPT_ENVIRONMENT, PAL_CONF_PRODUCTION, "production");
	check_choice(PAL_OPT_ENVIRONMENT, PAL_CONF_TESTING, "testing");
	check_choice(PAL_OPT_STORE_KIND, PAL_CONF_STORE_MEMORY, "memory");
	check_choice(PAL_OPT_STORE_KIND, PAL_CONF_STORE_SQLITE, "sqlite");
	check_choice(PAL_OPT_STORE_SQLITE_SYNCHRONOUS, PAL_CONF_SYNCHRONOUS_FULL, "full");
	check_choice(PAL_OPT_STORE_SQLITE_SYNCHRONOUS, PAL_CONF_SYNCHRONOUS_NORMAL, "normal");
	check_choice(PAL_OPT_AUTH_JWT_ALGORITHM, PAL_CONF_JWT_NONE, "none");
	check_choice(PAL_OPT_AUTH_JWT_ALGORITHM, PAL_CONF_JWT_HS256, "HS256");
	check_choice(PAL_OPT_PROCESS_LANGUAGE_DETECTOR, PAL_CONF_DETECTOR_AUTO, "auto");
	check_choice(PAL_OPT_PROCESS_LANGUAGE_DETECTOR, PAL_CONF_DETECTOR_CLD2, "cld2");
	check_choice(PAL_OPT_PROCESS_LANGUAGE_DETECTOR, PAL_CONF_DETECTOR_BUILTIN, "builtin");
	check_choice(PAL_OPT_LOG_LEVEL, PAL_LOG_DEBUG, "debug");
	check_choice(PAL_OPT_LOG_LEVEL, PAL_LOG_INFO, "info");
	check_choice(PAL_OPT_LOG_LEVEL, PAL_LOG_WARNING, "warning");
	check_choice(PAL_OPT_LOG_LEVEL, PAL_LOG_ERROR, "error");
	check_choice(PAL_OPT_LOG_LEVEL, PAL_LOG_CRITICAL, "critical");
	check_choice(PAL_OPT_LOG_FORMAT, PAL_LOG_AUTO, "auto");
	check_choice(PAL_OPT_LOG_FORMAT, PAL_LOG_PLAIN, "plain");
	check_choice(PAL_OPT_LOG_FORMAT, PAL_LOG_LOGFMT, "logfmt");
	check_choice(PAL_OPT_LOG_FORMAT, PAL_LOG_JSON, "json");
}

TEST(the_last_choice_is_number_max)
{
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const struct pal_option_desc *desc = pal_option_get(o);
		if (desc->type != PAL_OPTION_ENUM)
			continue;
		CU_ASSERT_EQUAL(desc->min, 0);
		CU_ASSERT_PTR_NOT_NULL(pal_option_choice(desc, desc->max).p);
		CU_ASSERT_PTR_NULL(pal_option_choice(desc, desc->max + 1).p);
	}
}

TEST(the_windows_of_a_limit_are_minute_hour_day)
{
	const int first = PAL_OPT_LIMITS_TIERS_BASIC_PER_MINUTE;

	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_TIERS_BASIC_PER_HOUR, first + 1);
	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_TIERS_BASIC_PER_DAY, first + 2);
	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_TIERS_STANDARD_PER_MINUTE, first + 3);
	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_TIERS_PREMIUM_PER_MINUTE, first + 6);
	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_TIERS_ENTERPRISE_PER_MINUTE, first + 9);
	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_API_KEY_PER_MINUTE, first + 12);
	CU_ASSERT_EQUAL(PAL_OPT_LIMITS_API_KEY_PER_DAY, first + 14);
}

TEST(a_key_is_found_exactly_and_a_secret_also_with_file)
{
	bool is_file;

	CU_ASSERT_EQUAL(pal_option_find(PAL_STR("http.listen"), &is_file), PAL_OPT_HTTP_LISTEN);
	CU_ASSERT_FALSE(is_file);
	CU_ASSERT_EQUAL(pal_option_find(PAL_STR("auth.jwt.secret_file"), &is_file),
			PAL_OPT_AUTH_JWT_SECRET);
	CU_ASSERT_TRUE(is_file);
	CU_ASSERT_EQUAL(pal_option_find(PAL_STR("http.listen_file"), &is_file), PAL_OPT_COUNT);
	CU_ASSERT_EQUAL(pal_option_find(PAL_STR("http"), &is_file), PAL_OPT_COUNT);
	CU_ASSERT_EQUAL(pal_option_find(PAL_STR("HTTP.LISTEN"), &is_file), PAL_OPT_COUNT);
	CU_ASSERT_EQUAL(pal_option_find((struct pal_str){0}, &is_file), PAL_OPT_COUNT);
}

TEST(a_section_is_a_whole_beginning_of_a_key)
{
	CU_ASSERT_TRUE(pal_option_is_section(PAL_STR("http")));
	CU_ASSERT_TRUE(pal_option_is_section(PAL_STR("limits.tiers.basic")));
	CU_ASSERT_FALSE(pal_option_is_section(PAL_STR("htt")));
	CU_ASSERT_FALSE(pal_option_is_section(PAL_STR("http.listen")));
	CU_ASSERT_FALSE(pal_option_is_section((struct pal_str){0}));
}

static void check_suggestion(const char *key, const char *want)
{
	char near[PAL_OPTION_KEY_MAX];

	CU_ASSERT_EQUAL(pal_option_suggest(pal_str(key), near), *want != '\0');
	CHECK_STR(near, want);
}

TEST(a_near_name_is_suggested_and_a_far_one_is_not)
{
	check_suggestion("http.lisen", "http.listen");
	check_suggestion("htpp", "http");
	check_suggestion("limit", "limits");
	check_suggestion("http.keep_alive_timeout", "http.keepalive_timeout");
	check_suggestion("auth.jwt.secret_fiel", "auth.jwt.secret_file");
	check_suggestion("body_max", "http.body_max");
	check_suggestion("store.synchronous", "store.sqlite.synchronous");
	check_suggestion("http.colour", "");
	check_suggestion("x", "");
	check_suggestion("", "");
	check_suggestion("a.very.long.name.that.is.longer.than.any.option.could.ever.become",
			 "");
}

static void note_enter(void *user, const char *name, unsigned depth)
{
	pal_buf_addf(user, "%u<%s ", depth, name);
}

static void note_leave(void *user, unsigned depth)
{
	pal_buf_addf(user, ">%u ", depth);
}

TEST(a_walk_opens_and_closes_each_section_once)
{
	static const struct pal_option_visitor visitor = {.enter = note_enter, .leave = note_leave};
	struct pal_buf seen = {0};

	pal_option_walk(&visitor, &seen);
	pal_buf_add_char(&seen, '\0');
	CHECK_STR(seen.data,
		  "0<http >0 0<tls >0 0<auth 1<jwt >1 >0 "
		  "0<cors >0 0<limits 1<tiers 2<basic >2 2<standard >2 2<premium >2 2<enterprise >2 >1 "
		  "1<api_key >1 >0 0<workers >0 0<conversation >0 "
		  "0<messages >0 0<media >0 0<moderation >0 0<session >0 0<audit >0 0<process >0 "
		  "0<courier >0 0<delivery >0 0<store 1<sqlite >1 >0 0<log >0 0<metrics >0 0<control >0 0<shutdown >0 ");
	pal_buf_deinit(&seen);
}

SUITE(options, CASE(an_identifier_is_its_key_in_capitals), CASE(every_row_is_well_formed),
      CASE(every_default_is_a_value_of_its_option), CASE(keys_of_a_section_stand_together),
      CASE(words_stand_for_the_constants_that_are_branched_on),
      CASE(the_last_choice_is_number_max), CASE(the_windows_of_a_limit_are_minute_hour_day),
      CASE(a_key_is_found_exactly_and_a_secret_also_with_file),
      CASE(a_section_is_a_whole_beginning_of_a_key),
      CASE(a_near_name_is_suggested_and_a_far_one_is_not),
      CASE(a_walk_opens_and_closes_each_section_once))
