/* SPDX-License-Identifier: Apache-2.0 */
/* The life of some messages with each allocation of ours made to fail in turn. */
#include <stdio.h>
#include <stdlib.h>

#include "order.h"
#include "rig.h"
#include "service/access/access.h"
#include "service/access/keyring.h"
#include "service/conversation/stored_message.h"
#include "service/history/analytics.h"
#include "service/history/export.h"
#include "service/history/listing.h"
#include "store/store.h"
#include "scarce.h"
#include "suite.h"

static struct rig rig;

/* Submit and settle with memory that runs out. */
static struct letter *ask(long *left, const struct words *words)
{
	struct letter *letter = rig_write(&rig, words);

	scarce_begin(*left);
	pal_message_submit(rig.service, &letter->inbound);
	rig_settle(&rig);
	*left = scarce_end();
	CU_ASSERT_EQUAL(letter->done, 1);
	if (letter->inbound.code != PAL_OK) {
		CU_ASSERT_EQUAL(letter->inbound.code, PAL_E_SERVICE);
		CU_ASSERT(letter->inbound.err.retry_after_ms > 0);
	}
	return letter;
}

static void passivate(long *left)
{
	scarce_begin(*left);
	rig_passivate(&rig);
	*left = scarce_end();
}

/* One life; false when nothing failed in it any more. */
static bool live(long n, bool prompt)
{
	long left = n;

	rig_open(&rig, &(struct rig_spec){.prompt = prompt});
	struct letter *first = ask(&left, &(struct words){.id = "m1", .text = "a"});
	const char *home = letter_home(first);
	if (*home) {
		ask(&left, &(struct words){.id = "m2", .text = "order ORD123456", .conversation = home});
		passivate(&left);
		ask(&left, &(struct words){.id = "m3", .text = "c", .conversation = home});
		ask(&left, &(struct words){.id = "m2", .text = "order ORD123456", .conversation = home});
	}
	/* with memory again, whatever was refused goes through, once */
	struct letter *again = rig_ask(&rig, &(struct words){.id = "m1", .text = "a"});
	home = letter_home(again);
	rig_ask(&rig, &(struct words){.id = "m2", .text = "order ORD123456", .conversation = home});
	rig_ask(&rig, &(struct words){.id = "m3", .text = "c", .conversation = home});
	CU_ASSERT_EQUAL(rig_stored(&rig), 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_transcript(&rig, home), "5 "));
	rig_close(&rig);
	return left < 0;
}

TEST(a_message_without_memory_is_refused_clearly_or_stored_and_answered)
{
	for (unsigned prompt = 0; prompt < 2; prompt++) {
		long n = 0;
		while (live(n, prompt) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n > 20);
		CU_ASSERT(n < SCARCE_MAX);
	}
}

/* --- Operations ------------------------------------------------------------------------------- */

/* Send `verb` with memory that runs out. */
static enum pal_code operate(long *left, enum pal_verb verb, const char *body)
{
	struct order *order = order_write(&rig, verb, "c", body);

	scarce_begin(*left);
	pal_operate(rig.service, &order->op);
	rig_settle(&rig);
	*left = scarce_end();
	CU_ASSERT_EQUAL(order->done, 1);
	const struct pal_command *command = &order->op.command;
	if (command->code != PAL_OK)
		CU_ASSERT_PTR_NULL(command->data.data);
	if (command->code == PAL_E_SERVICE)
		CU_ASSERT(command->err.retry_after_ms > 0);
	return command->code;
}

static bool is_said;

static void on_said(struct pal_stored_call *call)
{
	(void)call;
	is_said = true;
}

static void say_of_it(long *left, enum pal_stored_verb verb)
{
	struct pal_stored_call call = {
		.verb = verb,
		.caller = &rig.backend,
		.id = PAL_STR("m1"),
		.now_ms = RIG_START_MS,
		.of.feedback = {.type = PAL_FEEDBACK_HELPFUL, .rating = 5},
		.done = on_said,
	};

	is_said = false;
	scarce_begin(*left);
	pal_stored_message_do(rig.front, &call);
	for (unsigned i = 0; i < 4; i++)
		rig_settle(&rig);
	*left = scarce_end();
	CU_ASSERT_TRUE(is_said);
	CU_ASSERT(call.code == PAL_OK || call.code == PAL_E_SERVICE ||
		  call.code == PAL_E_NOT_FOUND);
	pal_buf_deinit(&call.data);
}

