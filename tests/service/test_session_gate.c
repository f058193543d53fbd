/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that name a session (domain.md section 2.2, steps 7 and 15). */
#include <stdio.h>
#include <stdlib.h>

#include "rig.h"
#include "service/conversation/session_gate.h"
#include "store/store.h"
#include "suite.h"

static struct rig rig;
static struct pal_session_call call;
static bool is_done;
static char view[4096];
static char id[64], more[128];

static void on_done(struct pal_session_call *c)
{
	(void)c;
	is_done = true;
}

static enum pal_code run(void)
{
	is_done = false;
	call.caller = &rig.backend;
	call.done = on_done;
	pal_sessions_run(rig.sessions, &call);
	rig_settle(&rig);
	CU_ASSERT_TRUE_FATAL(is_done);
	snprintf(view, sizeof(view), "%.*s", (int)call.data.len, call.data.len ? call.data.data : "");
	pal_buf_deinit(&call.data);
	return call.code;
}

/* The session of `user`; messages can then name it by `more`. */
static void begin_session(const char *user, const char *context)
{
	call = (struct pal_session_call){
		.op = PAL_SESSION_CREATE,
		.ask.create = {.user_id = pal_str(user), .context = pal_str(context)}};
	CU_ASSERT_EQUAL_FATAL(run(), PAL_OK);
	sscanf(view, "{\"session_id\":\"%63[^\"]", id);
	snprintf(more, sizeof(more), ",\"session_id\":\"%s\"", id);
}

/* Whether the session as it is now shows `part`. */
static bool shows(const char *part)
{
	call = (struct pal_session_call){.op = PAL_SESSION_GET, .id = pal_str(id)};
	return run() == PAL_OK && strstr(view, part) != NULL;
}

static struct letter *say(const char *user, const char *conversation, const char *message)
{
	struct letter *letter = rig_send(&rig, &(struct words){.user = user,
							       .conversation = conversation,
							       .id = message,
							       .more = more});

	rig_settle(&rig);
	CU_ASSERT_EQUAL(letter->done, 1);
	return letter;
}

static void check_not_found(struct letter *letter)
{
	CU_ASSERT_EQUAL(letter->inbound.code, PAL_E_NOT_FOUND);
	CHECK_STR(letter->inbound.err.subject, "session");
	CU_ASSERT_EQUAL(rig_stored(&rig), 0);
}

TEST(b20_a_session_must_be_there_alive_and_the_users)
{
	rig_open(&rig, &(struct rig_spec){0});
	snprintf(more, sizeof(more), ",\"session_id\":\"none\"");
	check_not_found(say("ann", NULL, NULL));
	begin_session("ann", NULL);
	check_not_found(say("bob", NULL, NULL));
	pal_clock_fake_advance_ms(&rig.clock, 2 * PAL_SESSION_HOUR_MS);
	check_not_found(say("ann", NULL, NULL));
	rig_close(&rig);
}

TEST(b20_the_first_message_binds_the_session_and_later_ones_follow_it)
{
	char part[128];

	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	CU_ASSERT_TRUE(shows("\"conversation_id\":null"));
	const char *home = letter_home(say("ann", NULL, "m1"));
	snprintf(part, sizeof(part), "\"conversation_id\":\"%s\"", home);
	CU_ASSERT_TRUE(shows(part));
	CHECK_STR(letter_home(say("ann", NULL, "m2")), home);
	CHECK_STR(rig_transcript(&rig, home), "1 hello > 2\n3 hello > 4\n");
	struct pal_conversation stored;
	CU_ASSERT_TRUE_FATAL(rig_load(&rig, home, &stored));
	CU_ASSERT(pal_str_equal(stored.session_id, pal_str(id)));
	rig_close(&rig);
}

TEST(a_message_that_names_a_conversation_goes_there)
{
	char part[128];

	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	const char *home = letter_home(say("ann", NULL, NULL));
	const char *other = letter_home(rig_ask(&rig, &(struct words){.user = "ann"}));
	CHECK_STR(letter_home(say("ann", other, NULL)), other);
	snprintf(part, sizeof(part), "\"conversation_id\":\"%s\"", home);
	CU_ASSERT_TRUE(shows(part));	/* it stays where it was bound */
	rig_close(&rig);
}

