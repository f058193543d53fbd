/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sessions.h"

#include <stdio.h>

#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include "rig.h"
#include "service/session_touch.h"
#include "store/store.h"
#include "suite.h"

#define HOUR_MS PAL_SESSION_HOUR_MS
#define ROUNDS_MAX 10000

static struct rig rig;
static struct pal_session_call call;
static struct json_object *tree;
static bool is_done;
static char id[64];

#define TEXT(literal) {literal, sizeof(literal) - 1}	/* PAL_STR is no constant */

static const struct pal_caller ann = {.tenant = {1},
				      .tenant_id = TEXT("acme"),
				      .user_id = TEXT("ann"),
				      .permissions = TEXT("conversations:read")};
static const struct pal_caller bob = {.tenant = {1},
				      .tenant_id = TEXT("acme"),
				      .user_id = TEXT("bob"),
				      .permissions = TEXT("conversations:read")};
static const struct pal_caller staff = {.tenant = {1},
					.tenant_id = TEXT("acme"),
					.user_id = TEXT("eve"),
					.permissions = TEXT("conversations:staff")};
/* A backend of another tenant. */
static const struct pal_caller stranger = {.tenant = {2},
					   .tenant_id = TEXT("other"),
					   .key_id = TEXT("key-2"),
					   .permissions = TEXT("*")};

/* --- Asking ----------------------------------------------------------------------------------- */

static void on_done(struct pal_session_call *c)
{
	(void)c;
	CU_ASSERT_FALSE(is_done);
	is_done = true;
}

static void forget(void)
{
	json_object_put(tree);
	tree = NULL;
	pal_buf_deinit(&call.data);
}

static void open_rig(void)
{
	rig_open(&rig, &(struct rig_spec){0});
}

static void end(void)
{
	forget();
	rig_close(&rig);
}

/* Crank until what was asked is done. */
static void crank(void)
{
	for (int i = 0; !is_done && i < ROUNDS_MAX; i++)
		rig_store(&rig);
	CU_ASSERT_FATAL(is_done);
}

static enum pal_code finish(void)
{
	crank();
	if (call.code != PAL_OK) {
		CU_ASSERT_PTR_NULL(call.data.data);
		return call.code;
	}
	pal_buf_add_char(&call.data, '\0');
	tree = json_tokener_parse(call.data.data);
	CU_ASSERT_PTR_NOT_NULL(tree);
	return PAL_OK;
}

static void begin(const struct pal_caller *caller, enum pal_session_op op, const char *session)
{
	forget();
	is_done = false;
	call = (struct pal_session_call){.op = op,
					 .caller = caller,
					 .request_id = PAL_STR("request-1"),
					 .id = pal_str(session),
					 .done = on_done};
}

static enum pal_code ask(const struct pal_caller *caller, enum pal_session_op op,
			 const char *session)
{
	begin(caller, op, session);
	pal_sessions_run(rig.sessions, &call);
	return finish();
}

static const char *at(const char *pointer)
{
	struct json_object *found = NULL;

	if (!tree || json_pointer_get(tree, pointer, &found) != 0)
		return "absent";
	return found ? json_object_get_string(found) : "null";
}

static enum pal_code create_under(const struct pal_caller *caller, const char *key,
				  struct pal_session_create what)
{
	begin(caller, PAL_SESSION_CREATE, NULL);
	call.idempotency_key = pal_str(key);
	call.ask.create = what;
	if (!what.user_id.p)
		call.ask.create.user_id = PAL_STR("ann");
	pal_sessions_run(rig.sessions, &call);
	if (finish() != PAL_OK)
		return call.code;
	snprintf(id, sizeof(id), "%s", at("/session_id"));
	return PAL_OK;
}

static enum pal_code create(struct pal_session_create what)
{
	return create_under(&ann, NULL, what);
}

static const char *fresh(void)
{
	CU_ASSERT_EQUAL_FATAL(create((struct pal_session_create){.channel = PAL_CHANNEL_WEB}),
			      PAL_OK);
	return id;
}

static enum pal_code get(void)
{
	return ask(&ann, PAL_SESSION_GET, id);
}