static bool live_operated(long n, bool prompt)
{
	static const char create[] =
		"{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\",\"tags\":[\"t\"]}";
	static const char context[] = "{\"context\":{\"a\":1}}";
	long left = n, plenty = -1;

	rig_open(&rig, &(struct rig_spec){.prompt = prompt});
	bool is_made = operate(&left, PAL_VERB_CREATE, create) == PAL_OK;
	bool is_told = operate(&left, PAL_VERB_UPDATE_CONTEXT, context) == PAL_OK;
	CU_ASSERT(is_made || !is_told);
	if (is_made)
		ask(&left, &(struct words){.id = "m1", .conversation = "c"});
	say_of_it(&left, PAL_STORED_FEEDBACK);
	say_of_it(&left, PAL_STORED_ANALYTICS);
	bool is_closed = operate(&left, PAL_VERB_CLOSE, NULL) == PAL_OK;
	passivate(&left);
	/* with memory again: what was acknowledged is there, the rest can be done */
	enum pal_code code = operate(&plenty, PAL_VERB_CREATE, create);
	CU_ASSERT(code == PAL_E_CONFLICT || (code == PAL_OK && !is_made));
	code = operate(&plenty, PAL_VERB_CLOSE, NULL);
	CU_ASSERT(code == PAL_E_CONFLICT || (code == PAL_OK && !is_closed));
	CU_ASSERT_EQUAL(operate(&plenty, PAL_VERB_REOPEN, NULL), PAL_OK);
	CU_ASSERT_EQUAL(operate(&plenty, PAL_VERB_UPDATE_CONTEXT, context), PAL_OK);
	orders_end();
	rig_close(&rig);
	return left < 0;
}

TEST(an_operation_without_memory_is_refused_clearly_or_done)
{
	for (unsigned prompt = 0; prompt < 2; prompt++) {
		long n = 0;
		while (live_operated(n, prompt) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n > 20);
		CU_ASSERT(n < SCARCE_MAX);
	}
}

/* --- Sessions --------------------------------------------------------------------------------- */

static bool session_is_done;

static void session_done(struct pal_session_call *call)
{
	(void)call;
	CU_ASSERT_FALSE(session_is_done);
	session_is_done = true;
}

/* Run `call` with memory that runs out; whether it went well. */
static bool run_session(long *left, struct pal_session_call *call)
{
	session_is_done = false;
	call->caller = &rig.backend;
	call->done = session_done;
	scarce_begin(*left);
	pal_sessions_run(rig.sessions, call);
	rig_settle(&rig);
	*left = scarce_end();
	CU_ASSERT_TRUE(session_is_done);
	if (call->code != PAL_OK) {
		CU_ASSERT_EQUAL(call->code, PAL_E_SERVICE);
		CU_ASSERT(call->err.retry_after_ms > 0);
		CU_ASSERT_PTR_NULL(call->data.data);
	}
	pal_buf_deinit(&call->data);
	return call->code == PAL_OK;
}

static struct pal_session_call creation(struct pal_str key)
{
	return (struct pal_session_call){
		.op = PAL_SESSION_CREATE,
		.idempotency_key = key,
		.ask.create = {.user_id = PAL_STR("u"), .context = PAL_STR("{\"a\":[1]}")}};
}

/* Change it, send a message with it, list and clean up; all of it may fail. */
static void use_session(long *left, struct pal_str id)
{
	char more[80];

	run_session(left, &(struct pal_session_call){
				  .op = PAL_SESSION_UPDATE,
				  .id = id,
				  .ask.update = {.context = PAL_STR("{\"b\":{}}"),
						 .appends = PAL_STR("{\"a\":2}")}});
	snprintf(more, sizeof(more), ",\"session_id\":\"%.*s\"", (int)id.n, id.p);
	ask(left, &(struct words){.id = "m1", .more = more});
	run_session(left, &(struct pal_session_call){
				  .op = PAL_SESSION_LIST_USER,
				  .ask.list = {.user_id = PAL_STR("u"), .limit = 10}});
	scarce_begin(*left);
	(void)pal_sessions_sweep(rig.sessions);
	*left = scarce_end();
	run_session(left, &(struct pal_session_call){.op = PAL_SESSION_CLEANUP});
}

/* One life of a session; false when nothing failed in it any more. */
static bool live_session(long n, bool prompt)
{
	struct pal_session_call call = creation(PAL_STR("key"));
	char id[PAL_UUID_TEXT_SIZE];
	long left = n;

	rig_open(&rig, &(struct rig_spec){.prompt = prompt});
	bool is_made = run_session(&left, &call);
	memcpy(id, call.own_id, sizeof(id));
	if (is_made)
		use_session(&left, pal_str(id));
	/* with memory again, all of it goes well */
	long plenty = -1;
	call = creation(PAL_STR("key"));
	CU_ASSERT_TRUE(run_session(&plenty, &call));
	use_session(&plenty, pal_str(call.own_id));
	CU_ASSERT_TRUE(run_session(&plenty, &(struct pal_session_call){.op = PAL_SESSION_DELETE,
								       .id = pal_str(call.own_id)}));
	rig_close(&rig);
	return left < 0;
}

TEST(a_session_without_memory_is_refused_clearly_or_all_there)
{
	for (unsigned prompt = 0; prompt < 2; prompt++) {
		long n = 0;
		while (live_session(n, prompt) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n > 20);
		CU_ASSERT(n < SCARCE_MAX);
	}
}

/* --- Access ----------------------------------------------------------------------------------- */

