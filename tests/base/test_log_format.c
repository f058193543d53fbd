/* SPDX-License-Identifier: Apache-2.0 */
/* The exact look of lines, and where which look is chosen. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log_line.h"
#include "suite.h"

static const struct pal_log_field fields[] = {
	{.key = "n", .kind = PAL_FIELD_I64, .i = -5},
	{.key = "bare", .kind = PAL_FIELD_STR, .s = {"a/b:c", 5}},
	{.key = "text", .kind = PAL_FIELD_STR, .s = {"two words", 9}},
	{.key = "empty", .kind = PAL_FIELD_STR, .s = {"", 0}},
	{.key = "sign", .kind = PAL_FIELD_STR, .s = {"a=b", 3}},
	{.key = "tree", .kind = PAL_FIELD_JSON, .s = {"[1, \"x\"]", 8}},
	{.key = "token", .kind = PAL_FIELD_STR, .s = {"CANARY", 6}},
	{.key = "tenant_id", .kind = PAL_FIELD_STR, .s = {"of the field", 12}},
};

static struct pal_log_line line(void)
{
	return (struct pal_log_line){
		.wall_ms = 1795412457123,
		.level = PAL_LOG_WARNING,
		.subject = PAL_STR("conv-1"),
		.message = PAL_STR("it is late"),
		.context = {.request_id = PAL_STR("r 1"), .tenant = PAL_STR("of the context")},
		.fields = fields,
		.count = sizeof(fields) / sizeof(fields[0]),
	};
}

static void check(struct pal_log_style style, const char *want)
{
	struct pal_buf out = pal_buf_of(0);
	struct pal_log_line it = line();

	pal_log_format_line(&out, &it, style);
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, want);
	pal_buf_deinit(&out);
}

TEST(json_lines_are_objects)
{
	check((struct pal_log_style){.format = PAL_LOG_JSON},
	      "{\"time\":\"2026-11-23T05:40:57.123Z\",\"level\":\"warning\",\"subject\":\"conv-1\","
	      "\"message\":\"it is late\",\"request_id\":\"r 1\",\"n\":-5,\"bare\":\"a/b:c\","
	      "\"text\":\"two words\",\"empty\":\"\",\"sign\":\"a=b\",\"tree\":[1,\"x\"],"
	      "\"token\":\"[REDACTED]\",\"tenant_id\":\"of the field\"}\n");
}

TEST(logfmt_quotes_what_is_not_one_word)
{
	check((struct pal_log_style){.format = PAL_LOG_LOGFMT},
	      "time=2026-11-23T05:40:57.123Z level=warning subject=conv-1 message=\"it is late\" "
	      "request_id=\"r 1\" n=-5 bare=a/b:c text=\"two words\" empty=\"\" sign=\"a=b\" "
	      "tree=\"[1,\\\"x\\\"]\" token=[REDACTED] tenant_id=\"of the field\"\n");
}

TEST(plain_lines_begin_like_a_sentence)
{
	check((struct pal_log_style){.format = PAL_LOG_PLAIN},
	      "2026-11-23T05:40:57.123Z WARNING  conv-1: it is late request_id=\"r 1\" n=-5 "
	      "bare=a/b:c text=\"two words\" empty=\"\" sign=\"a=b\" tree=\"[1,\\\"x\\\"]\" "
	      "token=[REDACTED] tenant_id=\"of the field\"\n");
}

TEST(under_the_journal_lines_carry_the_priority_and_no_time)
{
	static const char priorities[] = {'7', '6', '4', '3', '2'};
	const struct pal_log_style style = {.format = PAL_LOG_LOGFMT, .journal = true};
	struct pal_buf out = pal_buf_of(0);

	for (int level = PAL_LOG_DEBUG; level <= PAL_LOG_CRITICAL; level++) {
		struct pal_log_line it = {
			.level = (enum pal_log_level)level, .message = PAL_STR("m")};
		pal_buf_clear(&out);
		pal_log_format_line(&out, &it, style);
		CU_ASSERT_EQUAL(out.data[0], '<');
		CU_ASSERT_EQUAL(out.data[1], priorities[level]);
		CU_ASSERT_EQUAL(memcmp(out.data + 2, ">level=", 7), 0);
	}
	pal_buf_deinit(&out);
}

TEST(a_cut_falls_between_characters)
{
	static char text[PAL_LOG_TEXT_MAX + 2];
	struct pal_buf out = pal_buf_of(0);
	struct pal_log_line it = {.message = {text, sizeof(text)}};
	size_t points;

	memset(text, 'x', sizeof(text));
	memcpy(text + PAL_LOG_TEXT_MAX - 1, "\xc3\xa9", 2);	/* across the limit */
	pal_log_format_line(&out, &it, (struct pal_log_style){.format = PAL_LOG_PLAIN});
	CU_ASSERT(pal_utf8_count(pal_buf_str(&out), &points));
	CU_ASSERT(pal_str_equal((struct pal_str){out.data + out.len - 10, 10},
				PAL_STR("x...[cut]\n")));
	pal_buf_deinit(&out);
}

