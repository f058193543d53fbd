/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/request.h"

#include "base/suggest.h"
#include "ctl/failure.h"

struct pal_ctl_args {
	const struct pal_json *json;
	uint32_t at;	/* PAL_JSON_NONE: the request had none */
	struct pal_arena *arena;
};

struct pal_str pal_ctl_arg(const struct pal_ctl_args *args, const char *name)
{
	uint32_t at = PAL_JSON_NONE;

	if (args->at != PAL_JSON_NONE)
		at = pal_json_member(args->json, args->at, pal_str(name));
	if (at == PAL_JSON_NONE || pal_json_type(args->json, at) != PAL_JSON_STRING)
		return (struct pal_str){0};
	return pal_json_string(args->json, at, args->arena);
}

static void refuse(struct pal_ctl_conn *conn, const struct pal_error *err)
{
	pal_ctl_put_failure(&conn->out, err, (struct pal_str){0});
}

void pal_ctl_refuse_and_close(struct pal_ctl_conn *conn, const char *why, size_t at)
{
	struct pal_error err;

	pal_fail(&err, PAL_E_VALIDATION, "request", "%s at byte %zu", why, at);
	refuse(conn, &err);
	conn->is_closing = true;
}

static void refuse_command(struct pal_ctl_desk *desk, struct pal_ctl_conn *conn,
			   struct pal_str name)
{
	struct pal_suggest near = {.word = name};
	int shown = name.n > 40 ? 40 : (int)name.n;
	struct pal_error err;

	for (size_t i = 0; i < desk->options.count; i++)
		pal_suggest_offer(&near, desk->options.commands[i].name);
	if (near.best)
		pal_fail(&err, PAL_E_VALIDATION, "command",
			 "there is no command \"%.*s\"; did you mean \"%s\"?", shown, name.p,
			 near.best);
	else
		pal_fail(&err, PAL_E_VALIDATION, "command",
			 "there is no command \"%.*s\"; \"help\" lists them", shown, name.p);
	refuse(conn, &err);
}

static void answer_help(struct pal_ctl_desk *desk, struct pal_ctl_reply *reply)
{
	struct pal_buf *body = pal_ctl_reply_body(reply);

	pal_buf_add_lit(body, "{\"commands\":[");
	for (size_t i = 0; i < desk->options.count; i++) {
		pal_buf_addf(body, "%s{\"name\":", i > 0 ? "," : "");
		pal_json_put_string(body, pal_str(desk->options.commands[i].name));
		pal_buf_add_lit(body, ",\"help\":");
		pal_json_put_string(body, pal_str(desk->options.commands[i].help));
		pal_buf_add_char(body, '}');
	}
	pal_buf_add_lit(body, "]}");
	pal_ctl_reply_send(reply);
}

static const struct pal_ctl_command *find(const struct pal_ctl_desk *desk, struct pal_str name)
{
	for (size_t i = 0; i < desk->options.count; i++) {
		if (pal_str_equal(pal_str(desk->options.commands[i].name), name))
			return &desk->options.commands[i];
	}
	return NULL;
}

static void call(struct pal_ctl_desk *desk, struct pal_ctl_conn *conn, struct pal_str name,
		 uint32_t args_at)
{
	const struct pal_ctl_command *command = find(desk, name);
	bool is_help = pal_str_equal(name, PAL_STR("help"));

	if (!command && !is_help) {
		refuse_command(desk, conn, name);
		return;
	}
	struct pal_ctl_reply *reply = pal_ctl_reply_create(desk->outbox, conn->id);
	if (!reply) {
		conn->is_closing = true;
		return;
	}
	conn->is_busy = true;
	if (is_help) {
		answer_help(desk, reply);
		return;
	}
	struct pal_ctl_args args = {&desk->json, args_at, &desk->arena};
	command->handler(desk->options.arg, &args, reply);
}

void pal_ctl_desk_handle(struct pal_ctl_desk *desk, struct pal_ctl_conn *conn, struct pal_str line)
{
	struct pal_json_fault fault;

	if (!pal_json_scan(&desk->json, line, &fault)) {
		pal_ctl_refuse_and_close(conn, fault.why, fault.at);
		return;
	}
	struct pal_ctl_args root = {&desk->json, 0, &desk->arena};
	struct pal_str name = pal_ctl_arg(&root, "command");
	uint32_t args_at = pal_json_member(&desk->json, 0, PAL_STR("args"));
	struct pal_error err;

	if (!name.p) {
		pal_fail(&err, PAL_E_VALIDATION, "command", "a request is {\"command\":\"...\"}");
		refuse(conn, &err);
	} else if (args_at != PAL_JSON_NONE &&
		   pal_json_type(&desk->json, args_at) != PAL_JSON_OBJECT) {
		pal_fail(&err, PAL_E_VALIDATION, "args", "must be an object");
		refuse(conn, &err);
	} else {
		call(desk, conn, name, args_at);
	}
	pal_arena_release(&desk->arena);
}