TEST(the_same_message_again_is_answered_again)
{
	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	const char *home = letter_home(say("ann", NULL, "m1"));
	struct letter *again = say("ann", NULL, "m1");
	CHECK_STR(letter_home(again), home);
	CHECK_STR(letter_at(again, "/processing_metadata/duplicate"), "true");
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

/* Put the session into the store as it was before the message was bound to it. */
static void unbind(void)
{
	static struct pal_json json;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_buf body = {0};
	struct pal_session session;
	struct pal_error err;
	struct pal_record_write write = {.tenant = rig.backend.tenant, .expected = PAL_RECORD_ANY};
	struct pal_record_write *writes = &write;

	CU_ASSERT_EQUAL_FATAL(pal_store_load_record(rig.script.memory, 0, write.tenant,
						    PAL_SESSION_KIND, pal_str(id), &arena,
						    &write.record, &err),
			      PAL_OK);
	CU_ASSERT_TRUE_FATAL(pal_session_read(&write.record, &json, &arena, &session));
	session.conversation_id.n = 0;
	pal_session_write(&session, &body);
	write.record.body = pal_buf_str(&body);
	pal_store_write_records(rig.script.memory, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
	pal_buf_deinit(&body);
	pal_arena_release(&arena);
}

/* The daemon ended between the two: the message sent again makes up for it. */
TEST(a_repeated_message_binds_what_was_not_bound_yet)
{
	char part[128];

	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	const char *home = letter_home(say("ann", NULL, "m1"));
	unbind();
	CU_ASSERT_TRUE(shows("\"conversation_id\":null"));
	CHECK_STR(letter_home(say("ann", NULL, "m1")), home);
	snprintf(part, sizeof(part), "\"conversation_id\":\"%s\"", home);
	CU_ASSERT_TRUE(shows(part));
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(a_message_keeps_its_session_alive_behind_its_commit)
{
	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	say("ann", NULL, NULL);
	pal_clock_fake_advance_ms(&rig.clock, PAL_SESSION_HOUR_MS);
	say("ann", NULL, NULL);
	CU_ASSERT_TRUE(shows("\"last_activity\":\"2026-09-21T15:13:20.000Z\""));	/* noted */
	CU_ASSERT_TRUE(shows("\"expires_at\":\"2026-09-21T17:13:20.000Z\""));
	CU_ASSERT_NOT_EQUAL(pal_sessions_sweep(rig.sessions), 0);
	for (int i = 0; pal_sessions_sweep(rig.sessions) && i < 20; i++)
		rig_settle(&rig);
	CU_ASSERT_EQUAL(pal_sessions_sweep(rig.sessions), 0);	/* written */
	CU_ASSERT_TRUE(shows("\"last_activity\":\"2026-09-21T15:13:20.000Z\""));
	pal_clock_fake_advance_ms(&rig.clock, 2 * PAL_SESSION_HOUR_MS - 1);
	CU_ASSERT_TRUE(shows("\"is_active\":true"));
	pal_clock_fake_advance_ms(&rig.clock, 1);
	CU_ASSERT_FALSE(shows("session"));
	rig_close(&rig);
}

TEST(activity_gives_no_more_than_a_day)
{
	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	for (int hour = 0; hour < 24; hour++) {
		CU_ASSERT_EQUAL(say("ann", NULL, NULL)->inbound.code, PAL_OK);
		pal_clock_fake_advance_ms(&rig.clock, PAL_SESSION_HOUR_MS);
	}
	CU_ASSERT_EQUAL(say("ann", NULL, NULL)->inbound.code, PAL_E_NOT_FOUND);
	rig_close(&rig);
}

TEST(what_a_failed_message_named_is_left_alone)
{
	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	pal_clock_fake_advance_ms(&rig.clock, 1000);
	script_add(&rig.script, CUE_FAIL);
	CU_ASSERT_EQUAL(say("ann", NULL, NULL)->inbound.code, PAL_E_SERVICE);
	CU_ASSERT_TRUE(shows("\"conversation_id\":null"));
	CU_ASSERT_TRUE(shows("\"last_activity\":\"2026-09-21T14:13:20.000Z\""));
	rig_close(&rig);
}

TEST(a_session_follows_from_a_closed_conversation_into_the_next)
{
	char part[128];

	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	const char *home = letter_home(say("ann", NULL, "first"));
	rig_passivate(&rig);
	rig_settle(&rig);
	rig_set_status(&rig, home, PAL_CONVERSATION_COMPLETED);
	const char *next = letter_home(say("ann", NULL, NULL));
	CU_ASSERT_STRING_NOT_EQUAL(next, home);
	snprintf(part, sizeof(part), "\"conversation_id\":\"%s\"", next);
	CU_ASSERT_TRUE(shows(part));
	CHECK_STR(letter_home(say("ann", NULL, NULL)), next);
	CHECK_STR(letter_home(say("ann", NULL, "first")), home);	/* one of old, again */
	CU_ASSERT_TRUE(shows(part));
	rig_close(&rig);
}

/* Many at once for one conversation: the gate must not let them overtake each other. */
TEST(messages_with_a_session_keep_their_order)
{
	struct letter *letters[40];
	char text[16], expected[64];
	const char *at;

	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	const char *home = letter_home(say("ann", NULL, NULL));
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "t%d", i);
		letters[i] = rig_send(&rig, &(struct words){.user = "ann", .text = text,
							    .conversation = home, .more = more});
	}
	rig_settle(&rig);
	at = rig_transcript(&rig, home);
	for (int i = 0; i < 40; i++) {
		CU_ASSERT_EQUAL(letters[i]->inbound.code, PAL_OK);
		at = strchr(at, '\n') + 1;
		snprintf(expected, sizeof(expected), "%d t%d > %d\n", 2 * i + 3, i, 2 * i + 4);
		CU_ASSERT_EQUAL(strncmp(at, expected, strlen(expected)), 0);
	}
	rig_close(&rig);
}

/* --- What the session knows goes along -------------------------------------------------------- */

static char heard[256];

static enum pal_code listen(const struct pal_responder *self, const struct pal_respond_input *input,
			    struct pal_arena *arena, struct pal_respond_result *ret,
			    struct pal_error *err)
{
	struct pal_str context = input->context->session_context;

	snprintf(heard, sizeof(heard), "%.*s", (int)context.n, context.n ? context.p : "");
	(void)self;
	return rig.rules.base.ops->respond(&rig.rules.base, input, arena, ret, err);
}

TEST(b20_the_sessions_context_reaches_those_who_write_the_reply)
{
	struct pal_responder_ops ops;
	struct pal_responder listener = {.ops = &ops};

	rig.rules = pal_rules_responder_of(NULL);
	ops = *rig.rules.base.ops;
	ops.respond = listen;
	rig_open(&rig, &(struct rig_spec){.responder = &listener});
	begin_session("ann", "{\"cart\":[1]}");
	say("ann", NULL, NULL);
	CHECK_STR(heard, "{\"cart\":[1]}");
	rig_ask(&rig, &(struct words){.user = "ann"});
	CHECK_STR(heard, "");
	rig_close(&rig);
}

/* --- Made for those who name none ------------------------------------------------------------- */

static size_t count_of(const char *user)
{
	size_t count = 0;

	call = (struct pal_session_call){
		.op = PAL_SESSION_LIST_USER, .ask.list = {.user_id = pal_str(user), .limit = 100}};
	CU_ASSERT_EQUAL(run(), PAL_OK);
	for (const char *at = view; (at = strstr(at, "\"session_id\"")) != NULL; at++)
		count++;
	return count;
}

TEST(a_session_is_made_for_who_begins_a_conversation_when_that_is_wanted)
{
	struct pal_conversation stored;

	rig_open(&rig, &(struct rig_spec){.auto_create = true});
	more[0] = '\0';
	const char *home = letter_home(say("ann", NULL, "m1"));
	CU_ASSERT_EQUAL(count_of("ann"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(view, home));	/* and bound to it */
	CU_ASSERT_TRUE_FATAL(rig_load(&rig, home, &stored));
	CU_ASSERT_EQUAL(stored.session_id.n, 36);
	CHECK_STR(letter_home(say("ann", home, "m2")), home);	/* it goes on without another */
	CHECK_STR(letter_home(say("ann", NULL, "m1")), home);	/* the first one again */
	CU_ASSERT_EQUAL(count_of("ann"), 1);
	rig_close(&rig);
}

TEST(no_session_is_made_unless_that_is_wanted)
{
	rig_open(&rig, &(struct rig_spec){0});
	more[0] = '\0';
	say("ann", NULL, NULL);
	CU_ASSERT_EQUAL(count_of("ann"), 0);
	rig_close(&rig);
}

/* The daemon stops with messages at the gate: each is told, and nothing is left behind. */
TEST(messages_at_the_gate_are_dropped_when_the_daemon_stops)
{
	rig_open(&rig, &(struct rig_spec){0});
	begin_session("ann", NULL);
	struct letter *letter = rig_send(&rig, &(struct words){.user = "ann", .more = more});
	rig_abandon(&rig);
	(void)letter;	/* closing has checked that it was answered once */
}

SUITE(session_gate,
      CASE(b20_a_session_must_be_there_alive_and_the_users),
      CASE(b20_the_first_message_binds_the_session_and_later_ones_follow_it),
      CASE(a_message_that_names_a_conversation_goes_there),
      CASE(the_same_message_again_is_answered_again),
      CASE(a_repeated_message_binds_what_was_not_bound_yet),
      CASE(a_message_keeps_its_session_alive_behind_its_commit),
      CASE(activity_gives_no_more_than_a_day),
      CASE(what_a_failed_message_named_is_left_alone),
      CASE(a_session_follows_from_a_closed_conversation_into_the_next),
      CASE(messages_with_a_session_keep_their_order),
      CASE(b20_the_sessions_context_reaches_those_who_write_the_reply),
      CASE(a_session_is_made_for_who_begins_a_conversation_when_that_is_wanted),
      CASE(no_session_is_made_unless_that_is_wanted),
      CASE(messages_at_the_gate_are_dropped_when_the_daemon_stops))