static enum pal_code update(struct pal_session_update what)
{
	begin(&ann, PAL_SESSION_UPDATE, id);
	call.ask.update = what;
	pal_sessions_run(rig.sessions, &call);
	return finish();
}

static enum pal_code extend(int64_t by_ms)
{
	begin(&ann, PAL_SESSION_EXTEND, id);
	call.ask.extend.extend_ms = by_ms;
	pal_sessions_run(rig.sessions, &call);
	return finish();
}

static enum pal_code list(const struct pal_caller *caller, enum pal_session_op op,
			  struct pal_session_list what)
{
	begin(caller, op, NULL);
	call.ask.list = what;
	if (!what.limit)
		call.ask.list.limit = 50;
	pal_sessions_run(rig.sessions, &call);
	return finish();
}

static enum pal_code list_of(const char *user)
{
	return list(&rig.backend, PAL_SESSION_LIST_USER,
		    (struct pal_session_list){.user_id = pal_str(user)});
}

static size_t shown(void)
{
	return json_object_array_length(tree);
}

/* How many records the store has, over or not. */
static bool count_one(void *arg, const struct pal_record *record)
{
	(void)record;
	++*(size_t *)arg;
	return true;
}

static size_t stored(void)
{
	const struct pal_str none = {NULL, 0};
	struct pal_error err;
	size_t count = 0;

	CU_ASSERT_EQUAL(pal_store_walk_records(rig.script.memory, 0, ann.tenant, PAL_SESSION_KIND,
					       none, -1, none, SIZE_MAX, count_one, &count, &err),
			PAL_OK);
	return count;
}

static void pass(int64_t ms)
{
	pal_clock_fake_advance_ms(&rig.clock, ms);
}

/* --- Creating and reading --------------------------------------------------------------------- */

TEST(b34_a_session_lives_two_hours_unless_it_says_otherwise)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.channel = PAL_CHANNEL_WEB,
							   .context = PAL_STR("{\"a\":1}"),
							   .metadata = PAL_STR("{\"m\":2}")}),
			PAL_OK);
	CHECK_STR(at("/user_id"), "ann");
	CHECK_STR(at("/tenant_id"), "acme");
	CHECK_STR(at("/channel"), "web");
	CHECK_STR(at("/conversation_id"), "null");
	CHECK_STR(at("/context/a"), "1");
	CHECK_STR(at("/metadata/m"), "2");
	CHECK_STR(at("/is_active"), "true");
	CHECK_STR(at("/created_at"), "2026-09-21T14:13:20.000Z");
	CHECK_STR(at("/expires_at"), "2026-09-21T16:13:20.000Z");
	CU_ASSERT_EQUAL(create((struct pal_session_create){.lifetime_ms = 60000}), PAL_OK);
	CHECK_STR(at("/expires_at"), "2026-09-21T14:14:20.000Z");
	CU_ASSERT_EQUAL(stored(), 2);
	end();
}

TEST(what_was_created_is_read_back)
{
	char made[1024];

	open_rig();
	fresh();
	snprintf(made, sizeof(made), "%s", call.data.data);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(call.data.data, made);
	CU_ASSERT_EQUAL(ask(&ann, PAL_SESSION_GET_CONTEXT, id), PAL_OK);
	CHECK_STR(at("/session_id"), id);
	CHECK_STR(at("/context"), "{ }");
	end();
}

TEST(people_begin_sessions_for_themselves_only)
{
	const struct pal_session_create for_bob = {.user_id = PAL_STR("bob")};

	open_rig();
	CU_ASSERT_EQUAL(create_under(&ann, NULL, for_bob), PAL_E_UNAUTHORIZED);
	CHECK_STR(call.err.subject, "user_id");
	CU_ASSERT_EQUAL(stored(), 0);
	CU_ASSERT_EQUAL(create_under(&staff, NULL, for_bob), PAL_OK);
	CU_ASSERT_EQUAL(create_under(&rig.backend, NULL, for_bob), PAL_OK);
	CU_ASSERT_EQUAL(stored(), 2);
	end();
}

