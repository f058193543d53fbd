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

/* One line, and that a JSON text. */
static bool is_json_line(const char *text)
{
	static struct pal_json json;
	struct pal_json_fault fault = {0};
	size_t n = strcspn(text, "\n");

	return text[n] == '\n' && text[n + 1] == '\0' &&
	       pal_json_scan(&json, (struct pal_str){text, n}, &fault);
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

TEST(hostile_texts_stay_on_one_line_in_every_format)
{
	static const enum pal_log_format formats[] = {PAL_LOG_PLAIN, PAL_LOG_LOGFMT, PAL_LOG_JSON};
	const struct pal_str hostile =
		PAL_STR("a\nb\r\x1b[31m\0\x7f\xc2\x9b\xff\xed\xa0\x80\"\\ \xc3\xa9 =\xe2");

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct pal_log_context context = {hostile, hostile, hostile};
		start_log(PAL_LOG_INFO, formats[i]);
		pal_log_set_context(&context);
		PAL_LOG(PAL_LOG_ERROR, hostile, "first\nsecond\x1b", PAL_F_STR("text", hostile),
			PAL_F_STR("odd key\n\x1b\"=", hostile),
			PAL_F_JSON("tree", PAL_STR("{ \"a\x7f\" :\n\t\"\xc2\x9b\\n\" }")));
		pal_log_set_context(NULL);
		const unsigned char *text = (const unsigned char *)stop_log();
		size_t len = strlen((const char *)text);
		CU_ASSERT_EQUAL(len + 1, at.text.len);
		CU_ASSERT_EQUAL(strcspn((const char *)text, "\n"), len - 1);
		for (size_t k = 0; k + 1 < len; k++) {
			CU_ASSERT(text[k] >= 0x20 && text[k] != 0x7F);
			CU_ASSERT_FALSE(text[k] == 0xC2 && text[k + 1] < 0xA0);
		}
		size_t points;
		CU_ASSERT(pal_utf8_count((struct pal_str){at.text.data, len}, &points));
		CU_ASSERT_PTR_NOT_NULL(strstr((const char *)text, "\xc3\xa9"));
		if (formats[i] == PAL_LOG_JSON)
			CU_ASSERT(is_json_line(at.text.data));
		forget_log();
	}
}

TEST(secrets_never_appear)
{
	static const char *const keys[] = {
		"password", "token", "secret", "key", "credential", "authorization", "api_key",
		"private_key", "auth", "jwt", "cookie", "Set-Cookie", "X-Api-Key", "x-auth-token",
		"x-session-id", "x-csrf-token", "accessToken", "APIKey", "dbPassword",
		"credentials",
	};
	struct pal_str canary = PAL_STR("CANARY");

	start_log(PAL_LOG_DEBUG, PAL_LOG_LOGFMT);
	for (size_t i = 0; i < 2 * sizeof(keys) / sizeof(keys[0]); i++) {
		const char *key = keys[i / 2];
		char tree[256];
		pal_log_configure(PAL_LOG_DEBUG, i % 2 ? PAL_LOG_JSON : PAL_LOG_PLAIN);
		snprintf(tree, sizeof(tree),
			 "{\"a\":[{\"%s\":\"CANARY\"},[{\"b\":{\"%s\":[\"CANARY\"]}}]],"
			 "\"%s\":{\"x\":\"CANARY\"}}", key, key, key);
		PAL_LOG(PAL_LOG_INFO, PAL_STR("s"), "m", PAL_F_STR(key, canary),
			PAL_F_JSON(key, PAL_STR("\"CANARY\"")), PAL_F_JSON("tree", pal_str(tree)));
	}
	PAL_LOG(PAL_LOG_INFO, PAL_STR("s"), "m", PAL_F_SECRET("harmless"),
		PAL_F_JSON("tree", PAL_STR("{\"pass\\u0077ord\":\"CANARY\"}")),
		PAL_F_JSON("tree", PAL_STR("{\"broken\":1,\"password\":\"CANARY\"")),
		PAL_F_JSON("tree", PAL_STR("{\"password\":1,\"password\":\"CANARY\"}")));
	const char *text = stop_log();
	CU_ASSERT_PTR_NULL(strstr(text, "CANARY"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[REDACTED]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[UNREADABLE]"));
	forget_log();
}

TEST(long_texts_and_many_fields_are_cut_and_said_to_be)
{
	static char huge[20000];
	struct pal_log_field fields[60];

	memset(huge, 'x', sizeof(huge) - 1);
	for (size_t i = 0; i < 60; i++)
		fields[i] = PAL_F_I64("n", (int64_t)i);
	start_log(PAL_LOG_INFO, PAL_LOG_JSON);
	pal_log_write(PAL_LOG_INFO, pal_str(huge), huge, fields, 60);
	PAL_LOG(PAL_LOG_INFO, PAL_STR("s"), "m", PAL_F_TEXT("a", huge),
		PAL_F_JSON("b", pal_str(huge)), PAL_F_TEXT(huge, "long key"));
	pal_log_info("s", "%s", huge);
	struct pal_log_field large[20];
	for (size_t i = 0; i < 20; i++)
		large[i] = PAL_F_TEXT("t", huge);
	pal_log_write(PAL_LOG_INFO, PAL_STR("s"), "m", large, 20);
	const char *text = stop_log();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "xxx...[cut]\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"fields_left_out\":28"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"b\":\"[TOO LONG]\""));
	CU_ASSERT(at.text.len < 40000);
	size_t lines = 0;
	for (const char *p = text; *p; p = strchr(p, '\n') + 1)
		lines += strcspn(p, "\n") < 17000;
	CU_ASSERT_EQUAL(lines, 4);
	forget_log();
}

