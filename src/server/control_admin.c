/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket's commands for tenants, API keys and limits. Whoever may open the socket is
 * the operator: nothing is refused here for want of a permission.
 */
#include "server/control_admin.h"

#include <stdlib.h>
#include <string.h>

#include "api/limit.h"
#include "base/json.h"
#include "server/parts.h"
#include "service/access/admin.h"
#include "service/access/key_rules.h"

#define SETTINGS_MAX 32u

/* A change on its way; its texts live in the change's own arena. */
struct change {
	struct pal_admin admin;		/* first */
	struct pal_ctl_reply *reply;
	struct pal_str settings[SETTINGS_MAX];
};

static void fail(struct pal_ctl_reply *reply, const struct pal_error *err)
{
	pal_ctl_reply_fail(reply, err, (struct pal_str){NULL, 0});
}

static void refuse(struct pal_ctl_reply *reply, const char *field, const char *why)
{
	struct pal_error err;

	pal_fail(&err, PAL_E_VALIDATION, field, "%s", why);
	fail(reply, &err);
}

static void fail_memory(struct pal_ctl_reply *reply)
{
	struct pal_error err;

	(void)!pal_fail_memory(&err, "palaverd");
	fail(reply, &err);
}

static void done(struct pal_admin *admin)
{
	struct change *change = (struct change *)admin;

	if (admin->code == PAL_OK) {
		pal_buf_add_str(pal_ctl_reply_body(change->reply), pal_buf_str(&admin->data));
		pal_ctl_reply_send(change->reply);
	} else {
		fail(change->reply, &admin->err);
	}
	if (admin->data.len)
		explicit_bzero(admin->data.data, admin->data.len);	/* it may be a key */
	pal_buf_deinit(&admin->data);
	pal_arena_release(&admin->arena);
	free(change);
}

/* A change of tenant `tenant`; NULL: the reply is answered. */
static struct change *begin(struct pal_server *server, const struct pal_ctl_args *args,
			    struct pal_ctl_reply *reply, enum pal_admin_kind kind)
{
	struct pal_str tenant = pal_ctl_arg(args, "tenant"), id = pal_ctl_arg(args, "id");
	struct change *change = NULL;

	if (!tenant.n) {
		refuse(reply, "tenant", "tenant is required");
		return NULL;
	}
	change = calloc(1, sizeof(*change));
	if (!change) {
		fail_memory(reply);
		return NULL;
	}
	change->reply = reply;
	change->admin = (struct pal_admin){
		.access = server->access,
		.kind = kind,
		.caller = {.key_id = PAL_STR("palaverctl"), .permissions = PAL_STR("*")},
		.done = done,
	};
	change->admin.tenant_id = pal_arena_copy(&change->admin.arena, tenant);
	if (id.n)
		change->admin.id = pal_arena_copy(&change->admin.arena, id);
	if (change->admin.tenant_id.p && (!id.n || change->admin.id.p))
		return change;
	pal_arena_release(&change->admin.arena);
	free(change);
	fail_memory(reply);
	return NULL;
}

static void end(struct change *change)
{
	pal_arena_release(&change->admin.arena);
	free(change);
}

static void put(struct pal_server *server, struct change *change)
{
	pal_admin_put(server->front, &change->admin);
}

/* --- Tenants ---------------------------------------------------------------------------------- */

/* Take the lines of `text` as settings. False: too many, or no memory. */
static bool take_settings(struct change *change, struct pal_str text)
{
	struct pal_str rest = pal_arena_copy(&change->admin.arena, text);

	if (!rest.p)
		return false;
	while (rest.n) {
		const char *end_of = memchr(rest.p, '\n', rest.n);
		size_t n = end_of ? (size_t)(end_of - rest.p) : rest.n;
		if (n && change->admin.settings_count == SETTINGS_MAX)
			return false;
		if (n)
			change->settings[change->admin.settings_count++] =
				(struct pal_str){rest.p, n};
		n += end_of ? 1 : 0;
		rest.p += n;
		rest.n -= n;
	}
	change->admin.settings_set = change->settings;
	return true;
}

static void change_tenant(struct pal_server *server, const struct pal_ctl_args *args,
			  struct pal_ctl_reply *reply, enum pal_admin_kind kind,
			  struct pal_str settings)
{
	struct change *change = begin(server, args, reply, kind);

	if (!change)
		return;
	if (!take_settings(change, settings)) {
		end(change);
		refuse(reply, "settings", "there are more than 32 settings");
		return;
	}
	put(server, change);
}

void pal_control_tenant_add(void *arg, const struct pal_ctl_args *args,
			    struct pal_ctl_reply *reply)
{
	change_tenant(arg, args, reply, PAL_ADMIN_TENANT_ADD, pal_ctl_arg(args, "settings"));
}

void pal_control_tenant_set(void *arg, const struct pal_ctl_args *args,
			    struct pal_ctl_reply *reply)
{
	change_tenant(arg, args, reply, PAL_ADMIN_TENANT_SET, pal_ctl_arg(args, "settings"));
}