TEST(a_session_can_begin_bound_to_a_conversation_of_its_user)
{
	open_rig();
	struct pal_str home = pal_str(letter_home(rig_ask(&rig, &(struct words){.user = "ann"})));
	CU_ASSERT_EQUAL(create((struct pal_session_create){.conversation_id = home}), PAL_OK);
	CHECK_STR(at("/conversation_id"), home.p);
	CU_ASSERT_EQUAL(create_under(&rig.backend, NULL,
				     (struct pal_session_create){.user_id = PAL_STR("bob"),
								 .conversation_id = home}),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(create((struct pal_session_create){.conversation_id = PAL_STR("none")}),
			PAL_E_NOT_FOUND);
	CHECK_STR(call.err.subject, "conversation");
	CU_ASSERT_EQUAL(stored(), 1);
	end();
}

TEST(b39_the_same_creation_under_a_key_gives_the_same_session)
{
	struct pal_session_create what = {.context = PAL_STR("{\"a\":1}"), .digest = {1}};
	char first[64];

	open_rig();
	CU_ASSERT_EQUAL(create_under(&ann, "k", what), PAL_OK);
	snprintf(first, sizeof(first), "%s", id);
	CU_ASSERT_EQUAL(create_under(&ann, "k", what), PAL_OK);
	CHECK_STR(id, first);
	what.digest[0] = 2;
	CU_ASSERT_EQUAL(create_under(&ann, "k", what), PAL_E_CONFLICT);
	CHECK_STR(call.err.subject, "Idempotency-Key");
	CU_ASSERT_EQUAL(stored(), 1);
	CU_ASSERT_EQUAL(create_under(&rig.backend, "k", what), PAL_OK);	/* another's key */
	CU_ASSERT_STRING_NOT_EQUAL(id, first);
	pass(3 * HOUR_MS);	/* over: the key may begin a new one */
	CU_ASSERT_EQUAL(create_under(&ann, "k", what), PAL_OK);
	CHECK_STR(at("/created_at"), "2026-09-21T17:13:20.000Z");
	end();
}

/* --- Who may see it --------------------------------------------------------------------------- */

/* Every operation on one session gives `caller` the same outcome. */
static void check_all(const struct pal_caller *caller, const char *session, enum pal_code expected)
{
	static const enum pal_session_op ops[] = {
		PAL_SESSION_GET,	 PAL_SESSION_UPDATE, PAL_SESSION_GET_CONTEXT,
		PAL_SESSION_PUT_CONTEXT, PAL_SESSION_EXTEND, PAL_SESSION_TRANSFER,
		PAL_SESSION_DELETE};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		CU_ASSERT_EQUAL(ask(caller, ops[i], session), expected);
		if (expected != PAL_E_NOT_FOUND)
			continue;
		CHECK_STR(call.err.subject, "session");
		CHECK_STR(call.err.message, "there is no such session");
	}
}