static void *log_in_thread(void *name)
{
	for (int i = 0; i < 200; i++)
		PAL_LOG(PAL_LOG_INFO, pal_str(name), "line", PAL_F_I64("i", i));
	return NULL;
}

TEST(lines_of_several_threads_arrive_whole_and_in_the_order_of_each)
{
	static char names[4][8] = {"t0", "t1", "t2", "t3"};
	pthread_t threads[4];
	int next[4] = {0}, lines = 0;
	const struct pal_log_context mine = {.request_id = PAL_STR("mine")};

	start_log(PAL_LOG_INFO, PAL_LOG_LOGFMT);
	pal_log_set_context(&mine);	/* of this thread only */
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(
			pthread_create(&threads[i], NULL, log_in_thread, names[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	pal_log_set_context(NULL);
	const char *text = stop_log();
	for (const char *p = text; *p; p = strchr(p, '\n') + 1, lines++) {
		int t = -1, i = -1;
		const char *subject = strstr(p, " subject=t");
		CU_ASSERT_EQUAL(sscanf(subject, " subject=t%d message=line i=%d\n", &t, &i), 2);
		CU_ASSERT_FATAL(t >= 0 && t < 4);
		CU_ASSERT_EQUAL(i, next[t]++);
	}
	CU_ASSERT_EQUAL(lines, 800);
	CU_ASSERT_PTR_NULL(strstr(text, "mine"));
	forget_log();
}

static void *read_all(void *fd)
{
	char block[65536];
	ssize_t n;

	while ((n = read(*(int *)fd, block, sizeof(block))) > 0)
		pal_buf_add(&at.text, block, (size_t)n);
	return NULL;
}

/* A pipe that nobody reads blocks the writer, so the queue must fill; callers must not wait. */
TEST(lines_beyond_a_full_queue_are_dropped_counted_and_reported)
{
	const struct pal_log_options options = {PAL_LOG_INFO, PAL_LOG_JSON, at.path};
	enum { LINES = 20000 };
	long long reported = 0, written = 0;
	pthread_t reader;

	CU_ASSERT_FATAL(make_dir());
	CU_ASSERT_EQUAL_FATAL(mkfifo(at.path, 0600), 0);
	int fd = open(at.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(pal_log_start(&options, NULL), PAL_OK);
	const struct pal_metric_desc lost = {.name = "palaver_log_lines_lost_total",
					     .kind = PAL_METRIC_COUNTER};
	double before = pal_metric_value(pal_metric_register(&lost));
	for (int i = 0; i < LINES; i++)
		PAL_LOG(PAL_LOG_INFO, PAL_STR("flood"), "a line of the flood that is some hundred "
			"bytes long so that the queue of one mebibyte is full before the end",
			PAL_F_I64("i", i), PAL_F_TEXT("text", "and a field to make it longer"));
	CU_ASSERT_EQUAL_FATAL(fcntl(fd, F_SETFL, 0), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&reader, NULL, read_all, &fd), 0);
	pal_log_stop();
	pthread_join(reader, NULL);
	close(fd);
	pal_buf_add_char(&at.text, '\0');
	for (const char *p = at.text.data; *p; p = strchr(p, '\n') + 1) {
		const char *drops = strstr(p, "\"dropped\":");
		if (strncmp(strstr(p, "\"subject\":"), "\"subject\":\"log\"", 15) == 0)
			reported += strtoll(drops + 10, NULL, 10);
		else
			written++;
	}
	CU_ASSERT(reported > 0);
	CU_ASSERT_EQUAL(written + reported, LINES);
	CU_ASSERT_EQUAL(pal_metric_value(pal_metric_register(&lost)) - before, (double)reported);
	forget_log();
}

TEST(reopen_goes_on_in_a_new_file)
{
	char old[128];

	start_log(PAL_LOG_INFO, PAL_LOG_PLAIN);
	pal_log_info("s", "before");
	snprintf(old, sizeof(old), "%s.1", at.path);
	CU_ASSERT_EQUAL(rename(at.path, old), 0);
	pal_log_reopen();
	pal_log_info("s", "after");
	const char *text = stop_log();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "after"));
	at.text.len--;
	read_path(old);
	CU_ASSERT_PTR_NOT_NULL(strstr(at.text.data, "before"));
	unlink(old);
	forget_log();
}

TEST(reopen_that_fails_keeps_the_old_file_and_says_so)
{
	char gone[80];

	start_log(PAL_LOG_INFO, PAL_LOG_JSON);
	snprintf(gone, sizeof(gone), "%s-gone", at.dir);
	CU_ASSERT_EQUAL(rename(at.dir, gone), 0);
	pal_log_reopen();
	pal_log_info("s", "after");
	pal_log_stop();
	CU_ASSERT_EQUAL(rename(gone, at.dir), 0);
	read_path(at.path);
	CU_ASSERT_PTR_NOT_NULL(strstr(at.text.data, "cannot open the log file again"));
	CU_ASSERT_PTR_NOT_NULL(strstr(at.text.data, "after"));
	forget_log();
}

TEST(start_refuses_a_file_it_cannot_open)
{
	const struct pal_log_options options = {PAL_LOG_INFO, PAL_LOG_JSON, "/nonexistent/dir/log"};
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_log_start(&options, &err), PAL_E_CONFIG);
	CHECK_STR(err.subject, "log.file");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "/nonexistent/dir/log"));
	pal_log_stop();	/* harmless */
}

