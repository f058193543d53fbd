/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include "suite.h"

static const char *nearest(const char *word)
{
	static const char *const names[] = {"status", "reload", "replay", "config", "tail"};
	struct pal_suggest suggest = {.word = pal_str(word)};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		pal_suggest_offer(&suggest, names[i]);
	return suggest.best ? suggest.best : "";
}

TEST(offer_keeps_the_nearest_name)
{
	CHECK_STR(nearest("stauts"), "status");
	CHECK_STR(nearest("relaod"), "reload");
	CHECK_STR(nearest("replai"), "replay");
	CHECK_STR(nearest("tial"), "tail");
}

TEST(offer_refuses_names_that_are_far)
{
	CHECK_STR(nearest("elephant"), "");
	CHECK_STR(nearest(""), "");
	CHECK_STR(nearest("x"), "");
}

SUITE(suggest, CASE(offer_keeps_the_nearest_name), CASE(offer_refuses_names_that_are_far))
