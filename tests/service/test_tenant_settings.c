/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/tenant_settings.h"

#include "palaver/processor.h"
#include "suite.h"

static struct pal_tenant_settings settings;
static struct pal_error err;

static void check_wrong(const char *text, const char *field)
{
	CU_ASSERT_EQUAL(pal_tenant_settings_read(pal_str(text), &settings, &err), PAL_E_VALIDATION);
	CHECK_STR(err.subject, field);
	CU_ASSERT(!settings.has_block && !settings.block && !settings.order_prefix[0] &&
		  !settings.order_digits);
}

TEST(what_is_not_set_is_as_usual)
{
	static const char *const texts[] = {
		"", "{}", "{\"theme\":\"dark\",\"moderation\":null,\"order_number\":{}}",
		"{\"moderation\":{\"other\":[1]}}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CU_ASSERT_EQUAL(pal_tenant_settings_read(pal_str(texts[i]), &settings, &err), PAL_OK);
		CU_ASSERT(!settings.has_block && !settings.order_prefix[0] &&
			  !settings.order_digits);
	}
	CU_ASSERT_EQUAL(pal_tenant_settings_read((struct pal_str){NULL, 0}, &settings, &err), PAL_OK);
}

TEST(flags_and_order_numbers_are_read)
{
	CU_ASSERT_EQUAL(pal_tenant_settings_read(
				PAL_STR("{\"moderation\":{\"block\":[\"potential_spam\","
					"\"path_traversal\"]},\"order_number\":{\"prefix\":\"INVOICES\","
					"\"digits\":16}}"), &settings, &err), PAL_OK);
	CU_ASSERT_TRUE(settings.has_block);
	CU_ASSERT_EQUAL(settings.block, PAL_SAFETY_SPAM | PAL_SAFETY_TRAVERSAL);
	CU_ASSERT_EQUAL(memcmp(settings.order_prefix, "INVOICES", 8), 0);
	CU_ASSERT_EQUAL(settings.order_digits, 16);
	CU_ASSERT_EQUAL(pal_tenant_settings_read(PAL_STR("{\"moderation\":{\"block\":[]}}"),
						 &settings, &err), PAL_OK);
	CU_ASSERT(settings.has_block && settings.block == 0);
}

TEST(what_is_wrong_is_named_and_changes_nothing)
{
	check_wrong("[]", "settings");
	check_wrong("{", "settings");
	check_wrong("{\"moderation\":[]}", "settings.moderation");
	check_wrong("{\"moderation\":{\"block\":\"potential_spam\"}}", "settings.moderation.block");
	check_wrong("{\"moderation\":{\"block\":[\"potential_spam\",\"spam\"]}}",
		    "settings.moderation.block[1]");
	check_wrong("{\"moderation\":{\"block\":[1]}}", "settings.moderation.block[0]");
	check_wrong("{\"order_number\":{\"prefix\":\"P-\"}}", "settings.order_number.prefix");
	check_wrong("{\"order_number\":{\"prefix\":\"\"}}", "settings.order_number.prefix");
	check_wrong("{\"order_number\":{\"prefix\":\"ABCDEFGHI\"}}", "settings.order_number.prefix");
	check_wrong("{\"order_number\":{\"prefix\":\"é\"}}", "settings.order_number.prefix");
	check_wrong("{\"order_number\":{\"digits\":2}}", "settings.order_number.digits");
	check_wrong("{\"order_number\":{\"digits\":17}}", "settings.order_number.digits");
}

SUITE(tenant_settings, CASE(what_is_not_set_is_as_usual), CASE(flags_and_order_numbers_are_read),
      CASE(what_is_wrong_is_named_and_changes_nothing))
