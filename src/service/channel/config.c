/* SPDX-License-Identifier: Apache-2.0 */
#include "service/channel/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "channel/channel.h"
#include "model/content.h"
#include "service/channel/parts.h"
#include "service/view/view.h"

#define HOUR_MS (3600 * 1000ll)
#define OVERLAP_HOURS 24
#define OVERLAP_HOURS_MAX 168

static const struct {
	const char *name;
	int64_t min, max, usual;
} numbers[PAL_CHANNEL_NUMBER_COUNT] = {
#define X(id, name, min, max, usual) [id] = {name, min, max, usual},
	PAL_CHANNEL_NUMBERS(X)
#undef X
};

/* --- Life cycle ------------------------------------------------------------------------------- */

struct pal_channel_config *pal_channel_config_create(struct pal_tenant_key tenant,
						     enum pal_channel_type type,
						     const struct pal_channel_ops *ops)
{
	struct pal_channel_config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	config->refs = 1;
	config->tenant = tenant;
	config->type = type;
	config->ops = ops;
	config->enabled = true;
	config->types = UINT32_MAX;
	config->integration_id = PAL_STR("default");
	for (size_t i = 0; i < PAL_CHANNEL_NUMBER_COUNT; i++)
		config->number[i] = numbers[i].usual;
	return config;
}

struct pal_channel_config *pal_channel_config_ref(struct pal_channel_config *config)
{
	atomic_fetch_add(&config->refs, 1);
	return config;
}

void pal_channel_config_unref(struct pal_channel_config *config)
{
	if (!config || atomic_fetch_sub(&config->refs, 1) > 1)
		return;
	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE; i++)
		if (config->secrets[i].text.n)	/* ours: the arena's */
			explicit_bzero((char *)(uintptr_t)config->secrets[i].text.p,
				       config->secrets[i].text.n);
	pal_arena_release(&config->arena);
	free(config);
}

bool pal_channel_config_keep(struct pal_channel_config *config, struct pal_str from,
			     struct pal_str *ret)
{
	*ret = from.p ? pal_arena_copy(&config->arena, from) : (struct pal_str){NULL, 0};
	return !from.p || ret->p;
}

static bool keep_secret(struct pal_channel_config *config, const struct pal_channel_secret *from,
			struct pal_channel_secret *ret)
{
	*ret = *from;
	return pal_channel_config_keep(config, from->text, &ret->text);
}

struct pal_channel_config *pal_channel_config_copy(const struct pal_channel_config *from)
{
	struct pal_channel_config *config =
		pal_channel_config_create(from->tenant, from->type, from->ops);

	if (!config)
		return NULL;
	config->version = from->version;
	config->created_ms = from->created_ms;
	config->updated_ms = from->updated_ms;
	config->enabled = from->enabled;
	config->types = from->types;
	memcpy(config->number, from->number, sizeof(config->number));
	bool is_whole = pal_channel_config_keep(config, from->integration_id, &config->integration_id) &&
			pal_channel_config_keep(config, from->url, &config->url) &&
			pal_channel_config_keep(config, from->features, &config->features);
	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE && is_whole; i++)
		is_whole = keep_secret(config, &from->secrets[i], &config->secrets[i]);
	if (is_whole)
		return config;
	pal_channel_config_unref(config);
	return NULL;
}

void pal_channel_secret_name(struct pal_channel_secret *secret)
{
	uint8_t digest[PAL_SHA256_SIZE];

	pal_sha256(secret->text, digest);
	for (size_t i = 0; i + 1 < PAL_CHANNEL_SECRET_ID_SIZE; i += 2)
		snprintf(secret->id + i, 3, "%02x", digest[i / 2]);
}

/* --- What the contract's functions get -------------------------------------------------------- */

static bool is_live(const struct pal_channel_secret *secret, int64_t now_ms)
{
	return secret->text.n && (secret->ends_ms == 0 || now_ms < secret->ends_ms);
}

