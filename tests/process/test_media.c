/* SPDX-License-Identifier: Apache-2.0 */
#include "process/media.h"

#include <stdio.h>

#include "analysed.h"
#include "process/analysis.h"
#include "process/media_normal.h"
#include "process/media_safety.h"
#include "suite.h"

#define MIB (1ll << 20)
#define URL "https://cdn.example.com/files/a.pdf"

static struct pal_arena arena;
static struct pal_process_result result;
static struct pal_process_context context;

static const struct pal_media plain_file = {.url = {URL, sizeof(URL) - 1},
					    .type = PAL_MEDIA_PDF,
					    .size_bytes = 1000,
					    .duration_ms = -1};

static void process_as(enum pal_content_type type, const struct pal_media *media,
		       const char *caption)
{
	struct pal_content_parts parts = {.media = media};
	struct pal_content content = {.type = type, .text = pal_str(caption), .parts = &parts};

	CU_ASSERT_EQUAL_FATAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
}

static void done(void)
{
	context = (struct pal_process_context){.channel = PAL_CHANNEL_WEB};
	pal_arena_release(&arena);
}

/* --- Safety ------------------------------------------------------------------------------------ */

static struct pal_media_safety judged(const char *url, const char *filename)
{
	struct pal_media media = plain_file;

	media.url = pal_str(url);
	media.filename = pal_str(filename);
	struct pal_media_safety safety = pal_media_judge(&media, &arena);
	pal_arena_release(&arena);
	return safety;
}

static void check_url(const char *url, uint32_t flags)
{
	struct pal_media_safety safety = judged(url, NULL);

	if (safety.flags != flags)
		printf("# %s: %s\n", url, flags_of(safety.flags));
	CU_ASSERT_EQUAL(safety.flags, flags);
	CU_ASSERT_EQUAL(safety.is_safe, !(flags & (PAL_SAFETY_PRIVATE | PAL_SAFETY_TRAVERSAL |
						   PAL_SAFETY_EXTENSION)));
}

TEST(ordinary_addresses_raise_no_flag)
{
	static const char *const urls[] = {
		URL, "http://example.org", "https://example.com/com", "https://tickets.ok/x",
		"https://a.b/..x/y", "https://host/a.exercise", "https://10.example.com/x",
		"https://t.co.example/x", "https://example.com/v1.2/x?file=a.exe"};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		check_url(urls[i], 0);
	CU_ASSERT_DOUBLE_EQUAL(judged(URL, "a.pdf").score, 1.0, 1e-9);
}

TEST(f51_private_addresses_are_unsafe_in_every_spelling)
{
	static const char *const urls[] = {
		"http://127.0.0.1/x", "http://10.1.2.3/", "http://172.16.0.1/", "http://172.31.255.255/",
		"http://192.168.0.1:8080/", "http://169.254.169.254/latest/meta-data", "http://0.0.0.0/",
		"http://100.64.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
		"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://017700000001/",
		"http://127.1/", "http://%31%32%37.0.0.1/", "http://127.0.0.1./", "http://u@127.0.0.1/",
		"http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fd00::1]/",
		"http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[ff02::1]/",
		"http://[junk]/"};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		check_url(urls[i], PAL_SAFETY_PRIVATE | PAL_SAFETY_IP_ADDRESS);
	check_url("http://localhost/x", PAL_SAFETY_PRIVATE);
	check_url("http://LOCALHOST.:80/x", PAL_SAFETY_PRIVATE);
	check_url("http://a.localhost/x", PAL_SAFETY_PRIVATE);
	check_url("http://db.internal/x", PAL_SAFETY_PRIVATE);
	check_url("http://printer.local/x", PAL_SAFETY_PRIVATE);
	check_url("ftp://a/", PAL_SAFETY_PRIVATE);	/* what cannot be taken apart is unsafe */
}

TEST(f51_odd_hosts_are_flagged_and_paths_that_climb_are_unsafe)
{
	check_url("http://8.8.8.8/x", PAL_SAFETY_IP_ADDRESS);
	check_url("http://[2001:db8::1]/x", PAL_SAFETY_IP_ADDRESS);
	check_url("http://172.32.0.1/", PAL_SAFETY_IP_ADDRESS);
	check_url("https://free.tk/x", PAL_SAFETY_DOMAIN);
	check_url("https://free.ML/x", PAL_SAFETY_DOMAIN);
	check_url("https://bit.ly/x", PAL_SAFETY_SHORTENED);
	check_url("https://www.TinyURL.com/x", PAL_SAFETY_SHORTENED);
	check_url("https://a.b/../x", PAL_SAFETY_TRAVERSAL);
	check_url("https://a.b/x/..", PAL_SAFETY_TRAVERSAL);
	check_url("https://a.b/%2e%2e/x", PAL_SAFETY_TRAVERSAL);
	check_url("https://a.b/%252e%252E%252fx", PAL_SAFETY_TRAVERSAL);
	check_url("https://a.b/x?f=..%5cwin", PAL_SAFETY_TRAVERSAL);
}