TEST(b35_absent_foreign_and_expired_sessions_are_not_found_alike)
{
	open_rig();
	fresh();
	check_all(&bob, id, PAL_E_NOT_FOUND);
	check_all(&ann, "00000000-0000-4000-8000-000000000000", PAL_E_NOT_FOUND);
	check_all(&ann, "x", PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/last_activity"), "2026-09-21T14:13:20.000Z");	/* none changed it */
	check_all(&ann, id, PAL_OK);
	fresh();
	pass(2 * HOUR_MS);
	check_all(&ann, id, PAL_E_NOT_FOUND);
	end();
}

TEST(b17_another_tenant_reaches_no_session)
{
	open_rig();
	fresh();
	check_all(&stranger, id, PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(list(&stranger, PAL_SESSION_LIST,
			     (struct pal_session_list){.channel = -1}), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 0);
	CU_ASSERT_EQUAL(list(&stranger, PAL_SESSION_LIST_USER,
			     (struct pal_session_list){.user_id = PAL_STR("ann")}), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 0);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	end();
}

/* A caller without any identity owns nothing, not even what has no owner's name. */
TEST(b18_a_caller_without_identity_sees_nothing)
{
	const struct pal_caller nobody = {.tenant = {1}};

	open_rig();
	fresh();
	check_all(&nobody, id, PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(list(&nobody, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_E_UNAUTHORIZED);
	end();
}

TEST(b47_only_the_owner_and_staff_see_a_session)
{
	open_rig();
	fresh();
	CU_ASSERT_EQUAL(ask(&staff, PAL_SESSION_GET, id), PAL_OK);
	CU_ASSERT_EQUAL(ask(&rig.backend, PAL_SESSION_GET, id), PAL_OK);
	CU_ASSERT_EQUAL(ask(&bob, PAL_SESSION_GET, id), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(list(&bob, PAL_SESSION_LIST_USER,
			     (struct pal_session_list){.user_id = PAL_STR("ann")}),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(list(&bob, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_E_UNAUTHORIZED);
	CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_OK);
	CU_ASSERT_EQUAL(shown(), 1);
	end();
}

/* --- Changing --------------------------------------------------------------------------------- */

TEST(an_update_puts_members_over_those_kept)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){
				.context = PAL_STR("{\"a\":1,\"b\":2}")}), PAL_OK);
	pass(1000);
	CU_ASSERT_EQUAL(update((struct pal_session_update){
				.context = PAL_STR("{\"a\":null,\"c\":3}"),
				.preferences = PAL_STR("{\"tone\":\"warm\"}"),
				.features = PAL_STR("{\"dark\":true}"),
				.metadata = PAL_STR("{\"m\":1}"),
				.appends = PAL_STR("{\"seen\":\"x\"}")}), PAL_OK);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/context"), "{ \"b\": 2, \"c\": 3, \"seen\": [ \"x\" ] }");
	CHECK_STR(at("/preferences/tone"), "warm");
	CHECK_STR(at("/features/dark"), "true");
	CHECK_STR(at("/metadata/m"), "1");
	CHECK_STR(at("/last_activity"), "2026-09-21T14:13:21.000Z");
	CHECK_STR(at("/updated_at"), "2026-09-21T14:13:21.000Z");
	CHECK_STR(at("/expires_at"), "2026-09-21T16:13:20.000Z");	/* as before */
	end();
}

TEST(an_update_that_asks_for_it_gives_the_lifetime_again)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.lifetime_ms = HOUR_MS}), PAL_OK);
	pass(HOUR_MS / 2);
	CU_ASSERT_EQUAL(update((struct pal_session_update){.extend = true}), PAL_OK);
	CHECK_STR(at("/expires_at"), "2026-09-21T15:43:20.000Z");
	end();
}

TEST(what_would_grow_too_large_is_refused_and_changes_nothing)
{
	static char half[6002], half_b[6002];

	snprintf(half, sizeof(half), "{\"a\":\"%05900d\"}", 0);
	snprintf(half_b, sizeof(half_b), "{\"b\":\"%05900d\"}", 0);
	open_rig();
	fresh();
	CU_ASSERT_EQUAL(update((struct pal_session_update){.context = pal_str(half)}), PAL_OK);
	CU_ASSERT_EQUAL(update((struct pal_session_update){.context = pal_str(half_b)}),
			PAL_E_VALIDATION);
	CHECK_STR(call.err.subject, "context");
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/context/b"), "absent");
	CU_ASSERT_EQUAL(strlen(at("/context/a")), 5900);
	end();
}

/* Each text passes the gate alone; all of them in one record would not be readable any more. */
TEST(what_could_not_be_read_again_is_refused)
{
	static char many[10240];
	size_t len = 0;

	for (int i = 0; i < 2000; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len, "%s1", i ? "," : "{\"a\":[");
	snprintf(many + len, sizeof(many) - len, "]}");
	open_rig();
	fresh();
	CU_ASSERT_EQUAL(update((struct pal_session_update){.context = pal_str(many)}), PAL_OK);
	CU_ASSERT_EQUAL(update((struct pal_session_update){.preferences = pal_str(many)}), PAL_OK);
	CU_ASSERT_EQUAL(update((struct pal_session_update){.metadata = pal_str(many)}),
			PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/metadata"), "{ }");
	end();
}

TEST(a_list_to_append_to_must_be_one)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.context = PAL_STR("{\"a\":1}")}), PAL_OK);
	CU_ASSERT_EQUAL(update((struct pal_session_update){.appends = PAL_STR("{\"a\":2}")}),
			PAL_E_VALIDATION);
	CHECK_STR(call.err.subject, "append_to_history.a");
	for (int i = 0; i < 52; i++)
		CU_ASSERT_EQUAL(update((struct pal_session_update){
					.appends = PAL_STR("{\"b\":[]}")}), PAL_OK);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/context/b/49"), "[ ]");
	CHECK_STR(at("/context/b/50"), "absent");
	end();
}

