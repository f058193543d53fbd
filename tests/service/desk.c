/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdio.h>

#include <json-c/json_pointer.h>

#include "store/store.h"
#include "suite.h"

#define ROUNDS_MAX 10000

struct desk desk;

#define TEXT(literal) {literal, sizeof(literal) - 1}	/* PAL_STR is no constant */

const struct pal_caller ann = {.tenant = {1},
				      .tenant_id = TEXT("acme"),
				      .user_id = TEXT("ann"),
				      .permissions = TEXT("conversations:read")};
const struct pal_caller bob = {.tenant = {1},
				      .tenant_id = TEXT("acme"),
				      .user_id = TEXT("bob"),
				      .permissions = TEXT("conversations:read")};
const struct pal_caller staff = {.tenant = {1},
					.tenant_id = TEXT("acme"),
					.user_id = TEXT("eve"),
					.permissions = TEXT("conversations:staff")};
/* A backend of another tenant. */
const struct pal_caller stranger = {.tenant = {2},
					   .tenant_id = TEXT("other"),
					   .key_id = TEXT("key-2"),
					   .permissions = TEXT("*")};

static void on_done(struct pal_session_call *c)
{
	(void)c;
	CU_ASSERT_FALSE(desk.is_done);
	desk.is_done = true;
}

static void desk_forget(void)
{
	json_object_put(desk.tree);
	desk.tree = NULL;
	pal_buf_deinit(&desk.call.data);
}

void desk_open(void)
{
	rig_open(&desk.rig, &(struct rig_spec){0});
}

void desk_close(void)
{
	desk_forget();
	rig_close(&desk.rig);
}

/* Crank until what was asked is done. */
static void desk_crank(void)
{
	for (int i = 0; !desk.is_done && i < ROUNDS_MAX; i++)
		rig_store(&desk.rig);
	CU_ASSERT_FATAL(desk.is_done);
}

enum pal_code desk_finish(void)
{
	desk_crank();
	if (desk.call.code != PAL_OK) {
		CU_ASSERT_PTR_NULL(desk.call.data.data);
		return desk.call.code;
	}
	pal_buf_add_char(&desk.call.data, '\0');
	desk.tree = json_tokener_parse(desk.call.data.data);
	CU_ASSERT_PTR_NOT_NULL(desk.tree);
	return PAL_OK;
}

void desk_begin(const struct pal_caller *caller, enum pal_session_op op, const char *session)
{
	desk_forget();
	desk.is_done = false;
	desk.call = (struct pal_session_call){.op = op,
					 .caller = caller,
					 .request_id = PAL_STR("request-1"),
					 .id = pal_str(session),
					 .done = on_done};
}

enum pal_code desk_ask(const struct pal_caller *caller, enum pal_session_op op,
			 const char *session)
{
	desk_begin(caller, op, session);
	pal_sessions_run(desk.rig.sessions, &desk.call);
	return desk_finish();
}

const char *desk_at(const char *pointer)
{
	struct json_object *found = NULL;

	if (!desk.tree || json_pointer_get(desk.tree, pointer, &found) != 0)
		return "absent";
	return found ? json_object_get_string(found) : "null";
}

enum pal_code desk_create_under(const struct pal_caller *caller, const char *key,
				  struct pal_session_create what)
{
	desk_begin(caller, PAL_SESSION_CREATE, NULL);
	desk.call.idempotency_key = pal_str(key);
	desk.call.ask.create = what;
	if (!what.user_id.p)
		desk.call.ask.create.user_id = PAL_STR("ann");
	pal_sessions_run(desk.rig.sessions, &desk.call);
	if (desk_finish() != PAL_OK)
		return desk.call.code;
	snprintf(desk.id, sizeof(desk.id), "%s", desk_at("/session_id"));
	return PAL_OK;
}

enum pal_code desk_create(struct pal_session_create what)
{
	return desk_create_under(&ann, NULL, what);
}

const char *desk_fresh(void)
{
	CU_ASSERT_EQUAL_FATAL(desk_create((struct pal_session_create){.channel = PAL_CHANNEL_WEB}),
			      PAL_OK);
	return desk.id;
}

enum pal_code desk_get(void)
{
	return desk_ask(&ann, PAL_SESSION_GET, desk.id);
}

enum pal_code desk_update(struct pal_session_update what)
{
	desk_begin(&ann, PAL_SESSION_UPDATE, desk.id);
	desk.call.ask.update = what;
	pal_sessions_run(desk.rig.sessions, &desk.call);
	return desk_finish();
}

enum pal_code desk_extend(int64_t by_ms)
{
	desk_begin(&ann, PAL_SESSION_EXTEND, desk.id);
	desk.call.ask.extend.extend_ms = by_ms;
	pal_sessions_run(desk.rig.sessions, &desk.call);
	return desk_finish();
}

enum pal_code desk_list(const struct pal_caller *caller, enum pal_session_op op,
			  struct pal_session_list what)
{
	desk_begin(caller, op, NULL);
	desk.call.ask.list = what;
	if (!what.limit)
		desk.call.ask.list.limit = 50;
	pal_sessions_run(desk.rig.sessions, &desk.call);
	return desk_finish();
}

enum pal_code desk_list_of(const char *user)
{
	return desk_list(&desk.rig.backend, PAL_SESSION_LIST_USER,
		    (struct pal_session_list){.user_id = pal_str(user)});
}

size_t desk_shown(void)
{
	return json_object_array_length(desk.tree);
}

/* How many records the store has, over or not. */
static bool count_one(void *arg, const struct pal_record *record)
{
	(void)record;
	++*(size_t *)arg;
	return true;
}

size_t desk_stored(void)
{
	const struct pal_str none = {NULL, 0};
	struct pal_error err;
	size_t count = 0;

	CU_ASSERT_EQUAL(pal_store_walk_records(desk.rig.script.memory, 0, ann.tenant, PAL_SESSION_KIND,
					       none, -1, none, SIZE_MAX, count_one, &count, &err),
			PAL_OK);
	return count;
}

void desk_pass(int64_t ms)
{
	pal_clock_fake_advance_ms(&desk.rig.clock, ms);
}