static void add(struct pal_channel_account *account, const char *name, struct pal_str value)
{
	if (value.n)
		account->settings[account->setting_count++] =
			(struct pal_channel_setting){pal_str(name), value};
}

void pal_channel_config_account(const struct pal_channel_config *config, int64_t now_ms,
				struct pal_channel_account *ret)
{
	ret->setting_count = 0;
	add(ret, "url", config->url);
	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE; i++)
		if (is_live(&config->secrets[i], now_ms))
			add(ret, "secret", config->secrets[i].text);
}

/* --- A request -------------------------------------------------------------------------------- */

static const struct pal_channel_setting_rule *setting_of(const struct pal_channel_ops *ops,
							 const char *name)
{
	const struct pal_channel_setting_rule *rule = ops->settings;

	while (rule->name && strcmp(rule->name, name) != 0)
		rule++;
	return rule->name ? rule : NULL;
}

static bool is_known(const struct pal_channel_ops *ops, struct pal_str name)
{
	static const char *const members[] = {"enabled", "supported_message_types", "features"};
	static const struct {
		const char *member, *setting;
	} settings[] = {{"url", "url"},
			{"webhook_secret", "secret"},
			{"secret_overlap_hours", "secret"},
			{"integration_id", "secret"}};
	bool known = false;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		known |= pal_str_equal(name, pal_str(members[i]));
	for (size_t i = 0; i < PAL_CHANNEL_NUMBER_COUNT; i++)
		known |= pal_str_equal(name, pal_str(numbers[i].name));
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		known |= pal_str_equal(name, pal_str(settings[i].member)) &&
			 setting_of(ops, settings[i].setting);
	return known;
}

/* A word misspelt would otherwise be a setting that quietly does nothing. */
static void check_names(struct pal_fields *fields, const struct pal_fields_at *root,
			const struct pal_channel_ops *ops)
{
	const struct pal_json *json = fields->json;
	uint32_t key = pal_json_first(json, root->node);

	for (unsigned i = 0; i < json->node[root->node].count; i++, key = json->node[key + 1].next) {
		struct pal_str name = {json->text + json->node[key].at, json->node[key].len};
		char text[48];
		if (is_known(ops, name))
			continue;
		snprintf(text, sizeof(text), "%.*s", name.n > 47 ? 47 : (int)name.n, name.p);
		pal_fields_wrong(fields, root, text, "is not a setting of the channel %s", ops->name);
	}
}

static void read_type(struct pal_fields *fields, const struct pal_fields_at *element, void *arg)
{
	struct pal_channel_config *config = arg;
	enum pal_content_type type;
	struct pal_str name = {NULL, 0};

	if (pal_json_type(fields->json, element->node) == PAL_JSON_STRING)
		name = pal_json_string(fields->json, element->node, fields->arena);
	fields->failed_memory |=
		pal_json_type(fields->json, element->node) == PAL_JSON_STRING && !name.p;
	if (name.p && pal_content_type_parse(name, &type))
		config->types |= 1u << type;
	else
		pal_fields_wrong(fields, element, NULL, "is not a message type");
}

static void read_types(struct pal_fields *fields, const struct pal_fields_at *root,
		       struct pal_channel_config *config)
{
	if (pal_fields_value(fields, root, "supported_message_types", false) == PAL_JSON_NONE)
		return;
	config->types = 0;
	pal_fields_array(fields, root, "supported_message_types", 32, read_type, config);
	if (!config->types && fields->errors->count == 0)
		pal_fields_wrong(fields, root, "supported_message_types", "must name at least one");
}

void pal_channel_config_get(struct pal_fields *fields, const struct pal_fields_at *root,
			    struct pal_channel_config *config)
{
	config->enabled = pal_fields_bool(fields, root, "enabled", true);
	for (size_t i = 0; i < PAL_CHANNEL_NUMBER_COUNT; i++)
		config->number[i] = pal_fields_integer(fields, root, numbers[i].name, numbers[i].min,
						       numbers[i].max, numbers[i].usual);
	read_types(fields, root, config);
	struct pal_str features = pal_fields_verbatim(fields, root, "features",
						      PAL_CHANNEL_FEATURES_BYTES_MAX, 8);
	fields->failed_memory |= !pal_channel_config_keep(config, features, &config->features);
}

