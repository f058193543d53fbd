/* SPDX-License-Identifier: Apache-2.0 */
/* How a channel's configuration is kept. */
#include <stdio.h>

#include "base/crypto.h"
#include "channel/channel.h"
#include "service/channel/parts.h"
#include "service/view/answer.h"
#include "service/view/view.h"

/* Where a sealed secret belongs: it cannot be moved to another tenant or channel. */
static struct pal_str place_of(const struct pal_channel_config *config, char out[64])
{
	int n = snprintf(out, 64, "%lld/%s/secret", (long long)config->tenant.n, config->ops->name);

	return (struct pal_str){out, (size_t)n};
}

static void write_secret(const struct pal_channel_config *config,
			 const struct pal_channel_secret *secret, const uint8_t *key,
			 struct pal_buf *out)
{
	struct pal_buf sealed = pal_buf_of(0);
	char place[64];

	out->failed |= !pal_seal(key, place_of(config, place), secret->text, &sealed);
	pal_buf_add_lit(out, "{\"sealed\":\"");
	pal_base64_encode(out, sealed.data, sealed.len);
	pal_buf_addf(out, "\",\"created_ms\":%lld,\"ends_ms\":%lld},",
		     (long long)secret->created_ms, (long long)secret->ends_ms);
	pal_buf_deinit(&sealed);
}

void pal_channel_config_write(const struct pal_channel_config *config,
			      const uint8_t key[PAL_SEAL_KEY_SIZE], struct pal_buf *out)
{
	uint8_t id[PAL_SHA256_SIZE];

	pal_sha256((struct pal_str){(const char *)key, PAL_SEAL_KEY_SIZE}, id);
	pal_buf_add_char(out, '{');
	pal_channel_config_put(config, out);
	pal_view_text(out, "integration_id", config->integration_id);
	pal_view_key(out, "key_id");	/* which key the secrets are sealed under */
	pal_buf_add_char(out, '"');
	pal_hex_encode(out, id, 4);
	pal_buf_add_lit(out, "\",\"sealed\":[");
	size_t start = out->len;
	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE; i++)
		if (config->secrets[i].text.n)
			write_secret(config, &config->secrets[i], key, out);
	if (out->len > start)
		out->len--;
	pal_buf_add_lit(out, "]}");
}

static int64_t integer_at(const struct pal_json *json, uint32_t at, const char *name)
{
	int64_t n = 0;

	at = pal_json_member(json, at, pal_str(name));
	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER)
		(void)!pal_json_integer(json, at, &n);
	return n;
}

/* PAL_E_CONFIG when it is damaged or was sealed under another key, PAL_E_SERVICE. */
static enum pal_code load_secret(struct pal_channel_config *config, const struct pal_json *json,
				 uint32_t at, const uint8_t *key, struct pal_channel_secret *ret)
{
	uint32_t text = pal_json_member(json, at, PAL_STR("sealed"));
	struct pal_buf sealed = pal_buf_of(0), plain = pal_buf_of(0);
	char place[64];

	if (text == PAL_JSON_NONE || pal_json_type(json, text) != PAL_JSON_STRING)
		return PAL_E_CONFIG;
	bool is_read =
		pal_base64_decode((struct pal_str){json->text + json->node[text].at,
						   json->node[text].len},
				  &sealed) &&
		pal_unseal(key, place_of(config, place), pal_buf_str(&sealed), &plain);
	bool is_kept = is_read && pal_channel_config_keep(config, pal_buf_str(&plain), &ret->text);
	ret->created_ms = integer_at(json, at, "created_ms");
	ret->ends_ms = integer_at(json, at, "ends_ms");
	if (is_kept)
		pal_channel_secret_name(ret);
	enum pal_code code = is_kept ? PAL_OK
			     : is_read || sealed.failed || plain.failed ? PAL_E_SERVICE
									: PAL_E_CONFIG;
	if (plain.data)
		explicit_bzero(plain.data, plain.cap);
	pal_buf_deinit(&plain);
	pal_buf_deinit(&sealed);
	return code;
}

static enum pal_code load_secrets(struct pal_channel_config *config, const struct pal_json *json,
				  const uint8_t *key)
{
	uint32_t list = pal_json_member(json, 0, PAL_STR("sealed"));
	enum pal_code code = PAL_OK;

	if (list == PAL_JSON_NONE || pal_json_type(json, list) != PAL_JSON_ARRAY ||
	    json->node[list].count > PAL_CHANNEL_SECRETS_LIVE)
		return PAL_E_CONFIG;
	uint32_t at = pal_json_first(json, list);
	for (unsigned i = 0; i < json->node[list].count && code == PAL_OK; i++) {
		code = load_secret(config, json, at, key, &config->secrets[i]);
		at = json->node[at].next;
	}
	return code;
}

static enum pal_code load_common(struct pal_channel_config *config, const struct pal_json *json)
{
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {.json = json, .arena = &config->arena, .errors = &errors};
	const struct pal_fields_at root = {.node = 0, .index = -1};
	const struct pal_text_rule rule = {.max = PAL_OUTGOING_URL_MAX};

	pal_channel_config_get(&fields, &root, config);
	struct pal_str url = pal_fields_text(&fields, &root, "url", &rule);
	struct pal_str id = pal_fields_text(&fields, &root, "integration_id", &rule);
	if (fields.failed_memory || !pal_channel_config_keep(config, url, &config->url) ||
	    !pal_channel_config_keep(config, id, &config->integration_id))
		return PAL_E_SERVICE;
	return errors.count == 0 && id.n ? PAL_OK : PAL_E_CONFIG;
}

static enum pal_code fail(enum pal_code code, struct pal_error *err)
{
	return code == PAL_E_CONFIG
		       ? pal_fail(err, code, "channel", "it is damaged, or sealed under another key")
		       : pal_fail_memory(err, "channel");
}

enum pal_code pal_channel_config_load(struct pal_tenant_key tenant, const struct pal_record *record,
				      const uint8_t key[PAL_SEAL_KEY_SIZE],
				      struct pal_channel_config **ret, struct pal_error *err)
{
	const struct pal_channel_ops *ops = pal_channel_find(record->id);
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	enum pal_channel_type type;

	if (!ops || !pal_channel_parse(record->id, &type) ||
	    !pal_json_scan(json, record->body, &fault) || pal_json_type(json, 0) != PAL_JSON_OBJECT)
		return fail(PAL_E_CONFIG, err);
	struct pal_channel_config *config = pal_channel_config_create(tenant, type, ops);
	if (!config)
		return fail(PAL_E_SERVICE, err);
	config->version = record->version;
	config->created_ms = record->created_ms;
	config->updated_ms = record->updated_ms;
	enum pal_code code = load_common(config, json);
	if (code == PAL_OK)
		code = load_secrets(config, json, key);
	if (code == PAL_OK) {
		*ret = config;
		return PAL_OK;
	}
	pal_channel_config_unref(config);
	return fail(code, err);
}
