/* SPDX-License-Identifier: Apache-2.0 */
#include "model/media_type.h"

#include "suite.h"

static void check(const char *name, enum pal_content_type within, const char *want)
{
	enum pal_media_type type;

	if (!want) {
		CU_ASSERT(!pal_media_type_parse(pal_str(name), within, &type));
		return;
	}
	CU_ASSERT_FATAL(pal_media_type_parse(pal_str(name), within, &type));
	CHECK_STR(pal_media_type_get(type)->name, want);
}

TEST(a_type_is_found_by_its_name_in_any_case_and_without_parameters)
{
	for (int i = 0; i < PAL_MEDIA_TYPE_COUNT; i++) {
		const struct pal_media_traits *traits = pal_media_type_get((enum pal_media_type)i);
		check(traits->name, traits->content, traits->name);
	}
	check("IMAGE/JPEG", PAL_CONTENT_IMAGE, "image/jpeg");
	check("text/plain; charset=utf-8", PAL_CONTENT_FILE, "text/plain");
	check("text/plain ;x", PAL_CONTENT_FILE, "text/plain");
}

TEST(b71_usual_and_old_names_mean_the_one_of_the_list)
{
	check("jpg", PAL_CONTENT_IMAGE, "image/jpeg");
	check("image/jpg", PAL_CONTENT_IMAGE, "image/jpeg");
	check("video/mov", PAL_CONTENT_VIDEO, "video/quicktime");
	check("mov", PAL_CONTENT_VIDEO, "video/quicktime");
	check("mp4", PAL_CONTENT_VIDEO, "video/mp4");
	check("mp4", PAL_CONTENT_AUDIO, "audio/mp4");
	check("mpeg", PAL_CONTENT_AUDIO, "audio/mpeg");
	check("MP3", PAL_CONTENT_AUDIO, "audio/mpeg");
	check("pdf", PAL_CONTENT_FILE, "application/pdf");
	check("docx", PAL_CONTENT_FILE,
	      "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
}

TEST(scripts_programs_and_unknown_types_are_not_in_the_list)
{
	static const char *const names[] = {"image/svg+xml", "svg", "text/html", "application/x-msdownload",
					    "application/javascript", "", ";", " ", "/", "image/",
					    "image", "video/", "exe"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int within = 0; within < PAL_CONTENT_TYPE_COUNT; within++)
			check(names[i], (enum pal_content_type)within, NULL);
}

TEST(the_standard_set_is_that_of_the_specification)
{
	uint32_t set = pal_media_types_of(PAL_STR("standard"));

	CU_ASSERT_EQUAL(__builtin_popcount(set), 15);
	CU_ASSERT(set & pal_media_types_of(PAL_STR("video/quicktime")));
	CU_ASSERT(!(set & pal_media_types_of(PAL_STR("video/webm"))));
	CU_ASSERT_EQUAL(pal_media_types_of(PAL_STR("audio/flac")), 1u << PAL_MEDIA_FLAC);
	CU_ASSERT_EQUAL(pal_media_types_of(PAL_STR("image/svg+xml")), 0);
	CU_ASSERT_EQUAL(pal_media_types_of(PAL_STR("jpg")), 0);
}

SUITE(media_type, CASE(a_type_is_found_by_its_name_in_any_case_and_without_parameters),
      CASE(b71_usual_and_old_names_mean_the_one_of_the_list),
      CASE(scripts_programs_and_unknown_types_are_not_in_the_list),
      CASE(the_standard_set_is_that_of_the_specification))