void pal_control_tenant_suspend(void *arg, const struct pal_ctl_args *args,
				struct pal_ctl_reply *reply)
{
	change_tenant(arg, args, reply, PAL_ADMIN_TENANT_SET, PAL_STR("status=suspended"));
}

void pal_control_tenant_activate(void *arg, const struct pal_ctl_args *args,
				 struct pal_ctl_reply *reply)
{
	change_tenant(arg, args, reply, PAL_ADMIN_TENANT_SET, PAL_STR("status=active"));
}

/* Send what was written into the body, or why it was not. */
static void answer(struct pal_ctl_reply *reply, enum pal_code code, const struct pal_error *err,
		   struct pal_arena *arena)
{
	pal_arena_release(arena);
	if (code == PAL_OK)
		pal_ctl_reply_send(reply);
	else
		fail(reply, err);
}

void pal_control_tenant_list(void *arg, const struct pal_ctl_args *args,
			     struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_error err;

	(void)args;
	answer(reply,
	       pal_admin_list_tenants(server->access, &arena, pal_ctl_reply_body(reply), &err),
	       &err, &arena);
}

void pal_control_tenant_show(void *arg, const struct pal_ctl_args *args,
			     struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_error err;

	answer(reply,
	       pal_admin_get_tenant(server->access, pal_ctl_arg(args, "tenant"), &arena,
				    pal_ctl_reply_body(reply), &err),
	       &err, &arena);
}

/* --- API keys --------------------------------------------------------------------------------- */

static bool read_number(struct pal_str text, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || n > max)
			return false;
		n = n * 10 + (text.p[i] - '0');
	}
	*ret = n;
	return text.n > 0 && n <= max;
}

/* The comma-separated networks of `text`. False: too many, or one is none. */
static bool take_networks(struct pal_str text, struct pal_str *out, size_t *ret_count)
{
	struct pal_network network;

	for (*ret_count = 0; text.n; ) {
		const char *comma = memchr(text.p, ',', text.n);
		size_t n = comma ? (size_t)(comma - text.p) : text.n;
		struct pal_str one = {text.p, n};
		if (*ret_count == PAL_KEY_NETWORKS_MAX ||
		    pal_network_read(one, &network, NULL) != PAL_OK)
			return false;
		out[(*ret_count)++] = one;
		n += comma ? 1 : 0;
		text.p += n;
		text.n -= n;
	}
	return true;
}

/* What is wrong with the wish, or NULL; `field` says where. */
static const char *read_wish(const struct pal_ctl_args *args, struct change *change,
			     struct pal_key_rules *rules, const char **field)
{
	struct pal_str days = pal_ctl_arg(args, "days"), rate = pal_ctl_arg(args, "per_minute");
	struct pal_admin *admin = &change->admin;
	struct pal_arena *arena = &admin->arena;
	int64_t n = 0;

	admin->wish = (struct pal_key_wish){
		.name = pal_arena_copy(arena, pal_ctl_arg(args, "name")),
		.permissions = pal_arena_copy(arena, pal_ctl_arg(args, "permissions")),
		.live = !pal_str_equal(pal_ctl_arg(args, "environment"), PAL_STR("test")),
	};
	*field = "name";
	if (admin->wish.name.n == 0 || admin->wish.name.n > 255)
		return "a key needs a name of 1 to 255 bytes";
	*field = "permissions";
	if (!pal_permissions_are_formed(admin->wish.permissions))
		return "permissions are category:action, category:* or *, at most 32";
	*field = "days";
	if (days.n && (!read_number(days, 36500, &n) || n == 0))
		return "days must be a whole number up to 36500";
	if (n)
		admin->wish.expires_ms =
			pal_clock_wall_ms(pal_clock_system()) + n * INT64_C(86400000);
	*field = "per_minute";
	if (rate.n && (!read_number(rate, 1000000, &rules->per_minute) || !rules->per_minute))
		return "per_minute must be a whole number up to 1000000";
	return NULL;
}

static const char *take_wish(const struct pal_ctl_args *args, struct change *change,
			     const char **field)
{
	struct pal_str networks[PAL_KEY_NETWORKS_MAX];
	struct pal_key_rules rules = {.networks = networks, .created_by = PAL_STR("palaverctl")};
	struct pal_buf text = pal_buf_of(0);
	const char *wrong = read_wish(args, change, &rules, field);

	if (wrong)
		return wrong;
	*field = "from";
	if (!take_networks(pal_ctl_arg(args, "from"), networks, &rules.networks_count))
		return "addresses are networks such as 10.0.0.0/8, between commas, at most 16";
	pal_key_rules_write(&rules, &text);
	change->admin.wish.rules = pal_arena_take_buf(&change->admin.arena, &text);
	return change->admin.wish.rules.p ? NULL : "out of memory";
}

void pal_control_key_create(void *arg, const struct pal_ctl_args *args,
			    struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct change *change = begin(server, args, reply, PAL_ADMIN_KEY_CREATE);
	const char *field = NULL;

	if (!change)
		return;
	const char *wrong = take_wish(args, change, &field);
	if (wrong) {
		end(change);
		refuse(reply, field, wrong);
		return;
	}
	put(server, change);
}

