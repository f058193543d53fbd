/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/key_rules.h"

#include <stdlib.h>

#include "base/json.h"

static void put_list(struct pal_buf *out, const struct pal_str *items, size_t count)
{
	pal_buf_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		pal_buf_add(out, ",", i ? 1 : 0);
		pal_json_put_string(out, items[i]);
	}
	pal_buf_add_char(out, ']');
}

void pal_key_rules_write(const struct pal_key_rules *rules, struct pal_buf *out)
{
	pal_buf_add_lit(out, "{\"scopes\":");
	put_list(out, rules->scopes, rules->scopes_count);
	pal_buf_add_lit(out, ",\"allowed_ips\":");
	put_list(out, rules->networks, rules->networks_count);
	pal_buf_add_lit(out, ",\"rate_limit_per_minute\":");
	if (rules->per_minute)
		pal_buf_add_i64(out, rules->per_minute);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_addf(out, ",\"require_https\":%s,\"created_by\":",
		     rules->require_https ? "true" : "false");
	pal_json_put_string(out, rules->created_by);
	pal_buf_add_char(out, '}');
}

static bool apply_networks(const struct pal_json *json, struct pal_live_key *key)
{
	uint32_t list = pal_json_member(json, 0, PAL_STR("allowed_ips"));

	if (list == PAL_JSON_NONE)
		return true;
	if (pal_json_type(json, list) != PAL_JSON_ARRAY ||
	    json->node[list].count > PAL_KEY_NETWORKS_MAX)
		return false;
	uint32_t at = pal_json_first(json, list);
	for (unsigned i = 0; i < json->node[list].count; i++) {
		const struct pal_json_node *item = &json->node[at];
		struct pal_str text = {json->text + item->at, item->len};
		if (pal_json_type(json, at) != PAL_JSON_STRING ||
		    pal_network_read(text, &key->networks[i], NULL) != PAL_OK)
			return false;
		at = item->next;
	}
	key->networks_count = json->node[list].count;
	return true;
}

/* An empty list of scopes narrows nothing. */
static bool apply_scopes(const struct pal_json *json, struct pal_live_key *key)
{
	uint32_t list = pal_json_member(json, 0, PAL_STR("scopes"));

	if (list == PAL_JSON_NONE)
		return true;
	if (pal_json_type(json, list) != PAL_JSON_ARRAY)
		return false;
	if (json->node[list].count)
		key->scopes = pal_json_raw(json, list);
	return true;
}

static bool apply(const struct pal_json *json, struct pal_live_key *key)
{
	uint32_t https = pal_json_member(json, 0, PAL_STR("require_https"));
	uint32_t rate = pal_json_member(json, 0, PAL_STR("rate_limit_per_minute"));
	int64_t n = 0;

	if (rate != PAL_JSON_NONE && pal_json_type(json, rate) != PAL_JSON_NULL &&
	    (pal_json_type(json, rate) != PAL_JSON_NUMBER || !pal_json_integer(json, rate, &n) ||
	     n < 1 || n > UINT32_MAX / 2))
		return false;
	key->per_minute = (uint32_t)n;
	key->require_https = https != PAL_JSON_NONE && pal_json_type(json, https) == PAL_JSON_TRUE;
	return apply_scopes(json, key) && apply_networks(json, key);
}

bool pal_key_rules_apply(struct pal_str text, struct pal_live_key *key)
{
	struct pal_json_fault fault;

	if (text.n == 0)
		return true;
	struct pal_json *json = malloc(sizeof(*json));
	if (!json)
		return false;
	bool good = pal_json_scan(json, text, &fault) &&
		    pal_json_type(json, 0) == PAL_JSON_OBJECT && apply(json, key);
	free(json);
	return good;
}