TEST(b36_a_change_between_load_and_write_is_not_lost)
{
	struct pal_session_call other;

	open_rig();
	fresh();
	begin(&ann, PAL_SESSION_PUT_CONTEXT, id);
	call.ask.update.context = PAL_STR("{\"a\":1}");
	other = call;
	other.ask.update.context = PAL_STR("{\"b\":2}");
	pal_sessions_run(rig.sessions, &call);
	pal_sessions_run(rig.sessions, &other);	/* both load before either writes */
	for (int i = 0; i < 10; i++) {
		is_done = false;
		rig_store(&rig);
	}
	CU_ASSERT_EQUAL(call.code, PAL_OK);
	CU_ASSERT_EQUAL(other.code, PAL_OK);
	CU_ASSERT(other.change.attempts + call.change.attempts > 2);
	pal_buf_deinit(&other.data);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/context/a"), "1");
	CHECK_STR(at("/context/b"), "2");
	end();
}

TEST(a_transfer_changes_the_channel_and_may_drop_the_context)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.context = PAL_STR("{\"a\":1}")}), PAL_OK);
	begin(&ann, PAL_SESSION_TRANSFER, id);
	call.ask.transfer =
		(struct pal_session_transfer){.channel = PAL_CHANNEL_SMS, .preserve_context = true};
	pal_sessions_run(rig.sessions, &call);
	CU_ASSERT_EQUAL(finish(), PAL_OK);
	CHECK_STR(at("/channel"), "sms");
	CHECK_STR(at("/context/a"), "1");
	begin(&ann, PAL_SESSION_TRANSFER, id);
	call.ask.transfer = (struct pal_session_transfer){.channel = PAL_CHANNEL_WEB};
	pal_sessions_run(rig.sessions, &call);
	CU_ASSERT_EQUAL(finish(), PAL_OK);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	CHECK_STR(at("/channel"), "web");
	CHECK_STR(at("/context"), "{ }");
	end();
}