void pal_control_key_list(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_error err;
	struct pal_tenant_key tenant =
		pal_access_tenant(server->access, pal_ctl_arg(args, "tenant"));

	answer(reply,
	       pal_admin_list_keys(server->access, tenant, &arena, pal_ctl_reply_body(reply), &err),
	       &err, &arena);
}

void pal_control_key_revoke(void *arg, const struct pal_ctl_args *args,
			    struct pal_ctl_reply *reply)
{
	struct change *change = begin(arg, args, reply, PAL_ADMIN_KEY_REVOKE);

	if (change)
		put(arg, change);
}

void pal_control_key_rotate(void *arg, const struct pal_ctl_args *args,
			    struct pal_ctl_reply *reply)
{
	struct pal_str grace = pal_ctl_arg(args, "grace_minutes");
	struct change *change = begin(arg, args, reply, PAL_ADMIN_KEY_ROTATE);

	if (!change)
		return;
	change->admin.grace_minutes = 1440;
	if (grace.n &&
	    !read_number(grace, PAL_KEY_GRACE_MINUTES_MAX, &change->admin.grace_minutes)) {
		end(change);
		refuse(reply, "grace_minutes", "grace_minutes must be a whole number up to 10080");
		return;
	}
	put(arg, change);
}

/* --- Limits ----------------------------------------------------------------------------------- */

/* Read whom the arguments mean; false: the reply is answered. */
static bool read_caller(struct pal_server *server, const struct pal_ctl_args *args,
			struct pal_ctl_reply *reply, struct pal_limits_id *ret)
{
	struct pal_str kind = pal_ctl_arg(args, "kind"), id = pal_ctl_arg(args, "id");
	struct pal_live_tenant *tenant =
		pal_access_live(server->access, pal_ctl_arg(args, "tenant"));
	struct pal_error err;

	if (!tenant) {
		pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
		fail(reply, &err);
		return false;
	}
	if (pal_str_equal(kind, PAL_STR("tenant"))) {
		(void)!pal_limit_id_of_tenant(tenant, ret);
		return true;
	}
	bool is_key = pal_str_equal(kind, PAL_STR("key"));
	if ((!is_key && !pal_str_equal(kind, PAL_STR("user"))) || !id.n) {
		refuse(reply, id.n ? "kind" : "id",
		       "kind must be key, user or tenant, and the first two need an id");
		return false;
	}
	*ret = (struct pal_limits_id){.kind = is_key ? PAL_LIMITS_KEY : PAL_LIMITS_USER,
				      .tenant = tenant->key,
				      .text = id,
				      .tier = is_key ? PAL_TIER_API_KEY : PAL_TIER_STANDARD};
	const struct pal_live_key *key =
		is_key ? pal_access_live_key(server->access, tenant->key, id) : NULL;
	if (key)
		ret->own[PAL_LIMITS_MINUTE] = key->per_minute;
	return true;
}

static void put_caller(struct pal_buf *out, const struct pal_ctl_args *args)
{
	static const char *const names[] = {"tenant", "kind", "id"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pal_str value = pal_ctl_arg(args, names[i]);
		pal_buf_addf(out, "%s\"%s\":", i ? "," : "{", names[i]);
		pal_json_put_string(out, value.p ? value : PAL_STR("-"));
	}
}

/* Peeking: what is told is not counted. */
void pal_control_limits_show(void *arg, const struct pal_ctl_args *args,
			     struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_buf *out = pal_ctl_reply_body(reply);
	uint32_t used[PAL_LIMITS_WINDOW_COUNT], limit[PAL_LIMITS_WINDOW_COUNT];
	struct pal_limits_verdict verdict;
	struct pal_limits_id who;

	if (!read_caller(server, args, reply, &who))
		return;
	pal_limits_peek(server->limits, &who, &verdict);
	(void)!pal_limits_used(server->limits, &who, used, limit);
	put_caller(out, args);
	pal_buf_addf(out, ",\"enabled\":%s,\"admitted\":%s,\"windows\":[",
		     pal_limits_are_enabled(server->limits) ? "true" : "false",
		     verdict.admitted ? "true" : "false");
	for (int w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		pal_buf_addf(out, "%s{\"window\":\"%s\",\"used\":%u,\"limit\":", w ? "," : "",
			     pal_limits_window_name((enum pal_limits_window)w), used[w]);
		if (limit[w] == PAL_LIMITS_NONE)
			pal_buf_add_lit(out, "null}");
		else
			pal_buf_addf(out, "%u}", limit[w]);
	}
	pal_buf_add_lit(out, "]}");
	pal_ctl_reply_send(reply);
}

void pal_control_limits_reset(void *arg, const struct pal_ctl_args *args,
			      struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_buf *out = pal_ctl_reply_body(reply);
	struct pal_limits_id who;

	if (!read_caller(server, args, reply, &who))
		return;
	put_caller(out, args);
	pal_buf_addf(out, ",\"admitted\":true,\"reset\":%s}",
		     pal_limits_reset(server->limits, &who) ? "true" : "false");
	pal_ctl_reply_send(reply);
}
