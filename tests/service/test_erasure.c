/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations and users taken out for good. */
#include "service/erasure/user_erasure.h"

#include <stdio.h>
#include <stdlib.h>

#include "order.h"
#include "service/conversation/stored_message.h"
#include "service/delivery/delivery.h"
#include "service/delivery/delivery_ref.h"
#include "suite.h"

#define TEXT(literal) {literal, sizeof(literal) - 1}

static struct rig rig;
static const struct pal_caller admin = {.tenant = {1},
					.tenant_id = TEXT("acme"),
					.user_id = TEXT("admin"),
					.permissions = TEXT("users:erase")};

static void begin(bool prompt)
{
	rig_open(&rig, &(struct rig_spec){.prompt = prompt});
	struct pal_tenant tenant = {.status = PAL_TENANT_ACTIVE, .id = PAL_STR("acme")};
	struct pal_error err;
	CU_ASSERT_EQUAL(rig.script.memory->ops->put_tenant(rig.script.memory, &tenant, &err),
			PAL_OK);
}

static void end(void)
{
	orders_end();
	rig_close(&rig);
}

/* A conversation of `user` with `n` messages, the first of which is `first`. */
static const char *talk(const char *user, const char *first, unsigned n)
{
	const char *home = NULL;
	char id[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "%s-%u", first, i);
		struct letter *l = rig_ask(&rig, &(struct words){.user = user,
								 .text = first,
								 .id = id,
								 .conversation = home});
		home = letter_home(l);
	}
	return home;
}

/* An erasure is a chain of requests, which the rig cannot foresee. */
static void settle_until(const unsigned *done)
{
	for (unsigned i = 0; !*done && i < 10000; i++)
		rig_settle(&rig);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(*done, 1);
}

struct watch {
	struct pal_erasure erasure;	/* first */
	unsigned done;
};

static void on_done(struct pal_erasure *erasure)
{
	((struct watch *)erasure)->done++;
}

static void erase_as(struct watch *w, const struct pal_caller *caller, const char *home)
{
	memset(w, 0, sizeof(*w));
	w->erasure.op.command.caller = caller;
	w->erasure.op.command.conversation_id = pal_str(home);
	w->erasure.op.now_ms = pal_clock_wall_ms(&rig.clock.clock);
	w->erasure.done = on_done;
	pal_erase_conversation(rig.service, &w->erasure);
}

static enum pal_code erased(struct watch *w)
{
	settle_until(&w->done);
	pal_buf_deinit(&w->erasure.op.command.data);
	return w->erasure.op.command.code;
}

static bool is_found(const char *message_id)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_found_exchange found;
	struct pal_error err;
	bool there = rig.script.memory->ops->find_exchange(
			     rig.script.memory, 0, (struct pal_tenant_key){1},
			     pal_str(message_id), false, &arena, &found, &err) == PAL_OK;

	pal_arena_release(&arena);
	return there;
}