TEST(a_deleted_session_is_gone)
{
	open_rig();
	fresh();
	CU_ASSERT_EQUAL(ask(&ann, PAL_SESSION_DELETE, id), PAL_OK);
	CHECK_STR(at("/session_id"), id);
	CHECK_STR(at("/deleted"), "true");
	CU_ASSERT_EQUAL(stored(), 0);
	CU_ASSERT_EQUAL(get(), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(ask(&ann, PAL_SESSION_DELETE, id), PAL_E_NOT_FOUND);
	end();
}

/* --- Time ------------------------------------------------------------------------------------- */

TEST(an_expired_session_is_removed_when_it_is_asked_for)
{
	open_rig();
	fresh();
	pass(2 * HOUR_MS - 1);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	pass(1);
	CU_ASSERT_EQUAL(get(), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(stored(), 0);
	end();
}

TEST(b33_an_extended_session_lives_beyond_its_old_time)
{
	open_rig();
	fresh();
	pass(HOUR_MS);
	CU_ASSERT_EQUAL(extend(4 * HOUR_MS), PAL_OK);
	CHECK_STR(at("/expires_at"), "2026-09-21T19:13:20.000Z");
	pass(4 * HOUR_MS - 1);
	is_done = true;
	pal_sessions_sweep(rig.sessions);	/* the cleanup follows it too */
	rig_settle(&rig);
	CU_ASSERT_EQUAL(get(), PAL_OK);
	pass(1);
	CU_ASSERT_EQUAL(get(), PAL_E_NOT_FOUND);
	end();
}

TEST(b32_an_extension_never_shortens)
{
	open_rig();
	fresh();
	CU_ASSERT_EQUAL(extend(60000), PAL_OK);
	CHECK_STR(at("/expires_at"), "2026-09-21T16:13:20.000Z");
	end();
}

TEST(b32_repeated_extensions_end_a_day_after_creation)
{
	open_rig();
	fresh();
	for (int i = 0; i < 23; i++) {
		CU_ASSERT_EQUAL(extend(24 * HOUR_MS), PAL_OK);
		CHECK_STR(at("/expires_at"), "2026-09-22T14:13:20.000Z");
		pass(HOUR_MS);
	}
	pass(HOUR_MS);
	CU_ASSERT_EQUAL(extend(HOUR_MS), PAL_E_NOT_FOUND);
	end();
}

/* The wall clock jumps a day, to 2038, and back a day: no session ends, none lives longer. */
TEST(a_wrong_wall_clock_ends_no_session)
{
	static const int64_t jumps[] = {24 * HOUR_MS, 2145916800000 - RIG_START_MS, -24 * HOUR_MS};

	open_rig();
	fresh();
	for (size_t i = 0; i < 3; i++) {
		rig.clock.wall_ms = RIG_START_MS + jumps[i];
		CU_ASSERT_EQUAL(get(), PAL_OK);
		CHECK_STR(at("/expires_at"), "2026-09-21T16:13:20.000Z");
	}
	pass(2 * HOUR_MS);
	CU_ASSERT_EQUAL(get(), PAL_E_NOT_FOUND);
	end();
}

/* --- Lists ------------------------------------------------------------------------------------ */

TEST(b37_a_users_list_shows_what_lives_and_removes_the_rest)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.lifetime_ms = HOUR_MS}), PAL_OK);
	pass(1);
	fresh();
	CU_ASSERT_EQUAL(create_under(&bob, NULL,
				     (struct pal_session_create){.user_id = PAL_STR("bob")}),
			PAL_OK);
	CU_ASSERT_EQUAL(list_of("ann"), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 2);
	pass(HOUR_MS);
	CU_ASSERT_EQUAL(list_of("ann"), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 1);
	CU_ASSERT_EQUAL(stored(), 2);
	CU_ASSERT_EQUAL(list_of("nobody"), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 0);
	end();
}

TEST(the_tenants_list_is_filtered)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.channel = PAL_CHANNEL_SMS,
							   .lifetime_ms = HOUR_MS}), PAL_OK);
	fresh();
	CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST,
			     (struct pal_session_list){.channel = PAL_CHANNEL_SMS}), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 1);
	CHECK_STR(at("/0/channel"), "sms");
	pass(HOUR_MS);
	CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST,
			     (struct pal_session_list){.channel = -1, .active_only = true}), PAL_OK);
	CU_ASSERT_EQUAL(shown(), 1);
	CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_OK);
	CU_ASSERT_EQUAL(shown(), 2);
	CHECK_STR(at("/0/is_active"), "false");
	CHECK_STR(at("/1/is_active"), "true");
	end();
}

TEST(pages_follow_each_other_by_offset_and_by_mark)
{
	struct pal_session_list page = {.channel = -1, .limit = 2};
	char ids[5][64], next[PAL_SESSION_NEXT_SIZE];

	open_rig();
	for (int i = 0; i < 5; i++) {
		snprintf(ids[i], sizeof(ids[i]), "%s", fresh());
		pass(i % 2);	/* some begin at the same time */
	}
	page.offset = 1;
	CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(shown() == 2 && call.has_more);
	CHECK_STR(at("/0/session_id"), ids[1]);
	page.offset = 0;
	for (int i = 0; i < 5; i += 2) {
		CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST, page), PAL_OK);
		CHECK_STR(at("/0/session_id"), ids[i]);
		CU_ASSERT_EQUAL(call.has_more, i < 4);
		CU_ASSERT_EQUAL(shown(), i < 4 ? 2 : 1);
		snprintf(next, sizeof(next), "%s", call.next);
		page.after = pal_str(next);
	}
	page = (struct pal_session_list){.channel = -1, .offset = 5};
	CU_ASSERT_EQUAL(list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(shown() == 0 && !call.has_more);
	end();
}