TEST(a_packed_line_formats_like_the_line_itself)
{
	static char record[PAL_LOG_RECORD_MAX];
	struct pal_log_field storage[PAL_LOG_FIELDS_MAX];
	struct pal_log_line it = line(), back;
	struct pal_buf direct = pal_buf_of(0), packed = pal_buf_of(0);
	const struct pal_log_style style = {.format = PAL_LOG_JSON};

	size_t size = pal_log_pack(&it, record);
	CU_ASSERT(memmem(record, size, "CANARY", 6) == NULL);
	CU_ASSERT_EQUAL(pal_log_unpack(record, &back, storage), size);
	pal_log_format_line(&direct, &it, style);
	pal_log_format_line(&packed, &back, style);
	CU_ASSERT(pal_str_equal(pal_buf_str(&direct), pal_buf_str(&packed)));
	pal_buf_deinit(&direct);
	pal_buf_deinit(&packed);
}

TEST(the_journal_is_known_by_device_and_inode)
{
	char stream[64];
	struct stat st;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	CU_ASSERT_EQUAL_FATAL(fstat(fd, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	CU_ASSERT(pal_log_is_journal(fd, stream));
	CU_ASSERT_FALSE(pal_log_is_journal(fd, NULL));
	CU_ASSERT_FALSE(pal_log_is_journal(fd, ""));
	CU_ASSERT_FALSE(pal_log_is_journal(fd, "1:2"));
	CU_ASSERT_FALSE(pal_log_is_journal(fd, "1"));
	CU_ASSERT_FALSE(pal_log_is_journal(-1, stream));
	strcat(stream, "x");
	CU_ASSERT_FALSE(pal_log_is_journal(fd, stream));
	close(fd);
}

TEST(auto_is_logfmt_for_the_journal_and_json_for_files)
{
	char stream[64];
	struct stat st;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	CU_ASSERT_EQUAL_FATAL(fstat(fd, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	struct pal_log_style style = pal_log_style_of(PAL_LOG_AUTO, fd, false);
	CU_ASSERT_EQUAL(style.format, PAL_LOG_LOGFMT);
	CU_ASSERT(style.journal);
	style = pal_log_style_of(PAL_LOG_PLAIN, fd, false);
	CU_ASSERT_EQUAL(style.format, PAL_LOG_PLAIN);
	CU_ASSERT(style.journal);
	style = pal_log_style_of(PAL_LOG_AUTO, fd, true);
	CU_ASSERT_EQUAL(style.format, PAL_LOG_JSON);
	CU_ASSERT_FALSE(style.journal);
	unsetenv("JOURNAL_STREAM");
	style = pal_log_style_of(PAL_LOG_AUTO, fd, false);
	CU_ASSERT_EQUAL(style.format, PAL_LOG_JSON);
	close(fd);
}

TEST(auto_is_plain_on_a_terminal)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	CU_ASSERT_FATAL(master >= 0);
	CU_ASSERT_EQUAL(pal_log_style_of(PAL_LOG_AUTO, master, false).format, PAL_LOG_PLAIN);
	CU_ASSERT_EQUAL(pal_log_style_of(PAL_LOG_AUTO, master, true).format, PAL_LOG_JSON);
	close(master);
}

SUITE(log_format, CASE(json_lines_are_objects), CASE(logfmt_quotes_what_is_not_one_word),
      CASE(plain_lines_begin_like_a_sentence),
      CASE(under_the_journal_lines_carry_the_priority_and_no_time),
      CASE(a_cut_falls_between_characters), CASE(a_packed_line_formats_like_the_line_itself),
      CASE(the_journal_is_known_by_device_and_inode),
      CASE(auto_is_logfmt_for_the_journal_and_json_for_files), CASE(auto_is_plain_on_a_terminal))
