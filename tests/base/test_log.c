/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/metrics.h"
#include "suite.h"

/* A log in a folder of its own, started by start_log and read by stop_log. */
static struct {
	char dir[64], path[96];
	struct pal_buf text;
} at;

static bool make_dir(void)
{
	snprintf(at.dir, sizeof(at.dir), "%s/palaver-log-XXXXXX",
		 getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 30 ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(at.dir))
		return false;
	snprintf(at.path, sizeof(at.path), "%s/log", at.dir);
	return true;
}

static void start_log(enum pal_log_level level, enum pal_log_format format)
{
	const struct pal_log_options options = {.level = level, .format = format, .file = at.path};
	struct pal_error err;

	CU_ASSERT_FATAL(make_dir());
	CU_ASSERT_EQUAL_FATAL(pal_log_start(&options, &err), PAL_OK);
}

static void read_path(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	do {
		char *to = pal_buf_reserve(&at.text, 65536);
		CU_ASSERT_PTR_NOT_NULL_FATAL(to);
		n = fread(to, 1, 65536, file);
		at.text.len += n;
	} while (n > 0);
	fclose(file);
	pal_buf_add_char(&at.text, '\0');
}

static const char *stop_log(void)
{
	pal_log_stop();
	read_path(at.path);
	return at.text.data;
}

static void forget_log(void)
{
	unlink(at.path);
	rmdir(at.dir);
	pal_buf_deinit(&at.text);
	pal_log_configure(PAL_LOG_INFO, PAL_LOG_AUTO);
}

TEST(a_json_line_carries_time_level_subject_context_and_fields)
{
	static struct pal_json json;
	struct pal_json_fault fault;
	int64_t n = 0;
	const struct pal_log_context context = {PAL_STR("req-1"), PAL_STR("acme"), PAL_STR("u1")};

	start_log(PAL_LOG_INFO, PAL_LOG_AUTO);
	pal_log_set_context(&context);
	PAL_LOG(PAL_LOG_WARNING, PAL_STR("conv-1"), "late", PAL_F_I64("took_ms", -7),
		PAL_F_TEXT("text", "a \"b\"\n"), PAL_F_JSON("tree", PAL_STR("{\"a\":[1]}")));
	pal_log_set_context(NULL);
	const char *text = stop_log();
	CU_ASSERT_FATAL(pal_json_scan(&json, pal_str(text), &fault));
	CU_ASSERT_EQUAL(strlen(text), strcspn(text, "\n") + 1);
	static const struct {
		const char *key, *raw;
	} want[] = {
		{"level", "\"warning\""},
		{"subject", "\"conv-1\""},
		{"message", "\"late\""},
		{"request_id", "\"req-1\""},
		{"tenant_id", "\"acme\""},
		{"user_id", "\"u1\""},
		{"text", "\"a \\\"b\\\"\\n\""},
		{"tree", "{\"a\":[1]}"},
	};
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		uint32_t node = pal_json_member(&json, 0, pal_str(want[i].key));
		CU_ASSERT_FATAL(node != PAL_JSON_NONE);
		CU_ASSERT(pal_str_equal(pal_json_raw(&json, node), pal_str(want[i].raw)));
	}
	CU_ASSERT(pal_json_integer(&json, pal_json_member(&json, 0, PAL_STR("took_ms")), &n));
	CU_ASSERT_EQUAL(n, -7);
	CU_ASSERT_EQUAL(json.node[pal_json_member(&json, 0, PAL_STR("time"))].len, 24);
	forget_log();
}

TEST(lines_below_the_level_are_not_written)
{
	start_log(PAL_LOG_WARNING, PAL_LOG_PLAIN);
	pal_log_info("a", "filtered");
	pal_log_warning("a", "kept %d", 1);
	pal_log_configure(PAL_LOG_DEBUG, PAL_LOG_PLAIN);
	pal_log_debug("a", "kept %d", 2);
	const char *text = stop_log();
	CU_ASSERT_PTR_NULL(strstr(text, "filtered"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "kept 1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "kept 2"));
	forget_log();
}

SUITE(log, CASE(a_json_line_carries_time_level_subject_context_and_fields),
      CASE(lines_below_the_level_are_not_written))