static void write_record_of(struct pal_str kind, const char *id, const char *owner,
			    const char *body)
{
	struct pal_record_write write = {.tenant = {1},
					 .record = {.kind = kind,
						    .id = pal_str(id),
						    .owner = pal_str(owner),
						    .body = pal_str(body),
						    .created_ms = 1},
					 .expected = PAL_RECORD_ANY};
	struct pal_record_write *writes = &write;

	rig.script.memory->ops->commit(rig.script.memory, NULL, 0, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
}

static void write_record(struct pal_str kind, const char *id, const char *owner)
{
	write_record_of(kind, id, owner, "{}");
}

static bool count(void *arg, const struct pal_record *record)
{
	(void)record;
	++*(size_t *)arg;
	return true;
}

static size_t records(struct pal_str kind, const char *owner)
{
	const struct pal_str start = {NULL, 0};
	struct pal_error err;
	size_t n = 0;

	CU_ASSERT_EQUAL(rig.script.memory->ops->walk_records(
				rig.script.memory, 0, (struct pal_tenant_key){1}, kind,
				pal_str(owner), 0, start, 10000, count, &n, &err),
			PAL_OK);
	return n;
}

static void erase_whole(bool prompt)
{
	struct watch w;
	struct pal_conversation c;
	char id[PAL_DELIVERY_ID_SIZE];
	const char *owner = NULL;

	begin(prompt);
	const char *home = talk("u", "secret", 150);
	const char *other = talk("u", "other", 2);
	CU_ASSERT(rig_load(&rig, home, &c));
	owner = home;
	for (int i = 0; i < 150; i++) {
		pal_delivery_id(pal_str(home), 2 * i + 2, id);
		write_record(PAL_DELIVERY_KIND, id, owner);
		write_record(PAL_DELIVERY_REF_KIND, id, owner);
	}
	for (int i = 0; i < 170; i++) {		/* of the conversation, and of another */
		char body[128];
		snprintf(id, sizeof(id), "f%03d", i);
		snprintf(body, sizeof(body), "{\"conversation_id\":\"%s\"}",
			 i % 17 < 7 ? home : other);
		write_record_of(PAL_FEEDBACK_KIND, id, "u", body);
	}
	erase_as(&w, &rig.backend, home);
	CU_ASSERT_EQUAL(erased(&w), PAL_OK);
	CU_ASSERT_FALSE(rig_load(&rig, home, &c));
	CU_ASSERT_FALSE(is_found("secret-0"));
	CU_ASSERT_FALSE(is_found("secret-149"));
	CU_ASSERT_EQUAL(records(PAL_DELIVERY_KIND, owner), 0);
	CU_ASSERT_EQUAL(records(PAL_DELIVERY_REF_KIND, owner), 0);
	CU_ASSERT_EQUAL(records(PAL_FEEDBACK_KIND, "u"), 100);
	CU_ASSERT(is_found("other-1"));
	CHECK_STR(rig_transcript(&rig, other), "1 other > 2\n3 other > 4\n");
	CHECK_STR(rig_trail(&rig), "conversation.erased ");
	end();
}

TEST(what_is_erased_is_gone_with_all_that_was_said_of_it)
{
	erase_whole(false);
	erase_whole(true);
}

TEST(nothing_reaches_it_any_more_and_nothing_comes_back)
{
	struct watch w;

	begin(false);
	const char *home = talk("u", "a", 3);
	erase_as(&w, &rig.backend, home);
	struct letter *late = rig_send(&rig, &(struct words){.text = "late", .conversation = home});
	CU_ASSERT_EQUAL(erased(&w), PAL_OK);
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(late), home);
	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_RESTORE, home, NULL)->op.command.code,
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_CLOSE, home, NULL)->op.command.code,
			PAL_E_NOT_FOUND);
	erase_as(&w, &rig.backend, home);
	CU_ASSERT_EQUAL(erased(&w), PAL_E_NOT_FOUND);
	rig_passivate(&rig);
	struct pal_conversation c;
	CU_ASSERT_FALSE(rig_load(&rig, home, &c));
	end();
}

TEST(its_id_stays_taken)
{
	static const char create[] =
		"{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\"}";
	struct watch w;

	begin(false);
	order_ask(&rig, PAL_VERB_CREATE, NULL, create);
	erase_as(&w, &rig.backend, "c");
	CU_ASSERT_EQUAL(erased(&w), PAL_OK);
	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_CREATE, NULL, create)->op.command.code,
			PAL_E_CONFLICT);
	end();
}

TEST(what_is_deleted_can_be_erased_and_what_is_anothers_cannot)
{
	static const struct pal_caller bob = {.tenant = {1},
					      .tenant_id = TEXT("acme"),
					      .user_id = TEXT("bob"),
					      .permissions = TEXT("conversations:delete")};
	struct watch w;

	begin(false);
	const char *home = talk("u", "a", 1);
	order_ask(&rig, PAL_VERB_DELETE, home, NULL);
	erase_as(&w, &bob, home);
	CU_ASSERT_EQUAL(erased(&w), PAL_E_NOT_FOUND);
	erase_as(&w, &rig.backend, home);
	CU_ASSERT_EQUAL(erased(&w), PAL_OK);
	CU_ASSERT_FALSE(is_found("a-0"));
	end();
}