TEST(without_the_writer_lines_go_straight_to_standard_error)
{
	int saved = dup(STDERR_FILENO);

	CU_ASSERT_FATAL(make_dir());
	int fd = open(at.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CU_ASSERT_FATAL(saved >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	pal_log_error("s", "direct %d", 1);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	read_path(at.path);
	CU_ASSERT_PTR_NOT_NULL(strstr(at.text.data, "direct 1"));
	CU_ASSERT(is_json_line(at.text.data));
	forget_log();
}

TEST(the_limit_passes_a_burst_then_says_what_it_dropped)
{
	struct pal_log_limit limit = {.burst = 2, .interval_ms = 1000};
	uint32_t dropped = 77;

	CU_ASSERT(pal_log_limit_pass_at(&limit, 5000, &dropped));
	CU_ASSERT_EQUAL(dropped, 0);
	CU_ASSERT(pal_log_limit_pass_at(&limit, 5001, &dropped));
	for (int64_t ms = 5002; ms < 5999; ms++)
		CU_ASSERT_FALSE(pal_log_limit_pass_at(&limit, ms, &dropped));
	CU_ASSERT(pal_log_limit_pass_at(&limit, 6000, &dropped));
	CU_ASSERT_EQUAL(dropped, 997);
	CU_ASSERT(pal_log_limit_pass_at(&limit, 6001, &dropped));
	CU_ASSERT_EQUAL(dropped, 0);
	CU_ASSERT_FALSE(pal_log_limit_pass_at(&limit, 6999, &dropped));
	CU_ASSERT(pal_log_limit_pass_at(&limit, 7000, &dropped));
	CU_ASSERT_EQUAL(dropped, 1);
}

SUITE(log, CASE(a_json_line_carries_time_level_subject_context_and_fields),
      CASE(lines_below_the_level_are_not_written),
      CASE(hostile_texts_stay_on_one_line_in_every_format), CASE(secrets_never_appear),
      CASE(long_texts_and_many_fields_are_cut_and_said_to_be),
      CASE(lines_of_several_threads_arrive_whole_and_in_the_order_of_each),
      CASE(lines_beyond_a_full_queue_are_dropped_counted_and_reported),
      CASE(reopen_goes_on_in_a_new_file),
      CASE(reopen_that_fails_keeps_the_old_file_and_says_so),
      CASE(start_refuses_a_file_it_cannot_open),
      CASE(without_the_writer_lines_go_straight_to_standard_error),
      CASE(the_limit_passes_a_burst_then_says_what_it_dropped))
