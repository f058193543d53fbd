/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a PUT of a channel: read by the rules, with one that was set up before. What is right
 * is kept, read back, and shown as it was; no secret is shown. Then the body as a kept record.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "service/channel/config.h"

#define NOW_MS 1790000000000ll
#define SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pal_json json;
static const struct pal_tenant_key tenant = {1};
static const uint8_t key[PAL_SEAL_KEY_SIZE] = {7};

static void require(bool what)
{
	if (!what)
		abort();
}

static struct pal_channel_config *fresh(void)
{
	struct pal_channel_config *config = pal_channel_config_create(
		tenant, PAL_CHANNEL_WEBHOOK, pal_channel_find(PAL_STR("webhook")));

	require(config != NULL);
	return config;
}

/* NULL when something is wrong. */
static struct pal_channel_config *read_body(struct pal_str body,
					    const struct pal_channel_config *old)
{
	const struct pal_guard guard = {.allow_http = false};
	const struct pal_fields_at root = {.node = 0, .index = -1};
	struct pal_arena arena = {0};
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {.json = &json, .arena = &arena, .errors = &errors};
	struct pal_json_fault fault;
	struct pal_channel_config *config = NULL;

	if (pal_json_scan(&json, body, &fault) && pal_json_type(&json, 0) == PAL_JSON_OBJECT) {
		config = fresh();
		pal_channel_config_read(&fields, &root, old, &guard, NOW_MS, config);
		require(!fields.failed_memory);
		for (size_t i = 0; i < errors.count && i < PAL_FIELD_ERRORS_MAX; i++)
			require(errors.item[i].message[0]);
		if (errors.count) {
			pal_channel_config_unref(config);
			config = NULL;
		}
	}
	pal_arena_release(&arena);
	return config;
}

/* Who writes the secret into the URL shows it there. */
static bool is_said_elsewhere(const struct pal_channel_config *config, struct pal_str secret)
{
	const struct pal_str texts[] = {config->url, config->features, config->integration_id};
	bool is_said = secret.n < 16;	/* short ones are anywhere */

	for (size_t i = 0; i < 3; i++)
		is_said |= texts[i].n && memmem(texts[i].p, texts[i].n, secret.p, secret.n);
	return is_said;
}

static void check_kept(const struct pal_channel_config *config)
{
	struct pal_buf body = {0}, seen = {0}, again = {0};
	struct pal_channel_config *back = NULL;
	struct pal_json_fault fault;

	pal_channel_config_write(config, key, &body);
	pal_channel_config_view(config, NOW_MS, &seen);
	const struct pal_record record = {.id = PAL_STR("webhook"),
					  .body = pal_buf_str(&body),
					  .version = config->version,
					  .created_ms = config->created_ms,
					  .updated_ms = config->updated_ms};
	require(!body.failed && pal_json_scan(&json, pal_buf_str(&body), &fault));
	require(pal_channel_config_load(tenant, &record, key, &back, NULL) == PAL_OK);
	pal_channel_config_view(back, NOW_MS, &again);
	require(pal_str_equal(pal_buf_str(&seen), pal_buf_str(&again)));
	for (size_t i = 0; i < PAL_CHANNEL_SECRETS_LIVE; i++) {
		struct pal_str secret = config->secrets[i].text;
		require(pal_str_equal(secret, back->secrets[i].text));
		require(!secret.n || is_said_elsewhere(config, secret) ||
			!memmem(seen.data, seen.len, secret.p, secret.n));
	}
	pal_channel_config_unref(back);
	pal_buf_deinit(&body);
	pal_buf_deinit(&seen);
	pal_buf_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char first[] = "{\"url\":\"https://shop.example/\",\"webhook_secret\":\"" SECRET "\"}";
	struct pal_str body = {(const char *)data, size};
	struct pal_channel_config *back = NULL;
	struct pal_channel_config *old = read_body(pal_str(first), NULL);
	struct pal_channel_config *config = read_body(body, old);
	const struct pal_record record = {.id = PAL_STR("webhook"), .body = body, .version = 1};

	require(old != NULL);
	if (config)
		check_kept(config);
	pal_channel_config_unref(config);
	pal_channel_config_unref(old);
	if (pal_channel_config_load(tenant, &record, key, &back, NULL) == PAL_OK)
		check_kept(back);
	pal_channel_config_unref(back);
	return 0;
}