/* --- Cleaning --------------------------------------------------------------------------------- */

TEST(b37_cleanup_tells_how_many_were_really_removed)
{
	open_rig();
	for (int i = 0; i < 300; i++)	/* more than one round */
		CU_ASSERT_EQUAL(create((struct pal_session_create){.lifetime_ms = 1000}), PAL_OK);
	fresh();
	CU_ASSERT_EQUAL(create_under(&stranger, NULL,
				     (struct pal_session_create){.user_id = PAL_STR("zed"),
								 .lifetime_ms = 1000}), PAL_OK);
	pass(1000);
	CU_ASSERT_EQUAL(ask(&rig.backend, PAL_SESSION_CLEANUP, NULL), PAL_OK);
	CHECK_STR(at("/cleaned"), "300");
	CU_ASSERT_EQUAL(stored(), 1);
	CU_ASSERT_EQUAL(ask(&rig.backend, PAL_SESSION_CLEANUP, NULL), PAL_OK);
	CHECK_STR(at("/cleaned"), "0");
	end();
}

TEST(the_background_cleans_every_interval)
{
	open_rig();
	CU_ASSERT_EQUAL(create((struct pal_session_create){.lifetime_ms = 1000}), PAL_OK);
	is_done = false;
	pal_sessions_sweep(rig.sessions);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(stored(), 1);
	pass(59999);	/* over, but it is not time yet */
	pal_sessions_sweep(rig.sessions);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(stored(), 1);
	pass(1);
	pal_sessions_sweep(rig.sessions);
	for (int i = 0; i < 4; i++)
		rig_store(&rig);
	CU_ASSERT_EQUAL(stored(), 0);
	end();
}

/* --- When the store cannot -------------------------------------------------------------------- */

TEST(a_store_that_takes_no_more_is_told_with_a_time_to_come_again)
{
	open_rig();
	fresh();
	pal_store_front_stop(rig.front);
	check_all(&ann, id, PAL_E_SERVICE);
	end();
}

SUITE(sessions,
      CASE(b34_a_session_lives_two_hours_unless_it_says_otherwise),
      CASE(what_was_created_is_read_back),
      CASE(people_begin_sessions_for_themselves_only),
      CASE(a_session_can_begin_bound_to_a_conversation_of_its_user),
      CASE(b39_the_same_creation_under_a_key_gives_the_same_session),
      CASE(b35_absent_foreign_and_expired_sessions_are_not_found_alike),
      CASE(b17_another_tenant_reaches_no_session),
      CASE(b18_a_caller_without_identity_sees_nothing),
      CASE(b47_only_the_owner_and_staff_see_a_session),
      CASE(an_update_puts_members_over_those_kept),
      CASE(an_update_that_asks_for_it_gives_the_lifetime_again),
      CASE(what_would_grow_too_large_is_refused_and_changes_nothing),
      CASE(what_could_not_be_read_again_is_refused),
      CASE(a_list_to_append_to_must_be_one),
      CASE(b36_a_change_between_load_and_write_is_not_lost),
      CASE(a_transfer_changes_the_channel_and_may_drop_the_context),
      CASE(a_deleted_session_is_gone),
      CASE(an_expired_session_is_removed_when_it_is_asked_for),
      CASE(b33_an_extended_session_lives_beyond_its_old_time),
      CASE(b32_an_extension_never_shortens),
      CASE(b32_repeated_extensions_end_a_day_after_creation),
      CASE(a_wrong_wall_clock_ends_no_session),
      CASE(b37_a_users_list_shows_what_lives_and_removes_the_rest),
      CASE(the_tenants_list_is_filtered),
      CASE(pages_follow_each_other_by_offset_and_by_mark),
      CASE(b37_cleanup_tells_how_many_were_really_removed),
      CASE(the_background_cleans_every_interval),
      CASE(a_store_that_takes_no_more_is_told_with_a_time_to_come_again))
