/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "channel/web/web.h"
#include "channel/webhook/webhook.h"

/* One line a kind. */
static const struct pal_channel_ops *const kinds[] = {
	&pal_channel_web,
	&pal_channel_webhook,
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

const struct pal_channel_ops *pal_channel_find(struct pal_str name)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (pal_str_equal(pal_str(kinds[i]->name), name))
			return kinds[i];
	}
	return NULL;
}

const struct pal_channel_ops *pal_channel_at(size_t i)
{
	return i < KIND_COUNT ? kinds[i] : NULL;
}

const char *pal_channel_ops_fault(const struct pal_channel_ops *ops)
{
	if (!ops->name || !*ops->name)
		return "name";
	if (!ops->settings)
		return "settings";
	if (!ops->check_recipient)
		return "check_recipient";
	if (ops->is_pushed && (!ops->format || !ops->classify))
		return "format and classify of a kind that pushes";
	if (ops->is_signed && (!ops->verify || !ops->parse))
		return "verify and parse of a kind with signed webhooks";
	return NULL;
}

/* --- Settings --------------------------------------------------------------------------------- */

struct pal_str pal_channel_setting(const struct pal_channel_account *account, const char *name,
				   size_t nth)
{
	for (size_t i = 0; i < account->setting_count; i++) {
		if (pal_str_equal(account->settings[i].name, pal_str(name)) && nth-- == 0)
			return account->settings[i].value;
	}
	return (struct pal_str){NULL, 0};
}

static const struct pal_channel_setting_rule *rule_of(const struct pal_channel_ops *ops,
						      struct pal_str name)
{
	const struct pal_channel_setting_rule *rule = ops->settings;

	while (rule->name && !pal_str_equal(pal_str(rule->name), name))
		rule++;
	return rule->name ? rule : NULL;
}

static enum pal_code check_values(const struct pal_channel_setting_rule *rule,
				  const struct pal_channel_account *account, struct pal_error *err)
{
	size_t count = 0;
	struct pal_str value;

	while ((value = pal_channel_setting(account, rule->name, count)).p) {
		count++;
		if (value.n == 0 || value.n > rule->bytes_max)
			return pal_fail(err, PAL_E_VALIDATION, rule->name,
					"It must have 1 to %zu bytes.", rule->bytes_max);
		for (size_t i = 0; i < value.n; i++) {
			if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7F)
				return pal_fail(err, PAL_E_VALIDATION, rule->name,
						"It must not hold control characters.");
		}
	}
	if (count < rule->least)
		return pal_fail(err, PAL_E_VALIDATION, rule->name, "It is required.");
	if (count > rule->most)
		return pal_fail(err, PAL_E_VALIDATION, rule->name,
				"It must have at most %zu values.", rule->most);
	return PAL_OK;
}

enum pal_code pal_channel_check_account(const struct pal_channel_ops *ops,
					const struct pal_channel_account *account,
					struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	if (account->setting_count > PAL_CHANNEL_SETTINGS_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "settings", "They are too many.");
	for (size_t i = 0; i < account->setting_count; i++) {
		struct pal_str name = account->settings[i].name;
		if (!rule_of(ops, name))
			return pal_fail(err, PAL_E_VALIDATION, "settings",
					"The channel %s has no setting `%.*s`.", ops->name,
					name.n > 40 ? 40 : (int)name.n, name.p ? name.p : "");
	}
	for (const struct pal_channel_setting_rule *rule = ops->settings;
	     code == PAL_OK && rule->name; rule++)
		code = check_values(rule, account, err);
	if (code == PAL_OK && ops->check_account)
		code = ops->check_account(account, err);
	return code;
}

/* --- Slots ------------------------------------------------------------------------------------ */

enum pal_code pal_channel_check_recipient(const struct pal_channel_ops *ops,
					  struct pal_str recipient, struct pal_arena *arena,
					  struct pal_str *ret, struct pal_error *err)
{
	size_t points;

	if (recipient.n == 0 || !pal_utf8_count(recipient, &points) || points > PAL_ID_POINTS_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "recipient",
				"It must have 1 to %u characters.", PAL_ID_POINTS_MAX);
	return ops->check_recipient(recipient, arena, ret, err);
}

enum pal_code pal_channel_format(const struct pal_channel_ops *ops,
				 const struct pal_channel_send *send, struct pal_arena *arena,
				 struct pal_outgoing *ret, struct pal_error *err)
{
	if (!ops->is_pushed)
		return pal_fail(err, PAL_E_CONFIG, ops->name,
				"Messages of this channel wait in the history.");
	memset(ret, 0, sizeof(*ret));
	return ops->format(send, arena, ret, err);
}

enum pal_channel_verdict pal_channel_verify(const struct pal_channel_ops *ops,
					    const struct pal_channel_account *account,
					    const struct pal_channel_hook *hook)
{
	assert(hook->header_count <= PAL_HOOK_HEADERS_MAX);
	return ops->is_signed ? ops->verify(account, hook) : PAL_VERDICT_UNCONFIGURED;
}

enum pal_code pal_channel_parse_hook(const struct pal_channel_ops *ops,
				     const struct pal_channel_hook *hook, struct pal_json *json,
				     struct pal_arena *arena, struct pal_channel_events *ret,
				     struct pal_error *err)
{
	if (!ops->parse)
		return pal_fail(err, PAL_E_CONFIG, ops->name, "This channel has no webhooks.");
	memset(ret, 0, sizeof(*ret));
	return ops->parse(hook, json, arena, ret, err);
}

size_t pal_channel_hook_header(const struct pal_channel_hook *hook, const char *name,
			       struct pal_str *ret_value)
{
	size_t count = 0, n = strlen(name);

	for (size_t i = 0; i < hook->header_count; i++) {
		const struct pal_outgoing_header *header = &hook->headers[i];
		if (header->name.n != n || strncasecmp(header->name.p, name, n) != 0)
			continue;
		if (count++ == 0)
			*ret_value = header->value;
	}
	return count;
}