/* The daemon died between the mark and the last slice: the sweep of a later one goes on. */
TEST(an_erasure_that_was_cut_off_is_ended_by_the_sweep)
{
	struct pal_conversation c;

	begin(false);
	const char *home = talk("u", "a", 3);
	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_ERASE, home, NULL)->op.command.code, PAL_OK);
	CU_ASSERT(rig_load(&rig, home, &c) && c.deleted);
	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_RESTORE, home, NULL)->op.command.code,
			PAL_E_NOT_FOUND);
	for (unsigned i = 0; i < 30; i++) {
		pal_message_sweep(rig.service);
		rig_settle(&rig);
		pal_clock_fake_advance_ms(&rig.clock, 1000);
	}
	CU_ASSERT_FALSE(rig_load(&rig, home, &c));
	CU_ASSERT_FALSE(is_found("a-0"));
	end();
}

/* --- Users ------------------------------------------------------------------------------------ */

struct forgetting {
	struct pal_user_erasure user;	/* first */
	unsigned done;
};

static void is_forgotten(struct pal_user_erasure *user)
{
	((struct forgetting *)user)->done++;
}

/* Erase all of `user`; the answer is checked to be `expected` but for the time. */
static void forget(const char *user, const char *expected)
{
	struct forgetting *f = calloc(1, sizeof(*f));

	f->user.caller = &admin;
	f->user.user_id = pal_str(user);
	f->user.request_id = PAL_STR("request-3");
	f->user.now_ms = pal_clock_wall_ms(&rig.clock.clock);
	f->user.done = is_forgotten;
	pal_erase_user(rig.service, &f->user);
	settle_until(&f->done);
	CU_ASSERT_EQUAL(f->user.code, PAL_OK);
	const struct pal_buf *data = &f->user.data;
	CU_ASSERT(data->len > strlen(expected) &&
		  memcmp(data->data, expected, strlen(expected)) == 0);
	pal_buf_deinit(&f->user.data);
	free(f);
}

static void forget_all(bool prompt)
{
	const char *homes[70];
	struct pal_conversation c;
	char id[16];

	begin(prompt);
	for (size_t i = 0; i < 70; i++) {
		snprintf(id, sizeof(id), "m%zu", i);
		homes[i] = talk("ann", id, 1);
	}
	order_ask(&rig, PAL_VERB_DELETE, homes[0], NULL);
	order_ask(&rig, PAL_VERB_ERASE, homes[1], NULL);	/* cut off */
	const char *bobs = talk("bob", "bob", 1);
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "%d", i);
		write_record(PAL_STR("session"), id, "ann");
	}
	write_record(PAL_FEEDBACK_KIND, "f", "ann");
	write_record(PAL_FEEDBACK_KIND, "g", "bob");
	forget("ann", "{\"user_id\":\"ann\",\"conversations\":70,\"messages\":140,"
		      "\"sessions\":100,\"feedback\":1,\"webhooks\":0,\"audit_records\":");
	for (size_t i = 0; i < 70; i++)
		CU_ASSERT_FALSE(rig_load(&rig, homes[i], &c));
	CU_ASSERT_EQUAL(records(PAL_STR("session"), "ann"), 0);
	CU_ASSERT_EQUAL(records(PAL_FEEDBACK_KIND, "ann"), 0);
	CU_ASSERT_EQUAL(records(PAL_FEEDBACK_KIND, "bob"), 1);
	CU_ASSERT(rig_load(&rig, bobs, &c));
	const char *trail = rig_trail(&rig);
	CU_ASSERT_PTR_NOT_NULL(strstr(trail, "user.erased"));
	forget("ann", "{\"user_id\":\"ann\",\"conversations\":0,\"messages\":0,\"sessions\":0,"
		      "\"feedback\":0,");
	end();
}

TEST(a_user_is_forgotten_whole_and_nobody_else)
{
	forget_all(false);
	forget_all(true);
}

SUITE(erasure, CASE(what_is_erased_is_gone_with_all_that_was_said_of_it),
      CASE(nothing_reaches_it_any_more_and_nothing_comes_back), CASE(its_id_stays_taken),
      CASE(what_is_deleted_can_be_erased_and_what_is_anothers_cannot),
      CASE(an_erasure_that_was_cut_off_is_ended_by_the_sweep),
      CASE(a_user_is_forgotten_whole_and_nobody_else))