static void fill(struct pal_store *store)
{
	const struct pal_access_options options = {.store = store, .clock = pal_clock_system()};
	struct pal_access *access = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_access_create(&options, &access, &err), PAL_OK);
	for (unsigned i = 0; i < 40; i++) {
		char key[PAL_API_KEY_TEXT_SIZE], id[3] = {'t', (char)('0' + i), '\0'};
		pal_api_key_make(false, key);
		CU_ASSERT_EQUAL(pal_access_ensure_tenant(access, pal_str(id), &err), PAL_OK);
		CU_ASSERT_EQUAL(pal_access_ensure_key(access, pal_str(id), pal_str(key), PAL_STR("*"),
						      &err), PAL_OK);
	}
	pal_access_destroy(access);
}

TEST(access_without_memory_is_not_half_there)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	struct pal_store *store = NULL;
	struct pal_error err;
	bool is_hit = true;
	long n = 0;

	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &store, &err), PAL_OK);
	fill(store);
	for (; is_hit && n < SCARCE_MAX; n++) {
		const struct pal_access_options options = {.store = store,
							   .clock = pal_clock_system()};
		struct pal_access *access = NULL;
		scarce_begin(n);
		enum pal_code code = pal_access_create(&options, &access, &err);
		is_hit = scarce_end() < 0;
		CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
		CU_ASSERT_EQUAL(access != NULL, code == PAL_OK);
		if (code == PAL_OK)
			CU_ASSERT(pal_access_tenant(access, PAL_STR("tW")).n > 0);
		pal_access_destroy(access);
	}
	CU_ASSERT(n > 80);
	pal_store_destroy(store);
}

static unsigned answers;
static struct pal_export export;

static void on_listed(struct pal_listing *listing)
{
	(void)listing;
	answers++;
}

static void on_analysed(struct pal_analytics *analytics)
{
	(void)analytics;
	answers++;
}

static void on_exported(struct pal_export *x)
{
	(void)x;
	answers++;
}

/* Whether an allocation failed; the question was answered once, whole or as a failure. */
static bool judge(enum pal_code code)
{
	bool is_hit = scarce_end() < 0;

	CU_ASSERT_EQUAL(answers, 1);
	CU_ASSERT(code == PAL_OK || (code == PAL_E_SERVICE && is_hit));
	return is_hit;
}

static bool list(long n)
{
	struct pal_listing l = {
		.caller = rig.backend,
		.filter = {.status = PAL_ANY,
			   .channel = PAL_ANY,
			   .priority = PAL_ANY,
			   .updated_after = 1},
		.limit = 20,
		.done = on_listed};

	answers = 0;
	scarce_begin(n);
	pal_conversations_list(rig.front, &l);
	rig_settle(&rig);
	bool is_hit = judge(l.code);
	pal_buf_deinit(&l.data);
	return is_hit;
}

static bool analyse(long n)
{
	struct pal_analytics a = {.caller = rig.backend,
				  .to_ms = INT64_MAX,
				  .group_by = {PAL_GROUP_BY_STATUS},
				  .group_by_count = 1,
				  .figures = (1u << PAL_FIGURE_COUNT) - 1,
				  .done = on_analysed};

	answers = 0;
	scarce_begin(n);
	pal_conversations_analyse(rig.front, &a);
	rig_settle(&rig);
	bool is_hit = judge(a.code);
	pal_buf_deinit(&a.data);
	return is_hit;
}

static bool take_out(long n, const char *home)
{
	struct pal_arena arena = pal_arena_of(0);
	bool is_hit;

	export = (struct pal_export){.caller = rig.backend,
				     .id = pal_str(home),
				     .arena = &arena,
				     .look = {.with_messages = true, .with_metadata = true},
				     .done = on_exported};
	answers = 0;
	scarce_begin(n);
	pal_export_begin(rig.front, &export);
	rig_settle(&rig);
	while (export.code == PAL_OK && !export.last && answers == 1) {
		answers = 0;
		pal_export_step(&export);
		rig_settle(&rig);
		pal_buf_clear(&export.piece);
	}
	is_hit = judge(export.code);
	pal_export_deinit(&export);
	pal_arena_release(&arena);
	return is_hit;
}

TEST(reading_without_memory_fails_whole)
{
	char home[64];
	long n = 0;

	rig_open(&rig, &(struct rig_spec){.batch_max = 16});
	snprintf(home, sizeof(home), "%s", letter_home(rig_ask(&rig, &(struct words){.text = "a"})));
	rig_ask(&rig, &(struct words){.user = "other", .text = "b"});
	while (list(n) && n < 1000)
		n++;
	CU_ASSERT(n > 3 && n < 1000);
	for (n = 0; analyse(n) && n < 1000; )
		n++;
	CU_ASSERT(n > 5 && n < 1000);
	for (n = 0; take_out(n, home) && n < 1000; )
		n++;
	CU_ASSERT(n > 2 && n < 1000);
	rig_close(&rig);
}

SUITE(memory, CASE(a_message_without_memory_is_refused_clearly_or_stored_and_answered),
      CASE(an_operation_without_memory_is_refused_clearly_or_done),
      CASE(a_session_without_memory_is_refused_clearly_or_all_there),
      CASE(access_without_memory_is_not_half_there), CASE(reading_without_memory_fails_whole))
