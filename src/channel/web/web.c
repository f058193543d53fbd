/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/web/web.h"

#include <string.h>

#include "channel/events.h"

#define RECIPIENT_POINTS_MIN 3u

static const struct pal_channel_setting_rule settings[] = {{.name = NULL}};

/* domain.md section 5.1: a prefix that says what it is needs something behind it. */
static enum pal_code check_recipient(struct pal_str recipient, struct pal_arena *arena,
				     struct pal_str *ret, struct pal_error *err)
{
	static const char *const prefixes[] = {"user_", "session_", "conn_"};
	size_t points = 0;

	(void)arena;
	if (!pal_utf8_count(recipient, &points) || points < RECIPIENT_POINTS_MIN)
		return pal_fail(err, PAL_E_VALIDATION, "recipient",
				"It must have %u to %u characters.", RECIPIENT_POINTS_MIN,
				PAL_ID_POINTS_MAX);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (pal_str_equal(recipient, pal_str(prefixes[i])))
			return pal_fail(err, PAL_E_VALIDATION, "recipient",
					"Something must follow `%s`.", prefixes[i]);
	}
	*ret = recipient;
	return PAL_OK;
}

/* A client tells only what it alone can know. */
static enum pal_code parse(const struct pal_channel_hook *hook, struct pal_json *json,
			   struct pal_arena *arena, struct pal_channel_events *ret,
			   struct pal_error *err)
{
	return pal_envelope_read(hook->body, PAL_TAKES_RECEIPTS, json, arena, ret, err);
}

const struct pal_channel_ops pal_channel_web = {
	.name = "web",
	.capabilities = {.can = PAL_CAN_EVERYTHING,
			 .text_units_max = 0,	/* a text of ours is never too long */
			 .quick_replies_max = 15,
			 .buttons_max = 10,
			 .items_max = 10},
	.settings = settings,
	.check_recipient = check_recipient,
	.parse = parse,
};
