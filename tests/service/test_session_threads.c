/* SPDX-License-Identifier: Apache-2.0 */
/* Real threads change one session at once, over real lanes. For the thread sanitizer too. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "rig.h"
#include "suite.h"

#define WRITERS 4u
#define CHANGES 25u	/* of a writer, one after the other */

static struct rig rig;
static char id[64];

struct writer {
	pthread_t thread;
	unsigned number, stored;
	_Atomic bool is_done;
	struct pal_session_call call;
};

static void on_done(struct pal_session_call *call)
{
	struct writer *w = (struct writer *)((char *)call - offsetof(struct writer, call));

	atomic_store(&w->is_done, true);
}

static void run(struct writer *w)
{
	w->call.caller = &rig.backend;
	w->call.done = on_done;
	atomic_store(&w->is_done, false);
	pal_sessions_run(rig.sessions, &w->call);
	while (!atomic_load(&w->is_done))
		sched_yield();
}

static void *change_all(void *arg)
{
	struct writer *w = arg;
	char patch[64];

	for (unsigned i = 0; i < CHANGES; i++) {
		snprintf(patch, sizeof(patch), "{\"w%u-%u\":%u}", w->number, i, i);
		w->call = (struct pal_session_call){.op = PAL_SESSION_PUT_CONTEXT,
						    .id = pal_str(id),
						    .ask.update.context = pal_str(patch)};
		run(w);
		w->stored += w->call.code == PAL_OK;
		pal_buf_deinit(&w->call.data);
	}
	return NULL;
}

static void begin(struct writer *w)
{
	static struct pal_json json;
	struct pal_json_fault fault;

	w->call = (struct pal_session_call){.op = PAL_SESSION_CREATE,
					    .ask.create.user_id = PAL_STR("ann")};
	run(w);
	CU_ASSERT_EQUAL_FATAL(w->call.code, PAL_OK);
	CU_ASSERT_TRUE_FATAL(pal_json_scan(&json, pal_buf_str(&w->call.data), &fault));
	struct pal_arena arena = pal_arena_of(0);
	struct pal_str made = pal_json_string(
		&json, pal_json_member(&json, 0, PAL_STR("session_id")), &arena);
	snprintf(id, sizeof(id), "%.*s", (int)made.n, made.p);
	pal_arena_release(&arena);
	pal_buf_deinit(&w->call.data);
}

static void check_context(struct writer *w)
{
	char member[32];

	w->call = (struct pal_session_call){.op = PAL_SESSION_GET_CONTEXT, .id = pal_str(id)};
	run(w);
	CU_ASSERT_EQUAL_FATAL(w->call.code, PAL_OK);
	pal_buf_add_char(&w->call.data, '\0');
	for (unsigned n = 0; n < WRITERS; n++)
		for (unsigned i = 0; i < CHANGES; i++) {
			snprintf(member, sizeof(member), "\"w%u-%u\":%u", n, i, i);
			CU_ASSERT_PTR_NOT_NULL(strstr(w->call.data.data, member));
		}
	pal_buf_deinit(&w->call.data);
}

TEST(b36_concurrent_context_updates_lose_nothing)
{
	static struct writer writers[WRITERS];
	struct pal_error err;

	memset(writers, 0, sizeof(writers));
	rig_open(&rig, &(struct rig_spec){0});
	CU_ASSERT_EQUAL_FATAL(pal_store_front_start(rig.front, &err), PAL_OK);
	begin(&writers[0]);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].number = i;
		CU_ASSERT_EQUAL_FATAL(
			pthread_create(&writers[i].thread, NULL, change_all, &writers[i]), 0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		CU_ASSERT_EQUAL(writers[i].stored, CHANGES);
	}
	check_context(&writers[0]);
	rig_abandon(&rig);
}

SUITE(session_threads, CASE(b36_concurrent_context_updates_lose_nothing))