static bool is_plain_word(struct pal_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    c != '_' && c != '-')
			return false;
	}
	return true;
}

static void read_url(struct pal_fields *fields, const struct pal_fields_at *root,
		     const struct pal_guard *guard, struct pal_channel_config *config)
{
	const struct pal_text_rule rule = {.required = true, .min = 1, .max = PAL_OUTGOING_URL_MAX};
	struct pal_str url = pal_fields_text(fields, root, "url", &rule);
	struct pal_guard_target target;

	if (!url.p)
		return;
	enum pal_guard_rule refused = pal_guard_judge_url(guard, url, &target);
	if (refused != PAL_GUARD_PASS)
		pal_fields_wrong(fields, root, "url", "%s: it %.70s", pal_guard_rule_name(refused),
				 pal_guard_rule_sentence(refused));
	fields->failed_memory |= !pal_channel_config_keep(config, url, &config->url);
}

/* The new secret comes first; the one before it stays good for `overlap_ms`. */
static void replace_secret(struct pal_fields *fields, const struct pal_channel_config *old,
			   struct pal_str fresh, int64_t now_ms, int64_t overlap_ms,
			   struct pal_channel_config *config)
{
	bool is_same = !fresh.p || (old && pal_str_equal(old->secrets[0].text, fresh));

	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE && old && is_same; i++)
		fields->failed_memory |= !keep_secret(config, &old->secrets[i], &config->secrets[i]);
	if (is_same && old)
		return;
	config->secrets[0].created_ms = now_ms;
	fields->failed_memory |= !pal_channel_config_keep(config, fresh, &config->secrets[0].text);
	if (config->secrets[0].text.p)
		pal_channel_secret_name(&config->secrets[0]);
	if (old && old->secrets[0].text.n && overlap_ms > 0) {
		fields->failed_memory |= !keep_secret(config, &old->secrets[0], &config->secrets[1]);
		config->secrets[1].ends_ms = now_ms + overlap_ms;
	}
}

static void read_secret(struct pal_fields *fields, const struct pal_fields_at *root,
			const struct pal_channel_config *old, int64_t now_ms,
			struct pal_channel_config *config)
{
	bool has_one = old && old->secrets[0].text.n;
	const struct pal_text_rule rule = {.required = !has_one, .min = 1, .max = 160};
	const struct pal_text_rule id_rule = {.min = 1, .max = PAL_CHANNEL_INTEGRATION_MAX};
	struct pal_str fresh = pal_fields_text(fields, root, "webhook_secret", &rule);
	int64_t hours = pal_fields_integer(fields, root, "secret_overlap_hours", 0,
					   OVERLAP_HOURS_MAX, OVERLAP_HOURS);
	struct pal_str id = pal_fields_text(fields, root, "integration_id", &id_rule);

	if (id.p && !is_plain_word(id))
		pal_fields_wrong(fields, root, "integration_id",
				 "must have letters, digits, - and _ only");
	else if (id.p)
		fields->failed_memory |= !pal_channel_config_keep(config, id, &config->integration_id);
	replace_secret(fields, old, fresh, now_ms, hours * HOUR_MS, config);
}

/* The kind's own check of what was read; it names settings as the kind does. */
static void check_account(struct pal_fields *fields, const struct pal_fields_at *root,
			  const struct pal_channel_config *config, int64_t now_ms)
{
	struct pal_channel_account account;
	struct pal_error err;

	pal_channel_config_account(config, now_ms, &account);
	if (pal_channel_check_account(config->ops, &account, &err) == PAL_OK)
		return;
	bool is_secret = strcmp(err.subject, "secret") == 0;
	pal_fields_wrong(fields, root, is_secret ? "webhook_secret" : err.subject, "%.90s",
			 err.message);
}