TEST(f51_names_of_programs_are_found_where_they_hide)
{
	static const char *const names[] = {"a.exe", "A.EXE", "invoice.pdf.exe", "a.exe.", "a.exe ",
					    "x.jar", "x.js", "x.msi", "x.deb", "x.scr"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CU_ASSERT_EQUAL(judged(URL, names[i]).flags, PAL_SAFETY_EXTENSION);
	check_url("https://a.b/x.exe", PAL_SAFETY_EXTENSION);
	check_url("https://a.b/x%2eexe", PAL_SAFETY_EXTENSION);
	check_url("https://a.b/x.exe?y", PAL_SAFETY_EXTENSION);
	CU_ASSERT_EQUAL(judged(URL, "../a.pdf").flags, PAL_SAFETY_TRAVERSAL);
	CU_ASSERT_EQUAL(judged(URL, "exe").flags, 0);
	CU_ASSERT_EQUAL(judged(URL, "a.exe.pdf").flags, 0);
	struct pal_media media = plain_file;
	media.extension = PAL_STR(".exe");
	CU_ASSERT_EQUAL(pal_media_judge(&media, &arena).flags, PAL_SAFETY_EXTENSION);
	media = plain_file;
	media.thumbnail_url = PAL_STR("http://127.0.0.1/");
	CU_ASSERT(!pal_media_judge(&media, &arena).is_safe);
	pal_arena_release(&arena);
}

TEST(the_score_is_one_less_what_was_found)
{
	CU_ASSERT_DOUBLE_EQUAL(judged("http://8.8.8.8/x", NULL).score, 0.7, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(judged("https://free.tk/x", NULL).score, 0.8, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(judged("https://bit.ly/x", "a.exe").score, 0.4, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(judged("http://127.0.0.1/../a.exe", NULL).score, 0.0, 1e-9);
	struct pal_media media = plain_file;
	media.size_bytes = 50 * MIB + 1;
	CU_ASSERT_DOUBLE_EQUAL(pal_media_judge(&media, &arena).score, 0.8, 1e-9);
	pal_arena_release(&arena);
}

TEST(b71_without_memory_nothing_is_safe)
{
	struct pal_arena small = pal_arena_of(1);

	CU_ASSERT(!pal_media_judge(&plain_file, &small).is_safe);
	pal_arena_release(&small);
}

/* --- Normal form ------------------------------------------------------------------------------- */

TEST(f54_what_only_tracks_the_reader_leaves_an_address)
{
	static const char *const rows[][2] = {
		{"https://a/b?utm_source=x", "https://a/b"},
		{"https://a/b?utm_source=x&c=1&fbclid=y&d#e", "https://a/b?c=1&d#e"},
		{"https://a/b?c=1&gclid=2", "https://a/b?c=1"},
		{"https://a/b?utm_sources=1&x_gclid=2", "https://a/b?utm_sources=1&x_gclid=2"},
		{"https://a/b?", "https://a/b?"},
		{"https://a/b#c?utm_source=x", "https://a/b#c?utm_source=x"},
		{"https://a/b?utm_medium=1&utm_campaign=2#f", "https://a/b#f"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pal_buf out = {0};
		pal_url_write_untracked(&out, pal_str(rows[i][0]));
		CHECK_STR(plain(pal_buf_str(&out)), rows[i][1]);
		pal_buf_deinit(&out);
	}
}

TEST(f54_names_texts_and_extensions_get_their_normal_form)
{
	struct pal_media media = plain_file;

	media.filename = PAL_STR("a/b\\c:\x01<d>|?*\".PDF");
	media.alt_text = PAL_STR("  my <b>big</b>\t&amp; only  cup ");
	const struct pal_media *normal = pal_media_normalise(&media, &arena);
	CHECK_STR(plain(normal->filename), "a_b_c___d_____.PDF");
	CHECK_STR(plain(normal->alt_text), "my big & only cup");
	CHECK_STR(plain(normal->extension), "pdf");
	media.filename = PAL_STR("noextension");
	CHECK_STR(plain(pal_media_normalise(&media, &arena)->extension), "pdf");
	media.url = PAL_STR("https://a/b");
	CU_ASSERT_PTR_NULL(pal_media_normalise(&media, &arena)->extension.p);
	media.extension = PAL_STR(".JPG");
	CHECK_STR(plain(pal_media_normalise(&media, &arena)->extension), "jpg");
	pal_arena_release(&arena);
}

/* --- The processor ----------------------------------------------------------------------------- */

static const char *written(void)
{
	static char text[8192];
	struct pal_buf out = {0};

	pal_process_write_analysis(&out, &result);
	snprintf(text, sizeof(text), "%.*s", (int)out.len, out.data);
	pal_buf_deinit(&out);
	return text;
}

static bool writes(const char *what)
{
	bool is_there = strstr(written(), what) != NULL;

	if (!is_there)
		printf("# %s: not %s\n", written(), what);
	return is_there;
}

TEST(f51_a_document_without_words_is_described)
{
	process_as(PAL_CONTENT_FILE, &plain_file, NULL);
	CU_ASSERT_TRUE(result.success);
	CHECK_STR(written(),
		  "{\"entities\":{\"media\":{\"type\":\"application/pdf\",\"url\":\"" URL "\","
		  "\"size_bytes\":1000}},\"detected_language\":null,\"language_confidence\":null,"
		  "\"content_categories\":[\"file\",\"web_media\",\"document_sharing\"],"
		  "\"quality_score\":0.8333,\"safety_flags\":[],"
		  "\"intent\":{\"name\":\"default\",\"confidence\":0.3},\"keywords\":[],"
		  "\"sentiment\":{\"score\":0,\"label\":\"neutral\",\"confidence\":0.1},"
		  "\"content_tags\":[\"file\",\"pdf\"],\"content_topics\":[],"
		  "\"extracted_data\":{\"media\":{\"mime_type\":\"application/pdf\",\"size_bytes\":1000,"
		  "\"size\":\"1000 B\",\"extension\":\"pdf\",\"document_type\":\"pdf\","
		  "\"preview\":{\"icon\":\"pdf\"},\"security\":{\"score\":1,\"is_safe\":true}}},"
		  "\"normalized_content\":{\"media\":{\"url\":\"" URL "\","
		  "\"type\":\"application/pdf\",\"size_bytes\":1000}},\"validation_score\":1}");
	done();
}

TEST(f51_a_caption_runs_all_the_rules_of_a_text)
{
	struct pal_media media = {.url = {"https://a.example/b.png", 23},
				  .type = PAL_MEDIA_PNG,
				  .size_bytes = 3 * MIB,
				  .alt_text = {"a cup", 5},
				  .filename = {"my cup.png", 10},
				  .duration_ms = -1};

	process_as(PAL_CONTENT_IMAGE, &media,
		   "My order ORD123456 is broken!!! Write to ann@example.com about the problem.");
	CHECK_STR(plain(result.intent.name), "order_inquiry");
	CHECK_STR(plain(result.detected_language), "en");
	CHECK_STR(joined(result.entities[PAL_ENTITY_ORDER_NUMBERS]), "ORD123456");
	CHECK_STR(joined(result.categories),
		  "business|support|contact_information|image|web_media|visual_content");
	CU_ASSERT_EQUAL(joined(result.tags), strstr(joined(result.tags), "image|png|order"));
	CHECK_STR(flags_of(result.safety_flags), "excessive_punctuation");
	CU_ASSERT(strstr(plain(result.masked_text), "[EMAIL]") != NULL);
	/* the medium's quality, not the text's: 0.9, 0.9 and 1.0 */
	CU_ASSERT_DOUBLE_EQUAL(result.quality_score, 2.8 / 3, 1e-9);
	CU_ASSERT(writes("\"preview\":{\"url\":\"https://a.example/b.png\"}"));
	CU_ASSERT(writes("\"size\":\"3.0 MB\""));
	done();
}

TEST(previews_and_kinds_follow_the_type)
{
	struct pal_media media = {.url = {"https://a.example/b", 19}, .type = PAL_MEDIA_MP4,
				  .size_bytes = 1, .duration_ms = 1500, .width = 640, .height = 480};

	process_as(PAL_CONTENT_VIDEO, &media, NULL);
	CU_ASSERT(writes("\"width\":640,\"height\":480,\"duration_ms\":1500,\"preview\":null"));
	CHECK_STR(joined(result.categories), "video|web_media|multimedia_content");
	media.thumbnail_url = PAL_STR("https://a.example/t");
	process_as(PAL_CONTENT_VIDEO, &media, NULL);
	CU_ASSERT(writes("\"preview\":{\"url\":\"https://a.example/t\"}"));
	media.type = PAL_MEDIA_OGG;
	process_as(PAL_CONTENT_AUDIO, &media, NULL);
	CU_ASSERT(writes("\"preview\":null"));
	media.type = PAL_MEDIA_DOCX;
	process_as(PAL_CONTENT_FILE, &media, NULL);
	CU_ASSERT(writes("\"document_type\":\"word\",\"preview\":{\"icon\":\"document\"}"));
	media.type = PAL_MEDIA_PPTX;
	process_as(PAL_CONTENT_FILE, &media, NULL);
	CU_ASSERT(writes("\"document_type\":\"unknown\",\"preview\":{\"icon\":\"file\"}"));
	done();
}

TEST(the_size_has_its_share_in_the_quality)
{
	static const struct {
		int64_t bytes;
		double quality;
	} rows[] = {{0, 0.7},	     {1, 1.0},	       {MIB, 0.9},     {5 * MIB, 0.7},
		    {10 * MIB, 0.5}, {25 * MIB, 0.3}, {50 * MIB, 0.3}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pal_media media = plain_file;
		media.size_bytes = rows[i].bytes;
		process_as(PAL_CONTENT_FILE, &media, NULL);
		CU_ASSERT_DOUBLE_EQUAL(result.quality_score, (rows[i].quality + 1.0 + 0.5) / 3,
				       1e-9);
	}
	done();
}

TEST(f51_unsafe_media_is_flagged_warned_of_and_may_block)
{
	struct pal_media media = plain_file;

	media.url = PAL_STR("http://127.0.0.1/a.pdf");
	context.blocking_flags = PAL_SAFETY_PRIVATE;
	process_as(PAL_CONTENT_FILE, &media, "spam");
	CU_ASSERT_TRUE(result.success);
	CU_ASSERT_EQUAL(result.blocking_flags, PAL_SAFETY_PRIVATE);
	CU_ASSERT_EQUAL(result.review_flags, PAL_SAFETY_SPAM | PAL_SAFETY_IP_ADDRESS);
	CHECK_STR(joined(result.warnings), "the medium looks unsafe: do not fetch it");
	CU_ASSERT(writes("\"moderation\":{\"flagged\":true,\"auto_moderated\":true,"
				    "\"review\":[\"potential_spam\",\"ip_address_url\"],"
				    "\"block\":[\"private_address\"]}"));
	CU_ASSERT(writes("\"is_safe\":false"));
	done();
}

TEST(f51_programs_are_refused_unless_the_context_takes_them)
{
	struct pal_media media = plain_file;

	media.filename = PAL_STR("setup.exe");
	process_as(PAL_CONTENT_FILE, &media, NULL);
	CU_ASSERT_FALSE(result.success);
	CHECK_STR(joined(result.errors), "files of programs are not accepted");
	context.accept_executables = true;
	process_as(PAL_CONTENT_FILE, &media, NULL);
	CU_ASSERT_TRUE(result.success);
	CHECK_STR(flags_of(result.safety_flags), "dangerous_extension");
	done();
}

TEST(a_medium_that_no_request_could_bring_is_no_success)
{
	struct pal_media media = plain_file;

	process_as(PAL_CONTENT_IMAGE, &media, NULL);
	CHECK_STR(joined(result.errors), "the MIME type of the media is not of this message type");
	media.url = PAL_STR("file:///etc/passwd");
	process_as(PAL_CONTENT_FILE, &media, NULL);
	CHECK_STR(joined(result.errors), "the media URL must be http or https and have a host");
	CU_ASSERT_FALSE(result.success);
	done();
}

TEST(without_memory_media_are_not_the_clients_fault)
{
	struct pal_content_parts parts = {.media = &plain_file};
	struct pal_content content = {
		.type = PAL_CONTENT_FILE, .text = PAL_STR("hello there"), .parts = &parts};

	for (size_t room = 1; room < 8192; room += 256) {
		struct pal_arena small = pal_arena_of(room);
		enum pal_code code = pal_process(&content, &context, &small, &result, NULL);
		CU_ASSERT(code == PAL_OK || code == PAL_E_SERVICE);
		CU_ASSERT(code != PAL_OK || result.success);
		pal_arena_release(&small);
	}
}

SUITE(media, CASE(ordinary_addresses_raise_no_flag),
      CASE(f51_private_addresses_are_unsafe_in_every_spelling),
      CASE(f51_odd_hosts_are_flagged_and_paths_that_climb_are_unsafe),
      CASE(f51_names_of_programs_are_found_where_they_hide),
      CASE(the_score_is_one_less_what_was_found), CASE(b71_without_memory_nothing_is_safe),
      CASE(f54_what_only_tracks_the_reader_leaves_an_address),
      CASE(f54_names_texts_and_extensions_get_their_normal_form),
      CASE(f51_a_document_without_words_is_described),
      CASE(f51_a_caption_runs_all_the_rules_of_a_text), CASE(previews_and_kinds_follow_the_type),
      CASE(the_size_has_its_share_in_the_quality),
      CASE(f51_unsafe_media_is_flagged_warned_of_and_may_block),
      CASE(f51_programs_are_refused_unless_the_context_takes_them),
      CASE(a_medium_that_no_request_could_bring_is_no_success),
      CASE(without_memory_media_are_not_the_clients_fault))
