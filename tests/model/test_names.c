/* SPDX-License-Identifier: Apache-2.0 */
/* The wire names are the specification's: domain.md section 1.1. */
#include "model/content.h"
#include "model/conversation.h"
#include "model/message.h"
#include "model/tenant.h"
#include "suite.h"

/* Check that each name of `want` has its position as number, and that there are no more. */
#define CHECK_NAMES(type, name_of, parse, count, ...)                                              \
	do {                                                                                       \
		static const char *const want[] = {__VA_ARGS__};                                   \
		CU_ASSERT_EQUAL(sizeof(want) / sizeof(want[0]), (count));                          \
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {                      \
			type value = (type)0;                                                      \
			CHECK_STR(name_of((type)i), want[i]);                                      \
			CU_ASSERT_TRUE(parse(pal_str(want[i]), &value));                           \
			CU_ASSERT_EQUAL(value, (type)i);                                           \
		}                                                                                  \
	} while (0)

/* Names that are none: empty, absent, cut, longer, in capitals, with a blank. */
#define CHECK_REFUSALS(type, parse, first)                                                         \
	do {                                                                                       \
		static const char *const none[] = {"", NULL, "x", first "s", " " first, first " "}; \
		type value = (type)1;                                                              \
		for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)                        \
			CU_ASSERT_FALSE(parse(pal_str(none[i]), &value));                          \
		CU_ASSERT_FALSE(parse((struct pal_str){first, sizeof(first) - 2}, &value));        \
		CU_ASSERT_FALSE(parse((struct pal_str){first, sizeof(first)}, &value)); /* NUL */  \
		CU_ASSERT_EQUAL(value, (type)1);	/* left alone */                           \
	} while (0)

TEST(content_types_have_their_names)
{
	CHECK_NAMES(enum pal_content_type, pal_content_type_name, pal_content_type_parse,
		    PAL_CONTENT_TYPE_COUNT, "text", "image", "file", "audio", "video", "location",
		    "quick_reply", "carousel");
	CHECK_REFUSALS(enum pal_content_type, pal_content_type_parse, "text");
}

TEST(channels_have_their_names)
{
	CHECK_NAMES(enum pal_channel_type, pal_channel_name, pal_channel_parse, PAL_CHANNEL_COUNT,
		    "web", "whatsapp", "messenger", "slack", "teams", "sms", "voice", "telegram",
		    "webhook");
	CHECK_REFUSALS(enum pal_channel_type, pal_channel_parse, "web");
}

TEST(delivery_statuses_have_their_names_in_delivery_order)
{
	CHECK_NAMES(enum pal_delivery_status, pal_delivery_status_name, pal_delivery_status_parse,
		    PAL_DELIVERY_STATUS_COUNT, "pending", "retrying", "sent", "delivered", "read",
		    "failed");
	CHECK_REFUSALS(enum pal_delivery_status, pal_delivery_status_parse, "pending");
}

TEST(conversation_statuses_have_their_names)
{
	CHECK_NAMES(enum pal_conversation_status, pal_conversation_status_name,
		    pal_conversation_status_parse, PAL_CONVERSATION_STATUS_COUNT, "active",
		    "completed", "abandoned", "escalated", "error", "paused", "archived");
	CHECK_REFUSALS(enum pal_conversation_status, pal_conversation_status_parse, "active");
}

TEST(tenant_statuses_have_their_names)
{
	CHECK_NAMES(enum pal_tenant_status, pal_tenant_status_name, pal_tenant_status_parse,
		    PAL_TENANT_STATUS_COUNT, "active", "suspended", "deleted", "trial", "pending");
	CHECK_REFUSALS(enum pal_tenant_status, pal_tenant_status_parse, "active");
}

SUITE(names, CASE(content_types_have_their_names), CASE(channels_have_their_names),
      CASE(delivery_statuses_have_their_names_in_delivery_order),
      CASE(conversation_statuses_have_their_names), CASE(tenant_statuses_have_their_names))