void pal_channel_config_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     const struct pal_channel_config *old, const struct pal_guard *guard,
			     int64_t now_ms, struct pal_channel_config *config)
{
	check_names(fields, root, config->ops);
	pal_channel_config_get(fields, root, config);
	if (setting_of(config->ops, "url"))
		read_url(fields, root, guard, config);
	if (setting_of(config->ops, "secret"))
		read_secret(fields, root, old, now_ms, config);
	if (fields->errors->count == 0 && !fields->failed_memory)
		check_account(fields, root, config, now_ms);
	config->version = old ? old->version : 0;
	config->created_ms = old && old->version ? old->created_ms : now_ms;
	config->updated_ms = now_ms;
}

/* --- The view --------------------------------------------------------------------------------- */

static void put_types(struct pal_buf *out, uint32_t types)
{
	pal_view_key(out, "supported_message_types");
	pal_buf_add_char(out, '[');
	for (int t = 0; t < PAL_CONTENT_TYPE_COUNT; t++) {
		if (!(types & 1u << t))
			continue;
		pal_json_put_string(out, pal_str(pal_content_type_name((enum pal_content_type)t)));
		pal_buf_add_char(out, ',');
	}
	pal_view_close(out, ']');
	pal_buf_add_char(out, ',');
}

static void put_secrets(struct pal_buf *out, const struct pal_channel_config *config, int64_t now_ms)
{
	pal_view_key(out, "secrets");
	pal_buf_add_char(out, '[');
	size_t start = out->len;
	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE; i++) {
		const struct pal_channel_secret *secret = &config->secrets[i];
		if (!is_live(secret, now_ms))
			continue;
		pal_buf_add_char(out, '{');
		pal_view_text(out, "id", pal_str(secret->id));
		pal_view_time(out, "created_at", secret->created_ms);
		pal_view_time_if_any(out, "expires_at", secret->ends_ms);
		pal_view_close(out, '}');
		pal_buf_add_char(out, ',');
	}
	if (out->len == start)
		pal_buf_add_lit(out, "],");
	else
		pal_view_close(out, ']'), pal_buf_add_char(out, ',');
}

void pal_channel_config_put(const struct pal_channel_config *config, struct pal_buf *out)
{
	pal_view_flag(out, "enabled", config->enabled);
	for (size_t i = 0; i < PAL_CHANNEL_NUMBER_COUNT; i++)
		pal_view_number(out, numbers[i].name, config->number[i]);
	put_types(out, config->types);
	pal_view_raw(out, "features", config->features.n ? config->features : PAL_STR("{}"));
	pal_view_text(out, "url", config->url);
}

void pal_channel_config_view(const struct pal_channel_config *config, int64_t now_ms,
			     struct pal_buf *out)
{
	const struct pal_channel_capabilities *c = &config->ops->capabilities;
	bool is_signed = config->ops->is_signed;

	pal_view_text(out, "channel_type", pal_str(config->ops->name));
	pal_channel_config_put(config, out);
	pal_view_text(out, "integration_id",
		      is_signed ? config->integration_id : (struct pal_str){NULL, 0});
	put_secrets(out, config, now_ms);
	pal_view_flag(out, "supports_rich_media", c->can & PAL_CAN_IMAGE);
	pal_view_flag(out, "supports_buttons", c->can & PAL_CAN_BUTTONS);
	pal_view_flag(out, "supports_quick_replies", c->can & PAL_CAN_QUICK_REPLIES);
	pal_view_flag(out, "supports_carousel", c->can & PAL_CAN_CAROUSEL);
	pal_view_number(out, "version", config->version);
	pal_view_time_if_any(out, "created_at", config->created_ms);
	pal_view_time_if_any(out, "updated_at", config->updated_ms);
}
